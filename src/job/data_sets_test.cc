#include "job/data_sets.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/sha256.h"
#include "job/job.h"
#include "job/whole_run_test.h"
#include "oche/error.h"

namespace oche::job {
namespace {

using sampling::Method;
using testing::HasSubstr;
using Arguments = std::vector<std::string>;

const DataSet kPoints{"points.csv", {"x", "y"}, {{1, 2, 3}, {10, 20, 60}}};

// Python: hashlib.sha256(struct.pack("<QQ6d", 2, 3, 1, 2, 3, 10, 20, 60)).hexdigest()
constexpr const char* kHashOfBoth =
    "8184219961cd827dcedae3fdf1473d8d0227ff8d6f2e26815164f6f7ad7b4e84";
// hashlib.sha256(struct.pack("<QQ3d", 1, 3, 10, 20, 60)).hexdigest()
constexpr const char* kHashOfY = "d87e3ba00d8c002352fb8bc0c1fe01744c0f12b0b6ab3292f46cde6c27c2e1f5";

std::shared_ptr<const Job> job_of(const Arguments& arguments, const std::vector<DataSet>& sets) {
  return Job::from_arguments(arguments, Settings{}, sets);
}

std::string error_of(const Arguments& arguments, const std::vector<DataSet>& sets) {
  try {
    return "no error: " + job_of(arguments, sets)->canonical();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::usage);
    return error.what();
  }
}

TEST(DataSets, are_named_by_the_hash_of_their_values) {
  const auto job = job_of({"x*y, x~data(points.csv), y~data(points.csv)"}, {kPoints});
  EXPECT_EQ(job->canonical(), std::string("method plain\nseed 1\nestimate x*y, x~data(") +
                                  kHashOfBoth + ",1), y~data(" + kHashOfBoth + ",2)\n");
  EXPECT_EQ(job_of({"y", "y~data(points.csv, 2)"}, {kPoints})->canonical(),
            std::string("method plain\nseed 1\nestimate y, y~data(") + kHashOfY + ",1)\n");
}

TEST(DataSets, make_the_same_job_whatever_they_and_their_columns_are_called) {
  const auto job = job_of({"a*b", "a~data(points.csv, x)", "b~data(points.csv, y)"}, {kPoints});
  const std::vector<std::pair<std::string, DataSet>> same = {
      {"q", {"q", {"b", "a"}, {{10, 20, 60}, {1, 2, 3}}}},
      {"q", {"q", {"a", "text", "b"}, {{1, 2, 3}, {}, {10, 20, 60}}}},
  };
  for (const auto& [name, set] : same) {
    const auto other = job_of({"a*b", "a~data(q)", "b~data(q)"}, {set});
    EXPECT_EQ(other->canonical(), job->canonical());
    EXPECT_EQ(other->fingerprint(), job->fingerprint());
  }
  const DataSet unnamed{"n", {}, {{1, 2, 3}, {10, 20, 60}}};
  EXPECT_EQ(job_of({"a*b", "a~data(n,1)", "b~data(n,2)"}, {unnamed})->canonical(),
            job->canonical());
  for (const double other : {std::nextafter(60.0, 61.0), -60.0}) {
    DataSet changed = kPoints;
    changed.values[1][2] = other;
    EXPECT_NE(
        job_of({"a*b", "a~data(points.csv, x)", "b~data(points.csv, y)"}, {changed})->fingerprint(),
        job->fingerprint());
  }
}

TEST(DataSets, with_the_same_values_are_one) {
  DataSet copy = kPoints;
  copy.name = "copy.csv";
  copy.columns = {"u", "v"};
  const Arguments arguments = {"x*y", "x~data(points.csv)", "y~data(copy.csv, v)"};
  EXPECT_EQ(job_of(arguments, {kPoints, copy})->dimensions(), 1u);
  copy.values[0][0] = -1;
  EXPECT_EQ(job_of(arguments, {kPoints, copy})->dimensions(), 2u);
  copy.values[0][0] = 1;
  copy.values[1][0] = -0.0;
  DataSet zero = kPoints;
  zero.values[1][0] = 0.0;
  EXPECT_EQ(job_of(arguments, {zero, copy})->dimensions(), 2u);
}

TEST(DataSets, travel_with_a_jobs_text) {
  DataSet other{"other", {}, {{-0.0, 5e-324}}};
  const std::vector<Arguments> all = {
      {"x*y+z", "x~data(points.csv)", "z~data(other)", "y~data(points.csv)"},
      {"y", "y~data(points.csv)"},
      {"sum(j=1..3,x[j])", "x[1..3]~data(points.csv, y)"},
      {"x", "x=0..1"}};
  for (const Arguments& arguments : all) {
    const auto job = job_of(arguments, {kPoints, other});
    const auto again = Job::from_canonical(job->canonical(), job->data());
    EXPECT_EQ(again->canonical(), job->canonical());
    EXPECT_EQ(again->fingerprint(), job->fingerprint());
    EXPECT_EQ(again->data(), job->data());
    EXPECT_EQ(alone(again, samples_rule(5000)).digest, alone(job, samples_rule(5000)).digest);
  }
}

TEST(DataSets, have_the_published_bytes) {
  ByteWriter bytes;
  bytes.u64(2);
  bytes.u64(3);
  for (const double v : {1, 2, 3, 10, 20, 60}) bytes.f64(v);
  EXPECT_EQ(bytes_of(kPoints.values), bytes.bytes());
  EXPECT_EQ(to_hex(sha256(bytes.bytes())), kHashOfBoth);
  const auto read = data_sets_from(bytes.bytes() + bytes.bytes());
  ASSERT_TRUE(read);
  ASSERT_EQ(read->size(), 2u);
  EXPECT_EQ(read->at(1).name, kHashOfBoth);
  EXPECT_EQ(read->at(1).values, kPoints.values);
  EXPECT_TRUE(data_sets_from("")->empty());
}

std::string set_bytes(std::uint64_t columns, std::uint64_t rows, const std::vector<double>& v) {
  ByteWriter bytes;
  bytes.u64(columns);
  bytes.u64(rows);
  for (const double value : v) {
    // Not f64(), which has one NaN only.
    bytes.u64(std::bit_cast<std::uint64_t>(value));
  }
  return bytes.bytes();
}

TEST(DataSets, are_not_read_from_other_bytes) {
  constexpr double kInf = std::numeric_limits<double>::infinity();
  constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
  const std::string good = set_bytes(1, 2, {1, 2});
  ASSERT_TRUE(data_sets_from(good));
  const std::uint64_t half = std::uint64_t{1} << 32;
  const std::vector<std::string> all = {
      good.substr(0, 4),
      good.substr(0, good.size() - 1),
      good + "x",
      good + good.substr(0, 20),
      set_bytes(0, 0, {}),
      set_bytes(0, 2, {}),
      set_bytes(1, 0, {}),
      set_bytes(1, 3, {1, 2}),
      set_bytes(2, 2, {1, 2, 3}),
      set_bytes(~std::uint64_t{0}, 1, {1}),
      set_bytes(1, ~std::uint64_t{0}, {1}),
      set_bytes(half, half, {1}),  // whose product is 0
      set_bytes(1, 2, {1, kNan}),
      set_bytes(1, 2, {-kInf, 1}),
      set_bytes(1, kMaxDataNumbers + 1, std::vector<double>(kMaxDataNumbers + 1)),
      set_bytes(2, kMaxDataNumbers / 2 + 1, std::vector<double>(kMaxDataNumbers + 2)),
  };
  for (std::size_t i = 0; i < all.size(); ++i) EXPECT_FALSE(data_sets_from(all[i])) << i;
  std::string many;
  for (int i = 0; i < 1024; ++i) many += good;
  EXPECT_TRUE(data_sets_from(many));
  EXPECT_FALSE(data_sets_from(many + good));
  EXPECT_TRUE(data_sets_from(set_bytes(1024, 1, std::vector<double>(1024))));
  EXPECT_FALSE(data_sets_from(set_bytes(1025, 1, std::vector<double>(1025))));
}

TEST(DataSets, are_refused_where_text_and_bytes_differ) {
  const auto job = job_of({"x*y", "x~data(points.csv)", "y~data(points.csv)"}, {kPoints});
  const std::string text = job->canonical();
  const std::string data = job->data();
  std::string changed = data;
  changed.back() ^= 1;
  std::string swapped = bytes_of({{10, 20, 60}, {1, 2, 3}});
  const std::string unused = bytes_of({{1, 2, 3}, {10, 20, 60}, {7, 8, 9}});
  for (const std::string& other :
       {std::string(), changed, swapped, unused, data + data, data + bytes_of({{1.0}})}) {
    EXPECT_THROW(Job::from_canonical(text, other), Error);
  }
  // The same job but for the order of the columns, which is that of their first use.
  const std::string hash = to_hex(sha256(swapped));
  EXPECT_THROW(Job::from_canonical("method plain\nseed 1\nestimate x*y, x~data(" + hash +
                                       ",2), y~data(" + hash + ",1)\n",
                                   swapped),
               Error);
  EXPECT_NO_THROW(Job::from_canonical(text, data));
}

TEST(DataSets, of_a_program_are_checked) {
  constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
  const auto with = [](const DataSet& set) { return error_of({"x", "x~data(d)"}, {set}); };
  EXPECT_THAT(error_of({"x", "x~data(d)"}, {}), HasSubstr("the rows of data(d) are not there"));
  EXPECT_THAT(error_of({"x", "x~data(d)"}, {kPoints}), HasSubstr("are not there"));
  EXPECT_THAT(with({"d", {}, {}}), HasSubstr("has 0 columns"));
  EXPECT_THAT(with({"d", {}, {{}}}), HasSubstr("has no rows in column 1"));
  EXPECT_THAT(with({"d", {"x"}, {{}}}), HasSubstr("has no rows in column 1"));
  EXPECT_THAT(with({"d", {"x", "y"}, {{1}}}), HasSubstr("has 2 names for 1 columns"));
  EXPECT_THAT(with({"d", {}, {{1, 2, kNan}}}), HasSubstr("not finite in row 3 of column 1"));
  EXPECT_THAT(with({"d", {}, {{1}, {2}}}), HasSubstr("has 2 columns without names"));
  EXPECT_THAT(with({"d", {"y", "z"}, {{1}, {2}}}), HasSubstr("no column x (its columns are y, z"));
  EXPECT_THAT(with({"d", {"x", "x"}, {{1}, {2}}}), HasSubstr("two columns x"));
  EXPECT_THAT(with({"d", {"y"}, {{1}}}), HasSubstr("no error"));  // the only one
  EXPECT_THAT(error_of({"x", "x~data(d, 3)"}, {{"d", {}, {{1}, {2}}}}), HasSubstr("no column 3"));
  EXPECT_THAT(error_of({"x", "x~data(d,1)", "y~data(d,2)"}, {{"d", {}, {{1}, {2, 3}}}}),
              HasSubstr("has 2 rows in column 2 and 1 in another"));
  const std::vector<double> most(kMaxDataNumbers / 2, 1.0);
  DataSet large{"d", {}, {most, most, most}};
  EXPECT_THAT(error_of({"x", "x~data(d,1)", "y~data(d,2)"}, {large}), HasSubstr("no error"));
  EXPECT_THAT(error_of({"x", "x~data(d,1)", "y~data(d,2)", "z~data(d,3)"}, {large}),
              HasSubstr("more than 1048576 numbers"));
  EXPECT_THAT(error_of({"x", "x~data(d,1)", "y~data(d,2)", "z~data(e)"}, {large, {"e", {}, {{1}}}}),
              HasSubstr("more than 1048576 numbers"));
}

TEST(DataSets, are_no_inputs_of_sensitivity_where_several_share_rows) {
  Settings settings;
  settings.sensitivity = true;
  const auto job = [&](const Arguments& arguments) {
    return Job::from_arguments(arguments, settings, {kPoints});
  };
  EXPECT_NO_THROW(job({"x*z", "x~data(points.csv)", "z~normal(0,1)"}));
  EXPECT_THROW(job({"x*y", "x~data(points.csv)", "y~data(points.csv)"}), Error);
}

// The set {(1,3), (2,-1), (4,0), (8,2)}: means 15/4 and 1, variances 85/4 - (15/4)^2 = 115/16 and
// 14/4 - 1 = 5/2, covariance (3-2+0+16)/4 - 15/4 = 1/2.
TEST(DataSets, give_the_means_and_covariances_of_their_rows) {
  const DataSet set{"d", {"x", "y"}, {{1, 2, 4, 8}, {3, -1, 0, 2}}};
  const Arguments inputs = {"x~data(d)", "y~data(d)", "a[1..2]~data(d, x)", "b[1..2]~data(d, y)"};
  Arguments arguments = {
      "x; y; (x-3.75)^2; (y-1)^2; (x-3.75)*(y-1); (a[1]-3.75)*(b[1]-1); (a[1]-3.75)*(a[2]-3.75); "
      "(a[1]-3.75)*(b[2]-1); (x-3.75)*(a[1]-3.75)"};
  arguments.insert(arguments.end(), inputs.begin(), inputs.end());
  const double expected[] = {3.75, 1, 115.0 / 16, 2.5, 0.5, 0.5, 0, 0, 0};
  const auto job = job_of(arguments, {set});
  const Outcome outcome = alone(job, samples_rule(400'000));
  const std::vector<sampling::Estimate> estimates = job->estimates(outcome.answer);
  ASSERT_EQ(estimates.size(), std::size(expected));
  for (std::size_t i = 0; i < estimates.size(); ++i) {
    // Five standard errors, with one seed: a true sampler fails once in 1.7 million.
    EXPECT_NEAR(estimates[i].value, expected[i], 5 * estimates[i].standard_error) << i;
    EXPECT_GT(estimates[i].standard_error, 0) << i;
    EXPECT_LT(estimates[i].standard_error, 0.02) << i;
  }
}

}  // namespace
}  // namespace oche::job

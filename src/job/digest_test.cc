#include "job/digest.h"

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "job/whole_run_test.h"
#include "math/numerics.h"

namespace oche::job {
namespace {

using sampling::Method;

// The layout of digest.h once more, by hand.
TEST(Digest, is_the_hash_of_the_documented_layout) {
  const auto job = Job::from_arguments({"x", "x=0..1"}, Method::plain, 1);
  const Outcome run = alone(job, samples_rule(1000));
  ASSERT_EQ(run.answer.size(), 1u);
  ByteWriter out;
  out.u32(2);
  out.u32(kNumerics);
  const std::string text = "method plain\nseed 1\nestimate x, x=0..1\n";
  out.u64(text.size());
  out.raw(text);
  out.u64(1);
  ByteWriter plan;
  plan.u32(0);
  plan.u64(0);
  plan.u64(0);
  const Hash256 hash = sha256(plan.bytes());
  out.raw(std::string(hash.begin(), hash.end()));
  out.u64(1000);
  tally::write(out, run.answer[0].tally);
  EXPECT_EQ(run.digest, to_hex(sha256(out.bytes())));
}

TEST(Digest, differs_when_anything_of_the_run_does) {
  const auto digest_of = [](const std::string& expression, Method method, std::uint64_t seed,
                            std::uint64_t n) {
    return alone(Job::from_arguments({expression, "x=0..1"}, method, seed), samples_rule(n)).digest;
  };
  const std::string digest = digest_of("x^2", Method::plain, 1, 30000);
  EXPECT_EQ(digest.size(), 64u);
  EXPECT_EQ(digest, digest_of("x^2", Method::plain, 1, 30000));
  EXPECT_NE(digest, digest_of("x*x", Method::plain, 1, 30000));  // same bits, another job
  EXPECT_NE(digest, digest_of("x^2", Method::stratified, 1, 30000));
  EXPECT_NE(digest, digest_of("x^2", Method::plain, 2, 30000));
  EXPECT_NE(digest, digest_of("x^2", Method::plain, 1, 30001));
}

TEST(Digest, sees_every_bit_of_the_tally) {
  const auto job = Job::from_arguments({"x", "x=0..1"}, Method::plain, 1);
  std::vector<sampling::PassResult> answer = alone(job, samples_rule(1000)).answer;
  const std::string before = digest(*job, answer);
  double& m2 = answer[0].tally.strata[0].moments.m2;
  m2 = std::nextafter(m2, 1e9);
  EXPECT_NE(digest(*job, answer), before);
}

struct Golden {
  std::uint32_t numerics = 0;
  Method method{};
  std::uint64_t seed = 0;
  std::uint64_t samples = 0;
  std::vector<std::string> arguments;
  std::string digest;
};

std::vector<Golden> read_golden() {
  std::ifstream in(OCHE_SOURCE_DIR "/src/job/testdata/golden_digests.tsv");
  std::vector<Golden> rows;
  for (std::string line; std::getline(in, line);) {
    if (line.empty() || line[0] == '#') continue;
    std::istringstream fields(line);
    std::string numerics, method, seed, samples, arguments;
    Golden row;
    std::getline(fields, numerics, '\t');
    std::getline(fields, method, '\t');
    std::getline(fields, seed, '\t');
    std::getline(fields, samples, '\t');
    std::getline(fields, arguments, '\t');
    std::getline(fields, row.digest, '\t');
    row.numerics = static_cast<std::uint32_t>(std::stoul(numerics));
    row.method = sampling::method_from(method).value();
    row.seed = std::stoull(seed);
    row.samples = std::stoull(samples);
    row.arguments.push_back(arguments);
    rows.push_back(row);
  }
  return rows;
}

// The one place where our own output is what is expected: it ties the bits to the numerics number.
// A failure here with the same number means that the number must be raised (math/numerics.h) and
// the file made anew: this test prints what it must hold.
TEST(Digest, is_what_this_numerics_number_stands_for) {
  const std::vector<Golden> rows = read_golden();
  EXPECT_GE(rows.size(), 10u);
  for (const Golden& row : rows) {
    const auto job = Job::from_arguments(row.arguments, row.method, row.seed);
    EXPECT_EQ(row.numerics, kNumerics) << "the golden digests are of another numerics number";
    EXPECT_EQ(alone(job, samples_rule(row.samples)).digest, row.digest)
        << row.arguments[0] << ", " << sampling::to_string(row.method) << ", seed " << row.seed
        << ", " << row.samples << " samples";
  }
}

}  // namespace
}  // namespace oche::job

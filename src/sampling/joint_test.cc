// Against the definitions, in long double: two passes, no centres, no lanes.
#include "sampling/joint.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "formula/oracle.h"
#include "math/simd.h"
#include "sampling/whole_pass_test.h"

namespace oche::sampling {
namespace {

constexpr std::size_t kBlock = integrand::kBlock;
constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr double kInfinity = std::numeric_limits<double>::infinity();

using Sample = std::vector<double>;  // of each quantity

// Two outputs with shapes and an input.
integrand::Measure measure() {
  integrand::Measure m;
  m.outputs = 2;
  m.inputs = 1;
  m.shapes = true;
  m.pairs = {{0, 1}, {0, 2}, {1, 2}};
  return m;
}

// Of the samples of which all quantities are finite.
class Reference {
 public:
  explicit Reference(const std::vector<Sample>& samples) {
    for (const Sample& s : samples) {
      if (std::ranges::all_of(s, [](double v) { return std::isfinite(v); })) kept_.push_back(s);
    }
  }

  std::size_t count() const { return kept_.size(); }
  long double n() const { return static_cast<long double>(kept_.size()); }
  long double mean(std::size_t q) const { return kept_.front()[q] + shift(q); }
  // sum (a - mean a)^i (b - mean b)^j
  long double moment(std::size_t a, int i, std::size_t b, int j) const {
    const long double shift_a = shift(a);
    const long double shift_b = shift(b);
    long double sum = 0;
    for (const Sample& s : kept_) {
      sum += std::pow(from_first(s, a) - shift_a, i) * std::pow(from_first(s, b) - shift_b, j);
    }
    return sum;
  }
  // sum |x - mean|^power: what rounding is relative to.
  long double size(std::size_t q, int power) const {
    const long double shift_q = shift(q);
    long double sum = 0;
    for (const Sample& s : kept_) sum += std::pow(std::fabs(from_first(s, q) - shift_q), power);
    return sum;
  }
  double minimum(std::size_t q) const { return std::ranges::min(column(q)); }
  double maximum(std::size_t q) const { return std::ranges::max(column(q)); }
  tally::Bins bins(std::size_t q, double origin) const {
    std::map<std::uint32_t, std::uint64_t> counts;
    for (const Sample& s : kept_) ++counts[tally::bin_of(s[q] - origin)];
    tally::Bins bins;
    for (const auto& [index, count] : counts) bins.push_back({index, count});
    return bins;
  }

 private:
  // All is relative to the first value, which loses no digits far from 0.
  long double from_first(const Sample& s, std::size_t q) const {
    return static_cast<long double>(s[q]) - kept_.front()[q];
  }
  long double shift(std::size_t q) const {
    long double sum = 0;
    for (const Sample& s : kept_) sum += from_first(s, q);
    return sum / n();
  }
  std::vector<double> column(std::size_t q) const {
    std::vector<double> column;
    for (const Sample& s : kept_) column.push_back(s[q]);
    return column;
  }
  std::vector<Sample> kept_;
};

// Within 1e-11 of the size of what is added up: 10^4 roundings of 2^-53, and some air.
void expect_moments(const tally::Tally& tally, const Reference& r, const integrand::Measure& m) {
  constexpr long double kRelative = 1e-11L;
  const auto near = [](double value, long double expected, long double size) {
    EXPECT_LE(std::fabs(value - expected), kRelative * size)
        << value << " is not " << static_cast<double>(expected);
  };
  for (std::uint32_t q = 0; q < m.quantities(); ++q) {
    const tally::Moments& of_q = tally.quantity(q);
    EXPECT_EQ(of_q.count, r.count());
    EXPECT_EQ(of_q.minimum, r.minimum(q));
    EXPECT_EQ(of_q.maximum, r.maximum(q));
    near(of_q.mean, r.mean(q), std::fabs(r.mean(q)) + std::sqrt(r.moment(q, 2, q, 0) / r.n()));
    near(of_q.m2, r.moment(q, 2, q, 0), r.moment(q, 2, q, 0));
    EXPECT_TRUE(q == 0 || of_q.non_finite == 0);
    if (q >= tally.shapes.size()) continue;
    near(tally.shapes[q].higher.m3, r.moment(q, 3, q, 0), r.size(q, 3));
    near(tally.shapes[q].higher.m4, r.moment(q, 4, q, 0), r.size(q, 4));
  }
  ASSERT_EQ(tally.co_moments.size(), m.pairs.size());
  for (const tally::CoMoment& c : tally.co_moments) {
    near(c.value, r.moment(c.a, 1, c.b, 1),
         std::sqrt(r.moment(c.a, 2, c.a, 0) * r.moment(c.b, 2, c.b, 0)));
  }
}

class JointSumsTest : public ::testing::Test {
 protected:
  JointSumsTest() : sums_(measure_, pilot_, memory_) {}

  // A skewed output, one far from 0, an input that goes with both.
  Sample draw() {
    const double z = normal_(random_);
    return {std::exp(0.5 * z), 1000 + z + 0.1 * normal_(random_), z};
  }
  std::vector<Sample> draw(std::size_t n) {
    std::vector<Sample> samples(n);
    for (Sample& s : samples) s = draw();
    return samples;
  }
  double* block_of(const std::vector<Sample>& samples) {
    for (std::size_t i = 0; i < samples.size(); ++i) {
      for (std::size_t q = 0; q < 3; ++q) block_[q * kBlock + i] = samples[i][q];
    }
    return block_.data();
  }
  bool add(const std::vector<Sample>& samples) {
    return sums_.add(block_of(samples), samples.size());
  }
  void add_finite_ones(const std::vector<Sample>& samples, std::uint64_t first) {
    sums_.add_finite_ones(block_of(samples), samples.size(), first);
  }
  void expect_bins(const Reference& r) {
    for (std::size_t q = 0; q < 2; ++q) {
      EXPECT_EQ(memory_.counters[q].take(), r.bins(q, pilot_.origins[q]));
    }
  }

  std::mt19937_64 random_{3};
  std::normal_distribution<double> normal_;  // any values would do
  integrand::Measure measure_ = measure();
  Pilot pilot_{{1, 1000, 0}, {0, 1000}};
  JointMemory memory_;
  JointSums sums_;
  std::vector<double> block_ = std::vector<double>(3 * kBlock);
};

TEST_F(JointSumsTest, are_the_moments_of_the_values) {
  std::vector<Sample> all;
  for (const std::size_t n : {kBlock, kBlock, std::size_t{101}}) {
    const std::vector<Sample> samples = draw(n);
    all.insert(all.end(), samples.begin(), samples.end());
    ASSERT_TRUE(add(samples));
  }
  const Reference reference(all);
  expect_moments(sums_.tally().value(), reference, measure_);
  expect_bins(reference);
}

TEST_F(JointSumsTest, drop_a_sample_from_all_quantities_where_one_is_not_finite) {
  std::vector<Sample> first = draw(kBlock);
  std::vector<Sample> second = draw(200);
  second[17][2] = kNaN;
  second[18][0] = kInfinity;
  second[150][1] = -kInfinity;
  second[199] = {kNaN, kNaN, kNaN};
  std::vector<Sample> third = draw(64);
  third[5][1] = kNaN;
  ASSERT_TRUE(add(first));
  const tally::Tally before = sums_.tally().value();
  EXPECT_FALSE(add(second));
  EXPECT_TRUE(identical(sums_.tally().value(), before)) << "nothing was added";
  add_finite_ones(second, 4000);
  EXPECT_FALSE(add(third));
  add_finite_ones(third, 9000);
  const tally::Tally tally = sums_.tally().value();
  EXPECT_EQ(tally.quantity(0).non_finite, 5u);
  EXPECT_EQ(tally.quantity(0).first_non_finite, 4017u);
  first.insert(first.end(), second.begin(), second.end());
  first.insert(first.end(), third.begin(), third.end());
  const Reference reference(first);
  ASSERT_EQ(reference.count(), kBlock + 200 + 64 - 5);
  expect_moments(tally, reference, measure_);
  expect_bins(reference);
}

TEST_F(JointSumsTest, of_nothing_finite_are_empty) {
  const std::vector<Sample> samples(40, Sample{1, kNaN, 2});
  EXPECT_FALSE(add(samples));
  add_finite_ones(samples, 7);
  const tally::Tally tally = sums_.tally().value();
  tally::Moments empty;
  for (std::size_t q = 1; q < 3; ++q) EXPECT_TRUE(tally::identical(tally.quantity(q), empty));
  empty.non_finite = 40;
  empty.first_non_finite = 7;
  EXPECT_TRUE(tally::identical(tally.quantity(0), empty));
  for (const tally::CoMoment& c : tally.co_moments) EXPECT_EQ(c.value, 0);
  for (const tally::Shape& s : tally.shapes) EXPECT_TRUE(s.higher.m3 == 0 && s.higher.m4 == 0);
  for (tally::BinCounter& counter : memory_.counters) EXPECT_TRUE(counter.take().empty());
}

TEST_F(JointSumsTest, of_one_value_have_no_spread) {
  const Sample sample{0.1, 1000.3, -7.7};
  for (const std::size_t n : {std::size_t{1}, std::size_t{77}, kBlock}) {
    JointMemory memory;
    JointSums sums(measure_, pilot_, memory);
    ASSERT_TRUE(sums.add(block_of(std::vector<Sample>(n, sample)), n));
    const tally::Tally tally = sums.tally().value();
    for (std::size_t q = 0; q < 3; ++q) {
      EXPECT_EQ(tally.quantity(q).count, n);
      EXPECT_DOUBLE_EQ(tally.quantity(q).mean, sample[q]);
      EXPECT_EQ(tally.quantity(q).m2, 0);
      EXPECT_EQ(tally.quantity(q).minimum, sample[q]);
      EXPECT_EQ(tally.quantity(q).maximum, sample[q]);
    }
    for (const tally::CoMoment& c : tally.co_moments) EXPECT_EQ(c.value, 0);
    for (std::size_t q = 0; q < 2; ++q) {
      EXPECT_EQ(tally.shapes[q].higher.m3, 0);
      EXPECT_EQ(tally.shapes[q].higher.m4, 0);
      EXPECT_EQ(memory.counters[q].take(),
                (tally::Bins{{tally::bin_of(sample[q] - pilot_.origins[q]), n}}));
    }
  }
}

// The squares of the first output are beyond the range, its deviations' are not: third and fourth
// powers are.
TEST_F(JointSumsTest, that_overflow_go_the_careful_way) {
  std::vector<Sample> samples = draw(300);
  for (Sample& s : samples) s[0] = 1e160 + 1e152 * s[0];
  samples[3][1] = kNaN;
  EXPECT_FALSE(add(samples));
  add_finite_ones(samples, 0);
  EXPECT_FALSE(sums_.tally().has_value());
  const Reference reference(samples);
  expect_bins(reference);  // counted all the same
  const tally::Tally tally = careful_joint_block(measure_, block_of(samples), samples.size(), 1000);
  EXPECT_EQ(tally.quantity(0).first_non_finite, 1003u);
  EXPECT_EQ(tally.quantity(0).non_finite, 1u);
  EXPECT_TRUE(std::isnan(tally.shapes[0].higher.m3) && std::isnan(tally.shapes[0].higher.m4));
  tally::Tally rest = tally;
  rest.shapes.clear();
  expect_moments(rest, reference, measure_);
  const long double scale = std::pow(std::sqrt(reference.moment(1, 2, 1, 0)), 4);
  EXPECT_NEAR(tally.shapes[1].higher.m4, static_cast<double>(reference.moment(1, 4, 1, 0)),
              static_cast<double>(1e-11L * scale));
}

// ---- Whole chunks of jobs, against the scalar oracle ----

TEST(JointChunk, is_what_the_oracle_says_of_its_samples) {
  const std::vector<std::vector<std::string>> jobs = {
      {"exp(x)*y; x+y", "x~normal(0,1)", "y~uniform(1,2)", "corr(x,y)=0.5"},
      {"if(x<0.3,1/(x-x),x); 1e6+y", "x~uniform(0,1)", "y~normal(0,1e-3)"},
      {"x; 5", "x~exponential(2)"}};
  for (const auto& job : jobs) {
    const auto f = expression_of(job, integrand::Wanted::distribution);
    const PassContext pass(*f, 11, 1024, Plan{});
    for (const std::uint64_t length : {1024u, 1000u, 2u}) {
      std::vector<Sample> samples;
      for (std::uint64_t i = 3 * 1024; i < 3 * 1024 + length; ++i) {
        const std::vector<double> u = uniforms_at(pass, i);
        Sample s = formula::evaluate(f->program(), u);
        s.resize(f->measure().outputs);
        const auto inputs = f->inputs_at(u);
        for (const std::uint32_t input : f->measured_inputs()) s.push_back(inputs[input].value);
        samples.push_back(s);
      }
      for (const std::string& target : math::supported_simd_targets()) {
        math::select_simd_target(target);
        Workspace workspace;
        const tally::Tally tally = compute_chunk(pass, 3, length, workspace);
        const Reference reference(samples);
        ASSERT_GT(reference.count(), 0u);
        expect_moments(tally, reference, f->measure());
        EXPECT_EQ(tally.quantity(0).non_finite, length - reference.count());
        for (std::size_t o = 0; o < 2; ++o) {
          EXPECT_EQ(tally.shapes[o].bins, reference.bins(o, pass.pilot.origins[o])) << job[0];
        }
      }
    }
  }
  math::select_simd_target("auto");
}

}  // namespace
}  // namespace oche::sampling

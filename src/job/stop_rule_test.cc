#include "job/stop_rule.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <set>

namespace oche::job {
namespace {

// The definition: 1 … 7, and (8 + j) 2^k for j = 0 … 7.
TEST(StopPoints, are_those_of_the_definition) {
  std::set<std::uint64_t> points = {1, 2, 3, 4, 5, 6, 7};
  for (std::uint64_t k = 0; k < 20; ++k) {
    for (std::uint64_t j = 0; j < 8; ++j) points.insert((8 + j) << k);
  }
  for (std::uint64_t n = 0; n < 100000; ++n) {
    ASSERT_EQ(is_stop_point(n), points.contains(n)) << n;
    ASSERT_EQ(next_stop_point(n), *points.upper_bound(n)) << n;
  }
  const std::uint64_t far = std::uint64_t{9} << 40;
  EXPECT_TRUE(is_stop_point(far));
  EXPECT_FALSE(is_stop_point(far + 1));
  EXPECT_EQ(next_stop_point(far), std::uint64_t{10} << 40);
}

// Two-sided quantiles of the normal distribution: 0.6827 is one sigma by definition; 0.90, 0.95,
// 0.99 are in every table (NIST/SEMATECH e-Handbook, 1.3.6.7.1: 1.645, 1.960, 2.576), 0.95 to 16
// digits OEIS A220510.
TEST(IntervalFactor, is_the_two_sided_quantile) {
  EXPECT_NEAR(interval_factor(0.95), 1.959963984540054, 1e-14);
  EXPECT_NEAR(interval_factor(0.6827), 1.0, 1e-4);
  EXPECT_NEAR(interval_factor(0.90), 1.645, 5e-4);
  EXPECT_NEAR(interval_factor(0.99), 2.576, 5e-4);
  EXPECT_NEAR(interval_factor(0.5), 0.674, 5e-4);
}

sampling::Estimate estimate_of(double value, double standard_error) {
  sampling::Estimate e;
  e.value = value;
  e.standard_error = standard_error;
  e.samples = 100000;
  e.minimum = value - 1;
  e.maximum = value + 1;
  e.effective_hits = 1000;
  return e;
}

StopRule relative(double error) {
  StopRule rule;
  rule.rel_error = error;
  return rule;
}

StopRule absolute(double error) {
  StopRule rule;
  rule.abs_error = error;
  return rule;
}

TEST(Interval, is_the_estimate_with_its_half_widths) {
  const Interval i = interval(estimate_of(10, 2), 0.95);
  EXPECT_NEAR(i.low, 10 - 2 * 1.959963984540054, 1e-13);
  EXPECT_NEAR(i.high, 10 + 2 * 1.959963984540054, 1e-13);
}

TEST(Target, is_met_by_the_half_width) {
  // 1.96 * 0.5 = 0.98 of 100.
  EXPECT_TRUE(target_met(relative(0.0099), estimate_of(100, 0.5)));
  EXPECT_FALSE(target_met(relative(0.0097), estimate_of(100, 0.5)));
  EXPECT_TRUE(target_met(relative(0.0099), estimate_of(-100, 0.5)));
  EXPECT_TRUE(target_met(absolute(0.99), estimate_of(100, 0.5)));
  EXPECT_FALSE(target_met(absolute(0.97), estimate_of(100, 0.5)));
}

TEST(Target, is_met_by_either) {
  StopRule rule = relative(1e-6);
  rule.abs_error = 1.0;
  EXPECT_TRUE(target_met(rule, estimate_of(100, 0.5)));
  rule.abs_error = 1e-6;
  rule.rel_error = 0.01;
  EXPECT_TRUE(target_met(rule, estimate_of(100, 0.5)));
  rule.rel_error = 1e-6;
  EXPECT_FALSE(target_met(rule, estimate_of(100, 0.5)));
}

TEST(Target, depends_on_the_confidence) {
  StopRule rule = relative(0.0097);
  rule.confidence = 0.6827;
  EXPECT_TRUE(target_met(rule, estimate_of(100, 0.5)));
}

TEST(Target, is_not_met_without_one) { EXPECT_FALSE(target_met(StopRule{}, estimate_of(100, 0))); }

TEST(Target, that_is_relative_cannot_be_met_at_zero) {
  EXPECT_FALSE(target_met(relative(0.5), estimate_of(0, 0)));
  EXPECT_FALSE(target_met(relative(0.5), estimate_of(1e-9, 1)));
  EXPECT_TRUE(target_met(absolute(0.5), estimate_of(0, 0.1)));
}

TEST(Target, is_not_met_where_the_error_cannot_be_told) {
  EXPECT_FALSE(
      target_met(absolute(1e300), estimate_of(1, std::numeric_limits<double>::infinity())));
  EXPECT_FALSE(target_met(absolute(1e300), estimate_of(1, std::nan(""))));
}

TEST(Target, is_not_met_on_few_hits) {
  sampling::Estimate e = estimate_of(100, 0.001);
  e.effective_hits = 31.9;
  EXPECT_FALSE(target_met(relative(0.1), e));
  EXPECT_TRUE(error_small_enough(relative(0.1), e));
  e.effective_hits = 32;
  EXPECT_TRUE(target_met(relative(0.1), e));
}

TEST(FewSamples, are_as_many_hits_as_a_light_tail_has) {
  const auto few = [](std::uint64_t samples, double hits) {
    sampling::Estimate e = estimate_of(100, 1);
    e.samples = samples;
    e.effective_hits = hits;
    return rests_on_few_samples(e);
  };
  for (const std::uint64_t many : {std::uint64_t{100'000}, std::uint64_t{1} << 53}) {
    EXPECT_TRUE(few(many, 31.9));
    EXPECT_FALSE(few(many, 32));
  }
  // One of 100 squares of a normal variable is above 15.137 with a probability of 0.01 (its
  // distribution function is 1 - 1e-4 there): t = (15.137 - 1)/sqrt(2) = 9.996, 1 + 100/t^2
  // = 2.001.
  EXPECT_TRUE(few(100, 1.99));
  EXPECT_FALSE(few(100, 2.01));
  // One of 1000, above 19.51: t = 13.09, 1 + 1000/t^2 = 6.84.
  EXPECT_TRUE(few(1000, 6.8));
  EXPECT_FALSE(few(1000, 6.9));
  EXPECT_FALSE(few(1, 1.1));
}

TEST(Target, asks_for_many_samples_when_all_values_were_equal) {
  sampling::Estimate e = estimate_of(100, 0);
  e.minimum = e.maximum = 100;
  e.effective_hits = 0;
  e.samples = (std::uint64_t{1} << 20) - 1;
  EXPECT_FALSE(target_met(relative(0.1), e));
  ++e.samples;
  EXPECT_TRUE(target_met(relative(0.1), e));
}

}  // namespace
}  // namespace oche::job

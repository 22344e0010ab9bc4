#include "sampling/estimate.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "sampling/whole_pass_test.h"

namespace oche::sampling {
namespace {

tally::Moments of(const std::vector<double>& values, std::uint64_t first = 0) {
  return tally::moments_of_block(values.data(), values.size(), first);
}

PassResult plain(const std::vector<double>& values) {
  PassResult pass;
  pass.samples = values.size();
  pass.tally.strata.push_back({0, of(values)});
  return pass;
}

// Two strata.
PassResult stratified(std::uint32_t number, const std::vector<double>& left,
                      const std::vector<double>& right) {
  PassResult pass;
  pass.plan.pass = number;
  pass.plan.log2_cells = {1};
  pass.plan.allocation = {left.size(), right.size()};
  pass.samples = left.size() + right.size();
  pass.tally.strata.push_back({0, of(left)});
  pass.tally.strata.push_back({1, of(right, left.size())});
  return pass;
}

// Mean 2.5, M2 5, error^2 = 5 / (4 * 3).
TEST(Estimate, of_plain_is_mean_and_standard_error) {
  const Estimate e = estimate({plain({1, 2, 3, 4})}, 1.0);
  EXPECT_DOUBLE_EQ(e.value, 2.5);
  EXPECT_DOUBLE_EQ(e.standard_error, std::sqrt(5.0 / 12));
  EXPECT_EQ(e.samples, 4u);
  EXPECT_EQ(e.minimum, 1);
  EXPECT_EQ(e.maximum, 4);
  // Largest deviation 1.5: (5/12) / (1.5/4)^2.
  EXPECT_DOUBLE_EQ(e.effective_hits, (5.0 / 12) / (1.5 * 1.5 / 16));
}

TEST(Estimate, scales_everything_and_swaps_the_ends_for_a_negative_scale) {
  const Estimate e = estimate({plain({1, 2, 3, 4})}, -2.0);
  EXPECT_DOUBLE_EQ(e.value, -5);
  EXPECT_DOUBLE_EQ(e.standard_error, 2 * std::sqrt(5.0 / 12));
  EXPECT_EQ(e.minimum, -8);
  EXPECT_EQ(e.maximum, -2);
  EXPECT_DOUBLE_EQ(e.effective_hits, estimate({plain({1, 2, 3, 4})}, 1.0).effective_hits);
}

// Cochran, eq. 5.1 and 5.6, by hand. Strata {1,3} and {10,10,16}: means 2 and 12, s^2 2 and 12;
// value 7, error^2 = (2/2 + 12/3) / 4 = 1.25.
TEST(Estimate, of_strata_is_cochrans) {
  const Estimate e = estimate({stratified(0, {1, 3}, {10, 10, 16})}, 1.0);
  EXPECT_DOUBLE_EQ(e.value, 7);
  EXPECT_DOUBLE_EQ(e.standard_error, std::sqrt(1.25));
  EXPECT_EQ(e.samples, 5u);
  // Shares: 1/2 * 1/2 = 0.25 and 1/2 * 4/3 = 2/3.
  EXPECT_DOUBLE_EQ(e.effective_hits, 1.25 / (4.0 / 9));
}

// The pilot counts for nothing but the variances. The others, of 4 and 6 samples, have the weights
// 0.4 and 0.6, means 2, 10 and 4, 9, so values 6 and 6.5.
// The largest is the last: its s^2 are 9 and 3. error^2 = (9 + 3) / 4 * (0.16/2 + 0.36/3).
TEST(Estimate, averages_the_passes_after_the_pilot_with_the_variances_of_the_largest) {
  const Estimate e = estimate({stratified(0, {1, 3}, {10, 10, 16}), stratified(1, {2, 2}, {8, 12}),
                               stratified(2, {1, 7, 4}, {8, 11, 8})},
                              1.0);
  EXPECT_DOUBLE_EQ(e.value, 0.4 * 6 + 0.6 * 6.5);
  EXPECT_DOUBLE_EQ(e.standard_error, std::sqrt(12.0 / 4 * (0.16 / 2 + 0.36 / 3)));
  EXPECT_EQ(e.samples, 15u);
  EXPECT_EQ(e.minimum, 1);
  EXPECT_EQ(e.maximum, 16);
}

// What comes after the largest pass has its own variances: 0.4^2/4 (2/2 + 0/2) for the second.
TEST(Estimate, takes_a_later_pass_at_its_own_word) {
  const Estimate e = estimate({stratified(0, {1, 3}, {10, 10}),
                               stratified(1, {1, 7, 4}, {8, 11, 8}), stratified(2, {1, 3}, {9, 9})},
                              1.0);
  EXPECT_DOUBLE_EQ(e.value, 0.6 * 6.5 + 0.4 * 5.5);
  EXPECT_DOUBLE_EQ(e.standard_error, std::sqrt(0.36 / 4 * (9.0 / 3 + 3.0 / 3) + 0.16 / 4));
}

// A pass that saw nothing vary has an error all the same, once another pass has seen it.
TEST(Estimate, has_an_error_where_one_pass_missed_a_peak) {
  const Estimate e = estimate(
      {stratified(0, {0, 0}, {0, 0}), stratified(1, {0, 0}, {0, 0}), stratified(2, {0, 6}, {0, 0})},
      1.0);
  EXPECT_DOUBLE_EQ(e.standard_error, std::sqrt(18.0 / 4 * (0.25 / 2 + 0.25 / 2)));
}

TEST(Estimate, has_no_error_where_each_stratum_is_flat) {
  const Estimate e = estimate({stratified(0, {1, 1}, {2, 2}), stratified(1, {1, 1}, {2, 2})}, 1.0);
  EXPECT_EQ(e.value, 1.5);
  EXPECT_EQ(e.standard_error, 0);
  EXPECT_EQ(e.effective_hits, 0);
}

TEST(Estimate, has_no_error_where_all_values_are_equal) {
  const Estimate e = estimate({plain({0.1, 0.1, 0.1})}, 1.0);
  EXPECT_EQ(e.standard_error, 0);
  EXPECT_EQ(e.effective_hits, 0);
}

TEST(Estimate, cannot_tell_the_error_of_one_value_or_none) {
  EXPECT_EQ(estimate({plain({2})}, 1.0).standard_error, INFINITY);
  EXPECT_EQ(estimate({plain({NAN, NAN})}, 1.0).standard_error, INFINITY);
  EXPECT_EQ(estimate({stratified(0, {1, 2}, {3})}, 1.0).standard_error, INFINITY);
  EXPECT_EQ(estimate({}, 1.0).standard_error, INFINITY);
  PassResult missing = stratified(0, {1, 2}, {3, 4});
  missing.tally.strata.pop_back();
  EXPECT_EQ(estimate({missing}, 1.0).standard_error, INFINITY);
}

// (1e-200)^2 is 0: an error of 0 would be a lie.
TEST(Estimate, cannot_tell_an_error_whose_square_underflows) {
  EXPECT_EQ(estimate({plain({1e-200, 2e-200, 3e-200})}, 1.0).standard_error, INFINITY);
  EXPECT_NEAR(estimate({plain({1e-130, 2e-130, 3e-130})}, 1.0).standard_error /
                  (std::sqrt(1.0 / 3) * 1e-130),
              1, 1e-12);
  // Beside a stratum that matters, such a one doesn't.
  EXPECT_DOUBLE_EQ(estimate({stratified(0, {1e-200, 2e-200}, {8, 12})}, 1.0).standard_error, 1);
  // Strata that are each of one value have no error: no square was lost.
  EXPECT_EQ(estimate({stratified(0, {1, 1}, {0, 0})}, 1.0).standard_error, 0);
}

TEST(Estimate, counts_what_is_not_finite_and_says_where_it_came_first) {
  PassResult second = stratified(1, {1, NAN}, {NAN, 2, 3});
  const Estimate e = estimate({stratified(0, {1, 2}, {3, 4}), second}, 1.0);
  EXPECT_EQ(e.non_finite, 2u);
  EXPECT_EQ(e.first_non_finite_pass, 1u);
  EXPECT_EQ(e.first_non_finite, 1u);
}

// For a probability, the effective hits are about the hits: h (1 - h/n) / (1 - h/n)^2 n/(n-1).
TEST(Estimate, has_about_as_many_effective_hits_as_hits) {
  std::vector<double> values(500, 0.0);
  for (std::size_t i = 0; i < 20; ++i) values[25 * i] = 1.0;
  EXPECT_NEAR(estimate({plain(values)}, 1.0).effective_hits, 20 / 0.96 * 500 / 499, 1e-9);
}

TEST(Estimate, is_within_its_error_of_known_integrals) {
  // 2^18 samples each; five errors: one test in 1.7 million would fail by chance, and seeds are
  // fixed.
  struct Known {
    std::vector<std::string> arguments;
    double value;
  };
  const std::vector<Known> known = {
      {{"4*(x^2+y^2<=1)", "x=0..1", "y=0..1"}, 3.141592653589793},
      {{"1/x", "x=1..2"}, 0.6931471805599453},
      {{"1/x", "x=2..1"}, -0.6931471805599453},
      {{"exp(-x^2/2)", "x=-inf..inf"}, 2.5066282746310002},
      {{"x*y", "x=0..2", "y=x..3*x"}, 16},
      {{"x^4", "x~normal(0,2)"}, 48},  // 3 sd^4
      {{"x<-1", "x~normal(0,1)"}, 0.15865525393145705},
  };
  for (const Known& k : known) {
    const auto f = expression_of(k.arguments);
    const Estimate plain_result = plain_estimate(*f, 1 << 18, 1);
    EXPECT_NEAR(plain_result.value, k.value, 5 * plain_result.standard_error) << k.arguments[0];
    const Estimate stratified_result = stratified_estimate(*f, 1, 1);
    EXPECT_NEAR(stratified_result.value, k.value, 5 * stratified_result.standard_error)
        << k.arguments[0];
    EXPECT_LT(stratified_result.standard_error, plain_result.standard_error * 1.5)
        << k.arguments[0];
  }
}

// The standard error against the known standard deviation: pi's 4*hit has sd 4 sqrt(p(1-p)), p =
// pi/4.
TEST(Estimate, has_the_standard_error_of_theory) {
  const auto f = expression_of({"4*(x^2+y^2<=1)", "x=0..1", "y=0..1"});
  const Estimate e = plain_estimate(*f, 1 << 20, 1);
  const double p = 3.141592653589793 / 4;
  EXPECT_NEAR(e.standard_error / (4 * std::sqrt(p * (1 - p)) / 1024), 1, 0.005);
}

}  // namespace
}  // namespace oche::sampling

#include "job/correlations.h"

#include <gtest/gtest.h>

#include <cmath>
#include <memory>
#include <string>
#include <vector>

#include "job/whole_run_test.h"

namespace oche::job {
namespace {

// Of the two inputs a and b of the output a+b, quantities 1 and 2, and of the output with a.
struct Found {
  Measured inputs;
  Measured output;
};

Found found(const std::vector<std::string>& arguments, std::uint64_t samples, std::uint64_t seed) {
  const auto job = Job::from_arguments(arguments, sampling::Method::plain, seed);
  const Correlations correlations(*job, alone(job, samples_rule(samples)).answer.front().tally);
  return {correlations.of(1, 2), correlations.of(0, 1)};
}

// Of a bivariate normal distribution the error is (1 - r^2)/sqrt(n). The average over so many
// samples is right to some percent.
TEST(Correlations, have_the_textbook_error_where_all_is_normal) {
  for (const std::uint64_t n : {5000u, 200000u}) {
    const Found f = found({"a+b", "a~normal(3,1)", "b~normal(0,2)", "corr(a,b)=0.6"}, n, 1);
    const double root = std::sqrt(static_cast<double>(n));
    EXPECT_NEAR(f.inputs.value, 0.6, 5 * f.inputs.standard_error);
    EXPECT_NEAR(f.inputs.standard_error * root / 0.64, 1, 0.05);
    // a+b has the variance 1 + 4 + 2 * 0.6 * 2 and the covariance 1 + 0.6 * 2 with a.
    const double r = 2.2 / std::sqrt(7.4);
    EXPECT_NEAR(f.output.value, r, 5 * f.output.standard_error);
    EXPECT_NEAR(f.output.standard_error * root / (1 - r * r), 1, 0.05);
  }
}

// Deviations from the truth over 200 seeds, in units of the error. Were that right, the mean of
// their squares would be 1, with a standard deviation of sqrt(2/200) = 0.1 if they are normal;
// (1 - r^2)/sqrt(n) would make it about 10 here. The average misses part of the fourth moments.
TEST(Correlations, have_an_error_that_holds_where_tails_are_long) {
  const double truth = std::expm1(0.6) / std::expm1(1.0);
  const int seeds = 200;
  double squares = 0;
  double textbook = 0;
  for (int seed = 1; seed <= seeds; ++seed) {
    const Measured r = found({"a+b", "a~lognormal(0,1)", "b~lognormal(0,1)", "corr(a,b)=0.6"},
                             20000, static_cast<std::uint64_t>(seed))
                           .inputs;
    squares += std::pow((r.value - truth) / r.standard_error, 2) / seeds;
    textbook +=
        std::pow((r.value - truth) * std::sqrt(20000.0) / (1 - r.value * r.value), 2) / seeds;
  }
  EXPECT_GT(squares, 0.6);
  EXPECT_LT(squares, 2);
  EXPECT_GT(textbook, 5);
}

TEST(Correlations, cannot_be_told_of_a_constant) {
  const auto job = Job::from_arguments({"7; a", "a~normal(0,1)"}, sampling::Method::plain, 1);
  const Correlations correlations(*job, alone(job, samples_rule(1000)).answer.front().tally);
  EXPECT_TRUE(std::isnan(correlations.of(0, 1).value));
  EXPECT_TRUE(std::isnan(correlations.of(0, 1).standard_error));
  EXPECT_EQ(correlations.co_moment(0, 1), 0);
  // An output that is an input.
  EXPECT_EQ(correlations.of(1, 2).value, 1);
  EXPECT_EQ(correlations.of(1, 2).standard_error, 0);
}

// A straight line, by sums that are rounded; and a value that is nearly one.
TEST(Correlations, are_one_where_only_rounding_is_between) {
  for (const std::string line : {"0.1*a+0.7", "-a/3+1e3"}) {
    const auto job = Job::from_arguments({line, "a~normal(0.1,0.3)"}, sampling::Method::plain, 1);
    const Correlations correlations(*job, alone(job, samples_rule(100'000)).answer.front().tally);
    EXPECT_EQ(correlations.of(0, 1).value, line.front() == '-' ? -1 : 1) << line;
    EXPECT_EQ(correlations.of(0, 1).standard_error, 0) << line;
  }
  const auto job =
      Job::from_arguments({"a+b", "a~normal(0,1)", "b~normal(0,1e-5)"}, sampling::Method::plain, 1);
  const Correlations correlations(*job, alone(job, samples_rule(100'000)).answer.front().tally);
  // r = 1/sqrt(1 + 1e-10)
  EXPECT_NEAR(1 - correlations.of(0, 1).value, 5e-11, 5e-12);
  EXPECT_GT(correlations.of(0, 1).standard_error, 0);
}

// The ranks of a bivariate normal distribution: 6/pi asin(1/4) = 0.4826.
TEST(RankCorrelation, follows_from_that_of_the_scores) {
  EXPECT_NEAR(rank_correlation(0.5), 0.4825838, 1e-6);
  EXPECT_EQ(rank_correlation(0), 0);
  EXPECT_NEAR(rank_correlation(1), 1, 1e-15);
  EXPECT_EQ(rank_correlation(-0.3), -rank_correlation(0.3));
}

}  // namespace
}  // namespace oche::job

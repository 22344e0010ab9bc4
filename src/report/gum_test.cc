#include "report/gum.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "report/example_result_test.h"

namespace oche::report {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

Job job_of(std::vector<std::string> definition) {
  Job job;
  job.definition = std::move(definition);
  return job;
}

const Job kJob = job_of({"a+b", "a~normal(1,0.5)", "b ~ normal(4, 1.9)", "t=3"});

TEST(Gum, has_the_results_and_the_budget) {
  EXPECT_THAT(
      to_gum(normal_result(), kJob),
      ::testing::StartsWith(
          "Evaluation of measurement data by a Monte Carlo method (JCGM 101:2008)\n"
          "\n"
          "Y = a+b\n"
          "  estimate                         y      5.0\n"
          "  standard uncertainty             u(y)   2.0\n"
          "  95% coverage interval                   [1.1, 8.9]  probabilistically symmetric\n"
          "                                          [1.1, 8.9]  shortest\n"
          "  coverage factor                  k      1.96  half the symmetric interval / u(y)\n"
          "  Monte Carlo trials               M      1,000,000  seed 1\n"
          "  numerical tolerance              delta  0.05, met by y and u(y)\n"
          "\n"
          "Uncertainty budget\n"
          "  input   distribution    x_i    u(x_i)   r                    |r| u(y)   share r^2\n"
          "  b       normal(4,1.9)   4.0    1.9      -0.96000 ± 0.00020   1.9        0.92160 ± "
          "0.00038\n"
          "  a       normal(1,0.5)   1.00   0.50     0.2500 ± 0.0020      0.50       0.06250 ± "
          "0.00098\n"
          "  t       constant        3      0\n"
          "\n"
          "r is the correlation of the output with the input (± at 95% confidence)"));
}

TEST(Gum, ends_as_the_text_does) {
  Result result = normal_result();
  result.warnings = {"w"};
  EXPECT_THAT(to_gum(result, kJob), ::testing::EndsWith("digest d1\nwarning: w\n"));
}

TEST(Gum, says_that_trials_are_too_few_for_the_digits) {
  Result result = normal_result();
  result.outputs[0].standard_error = 0.03;  // twice that is over 0.05
  EXPECT_THAT(to_gum(result, kJob),
              HasSubstr("delta  0.05, not met: the last digits may be wrong; draw more samples"));
}

TEST(Gum, has_indices_where_there_are_some) {
  Result result = normal_result();
  EXPECT_THAT(to_gum(result, kJob), Not(HasSubstr("S_T")));
  for (InputEffect& e : result.outputs[0].effects) {
    e.first_order = {0.25, 0.01};
    e.total = {0.5, 0.01};
  }
  const std::string text = to_gum(result, kJob);
  EXPECT_THAT(text, HasSubstr("share r^2           first-order S   total S_T\n"));
  EXPECT_THAT(text, HasSubstr("0.250 ± 0.020   0.500 ± 0.020\n"));
  EXPECT_THAT(text, HasSubstr("The S add up to 1 or less, the S_T to 1 or more."));
}

TEST(Gum, has_each_of_several_outputs_and_their_correlation) {
  Result result = result_of({normal_output("a+b"), normal_output("a*b")});
  result.output_pairs = {{"a+b", "a*b", 1.5, {0.75, 0.001}}};
  const std::string text =
      to_gum(result, job_of({"a+b; a*b", "a~normal(1,0.5)", "b~normal(4,1.9)"}));
  EXPECT_THAT(text, HasSubstr("\nY = a+b\n"));
  EXPECT_THAT(text, HasSubstr("\nY = a*b\n"));
  EXPECT_THAT(text, HasSubstr("  a+b, a*b   0.7500 ± 0.0020\n"));
}

TEST(Gum, has_the_correlations_of_the_inputs) {
  Result result = normal_result();
  EXPECT_THAT(to_gum(result, kJob), Not(HasSubstr("Correlation of the inputs")));
  result.input_pairs = {{"a", "b", 0.5, {0.49, 0.001}, 0.4825838}};
  EXPECT_THAT(to_gum(result, kJob),
              HasSubstr("\nCorrelation of the inputs\n"
                        "  inputs   r of normal scores   r                 rank correlation\n"
                        "  a, b     0.5                  0.4900 ± 0.0020   0.482584\n"));
}

TEST(Gum, knows_the_elements_of_an_array) {
  Result result = normal_result();
  result.outputs[0].effects[0].input = "x[2]";
  EXPECT_THAT(to_gum(result, job_of({"x[1]+x[2]+b", "x[1..2]~uniform(0,1)", "b~normal(4,1.9)"})),
              HasSubstr("\n  x[2]    uniform(0,1)"));
}

TEST(Gum, says_what_cannot_be_told) {
  Result result = normal_result();
  Distribution& d = *result.outputs[0].distribution;
  d.standard_deviation = {kTestNan, kTestNan};
  d.shortest = {-kTestInfinity, 1};
  result.outputs[0].effects[0].standard_deviation = kTestInfinity;
  const std::string text = to_gum(result, kJob);
  EXPECT_THAT(text, HasSubstr("u(y)   can't be told\n"));
  EXPECT_THAT(text, HasSubstr("can't be told  shortest\n"));
  EXPECT_THAT(text, HasSubstr("k      can't be told\n"));
  EXPECT_THAT(text, Not(HasSubstr("nan")));
  EXPECT_THAT(text, Not(HasSubstr("delta")));
}

TEST(Gum, says_that_two_values_have_no_coverage_interval) {
  Result result = normal_result();
  result.outputs[0].distribution.reset();
  EXPECT_THAT(to_gum(result, kJob),
              HasSubstr("can't be told (the output has no more than two values)\n"));
}

TEST(Gum, has_digits_of_an_interval_that_is_far_narrower_than_the_uncertainty) {
  Result result = normal_result();
  Distribution& d = *result.outputs[0].distribution;
  d.standard_deviation = {4e4, 3e4};  // as of a Cauchy distribution
  d.quantiles = {{0.025, -12.71, {-12.9, -12.5}}, {0.975, 12.72, {12.5, 12.9}}};
  d.symmetric = {-12.71, 12.72};
  EXPECT_THAT(to_gum(result, kJob), HasSubstr("[-13, 13]  probabilistically symmetric"));
}

TEST(Gum, says_that_few_samples_lie_beyond_the_ends) {
  Result result = normal_result();
  EXPECT_THAT(to_gum(result, kJob), Not(HasSubstr("not settled")));
  result.outputs[0].distribution->coverage = 0.999999;
  EXPECT_THAT(to_gum(result, kJob),
              HasSubstr("(its ends are not settled: about 0.5 samples lie beyond "
                        "each; draw 20,000,000)"));
}

// Errors of 0.01 at the ends: the shortest interval's are 0.45 n^(1/6) = 4.5 times that.
TEST(Gum, has_no_more_digits_of_the_shortest_interval_than_are_settled) {
  Result result = normal_result();
  Distribution& d = *result.outputs[0].distribution;
  d.standard_deviation = {0.02, 0.0001};
  d.symmetric = {4.612, 5.391};
  d.shortest = {4.613, 5.392};
  d.quantiles = {{0.025, 4.612, {4.606, 4.618}}, {0.975, 5.391, {5.385, 5.397}}};
  EXPECT_THAT(to_gum(result, kJob), HasSubstr("[4.612, 5.391]  probabilistically symmetric"));
  EXPECT_THAT(to_gum(result, kJob), HasSubstr("[4.61, 5.39]  shortest"));
}

TEST(Gum, says_why_there_is_no_budget) {
  Result result = normal_result();
  result.outputs[0].effects.clear();
  EXPECT_THAT(to_gum(result, kJob),
              HasSubstr("no uncertainty budget (the correlations of more than 64 inputs are not"));
  result.non_finite_policy = "zero";
  result.non_finite = 3;
  EXPECT_THAT(to_gum(result, kJob), HasSubstr("no uncertainty budget (nothing is kept of the"));
  result.outputs[0].distribution.reset();
  EXPECT_THAT(to_gum(result, kJob),
              HasSubstr("no uncertainty budget (the output has no more than"));
  result.samples = 1;
  EXPECT_THAT(to_gum(result, kJob), HasSubstr("can't be told (one sample has no spread)\n"));
  EXPECT_THAT(to_gum(result, kJob), Not(HasSubstr("two values")));
}

TEST(Gum, says_that_there_is_no_estimate) {
  Result result;
  result.stop_reason = "non_finite";
  EXPECT_THAT(to_gum(result, kJob), HasSubstr("\nno estimate\n"));
}

}  // namespace
}  // namespace oche::report

#include "report/text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "report/digits.h"
#include "report/example_result_test.h"

namespace oche::report {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

std::size_t lines(const std::string& text) {
  return static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
}

constexpr char kEnd[] =
    "1,000,000 samples in 0.5 s (2e+06 a second), method plain, seed 1; all samples are drawn\n"
    "digest d1\n";

TEST(Text, says_what_is_known_of_a_distribution) {
  EXPECT_EQ(to_text(normal_result(), ""),
            std::string("5.0000 ± 0.0039   (95% interval 4.996080072 to 5.003919928)\n"
                        "standard deviation 2.0000 ± 0.0029, skewness 0.0010 ± 0.0049, "
                        "excess kurtosis -0.0020 ± 0.0098\n"
                        "quantiles  2.5%  1.080    (1.070  to 1.090 )\n"
                        "            50%  5.0010   (4.9960 to 5.0060)\n"
                        "          97.5%  8.920    (8.910  to 8.930 )\n"
                        "95% coverage 1.08 to 8.92 (symmetric), 1.06 to 8.90 (shortest)\n"
                        "correlation with b -0.96000 ± 0.00020, a 0.2500 ± 0.0020\n") +
                kEnd);
}

TEST(Text, is_no_flood) {
  Result result = normal_result();
  Distribution& d = *result.outputs[0].distribution;
  d.quantiles = {{0.025, 1, {1, 1.1}},
                 {0.25, 2, {2, 2.1}},
                 {0.5, 3, {3, 3.1}},
                 {0.75, 4, {4, 4.1}},
                 {0.975, 5, {5, 5.1}}};
  for (int i = 0; i < 50; ++i) {
    result.outputs[0].effects.push_back(
        {"x" + std::to_string(i), {0, 1}, 1, {0.01, 0.001}, std::nullopt, std::nullopt});
  }
  const std::string text = to_text(result, "");
  EXPECT_LE(lines(text), 12u) << text;
  EXPECT_THAT(text, HasSubstr("and 48 more (--full)"));
  const std::string full = to_text(result, "", {.full = true});
  EXPECT_THAT(full, HasSubstr("\nx49 "));
  EXPECT_THAT(full, HasSubstr("values -4.5 to 14.25 in these samples\n"));
}

TEST(Text, names_a_single_value) {
  EXPECT_THAT(to_text(normal_result(), "pi"), ::testing::StartsWith("pi = 5.0000 ± 0.0039"));
}

TEST(Text, has_only_the_estimate_where_there_is_no_distribution) {
  Result result = normal_result();
  result.outputs[0].distribution.reset();
  result.outputs[0].effects.clear();
  EXPECT_EQ(to_text(result, ""),
            std::string("5.0000 ± 0.0039   (95% interval 4.996080072 to 5.003919928)\n") + kEnd);
}

TEST(Text, has_a_section_for_each_output_and_their_correlations) {
  Result result = result_of({normal_output("a+b"), normal_output("a*b")});
  result.output_pairs = {{"a+b", "a*b", 1.5, {0.75, 0.001}}};
  const std::string text = to_text(result, "ignored");
  EXPECT_THAT(text, ::testing::StartsWith("a+b = 5.0000 ± 0.0039   (95% interval "));
  EXPECT_THAT(text, HasSubstr("\na*b = 5.0000 ± 0.0039"));
  EXPECT_THAT(text, HasSubstr("\n  standard deviation 2.0000 ± 0.0029, skewness"));
  EXPECT_THAT(text, HasSubstr("\noutputs       correlation\na+b and a*b   0.7500 ± 0.0020\n"));
  EXPECT_THAT(to_text(result, "", {.full = true}), HasSubstr("0.7500 ± 0.0020   1.5\n"));
}

TEST(Text, has_what_became_of_correlated_inputs) {
  Result result = normal_result();
  result.input_pairs = {{"a", "b", 0.5, {0.49, 0.001}, 0.4825838},
                        {"a", "c", -0.25, {kTestNan, kTestNan}, std::nullopt}};
  EXPECT_THAT(to_text(result, ""),
              HasSubstr("correlated inputs   normal scores   Pearson           rank\n"
                        "a and b             0.5             0.4900 ± 0.0020   0.482584\n"
                        "a and c             -0.25           not measured      can't be told\n"));
  result.input_pairs.assign(20, result.input_pairs[0]);
  EXPECT_THAT(to_text(result, ""), HasSubstr("and 12 more (--full shows them)\n"));
  EXPECT_THAT(to_text(result, "", {.full = true}), Not(HasSubstr("more")));
}

TEST(Text, is_brief_on_each_of_many_outputs) {
  const Result result = result_of(std::vector<OutputResult>(5, normal_output("a+b")));
  EXPECT_EQ(lines(to_text(result, "")), 5u * 3 + 2);
  EXPECT_THAT(to_text(result, ""), Not(HasSubstr("quantiles")));
  EXPECT_THAT(to_text(result, "", {.quantiles = true}), HasSubstr("quantiles"));
}

TEST(Text, sorts_inputs_by_their_total_index) {
  Result result = normal_result();
  auto& effects = result.outputs[0].effects;
  effects[0].first_order = {0.1, 0.01};
  effects[0].total = {0.9, 0.01};
  effects[1].first_order = {0.05, 0.01};
  effects[1].total = {kTestNan, kTestNan};
  EXPECT_THAT(to_text(result, ""),
              HasSubstr("input   correlation          first-order index   total index\n"
                        "a       0.2500 ± 0.0020      0.100 ± 0.020       0.900 ± 0.020\n"
                        "b       -0.96000 ± 0.00020   0.050 ± 0.020       can't be told\n"));
}

TEST(Text, says_what_cannot_be_told) {
  Result result = normal_result();
  Distribution& d = *result.outputs[0].distribution;
  d.skewness = {kTestNan, kTestNan};
  d.excess_kurtosis = {3, kTestInfinity};
  d.quantiles = {{0.001, -1.25, {-kTestInfinity, -1.0}}, {0.5, kTestNan, {kTestNan, kTestNan}}};
  d.shortest = {kTestNan, kTestNan};
  result.outputs[0].effects[0].correlation = {kTestNan, kTestNan};
  const std::string text = to_text(result, "");
  EXPECT_THAT(text,
              HasSubstr("skewness can't be told, excess kurtosis 3 (its error can't be told)"));
  EXPECT_THAT(text, HasSubstr("quantiles 0.1%  -1.25   (-inf to -1.00)\n"));
  EXPECT_THAT(text, HasSubstr("\n           50%  can't be told\n"));
  EXPECT_THAT(text, HasSubstr("(symmetric), can't be told (shortest)"));
  EXPECT_THAT(text, HasSubstr("a can't be told"));
  EXPECT_THAT(text, Not(HasSubstr("nan")));
}

TEST(Text, says_that_there_is_no_estimate) {
  Result result;
  result.stop_reason = "non_finite";
  result.warnings = {"w"};
  EXPECT_THAT(to_text(result, "pi"), ::testing::StartsWith("no estimate\n0 samples in 0 s"));
  result.samples = 1;
  EXPECT_THAT(to_text(result, "pi"), HasSubstr("\n1 sample in 0 s"));
  EXPECT_THAT(to_text(result, "pi"), HasSubstr("warning: w\n"));
}

TEST(PlaceOfCoverage, comes_from_the_quantiles_at_its_ends) {
  Distribution d = *normal_output("").distribution;
  EXPECT_EQ(places_of_coverage(d, 1e6).symmetric, -2);  // their errors are 0.01
}

TEST(PlaceOfCoverage, comes_from_a_normal_distribution_without_such_quantiles) {
  Distribution d = *normal_output("").distribution;
  d.quantiles.clear();
  // 2 sqrt(0.025 * 0.975 / n) / 0.0584: 0.0053 and 0.53.
  EXPECT_EQ(places_of_coverage(d, 1e6).symmetric, -3);
  EXPECT_EQ(places_of_coverage(d, 100).symmetric, -1);
}

}  // namespace
}  // namespace oche::report

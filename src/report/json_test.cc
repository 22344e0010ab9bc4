#include "report/json.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "report/example_result_test.h"

namespace oche::report {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST(Json, has_the_distribution_of_a_single_output_on_the_top_level) {
  Result result = normal_result();
  result.outputs[0].distribution->histogram = {{-1, 5, 400}, {5, 12.5, 600}};
  const std::string json = to_json(result);
  EXPECT_THAT(json, ::testing::StartsWith(R"({"estimate":5.0,"standard_error":0.002,)"));
  const auto outputs = json.find(R"("outputs")");
  const std::string top = json.substr(0, outputs);
  for (const char* text :
       {R"("standard_deviation":2.0,"standard_deviation_error":0.0015,)",
        R"("skewness":0.001,"skewness_error":0.0025,)",
        R"("excess_kurtosis":-0.002,"excess_kurtosis_error":0.005,)",
        R"("quantiles":[{"probability":0.025,"value":1.08,"interval":[1.07,1.09]},)",
        R"("coverage":{"probability":0.95,"symmetric":[1.08,8.92],"shortest":[1.06,8.9]},)",
        R"("histogram":[{"low":-1.0,"high":5.0,"count":400},{"low":5.0,"high":12.5,"count":600}])",
        R"("effects":[{"input":"a","mean":1.0,"mean_error":0.0005,"standard_deviation":0.5,)",
        R"("correlation":0.25,"correlation_error":0.001},)"}) {
    EXPECT_THAT(top, HasSubstr(text));
    EXPECT_THAT(json.substr(outputs), HasSubstr(text));
  }
  EXPECT_THAT(top, HasSubstr(R"("non_finite":0,"non_finite_policy":"fail",)"));
  EXPECT_THAT(json, HasSubstr(R"("outputs":[{"expression":"a+b","estimate":5.0,)"));
}

TEST(Json, has_the_distributions_of_several_outputs_in_their_list_only) {
  Result result = result_of({normal_output("a+b"), normal_output("a*b")});
  result.output_pairs = {{"a+b", "a*b", 1.5, {0.75, 0.001}}};
  const std::string json = to_json(result);
  const std::string top = json.substr(0, json.find(R"("outputs")"));
  EXPECT_THAT(top, Not(HasSubstr("quantiles")));
  EXPECT_THAT(top, Not(HasSubstr("histogram")));
  EXPECT_THAT(json, HasSubstr(R"({"expression":"a*b","estimate":5.0,)"));
  EXPECT_THAT(json, HasSubstr(R"("output_pairs":[{"a":"a+b","b":"a*b","covariance":1.5,)"
                              R"("correlation":0.75,"correlation_error":0.001}])"));
}

TEST(Json, has_the_pairs_of_correlated_inputs) {
  Result result = normal_result();
  result.input_pairs = {{"a", "b", 0.5, {0.49, 0.001}, 0.48},
                        {"a", "c", 0.25, {kTestNan, kTestNan}, std::nullopt}};
  EXPECT_THAT(to_json(result),
              HasSubstr(R"("input_pairs":[{"a":"a","b":"b","score_correlation":0.5,)"
                        R"("correlation":0.49,"correlation_error":0.001,"rank_correlation":0.48},)"
                        R"({"a":"a","b":"c","score_correlation":0.25,"correlation":null,)"
                        R"("correlation_error":null,"rank_correlation":null}])"));
}

TEST(Json, has_the_indices_of_inputs_where_there_are_some) {
  Result result = normal_result();
  EXPECT_THAT(to_json(result), Not(HasSubstr("first_order")));
  result.outputs[0].effects[0].first_order = {0.25, 0.01};
  result.outputs[0].effects[0].total = {0.5, 0.02};
  EXPECT_THAT(to_json(result), HasSubstr(R"("first_order":0.25,"first_order_error":0.01,)"
                                         R"("total":0.5,"total_error":0.02})"));
}

TEST(Json, has_null_for_what_cannot_be_told) {
  Result result = normal_result();
  result.outputs[0].distribution->skewness = {kTestNan, kTestInfinity};
  result.outputs[0].distribution->quantiles = {{0.5, 1, {-kTestInfinity, 2}}};
  const std::string json = to_json(result);
  EXPECT_THAT(json, HasSubstr(R"("skewness":null,"skewness_error":null)"));
  EXPECT_THAT(json, HasSubstr(R"("interval":[null,2.0])"));
}

TEST(Json, has_no_distribution_without_an_answer) {
  const std::string json = to_json(Result());
  EXPECT_THAT(json, ::testing::StartsWith(R"({"estimate":null,"standard_error":null,)"));
  EXPECT_THAT(json, HasSubstr(R"("outputs":[],"output_pairs":[],"input_pairs":[]})"));
}

TEST(Json, replaces_bytes_that_are_no_text) {
  EXPECT_THAT(to_json(result_of({normal_output("a\xff")})), HasSubstr("\"a\xEF\xBF\xBD\""));
}

}  // namespace
}  // namespace oche::report

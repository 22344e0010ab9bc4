#include "report/csv.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "report/example_result_test.h"

namespace oche::report {
namespace {

TEST(HistogramCsv, has_a_line_for_each_bar) {
  Result result = normal_result();
  result.outputs[0].distribution->histogram = {{-0.5, 0, 1}, {0, 0.1, 3}};
  // 1 of 4 over a half; 3 of 4 over a tenth.
  EXPECT_EQ(histogram_csv(result), "low,high,count,density\r\n-0.5,0,1,0.5\r\n0,0.1,3,7.5\r\n");
}

TEST(HistogramCsv, names_each_of_several_outputs) {
  Result result =
      result_of({normal_output("max(a,b)"), normal_output("say \"x\""), normal_output("a")});
  result.outputs[0].distribution->histogram = {{0, 1, 4}};
  result.outputs[1].distribution->histogram = {{0, 2, 4}};
  result.outputs[2].distribution.reset();
  EXPECT_EQ(histogram_csv(result),
            "output,low,high,count,density\r\n\"max(a,b)\",0,1,4,1\r\n"
            "\"say \"\"x\"\"\",0,2,4,0.5\r\n");
}

TEST(HistogramCsv, has_every_digit) {
  Result result = normal_result();
  result.outputs[0].distribution->histogram = {{0.1, 0.30000000000000004, 1}};
  EXPECT_THAT(histogram_csv(result), ::testing::HasSubstr("\r\n0.1,0.30000000000000004,1,"));
}

TEST(HistogramCsv, has_no_density_of_a_single_value) {
  Result result = normal_result();
  result.outputs[0].distribution->histogram = {{3, 3, 4}};
  EXPECT_EQ(histogram_csv(result), "low,high,count,density\r\n3,3,4,\r\n");
}

TEST(HistogramCsv, is_a_header_without_an_answer) {
  EXPECT_EQ(histogram_csv(Result()), "low,high,count,density\r\n");
}

}  // namespace
}  // namespace oche::report

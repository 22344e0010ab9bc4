#include "report/histogram_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

#include "report/digits.h"
#include "report/example_result_test.h"

namespace oche::report {
namespace {

using ::testing::HasSubstr;

constexpr Canvas kAscii{20, Characters::ascii};

OutputResult with_bars(std::vector<HistogramBar> bars) {
  OutputResult output = normal_output("y");
  output.distribution->histogram = std::move(bars);
  return output;
}

// Counts 8, 16, 4 of at most 16: half, all, and a quarter of eight rows.
TEST(DrawHistogram, draws_bars_over_an_axis) {
  OutputResult output = with_bars({{0, 4, 8}, {4, 8, 16}, {8, 12, 4}, {12, 16, 0}});
  output.estimate = 6;
  output.distribution->symmetric = {2, 10};
  EXPECT_EQ(draw_histogram(output, kAscii),
            "     #####\n     #####\n     #####\n     #####\n"
            "##########\n##########\n###############\n###############\n"
            "+-----------+-------\n"
            "0          10\n"
            "  [----|----]\n");
}

TEST(DrawHistogram, has_eighths_of_a_row) {
  // 1/64 of the largest is an eighth of the lowest row; the smallest count shows too.
  const std::string drawing =
      draw_histogram(with_bars({{0, 4, 6400}, {4, 8, 100}, {8, 12, 1}, {12, 16, 1500}}),
                     {20, Characters::unicode});
  EXPECT_THAT(drawing, HasSubstr("\n█████▁▁▁▁▁▁▁▁▁▁█████\n"));
  EXPECT_THAT(drawing, HasSubstr("\n█████          ▇▇▇▇▇\n"));  // 15 eighths
}

TEST(DrawHistogram, is_no_wider_than_its_canvas) {
  const OutputResult output = with_bars(normal_bars(5, 2, -3, 13, 150, 1e6));
  for (const std::size_t width : {20u, 33u, 80u, 149u, 150u, 301u}) {
    for (const Characters characters : {Characters::ascii, Characters::unicode}) {
      std::istringstream lines(draw_histogram(output, {width, characters}));
      for (std::string line; std::getline(lines, line);) EXPECT_LE(columns(line), width) << line;
    }
  }
}

TEST(DrawHistogram, tells_the_tails_that_do_not_fit) {
  const std::string drawing = draw_histogram(
      with_bars({{-1e9, 0, 2}, {0, 1, 90}, {1, 2, 96}, {2, 3, 8}, {3, 50, 4}}), kAscii);
  EXPECT_THAT(drawing, HasSubstr("1% below 0.00, down to -1.00e9; 2% above 3.00, up to 50.0\n"));
}

TEST(DrawHistogram, has_a_line_for_each_of_few_values) {
  const std::string drawing =
      draw_histogram(with_bars({{-0.001, 0.001, 5}, {0.999, 1.001, 10}, {9.99, 10.01, 1}}), kAscii);
  EXPECT_EQ(drawing, " 0  #### 31.2%\n 1  ####### 62.5%\n10  # 6.25%\n");
}

TEST(DrawHistogram, draws_many_values_as_bars) {
  std::vector<HistogramBar> bars;
  for (int i = 0; i < 40; ++i) bars.push_back({i - 0.001, i + 0.001, 10});
  const std::string drawing = draw_histogram(with_bars(bars), {40, Characters::ascii});
  EXPECT_THAT(drawing, ::testing::StartsWith(std::string(40, '#') + "\n"));
}

TEST(DrawHistogram, draws_nothing_where_there_is_none) {
  OutputResult output = normal_output("y");
  output.distribution.reset();
  EXPECT_EQ(draw_histogram(output, kAscii), "");
}

TEST(DrawHistograms, names_each_of_several_outputs) {
  const Result result = result_of({normal_output("a+b"), normal_output("a*b")});
  const std::string drawing = draw_histograms(result, {});
  EXPECT_THAT(drawing, ::testing::StartsWith("a+b\n"));
  EXPECT_THAT(drawing, HasSubstr("\na*b\n"));
}

}  // namespace
}  // namespace oche::report

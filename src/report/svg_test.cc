#include "report/svg.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "report/example_result_test.h"

namespace oche::report {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

OutputResult with_bars(std::vector<HistogramBar> bars) {
  OutputResult output = normal_output("y");
  output.distribution->histogram = std::move(bars);
  return output;
}

std::size_t times(const std::string& text, const std::string& part) {
  std::size_t n = 0;
  for (std::size_t at = text.find(part); at != text.npos; at = text.find(part, at + 1)) ++n;
  return n;
}

// The plot goes from 84 to 732 and from 378 up to 112 pixels; 1.06 times the largest density is its
// top.
TEST(HistogramSvg, draws_bars_to_scale) {
  OutputResult output = with_bars({{0, 4, 50}, {4, 8, 100}, {8, 12, 50}});
  output.distribution->symmetric = {2, 10};
  output.estimate = 6;
  const std::string svg = histogram_svg(result_of({output}));
  // 378 - 266/1.06 = 127.06 for the largest, half of that height for the others.
  EXPECT_THAT(svg, HasSubstr("d=\"M84.00 378.00V252.53H300.00V378.00z"
                             "M300.00 378.00V127.06H516.00V378.00z"
                             "M516.00 378.00V252.53H732.00V378.00z\""));
  EXPECT_THAT(svg, HasSubstr("<rect x=\"192.00\" y=\"0\" width=\"432.00\""));  // covered: 2 to 10
  EXPECT_THAT(svg, HasSubstr("<line class=\"mean\" x1=\"408.00\""));
  EXPECT_THAT(svg, HasSubstr(">95% coverage: 2.00 to 10.00</text>"));
  EXPECT_THAT(svg, HasSubstr(">density</text>"));
}

TEST(HistogramSvg, is_one_document_on_its_own) {
  const std::string svg = histogram_svg(normal_result());
  EXPECT_THAT(svg, ::testing::StartsWith("<svg xmlns=\"http://www.w3.org/2000/svg\""));
  EXPECT_THAT(svg, ::testing::EndsWith("</svg>\n"));
  EXPECT_THAT(svg, HasSubstr("prefers-color-scheme: dark"));
  EXPECT_THAT(svg, Not(HasSubstr("href")));
  EXPECT_THAT(svg, Not(HasSubstr("nan")));
  for (const char* tick : {">-2<", ">0<", ">10<", ">0.05<", ">0.20<"}) {
    EXPECT_THAT(svg, HasSubstr(tick));
  }
}

TEST(HistogramSvg, escapes_what_xml_has_a_use_for) {
  const std::string svg = histogram_svg(result_of({normal_output("a<b & \"c\">d")}));
  EXPECT_EQ(times(svg, "a&lt;b &amp; &quot;c&quot;&gt;d"), 2u);
}

TEST(HistogramSvg, tells_the_tails_that_do_not_fit) {
  const std::string svg = histogram_svg(
      result_of({with_bars({{-1e9, 0, 2}, {0, 1, 90}, {1, 2, 96}, {2, 3, 8}, {3, 50, 4}})}));
  EXPECT_THAT(svg, HasSubstr(">← 1% down to -1.00e9</text>"));
  EXPECT_THAT(svg, HasSubstr(">2% up to 50.0 →</text>"));
  EXPECT_EQ(times(svg, "z\"/>"), 2u);
  EXPECT_THAT(svg, HasSubstr("d=\"M84.00 378.00"));
}

TEST(HistogramSvg, draws_few_values_apart) {
  const std::string svg =
      histogram_svg(result_of({with_bars({{-0.001, 0.001, 1}, {0.999, 1.001, 3}})}));
  EXPECT_THAT(svg, HasSubstr(">share</text>"));
  // The axis goes from -1 to 2: 0 and 1 are at 300 and 516, bars at most 48 wide.
  EXPECT_THAT(svg, HasSubstr("M276.00 378.00V294.35H324.00V378.00z"));
  EXPECT_THAT(svg, HasSubstr("M492.00 378.00V127.06H540.00V378.00z"));
}

TEST(HistogramSvg, has_a_panel_for_each_output_that_has_a_histogram) {
  OutputResult none = normal_output("none");
  none.distribution.reset();
  const std::string svg =
      histogram_svg(result_of({normal_output("one"), none, normal_output("two")}));
  EXPECT_EQ(times(svg, "<g "), 2u);
  EXPECT_THAT(svg, HasSubstr("height=\"880\""));
  EXPECT_THAT(svg, HasSubstr("id=\"covered1\""));
  EXPECT_THAT(svg, Not(HasSubstr(">none<")));
}

TEST(HistogramSvg, leaves_out_what_cannot_be_told) {
  OutputResult output = normal_output("y");
  output.estimate.reset();
  output.distribution->symmetric = {kTestNan, kTestNan};
  output.distribution->standard_deviation = {kTestNan, kTestNan};
  const std::string svg = histogram_svg(result_of({output}));
  EXPECT_THAT(svg, Not(HasSubstr("class=\"mean\"")));
  EXPECT_THAT(svg, Not(HasSubstr("class=\"interval\"")));
  EXPECT_THAT(svg, HasSubstr("standard deviation can't be told"));
  EXPECT_THAT(svg, Not(HasSubstr("nan")));
}

}  // namespace
}  // namespace oche::report

#include "report/histogram_view.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "report/example_result_test.h"

namespace oche::report {
namespace {

using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::SizeIs;

std::vector<std::uint64_t> counts(const std::vector<HistogramBar>& bars) {
  std::vector<std::uint64_t> result;
  for (const HistogramBar& bar : bars) result.push_back(bar.count);
  return result;
}

TEST(HistogramView, takes_equal_bars_as_they_are) {
  const HistogramView view = view_of({{0, 1, 5}, {1, 2, 7}, {2, 3, 6}});
  EXPECT_THAT(view.bars, SizeIs(3));
  EXPECT_FALSE(view.below || view.above);
  EXPECT_EQ(view.total, 18u);
  EXPECT_EQ(view.largest(), 7u);
  EXPECT_EQ(view.low(), 0);
  EXPECT_EQ(view.high(), 3);
}

TEST(HistogramView, sets_wide_tails_apart) {
  const HistogramView view = view_of({{-1e9, 0, 2}, {0, 1, 5}, {1, 2, 7}, {2, 3, 6}, {3, 50, 1}});
  EXPECT_THAT(view.bars, SizeIs(3));
  EXPECT_EQ(view.below.value().count, 2u);
  EXPECT_EQ(view.above.value().high, 50);
  EXPECT_EQ(view.total, 21u);
}

TEST(HistogramView, takes_bars_with_gaps_for_values) {
  const HistogramView view = view_of({{0, 0.001, 3}, {0.9999, 1.0001, 4}, {4.999, 5.001, 5}});
  EXPECT_THAT(view.bars, SizeIs(0));
  EXPECT_THAT(view.values, ElementsAre(Field(&ValueBar::value, 0), Field(&ValueBar::value, 1),
                                       Field(&ValueBar::value, 5)));
  EXPECT_EQ(view.high(), 5);
}

TEST(HistogramView, takes_a_single_bar_for_a_value) {
  EXPECT_THAT(view_of({{2.999, 3.001, 3}}).values, ElementsAre(Field(&ValueBar::value, 3)));
}

TEST(AtMost, puts_neighbours_together) {
  const HistogramView view = view_of({{0, 1, 1}, {1, 2, 2}, {2, 3, 3}, {3, 4, 4}, {4, 5, 5}});
  EXPECT_THAT(counts(at_most(view, 5)), ElementsAre(1, 2, 3, 4, 5));
  const std::vector<HistogramBar> bars = at_most(view, 3);
  EXPECT_THAT(counts(bars), ElementsAre(3, 7, 5));
  EXPECT_EQ(bars.back().high, 6);  // as wide as the others
}

TEST(AtMost, gives_values_at_equal_distances_a_bar_each) {
  const HistogramView view = view_of({{-0.01, 0.01, 1}, {1.99, 2.01, 2}, {5.99, 6.01, 3}});
  const std::vector<HistogramBar> bars = at_most(view, 4);
  EXPECT_THAT(counts(bars), ElementsAre(1, 2, 0, 3));
  EXPECT_DOUBLE_EQ(bars[0].low, -1);
  EXPECT_DOUBLE_EQ(bars[3].high, 7);
  EXPECT_THAT(counts(at_most(view, 2)), ElementsAre(3, 3));
}

TEST(AtMost, loses_no_count) {
  HistogramView values;
  for (int i = 0; i < 997; ++i) values.values.push_back({i + i * i * 1e-3, 1});
  for (const std::size_t most : {1u, 2u, 3u, 60u, 80u, 997u}) {
    const std::vector<HistogramBar> bars = at_most(values, most);
    EXPECT_LE(bars.size(), most);
    std::uint64_t total = 0;
    for (const HistogramBar& bar : bars) total += bar.count;
    EXPECT_EQ(total, 997u);
  }
}

}  // namespace
}  // namespace oche::report

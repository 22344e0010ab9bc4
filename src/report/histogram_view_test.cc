#include "report/histogram_view.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "report/example_result_test.h"

namespace oche::report {
namespace {

using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::SizeIs;

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

TEST(HistogramView, takes_a_bar_without_width_for_a_value) {
  EXPECT_THAT(view_of({{0, 0, 3}, {0.999, 1, 4}, {2, 2, 1}}).values,
              ElementsAre(Field(&ValueBar::value, 0), Field(&ValueBar::value, 1),
                          Field(&ValueBar::value, 2)));
}

TEST(ColumnsOf, divides_bars_in_proportion) {
  const HistogramView view = view_of({{0, 1, 10}, {1, 2, 20}, {2, 3, 30}});
  EXPECT_THAT(columns_of(view, 3).counts, ElementsAre(10, 20, 30));
  const Columns two = columns_of(view, 2);
  EXPECT_THAT(two.counts, ElementsAre(20, 40));  // half of the middle one each
  EXPECT_EQ(two.low, 0);
  EXPECT_EQ(two.high, 3);
}

TEST(ColumnsOf, takes_bars_of_unequal_width) {
  // Of 10 and 30 over columns of 2: 10 and 30/3, then 30 * 2/3.
  const HistogramView view = view_of({{0, 1, 10}, {1, 4, 30}});
  EXPECT_THAT(columns_of(view, 2).counts, ElementsAre(20, 20));
}

TEST(ColumnsOf, gives_values_at_equal_distances_a_column_each) {
  const HistogramView view = view_of({{-0.01, 0.01, 1}, {1.99, 2.01, 2}, {5.99, 6.01, 3}});
  const Columns columns = columns_of(view, 4);
  EXPECT_THAT(columns.counts, ElementsAre(1, 2, 0, 3));
  EXPECT_DOUBLE_EQ(columns.low, -1);
  EXPECT_DOUBLE_EQ(columns.high, 7);
  EXPECT_THAT(columns_of(view, 2).counts, ElementsAre(3, 3));
}

TEST(ColumnsOf, loses_no_count) {
  HistogramView values;
  HistogramView bars;
  for (int i = 0; i < 997; ++i) {
    values.values.push_back({i + i * i * 1e-3, 1});
    bars.bars.push_back({i * i * 1e-3, i == 500 ? i * i * 1e-3 : (i + 1) * (i + 1) * 1e-3, 1});
  }
  for (const HistogramView& view : {values, bars}) {
    for (const std::size_t most : {1u, 2u, 3u, 60u, 80u, 997u, 5000u}) {
      const Columns columns = columns_of(view, most);
      EXPECT_LE(columns.counts.size(), most);
      double total = 0;
      for (const double count : columns.counts) total += count;
      EXPECT_NEAR(total, 997, 1e-6);  // rounding of the parts
    }
  }
}

}  // namespace
}  // namespace oche::report

#include "report/ticks.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

namespace oche::report {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

std::vector<std::string> labels(double low, double high, unsigned most) {
  std::vector<std::string> result;
  for (const Tick& tick : round_ticks(low, high, most)) result.push_back(tick.label);
  return result;
}

TEST(RoundTicks, are_multiples_of_1_2_and_5) {
  EXPECT_THAT(labels(0, 10, 11),
              ElementsAre("0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "10"));
  EXPECT_THAT(labels(-0.3, 1.3, 5), ElementsAre("0.0", "0.5", "1.0"));
  EXPECT_THAT(labels(-0.3, 1.3, 9),
              ElementsAre("-0.2", "0.0", "0.2", "0.4", "0.6", "0.8", "1.0", "1.2"));
  EXPECT_THAT(labels(99, 1001, 5), ElementsAre("200", "400", "600", "800", "1000"));
}

TEST(RoundTicks, have_an_exponent_where_numbers_are_long) {
  EXPECT_THAT(labels(0, 2.5e-9, 3), ElementsAre("0", "1e-9", "2e-9"));
  EXPECT_THAT(labels(1e11, 3.5e11, 3), ElementsAre("1e11", "2e11", "3e11"));
}

TEST(RoundTicks, are_as_many_as_allowed_or_fewer) {
  for (unsigned most = 2; most < 40; ++most) {
    for (const double high : {1.01, 7.3, 123.4, 9e99}) {
      const std::size_t n = round_ticks(-1, high, most).size();
      EXPECT_LE(n, most);
      EXPECT_GE(3 * n + 3, most);  // the next smaller step is at least 2/5 as wide
    }
  }
}

TEST(RoundTicks, need_a_span_that_doubles_can_divide) {
  EXPECT_THAT(round_ticks(1e300, 1.00000000000000001e300, 5), IsEmpty());
  EXPECT_THAT(round_ticks(0, std::numeric_limits<double>::infinity(), 5), IsEmpty());
  EXPECT_THAT(
      round_ticks(-std::numeric_limits<double>::max(), std::numeric_limits<double>::max(), 5),
      IsEmpty());
  EXPECT_THAT(round_ticks(1e15, 1e15 + 4, 5), SizeIs(5));
}

}  // namespace
}  // namespace oche::report

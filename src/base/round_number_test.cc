#include "base/round_number.h"

#include <gtest/gtest.h>

namespace oche {
namespace {

TEST(RoundestBetween, has_the_fewest_digits) {
  EXPECT_EQ(roundest_between(2.9979, 3.0003), 3);
  EXPECT_EQ(roundest_between(-0.1, 0.2), 0);
  EXPECT_EQ(roundest_between(1.2341, 1.2349), 1.2345);
  EXPECT_EQ(roundest_between(-4.001, -3.9999), -4);
  EXPECT_EQ(roundest_between(-0.002, 0), 0);
  EXPECT_EQ(roundest_between(0.998, 1), 1);
}

TEST(RoundestBetween, takes_ends_that_are_the_same) {
  const double only = 1 + 0x1p-52;
  EXPECT_EQ(roundest_between(only, only), only);
}

TEST(LastDecimalPlace, is_that_of_the_shortest_text) {
  EXPECT_EQ(last_decimal_place(0.25), -2);
  EXPECT_EQ(last_decimal_place(-3.3), -1);
  EXPECT_EQ(last_decimal_place(7), 0);
  EXPECT_EQ(last_decimal_place(12000), 3);
  EXPECT_EQ(last_decimal_place(1.0 / 3), -16);
  EXPECT_EQ(last_decimal_place(5e-324), -324);
}

}  // namespace
}  // namespace oche

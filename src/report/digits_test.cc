#include "report/digits.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace oche::report {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

TEST(LastPlace, is_that_of_the_last_significant_digit) {
  EXPECT_EQ(last_place(0.0123, 2), -3);
  EXPECT_EQ(last_place(0.0123, 1), -2);
  EXPECT_EQ(last_place(1234, 2), 2);
  EXPECT_EQ(last_place(5e-324, 2), -325);
}

TEST(LastPlace, counts_digits_after_rounding) {
  EXPECT_EQ(last_place(0.0996, 2), -2);  // 0.10
  EXPECT_EQ(last_place(9.96, 2), 0);     // 10
}

TEST(AtPlace, rounds_to_that_place) {
  EXPECT_EQ(at_place(1.23456, -3), "1.235");
  EXPECT_EQ(at_place(123456, 2), "123500");
  EXPECT_EQ(at_place(-0.0004, -3), "0.000");
  EXPECT_EQ(at_place(0, -2), "0.00");
  EXPECT_EQ(at_place(3, 5), "0");
}

TEST(AtPlace, takes_an_exponent_where_a_decimal_would_be_long) {
  EXPECT_EQ(at_place(1.23456e-9, -12), "1.235e-9");
  EXPECT_EQ(at_place(-1.23456e12, 10), "-1.23e12");
  EXPECT_EQ(at_place(1e-12, -3), "0.000");
  EXPECT_EQ(at_place(3, 12), "0");
}

TEST(AtPlace, writes_what_is_not_finite) {
  EXPECT_EQ(at_place(kInfinity, -2), "inf");
  EXPECT_EQ(at_place(-kInfinity, -2), "-inf");
  EXPECT_EQ(at_place(std::copysign(kNan, -1.0), -2), "nan");
}

TEST(AtPlace, takes_the_ends_of_the_range_of_doubles) {
  EXPECT_EQ(at_place(std::numeric_limits<double>::max(), 306), "1.80e308");
  EXPECT_EQ(at_place(5e-324, -324), "5e-324");
}

TEST(Significant, has_so_many_digits) {
  EXPECT_EQ(significant(-1.2e9, 3), "-1.20e9");
  EXPECT_EQ(significant(0.9996, 3), "1.00");
  EXPECT_EQ(significant(0, 3), "0");
  EXPECT_EQ(significant(kInfinity, 3), "inf");
}

TEST(ValueAndError, has_both_to_the_second_digit_of_the_error) {
  EXPECT_EQ(value_and_error(3.14159265, 0.0012345), "3.1416 ± 0.0012");
  EXPECT_EQ(value_and_error(3.14159265, 0.0996), "3.14 ± 0.10");
  EXPECT_EQ(value_and_error(123456, 1234), "123500 ± 1200");
  EXPECT_EQ(value_and_error(0.0001, 0.5), "0.00 ± 0.50");
}

TEST(ValueAndError, shares_one_exponent) {
  EXPECT_EQ(value_and_error(1.23456e-9, 1.2e-11), "(1.235 ± 0.012)e-9");
  EXPECT_EQ(value_and_error(1.23456e12, 1.2e10), "(1.235 ± 0.012)e12");
  EXPECT_EQ(value_and_error(1.5e-320, 2.0e-321), "(1.50 ± 0.20)e-320");
}

TEST(ValueAndError, has_the_shortest_text_of_an_exact_value) {
  EXPECT_EQ(value_and_error(0.1, 0), "0.1 ± 0");
}

TEST(ValueAndError, tells_that_an_error_is_infinite) {
  EXPECT_EQ(value_and_error(0.25, kInfinity), "0.25 ± inf");
}

TEST(ValueAndErrorOfMeasured, has_the_factor_in_its_error) {
  EXPECT_EQ(value_and_error(Measured{0.5, 0.01}, 2), "0.500 ± 0.020");
}

TEST(ValueAndErrorOfMeasured, says_what_cannot_be_told) {
  EXPECT_EQ(value_and_error(Measured{kNan, kNan}, 2), "can't be told");
  EXPECT_EQ(value_and_error(Measured{kInfinity, 1}, 2), "can't be told");
  EXPECT_EQ(value_and_error(Measured{0.5, kNan}, 2), "0.5 (its error can't be told)");
}

TEST(Aligned, has_the_points_in_one_column) {
  EXPECT_THAT(aligned({"1.25", "-10", "0.5e3", "inf"}),
              ::testing::ElementsAre("  1.25 ", "-10    ", "  0.5e3", "inf    "));
}

TEST(Shortened, cuts_at_characters_and_says_so) {
  EXPECT_EQ(shortened("abc", 3), "abc");
  EXPECT_EQ(shortened("abcd", 3), "ab…");
  EXPECT_EQ(shortened("äöüß", 3), "äö…");
  EXPECT_EQ(columns("äö…"), 3u);
}

}  // namespace
}  // namespace oche::report

#include "base/parse_number.h"

#include <gtest/gtest.h>

#include <cstdint>

namespace oche {
namespace {

TEST(ParseNumber, takes_whole_texts_only) {
  EXPECT_EQ(parse_number<std::uint64_t>("18446744073709551615"), ~std::uint64_t{0});
  EXPECT_EQ(parse_number<double>("-2.5e3"), -2500.0);
  for (const char* text : {"", " 1", "1 ", "+1", "1x", "x", "0x10", "1e3"}) {
    EXPECT_FALSE(parse_number<std::uint64_t>(text)) << text;
  }
  for (const char* text : {"", " 1", "1 ", "+1", "1x", "1e", "--1"}) {
    EXPECT_FALSE(parse_number<double>(text)) << text;
  }
}

TEST(ParseNumber, refuses_what_the_type_cannot_hold) {
  EXPECT_FALSE(parse_number<std::uint64_t>("18446744073709551616"));
  EXPECT_FALSE(parse_number<std::uint64_t>("-1"));
  EXPECT_FALSE(parse_number<double>("1e999"));
  EXPECT_EQ(parse_number<std::int8_t>("-128"), -128);
  EXPECT_FALSE(parse_number<std::int8_t>("128"));
}

}  // namespace
}  // namespace oche

#include "tally/tally.h"

#include <gtest/gtest.h>

#include <limits>
#include <random>
#include <string>
#include <vector>

namespace oche::tally {
namespace {

Moments of(const std::vector<double>& values, std::uint64_t first = 0) {
  return moments_of_block(values.data(), values.size(), first);
}

std::string bytes_of(const Tally& tally) {
  ByteWriter out;
  write(out, tally);
  return out.bytes();
}

std::string hex(const std::string& bytes) {
  std::string text;
  for (const char c : bytes) {
    constexpr char kDigits[] = "0123456789abcdef";
    text += kDigits[static_cast<unsigned char>(c) >> 4];
    text += kDigits[static_cast<unsigned char>(c) & 15];
  }
  return text;
}

// The layout of the header by hand, little-endian: values 1, 2, NaN as samples 5, 6, 7 of
// stratum 3. mean 1.5 = 0x3ff8…, m2 0.5 = 0x3fe0…, minimum 1 = 0x3ff0…, maximum 2 = 0x4000….
TEST(TallyBytes, are_the_documented_layout) {
  Tally tally;
  tally.strata.push_back({3, of({1, 2, std::numeric_limits<double>::quiet_NaN()}, 5)});
  EXPECT_EQ(hex(bytes_of(tally)),
            "0100000000000000"    // one stratum
            "03000000"            // stratum 3
            "0200000000000000"    // two finite values
            "000000000000f83f"    // mean
            "000000000000e03f"    // m2
            "000000000000f03f"    // minimum
            "0000000000000040"    // maximum
            "0100000000000000"    // one that is not finite
            "0700000000000000"    // sample 7
            "0000000000000000"    // no other quantities
            "0000000000000000"    // no co-moments
            "0000000000000000");  // no shapes
  EXPECT_EQ(hex(bytes_of(Tally{})), std::string(4 * 16, '0'));
}

// An output with another quantity, a co-moment and a shape: values 1, 2 and 3, 5.
TEST(TallyBytes, of_several_quantities_are_the_documented_layout) {
  Tally tally;
  tally.strata.push_back({0, of({1, 2})});
  tally.others.push_back(of({3, 5}));
  tally.co_moments.push_back({0, 1, 1.0});
  tally.shapes.push_back({{0.0, 0.125}, {{bin_of(1.0), 1}, {bin_of(2.0), 1}}});
  const std::string bytes = hex(bytes_of(tally));
  EXPECT_EQ(bytes.substr(2 * (8 + 60)),
            "0100000000000000"    // one other
            "0200000000000000"    // two values
            "0000000000001040"    // mean 4
            "0000000000000040"    // m2 2
            "0000000000000840"    // minimum 3
            "0000000000001440"    // maximum 5
            "0000000000000000"    // none that is not finite
            "ffffffffffffffff"    // no such sample
            "0100000000000000"    // one co-moment
            "0000000001000000"    // of quantities 0 and 1
            "000000000000f03f"    // 1
            "0100000000000000"    // one shape
            "0000000000000000"    // m3
            "000000000000c03f"    // m4
            "0200000000000000"    // two bins
            "00fc2f00"            // of 1: 2^21 + 1023 * 1024
            "0100000000000000"    // one value
            "00003000"            // of 2: 2^21 + 1024 * 1024
            "0100000000000000");  // one value
}

// Nothing finite: minimum inf, maximum -inf, no sample 2^64 - 1; and the one pattern of NaN.
TEST(TallyBytes, have_one_pattern_for_what_is_not_a_number) {
  Tally tally;
  tally.strata.push_back({0, Moments{}});
  EXPECT_EQ(hex(bytes_of(tally)),
            "0100000000000000"
            "00000000"
            "0000000000000000"
            "0000000000000000"
            "0000000000000000"
            "000000000000f07f"
            "000000000000f0ff"
            "0000000000000000"
            "ffffffffffffffff" +
                std::string(3 * 16, '0'));
  tally.strata[0].moments.m2 = -std::numeric_limits<double>::quiet_NaN();
  EXPECT_EQ(hex(bytes_of(tally)).substr(2 * 28, 16), "000000000000f87f");
}

TEST(MergeOfTallies, joins_the_stratum_that_both_touch) {
  Tally left;
  left.strata = {{0, of({1, 2}, 0)}, {1, of({3}, 2)}};
  Tally right;
  right.strata = {{1, of({5, 7}, 3)}, {4, of({9}, 5)}};
  const Tally both = merge(left, right);
  ASSERT_EQ(both.strata.size(), 3u);
  EXPECT_EQ(both.strata[0].stratum, 0u);
  EXPECT_EQ(both.strata[1].stratum, 1u);
  EXPECT_TRUE(identical(both.strata[1].moments, merge(of({3}, 2), of({5, 7}, 3))));
  EXPECT_EQ(both.strata[1].moments.mean, 5);
  EXPECT_EQ(both.strata[2].stratum, 4u);
  EXPECT_EQ(both.samples(), 6u);
}

TEST(MergeOfTallies, leaves_a_side_alone_when_the_other_is_empty) {
  Tally tally;
  tally.strata = {{0, of({1, 2}, 0)}, {1, of({3}, 2)}};
  EXPECT_TRUE(identical(merge(tally, Tally{}), tally));
  EXPECT_TRUE(identical(merge(Tally{}, tally), tally));
}

TEST(Tally, totals_all_strata) {
  Tally tally;
  tally.strata = {{0, of({1, 2}, 0)}, {1, of({3, 4, 5}, 2)}, {7, of({6}, 5)}};
  const Moments total = tally.total();
  EXPECT_EQ(total.count, 6u);
  EXPECT_DOUBLE_EQ(total.mean, 3.5);
  EXPECT_DOUBLE_EQ(total.m2, 17.5);  // 1..6: (36 - 1) * 6 / 12
  EXPECT_TRUE(identical(Tally{}.total(), Moments{}));
}

TEST(IdenticalTallies, sees_strata_and_their_moments) {
  Tally a;
  a.strata = {{0, of({1, 2}, 0)}, {1, of({3}, 2)}};
  Tally b = a;
  EXPECT_TRUE(identical(a, b));
  b.strata[1].stratum = 2;
  EXPECT_FALSE(identical(a, b));
  b = a;
  b.strata[0].moments.m2 += 1;
  EXPECT_FALSE(identical(a, b));
  b = a;
  b.strata.pop_back();
  EXPECT_FALSE(identical(a, b));
}

}  // namespace
}  // namespace oche::tally

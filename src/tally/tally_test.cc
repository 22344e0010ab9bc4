#include "tally/tally.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <limits>
#include <map>
#include <random>
#include <string>
#include <utility>
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

// A tally of three quantities, two of them with shapes, by the definitions: rows[i][q].
Tally joint_of(const std::vector<std::vector<double>>& rows) {
  const auto column = [&](std::size_t q) {
    std::vector<double> values;
    for (const auto& row : rows) values.push_back(row[q]);
    return values;
  };
  const auto sum_of = [&](auto f) {
    long double sum = 0;
    for (const auto& row : rows) sum += f(row);
    return sum;
  };
  const auto n = static_cast<long double>(rows.size());
  long double mean[3];
  Tally tally;
  for (std::size_t q = 0; q < 3; ++q) {
    mean[q] = sum_of([&](const auto& row) { return static_cast<long double>(row[q]); }) / n;
    if (q == 0) tally.strata.push_back({0, of(column(q))});
    if (q > 0) tally.others.push_back(of(column(q)));
    if (q == 2) continue;
    const auto power = [&](int p) {
      return static_cast<double>(
          sum_of([&](const auto& row) { return std::pow(row[q] - mean[q], p); }));
    };
    std::map<std::uint32_t, std::uint64_t> counts;
    for (const double v : column(q)) ++counts[bin_of(v)];
    Bins bins;
    for (const auto& [index, count] : counts) bins.push_back({index, count});
    tally.shapes.push_back({{power(3), power(4)}, bins});
  }
  for (const auto& pair : {std::pair{0u, 1u}, {0u, 2u}, {1u, 2u}}) {
    const std::size_t i = pair.first;
    const std::size_t j = pair.second;
    const auto product = [&](const auto& row) { return (row[i] - mean[i]) * (row[j] - mean[j]); };
    tally.co_moments.push_back({pair.first, pair.second, static_cast<double>(sum_of(product))});
  }
  return tally;
}

// Both sides with other means, variances and correlations.
TEST(MergeOfTallies, of_several_quantities_is_that_of_all_samples) {
  std::mt19937_64 random(5);
  std::uniform_real_distribution<double> uniform(0, 1);  // any values would do
  std::vector<std::vector<double>> left, right, all;
  for (int i = 0; i < 300; ++i) {
    const double x = uniform(random);
    const double y = uniform(random);
    (i < 220 ? left : right)
        .push_back(i < 220 ? std::vector{x * x, y + 3 * x, x - y}
                           : std::vector{5 + y * y * y, 10 - 4 * x, -7 + 9 * y});
  }
  all = left;
  all.insert(all.end(), right.begin(), right.end());
  const Tally merged = merge(joint_of(left), joint_of(right));
  const Tally whole = joint_of(all);
  for (std::size_t q = 0; q < 3; ++q) {
    EXPECT_EQ(merged.quantity(q).count, 300u);
    EXPECT_NEAR(merged.quantity(q).mean, whole.quantity(q).mean, 1e-12);
    EXPECT_NEAR(merged.quantity(q).m2 / whole.quantity(q).m2, 1, 1e-12);
  }
  for (std::size_t p = 0; p < 3; ++p) {
    EXPECT_EQ(merged.co_moments[p].a, whole.co_moments[p].a);
    EXPECT_EQ(merged.co_moments[p].b, whole.co_moments[p].b);
    EXPECT_NEAR(merged.co_moments[p].value / whole.co_moments[p].value, 1, 1e-12) << p;
  }
  for (std::size_t o = 0; o < 2; ++o) {
    EXPECT_NEAR(merged.shapes[o].higher.m3 / whole.shapes[o].higher.m3, 1, 1e-11) << o;
    EXPECT_NEAR(merged.shapes[o].higher.m4 / whole.shapes[o].higher.m4, 1, 1e-12) << o;
    EXPECT_EQ(merged.shapes[o].bins, whole.shapes[o].bins);
  }
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

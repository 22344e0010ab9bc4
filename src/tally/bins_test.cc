#include "tally/bins.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "math/simd.h"

namespace oche::tally {
namespace {

std::vector<double> random_doubles(std::size_t n) {
  std::mt19937_64 random(3);
  std::vector<double> values;
  while (values.size() < n) {
    const std::uint64_t bits = random();
    double v;
    static_assert(sizeof v == sizeof bits);
    std::memcpy(&v, &bits, sizeof v);
    if (std::isfinite(v)) values.push_back(v);
  }
  values.insert(values.end(), {0.0, -0.0, 1.0, -1.0, 5e-324, -5e-324, 1.7e308, -1.7e308});
  return values;
}

TEST(Bin, holds_its_values_between_its_ends) {
  for (const double v : random_doubles(20000)) {
    const std::uint32_t bin = bin_of(v);
    ASSERT_LT(bin, kBins);
    if (v >= 0) {
      EXPECT_LE(bin_low(bin), v);
      EXPECT_LT(v, bin_high(bin));
    } else {
      EXPECT_LT(bin_low(bin), v);
      EXPECT_LE(v, bin_high(bin));
    }
    // Of normal numbers: less than a thousandth wide.
    if (std::fabs(v) > 1e-300 && std::fabs(v) < 1e308) {
      EXPECT_LE(bin_high(bin) - bin_low(bin), std::fabs(v) / 1024 * (1 + 1e-12));
    }
  }
}

TEST(Bin, is_larger_for_a_larger_value) {
  std::vector<double> values = random_doubles(20000);
  std::sort(values.begin(), values.end());
  for (std::size_t i = 1; i < values.size(); ++i) {
    EXPECT_LE(bin_of(values[i - 1]), bin_of(values[i]));
  }
  EXPECT_EQ(bin_of(-0.0), kZeroBin);
  EXPECT_EQ(bin_of(0.0), kZeroBin);
  EXPECT_EQ(bin_low(kZeroBin), 0.0);
  EXPECT_EQ(bin_of(1.0), bin_of(1.0 + 1e-4));
  EXPECT_EQ(bin_of(1.0) + 1, bin_of(1.0 + 1.0 / 1024));
}

TEST(BinCounter, counts_every_value_once_on_every_target) {
  const std::vector<double> values = random_doubles(700);
  std::map<std::uint32_t, std::uint64_t> expected;
  for (const double v : values) ++expected[bin_of(v)];
  BinCounter counter;
  for (const std::string& target : math::supported_simd_targets()) {
    math::select_simd_target(target);
    counter.count(values.data(), 501, 0.0);  // no multiple of a vector
    counter.count(values.data() + 501, values.size() - 501, 0.0);
    const Bins bins = counter.take();
    ASSERT_EQ(bins.size(), expected.size()) << target;
    auto next = expected.begin();
    for (const Bin& bin : bins) {
      EXPECT_EQ(bin.index, next->first);
      EXPECT_EQ(bin.count, next->second);
      ++next;
    }
    EXPECT_TRUE(counter.take().empty());
  }
  math::select_simd_target("auto");
}

TEST(BinCounter, counts_distances_from_the_origin) {
  const std::vector<double> values = {99.0, 100.0, 101.0, 100.0};
  BinCounter counter;
  counter.count(values.data(), values.size(), 100.0);
  EXPECT_EQ(counter.take(), (Bins{{bin_of(-1.0), 1}, {kZeroBin, 2}, {bin_of(1.0), 1}}));
}

TEST(Bins, merge_by_adding_their_counts) {
  const Bins a = {{1, 5}, {3, 1}, {9, 2}};
  const Bins b = {{0, 7}, {3, 4}, {10, 1}};
  EXPECT_EQ(merge(a, b), (Bins{{0, 7}, {1, 5}, {3, 5}, {9, 2}, {10, 1}}));
  EXPECT_EQ(merge(a, b), merge(b, a));
  EXPECT_EQ(merge(a, {}), a);
  EXPECT_EQ(merge({}, b), b);
}

}  // namespace
}  // namespace oche::tally

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
    counter.find(values.data(), 501, 0.0);  // no multiple of a vector
    counter.count_found();
    counter.find(values.data(), 7, 0.0);  // not counted
    counter.find(values.data() + 501, values.size() - 501, 0.0);
    counter.count_found();
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
  counter.find(values.data(), values.size(), 100.0);
  counter.count_found();
  EXPECT_EQ(counter.take(), (Bins{{bin_of(-1.0), 1}, {kZeroBin, 2}, {bin_of(1.0), 1}}));
}

// Values of few octaves are counted another way than those of many.
TEST(BinCounter, counts_values_of_few_octaves_whatever_their_signs) {
  std::mt19937_64 random(8);
  std::lognormal_distribution<double> size(0.0, 2.0);
  BinCounter counter;
  for (const double some_are : {0.0, 1.0, 2.0, -1.0, -2.0, 3.0}) {
    for (const std::size_t n : {std::size_t{512}, std::size_t{9}, std::size_t{8}, std::size_t{1}}) {
      std::vector<double> values(n);
      std::map<std::uint32_t, std::uint64_t> expected;
      for (double& v : values) {
        v = size(random) * (some_are < 0 ? -1 : 1);
        if (std::fabs(some_are) == 2 && random() % 2 == 0) v = some_are;  // an edge of octaves
        if (some_are == 0 && random() % 2 == 0) v = -v;
        if (some_are == 3 && random() % 50 == 0) v = 0;
        ++expected[bin_of(v)];
      }
      counter.find(values.data(), n, 0.0);
      counter.count_found();
      const Bins bins = counter.take();
      ASSERT_EQ(bins.size(), expected.size());
      auto next = expected.begin();
      for (const Bin& bin : bins) {
        ASSERT_EQ(bin, (Bin{next->first, next->second}));
        ++next;
      }
    }
  }
}

TEST(Bins, merge_by_adding_their_counts) {
  const Bins a = {{1, 5}, {3, 1}, {9, 2}};
  const Bins b = {{0, 7}, {3, 4}, {10, 1}};
  EXPECT_EQ(merge(a, b), (Bins{{0, 7}, {1, 5}, {3, 5}, {9, 2}, {10, 1}}));
  EXPECT_EQ(merge(a, b), merge(b, a));
  EXPECT_EQ(merge(a, {}), a);
  EXPECT_EQ(merge({}, b), b);
}

// The bins of two parts of a run: many of an octave, few of an octave, and octaves of one part
// alone.
TEST(Bins, merge_as_counts_in_a_map_do) {
  std::mt19937_64 random(5);
  for (int round = 0; round < 50; ++round) {
    std::map<std::uint32_t, std::uint64_t> expected;
    Bins parts[2];
    for (Bins& part : parts) {
      std::map<std::uint32_t, std::uint64_t> counts;
      for (int octave = 0; octave < 12; ++octave) {
        if (random() % 3 == 0) continue;
        const auto first = static_cast<std::uint32_t>(1024 * (2040 + octave));
        const std::uint64_t bins = random() % 4 == 0 ? 1024 : random() % 40;
        for (std::uint64_t k = 0; k < bins; ++k) {
          counts[first + static_cast<std::uint32_t>(random() % 1024)] += 1 + random() % 1000;
        }
      }
      for (const auto& [index, count] : counts) {
        part.push_back({index, count});
        expected[index] += count;
      }
    }
    const Bins merged = merge(parts[0], parts[1]);
    ASSERT_EQ(merged.size(), expected.size());
    auto next = expected.begin();
    for (const Bin& bin : merged) {
      ASSERT_EQ(bin, (Bin{next->first, next->second}));
      ++next;
    }
  }
}

TEST(Bins, merge_at_both_ends_of_the_range) {
  const Bins ends = {{0, 1}, {kBins - 1, 2}};
  EXPECT_EQ(merge(ends, ends), (Bins{{0, 2}, {kBins - 1, 4}}));
}

}  // namespace
}  // namespace oche::tally

#include "tally/moments.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <functional>
#include <limits>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "math/simd.h"

namespace oche::tally {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr double kInfinity = std::numeric_limits<double>::infinity();

class MomentsOfBlock : public ::testing::Test {
 protected:
  void TearDown() override { math::select_simd_target("auto"); }
};

// In [0, 1), by the generator that the C++ standard fixes.
double uniform(std::mt19937_64& random) { return static_cast<double>(random() >> 11) * 0x1p-53; }

struct Reference {
  long double mean = 0;
  long double m2 = 0;
};

// Two passes in long double (64 bits of fraction on x86): eleven more bits than what is tested.
Reference two_passes(const std::vector<double>& values) {
  Reference r;
  for (const double v : values)
    r.mean += static_cast<long double>(v) / static_cast<long double>(values.size());
  for (const double v : values) r.m2 += (v - r.mean) * (v - r.mean);
  return r;
}

Moments of(const std::vector<double>& values, std::uint64_t first = 0) {
  return moments_of_block(values.data(), values.size(), first);
}

constexpr std::size_t kSizes[] = {1, 2, 31, 32, 33, 64, 100, 511, 512};

struct Data {
  const char* name;
  std::function<double(std::mt19937_64&)> draw;
};

// The sum of n terms by 32 lanes has an error of at most (n/32 + 5) rounding errors of the sum of
// magnitudes; for n = 512 that is 21 * 2^-53. m2 has twice that, and what the mean's error e adds,
// n e^2, which is less than one rounding error even at a mean of 1e8 and a variance of 1.
TEST_F(MomentsOfBlock, agrees_with_two_passes_in_long_double) {
  const std::vector<Data> all = {
      {"uniform", [](std::mt19937_64& r) { return uniform(r); }},
      {"mean 1e8, variance 1",
       [](std::mt19937_64& r) { return 1e8 + std::sqrt(12.0) * (uniform(r) - 0.5); }},
      {"around 1e150", [](std::mt19937_64& r) { return 1e150 * (uniform(r) - 0.5); }},
      {"nine in ten are 0", [](std::mt19937_64& r) { return uniform(r) < 0.9 ? 0.0 : uniform(r); }},
      {"of all magnitudes",
       [](std::mt19937_64& r) {
         return std::ldexp(uniform(r) - 0.5, static_cast<int>(r() % 200) - 100);
       }},
  };
  std::mt19937_64 random(1);
  for (const Data& data : all) {
    for (const std::size_t n : kSizes) {
      std::vector<double> values(n);
      long double magnitude = 0;
      for (double& v : values) {
        v = data.draw(random);
        magnitude += std::fabs(static_cast<long double>(v));
      }
      const Reference expected = two_passes(values);
      const Moments m = of(values);
      SCOPED_TRACE(std::string(data.name) + ", n " + std::to_string(n));
      EXPECT_EQ(m.count, n);
      EXPECT_NEAR(static_cast<double>(m.mean - expected.mean), 0,
                  static_cast<double>(22 * 0x1p-53L * magnitude / static_cast<long double>(n)));
      EXPECT_NEAR(static_cast<double>(m.m2 - expected.m2), 0,
                  static_cast<double>(60 * 0x1p-53L * expected.m2));
      EXPECT_EQ(m.minimum, *std::min_element(values.begin(), values.end()));
      EXPECT_EQ(m.maximum, *std::max_element(values.begin(), values.end()));
      EXPECT_EQ(m.non_finite, 0u);
      EXPECT_EQ(m.first_non_finite, kNoSample);
    }
  }
}

// A sum of squares would give 0 or worse here: 1e8^2 * 512 has no bit left for a variance of 1/4.
TEST_F(MomentsOfBlock, keeps_the_variance_beside_a_large_mean) {
  std::vector<double> values(512);
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = 1e8 + (i % 2 == 0 ? 0.0 : 1.0);
  const Moments m = of(values);
  EXPECT_EQ(m.mean, 1e8 + 0.5);
  EXPECT_EQ(m.m2, 512 * 0.25);
}

TEST_F(MomentsOfBlock, keeps_a_mean_whose_sum_overflows) {
  const std::vector<double> values(512, 1e308);
  EXPECT_NEAR(of(values).mean / 1e308, 1, 1e-13);
  const Moments m = of({1.5e308, 1.7e308, -1e308, 1.1e308});
  EXPECT_NEAR(m.mean / 0.825e308, 1, 1e-15);
  EXPECT_EQ(m.m2, kInfinity);  // it is above 1e616, and says so
  EXPECT_EQ(m.count, 4u);
  EXPECT_EQ(m.minimum, -1e308);
  EXPECT_EQ(m.maximum, 1.7e308);
}

TEST_F(MomentsOfBlock, handles_subnormals) {
  // 1 to 5 units of 2^-1074: the mean is 3 units, exactly. Their squares are below what a double
  // holds.
  std::vector<double> values;
  for (int i = 1; i <= 5; ++i) values.push_back(i * 0x1p-1074);
  const Moments m = of(values);
  EXPECT_EQ(m.mean, 3 * 0x1p-1074);
  EXPECT_EQ(m.minimum, 0x1p-1074);
  EXPECT_EQ(m.maximum, 5 * 0x1p-1074);
  EXPECT_EQ(m.m2, 0);
}

// 0.1 has no exact sum; nothing may come of that where all values are the same.
TEST_F(MomentsOfBlock, has_no_variance_where_all_values_are_equal) {
  for (const double v : {0.1, -1e300, 0x1p-1074, 0.0, 3.0}) {
    for (const std::size_t n : kSizes) {
      const Moments m = of(std::vector<double>(n, v));
      EXPECT_EQ(m.mean, v);
      EXPECT_EQ(m.m2, 0);
      EXPECT_EQ(m.minimum, v);
      EXPECT_EQ(m.maximum, v);
    }
  }
}

TEST_F(MomentsOfBlock, has_nothing_of_nothing) {
  EXPECT_TRUE(identical(moments_of_block(nullptr, 0, 7), Moments{}));
}

// Targets differ in which zero is the smaller: the sign of a zero is dropped.
TEST_F(MomentsOfBlock, has_no_minus_zero_at_the_ends) {
  for (const std::string& target : math::supported_simd_targets()) {
    math::select_simd_target(target);
    for (const std::vector<double>& values :
         {std::vector{-0.0, 0.0}, std::vector{0.0, -0.0}, std::vector{-0.0},
          std::vector{-0.0, kNaN}, std::vector<double>(64, -0.0)}) {
      const Moments m = of(values);
      EXPECT_FALSE(std::signbit(m.minimum)) << target;
      EXPECT_FALSE(std::signbit(m.maximum)) << target;
      EXPECT_FALSE(std::signbit(m.mean)) << target;
    }
  }
}

TEST_F(MomentsOfBlock, counts_what_is_not_finite) {
  std::vector<double> values(100);
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<double>(i);
  values[70] = kNaN;
  values[41] = -kInfinity;
  values[99] = kInfinity;
  const Moments m = of(values, 1000);
  EXPECT_EQ(m.count, 97u);
  EXPECT_EQ(m.non_finite, 3u);
  EXPECT_EQ(m.first_non_finite, 1041u);
  EXPECT_EQ(m.samples(), 100u);
  EXPECT_NEAR(m.mean, (4950.0 - 41 - 70 - 99) / 97, 1e-12);
  EXPECT_EQ(m.minimum, 0);
  EXPECT_EQ(m.maximum, 98);
  // Sum of squares 0..99 is 328350.
  const double sum = 4950.0 - 41 - 70 - 99;
  const double squares = 328350.0 - 41 * 41 - 70 * 70 - 99 * 99;
  EXPECT_NEAR(m.m2, squares - sum * sum / 97, 1e-8);
}

TEST_F(MomentsOfBlock, has_no_mean_where_nothing_is_finite) {
  const Moments m = of({kNaN, kInfinity, -kInfinity}, 5);
  EXPECT_EQ(m.count, 0u);
  EXPECT_EQ(m.non_finite, 3u);
  EXPECT_EQ(m.first_non_finite, 5u);
  EXPECT_EQ(m.mean, 0);
  EXPECT_EQ(m.minimum, kInfinity);
  EXPECT_EQ(m.maximum, -kInfinity);
}

TEST_F(MomentsOfBlock, has_the_same_bits_on_every_target) {
  std::mt19937_64 random(3);
  for (std::size_t n = 1; n <= kBlockSamples; ++n) {
    std::vector<double> values(n);
    for (double& v : values)
      v = std::ldexp(uniform(random) - 0.5, static_cast<int>(random() % 60) - 30);
    if (n % 5 == 0) values[random() % n] = kNaN;
    if (n % 7 == 0) values[random() % n] = kInfinity;
    if (n % 11 == 0) values[random() % n] = 1.7e308;
    if (n % 3 == 0) values[random() % n] = -0.0;
    math::select_simd_target("portable");
    const Moments expected = of(values, n);
    for (const std::string& target : math::supported_simd_targets()) {
      math::select_simd_target(target);
      // At an address that no vector is aligned to, too.
      std::vector<double> shifted(values);
      shifted.insert(shifted.begin(), 0.0);
      ASSERT_TRUE(identical(of(values, n), expected)) << target << ", n " << n;
      ASSERT_TRUE(identical(moments_of_block(shifted.data() + 1, n, n), expected))
          << target << ", n " << n;
    }
  }
}

TEST(MergeOfMoments, agrees_with_the_moments_of_all_values) {
  std::mt19937_64 random(4);
  for (int round = 0; round < 200; ++round) {
    const double centre = round % 2 == 0 ? 0.0 : 1e8;
    std::vector<double> left(1 + random() % 200);
    std::vector<double> right(1 + random() % 300);
    for (double& v : left) v = centre + uniform(random);
    for (double& v : right) v = centre + uniform(random) + (round % 3 == 0 ? 10.0 : 0.0);
    std::vector<double> all(left);
    all.insert(all.end(), right.begin(), right.end());
    const Reference expected = two_passes(all);
    const Moments m = merge(of(left), of(right, left.size()));
    EXPECT_EQ(m.count, all.size());
    // The error of either mean, about 20 * 2^-53 of it, and three roundings more.
    EXPECT_NEAR(static_cast<double>(m.mean - expected.mean), 0, 30 * 0x1p-53 * (centre + 10));
    // d = meanB - meanA has that error too, and d^2 n/4 twice it times d.
    const double d = round % 3 == 0 ? 11 : 1;
    EXPECT_NEAR(static_cast<double>(m.m2 - expected.m2), 0,
                1e-13 * static_cast<double>(expected.m2) +
                    60 * 0x1p-53 * (centre + 10) * d * static_cast<double>(all.size()));
    EXPECT_EQ(m.minimum, *std::min_element(all.begin(), all.end()));
    EXPECT_EQ(m.maximum, *std::max_element(all.begin(), all.end()));
  }
}

// Chan, Golub and LeVeque (1979), eq. 1.3 by hand: {1, 2, 3} and {6, 10}: means 2 and 8, M2 2 and
// 8, d = 6; mean 2 + 6 * 2/5 = 4.4, M2 = 10 + 36 * 6/5 = 53.2.
TEST(MergeOfMoments, is_the_published_formula) {
  const Moments m = merge(of({1, 2, 3}), of({6, 10}));
  EXPECT_EQ(m.count, 5u);
  EXPECT_DOUBLE_EQ(m.mean, 4.4);
  EXPECT_DOUBLE_EQ(m.m2, 53.2);
}

TEST(MergeOfMoments, leaves_a_side_alone_when_the_other_is_empty) {
  const Moments m = of({1, 2, 5, 0.3}, 9);
  EXPECT_TRUE(identical(merge(m, Moments{}), m));
  EXPECT_TRUE(identical(merge(Moments{}, m), m));
  EXPECT_TRUE(identical(merge(Moments{}, Moments{}), Moments{}));
}

TEST(MergeOfMoments, adds_what_is_not_finite) {
  const Moments left = of({kNaN, 1}, 10);
  const Moments right = of({2, kInfinity, kNaN}, 12);
  const Moments m = merge(left, right);
  EXPECT_EQ(m.non_finite, 3u);
  EXPECT_EQ(m.first_non_finite, 10u);
  EXPECT_EQ(m.count, 2u);
  EXPECT_EQ(m.mean, 1.5);
  EXPECT_EQ(merge(of({1.0}, 0), right).first_non_finite, 13u);
  // A side without finite values is not empty.
  const Moments none = of({kNaN}, 3);
  EXPECT_EQ(merge(none, of({4.0}, 4)).mean, 4);
  EXPECT_EQ(merge(none, of({4.0}, 4)).first_non_finite, 3u);
}

// The difference of these means is above the largest double; the mean of all is not.
TEST(MergeOfMoments, keeps_the_mean_finite_when_means_are_far_apart) {
  const Moments m = merge(of({1.7e308, 1.7e308}), of({-1.7e308}));
  EXPECT_NEAR(m.mean / (1.7e308 / 3), 1, 1e-15);
  EXPECT_EQ(m.m2, kInfinity);
  const Moments more = merge(m, of({-1.7e308, -1.7e308, 1.7e308}));
  EXPECT_TRUE(std::isfinite(more.mean));
  EXPECT_LE(std::fabs(more.mean), 1.7e308);
}

// The values written out are the independent way; 32 units of rounding are more than either needs.
TEST(MomentsOfTwoValues, are_those_of_the_values) {
  for (const std::size_t n : kSizes) {
    for (const std::size_t hits : {std::size_t{0}, std::size_t{1}, n / 3, n - 1, n}) {
      for (const auto& [hit, miss] : {std::pair{4.0, 0.0},
                                      {-0.1, 0.3},
                                      {1e8 + 1, 1e8},
                                      {0.7, 0.7},
                                      {-0.0, 2.0},
                                      {1.0, -0.0}}) {
        std::vector<double> values(n, miss);
        std::fill_n(values.begin(), hits, hit);
        const Moments m = moments_of_two_values(n, hits, hit, miss);
        const Reference expected = two_passes(values);
        SCOPED_TRACE(std::to_string(hits) + " of " + std::to_string(n) + " are " +
                     std::to_string(hit));
        EXPECT_EQ(m.count, n);
        EXPECT_EQ(m.non_finite, 0u);
        EXPECT_EQ(m.first_non_finite, kNoSample);
        const double size = std::max(std::fabs(hit), std::fabs(miss));
        EXPECT_NEAR(m.mean, static_cast<double>(expected.mean), 32 * 0x1p-53 * size);
        // The reference's own mean is rounded, to 2^-64 of its size.
        EXPECT_NEAR(m.m2, static_cast<double>(expected.m2),
                    32 * 0x1p-53 * static_cast<double>(expected.m2) + 1e-30 * size * size);
        const Moments block = of(values);
        EXPECT_EQ(m.minimum, block.minimum);
        EXPECT_EQ(m.maximum, block.maximum);
        EXPECT_EQ(std::signbit(m.minimum), std::signbit(block.minimum));
        EXPECT_EQ(std::signbit(m.maximum), std::signbit(block.maximum));
        if (hits == 0 || hits == n) {
          EXPECT_EQ(m.m2, 0);
          EXPECT_EQ(m.mean, hits == 0 ? miss : hit);
        }
      }
    }
  }
  EXPECT_TRUE(identical(moments_of_two_values(0, 0, 1, 0), Moments{}));
}

TEST(MomentsOfTwoValues, have_a_mean_whose_sum_overflows) {
  EXPECT_NEAR(moments_of_two_values(16384, 8192, 1.7e308, 0).mean / 0.85e308, 1, 1e-15);
  EXPECT_NEAR(moments_of_two_values(4, 3, 1.6e308, -1.6e308).mean / 0.8e308, 1, 1e-15);
}

TEST(IdenticalMoments, sees_every_field) {
  const Moments m = of({1, 2, kNaN}, 4);
  EXPECT_TRUE(identical(m, m));
  for (int field = 0; field < 7; ++field) {
    Moments other = m;
    if (field == 0) ++other.count;
    if (field == 1) other.mean = std::nextafter(other.mean, 9);
    if (field == 2) other.m2 = std::nextafter(other.m2, 9);
    if (field == 3) other.minimum = 0;
    if (field == 4) other.maximum = 3;
    if (field == 5) ++other.non_finite;
    if (field == 6) ++other.first_non_finite;
    EXPECT_FALSE(identical(m, other)) << field;
  }
  Moments zero;
  Moments minus_zero;
  minus_zero.mean = -0.0;
  EXPECT_FALSE(identical(zero, minus_zero));
}

}  // namespace
}  // namespace oche::tally

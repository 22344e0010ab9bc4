#include "tally/lanes.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include "math/simd.h"

namespace oche::tally {
namespace {

class Lanes : public ::testing::Test {
 protected:
  void TearDown() override { math::select_simd_target("auto"); }
};

double uniform(std::mt19937_64& random) { return static_cast<double>(random() >> 11) * 0x1p-53; }

std::vector<double> random_values(std::size_t n, double low, double width) {
  std::mt19937_64 random(7);
  std::vector<double> values(n);
  for (double& v : values) v = low + width * uniform(random);
  return values;
}

// In blocks, as a chunk is.
LaneSums sums_of(const std::vector<double>& values, double centre) {
  LaneSums sums;
  for (std::size_t i = 0; i < values.size(); i += kBlockSamples) {
    accumulate(values.data() + i, std::min(kBlockSamples, values.size() - i), centre, sums);
  }
  return sums;
}

struct Central {
  long double mean = 0, m2 = 0, m3 = 0, m4 = 0;
};

// Two passes in long double: eleven more bits than what is tested.
Central central(const std::vector<double>& values) {
  Central c;
  const auto n = static_cast<long double>(values.size());
  for (const double v : values) c.mean += static_cast<long double>(v) / n;
  for (const double v : values) {
    const long double x = static_cast<long double>(v) - c.mean;
    c.m2 += x * x;
    c.m3 += x * x * x;
    c.m4 += x * x * x * x;
  }
  return c;
}

// The rounding of some thousand additions, each of at most half a unit in the last place, of sums
// that the shift makes at most a few times as large as the result.
constexpr double kRelative = 1e-12;

TEST_F(Lanes, give_moments_as_two_passes_do) {
  for (const double low : {-0.5, 0.0, 1e6}) {
    const std::vector<double> values = random_values(5000, low, 1.0);
    const Central expected = central(values);
    const double centre = low + 0.4;
    const Sums sums(sums_of(values, centre));
    ASSERT_TRUE(sums.usable());
    const Moments m = moments_of(sums, values.size(), centre);
    EXPECT_EQ(m.count, values.size());
    EXPECT_NEAR(m.mean, static_cast<double>(expected.mean), kRelative * (std::fabs(low) + 1));
    EXPECT_NEAR(m.m2, static_cast<double>(expected.m2), kRelative * m.m2);
    PowerLanes powers;
    LaneSums again;
    ProductLanes products;
    for (std::size_t i = 0; i < values.size(); i += kBlockSamples) {
      const std::size_t n = std::min(kBlockSamples, values.size() - i);
      double t[kBlockSamples];
      accumulate_shape(values.data() + i, n, centre, t, again, powers);
      accumulate_products(t, t, n, products);
    }
    EXPECT_TRUE(identical(moments_of(Sums(again), values.size(), centre), m));
    const HigherMoments h = higher_moments_of(sums, powers, values.size());
    // Third powers cancel: relative to the fourth moment's scale.
    EXPECT_NEAR(h.m3, static_cast<double>(expected.m3), 1e-11 * m.m2);
    EXPECT_NEAR(h.m4, static_cast<double>(expected.m4), 1e-11 * h.m4);
    // The co-moment of a quantity with itself is M2: the same sums.
    EXPECT_EQ(co_moment_of(sums, sums, products, values.size()), m.m2);
  }
}

TEST_F(Lanes, have_the_same_bits_on_every_target) {
  const std::vector<double> values = random_values(1000, -1.0, 3.0);
  const auto all = [&] {
    LaneSums sums;
    PowerLanes powers;
    ProductLanes products;
    std::vector<double> t(values.size());
    for (const std::size_t n : {16u, 17u, 31u, 200u, 5u, 1u}) {
      accumulate_shifted(values.data() + n, n, 0.3, t.data(), sums);
      accumulate_products(t.data(), values.data(), n, products);
      accumulate_shape(values.data() + n, n, 0.2, t.data(), sums, powers);
      accumulate_products(t.data(), values.data(), n, products);
    }
    std::string bytes(reinterpret_cast<const char*>(&sums), sizeof sums);
    bytes.append(reinterpret_cast<const char*>(&powers), sizeof powers);
    return bytes.append(reinterpret_cast<const char*>(&products), sizeof products);
  };
  math::select_simd_target("portable");
  const std::string expected = all();
  for (const std::string& target : math::supported_simd_targets()) {
    math::select_simd_target(target);
    EXPECT_EQ(all(), expected) << target;
  }
}

TEST_F(Lanes, find_what_is_not_finite_wherever_it_stands) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  for (const std::string& target : math::supported_simd_targets()) {
    math::select_simd_target(target);
    for (const double bad : {kInfinity, -kInfinity, std::numeric_limits<double>::quiet_NaN()}) {
      for (std::size_t i = 0; i < 37; ++i) {
        std::vector<double> values(37, 1e307);
        EXPECT_TRUE(of_finite_values(sums_of(values, 1.0)));
        values[i] = bad;
        EXPECT_FALSE(of_finite_values(sums_of(values, 1.0))) << target << ", " << i;
        EXPECT_FALSE(Sums(sums_of(values, 1.0)).usable()) << target << ", " << i;
      }
    }
  }
}

TEST_F(Lanes, make_no_variance_of_equal_values) {
  const std::vector<double> values(777, 0.1);
  const Moments m = moments_of(Sums(sums_of(values, 0.3)), values.size(), 0.3);
  EXPECT_EQ(m.mean, 0.1);
  EXPECT_EQ(m.m2, 0.0);
}

// Of a set and of its two halves merged: to the rounding of the merge.
TEST_F(Lanes, merge_higher_moments_and_co_moments) {
  const std::vector<double> values = random_values(3000, 2.0, 1.0);
  std::vector<double> squares;
  for (const double v : values) squares.push_back(v * v);
  struct Part {
    Moments x, y;
    HigherMoments higher;
    double co = 0;
  };
  const auto part = [&](std::size_t begin, std::size_t end) {
    LaneSums x, y;
    PowerLanes powers;
    ProductLanes products;
    for (std::size_t i = begin; i < end; i += kBlockSamples) {
      const std::size_t n = std::min(kBlockSamples, end - i);
      double a[kBlockSamples], b[kBlockSamples];
      accumulate_shape(values.data() + i, n, 2.5, a, x, powers);
      accumulate_shifted(squares.data() + i, n, 6.0, b, y);
      accumulate_products(a, b, n, products);
    }
    const std::uint64_t n = end - begin;
    return Part{moments_of(Sums(x), n, 2.5), moments_of(Sums(y), n, 6.0),
                higher_moments_of(Sums(x), powers, n), co_moment_of(Sums(x), Sums(y), products, n)};
  };
  const Part whole = part(0, 3000);
  const Part left = part(0, 700);
  const Part right = part(700, 3000);
  const HigherMoments higher = merge(left.x, left.higher, right.x, right.higher);
  EXPECT_NEAR(higher.m3, whole.higher.m3, 1e-11 * whole.x.m2);
  EXPECT_NEAR(higher.m4, whole.higher.m4, 1e-11 * whole.higher.m4);
  EXPECT_NEAR(merge_co_moments(left.x, left.y, left.co, right.x, right.y, right.co), whole.co,
              1e-11 * whole.co);
  EXPECT_EQ(merge(Moments{}, {}, left.x, left.higher).m4, left.higher.m4);
  EXPECT_EQ(merge_co_moments(left.x, left.y, left.co, {}, {}, 0.0), left.co);
}

}  // namespace
}  // namespace oche::tally

#include "math/step_table.h"

#include <gtest/gtest.h>

#include <bit>
#include <boost/math/distributions/binomial.hpp>
#include <boost/math/distributions/poisson.hpp>
#include <cmath>
#include <cstdio>
#include <limits>
#include <new>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "math/boost_reference_test.h"
#include "math/simd.h"

namespace oche::math {
namespace {

using Long = long double;

// x is the quantile of u when P(X < x) < u <= P(X <= x). How far u is outside, relative to
// min(u, 1-u).
template <class Distribution>
double step_error(const Distribution& distribution, double u, double x) {
  const bool upper = u > 0.5;
  const Long v = upper ? 1 - Long{u} : Long{u};
  Long off = 0;
  if (upper) {  // P(X > x) <= v < P(X >= x)
    off = std::max(off, cdf(complement(distribution, Long{x})) - v);
    if (x > 0) off = std::max(off, v - cdf(complement(distribution, Long{x} - 1)));
  } else {
    off = std::max(off, v - cdf(distribution, Long{x}));
    if (x > 0) off = std::max(off, cdf(distribution, Long{x} - 1) - v);
  }
  return static_cast<double>(off / v);
}

// A threshold is a double, and next to 1 those are 2^-53 apart: u itself is known no better.
double allowed(double u, double bound) { return u > 0.5 ? bound + 0x1p-53 / (1 - u) : bound; }

template <class Distribution>
void check(const std::string& name, const StepTable& table, const Distribution& distribution,
           double bound) {
  double largest = 0;
  for (const double u : uniforms_of_all_sizes(10'000)) {
    const double error = step_error(distribution, u, table(u));
    if (u < 0.5) largest = std::max(largest, error);
    ASSERT_LE(error, allowed(u, bound)) << name << " at u = " << u << " gave " << table(u);
  }
  // Next to each threshold, on its two sides.
  for (double k = table(0x1p-53); k < table(1 - 0x1p-53); k += 1) {
    const Long below = cdf(distribution, Long{k});
    const Long above = cdf(complement(distribution, Long{k}));
    const Long slack = bound * std::min(below, above) + 0x1p-53L;
    if (below - slack >= 0x1p-53L) {
      EXPECT_LE(table(static_cast<double>(below - slack)), k) << name;
    }
    if (above - slack >= 0x1p-53L) {
      EXPECT_GT(table(static_cast<double>(below + slack)), k) << name;
    }
    if (below < 0.5L && below * (1 - bound) >= 0x1p-53L) {
      EXPECT_LE(table(static_cast<double>(below * (1 - bound))), k) << name;
      EXPECT_GT(table(static_cast<double>(below * (1 + bound))), k) << name;
    }
  }
  std::printf("%-24s %7zu outcomes, error %.1e of u\n", name.c_str(), table.outcomes(), largest);
}

TEST(StepTable, of_poisson_has_the_stated_error) {
  for (const double mean : {1e-9, 0.1, 1.0, 3.5, 30.0, 1000.0, 1e6}) {
    check("poisson " + std::to_string(mean), poisson_steps(mean),
          boost::math::poisson_distribution<Long>(mean), 1e-12);
  }
}

TEST(StepTable, of_binomial_has_the_stated_error) {
  for (const auto& [n, p] : std::vector<std::pair<double, double>>{
           {1, 0.3}, {10, 0.5}, {10, 1e-6}, {100, 0.99}, {1000, 0.3}, {1e6, 0.5}}) {
    check("binomial " + std::to_string(n) + " " + std::to_string(p), binomial_steps(n, p),
          boost::math::binomial_distribution<Long>(n, p), 1e-12);
  }
}

TEST(StepTable, knows_the_certain_cases) {
  EXPECT_EQ(poisson_steps(0)(0.7), 0);
  EXPECT_EQ(binomial_steps(5, 0)(0.7), 0);
  EXPECT_EQ(binomial_steps(5, 1)(1e-9), 5);
  EXPECT_EQ(binomial_steps(0, 0.5)(0.7), 0);
  EXPECT_LE(poisson_steps(kLargestPoissonMean).outcomes(), StepTable::kMaxOutcomes);
}

TEST(StepTable, gives_each_value_its_weight) {
  const StepTable table(std::vector<double>{10, 20, 30, 40}, std::vector<double>{1, 0, 2, 1});
  EXPECT_EQ(table(0x1p-53), 10);
  EXPECT_EQ(table(0.2499), 10);
  EXPECT_EQ(table(0.25), 10);
  EXPECT_EQ(table(0.2501), 30);
  EXPECT_EQ(table(0.7499), 30);
  EXPECT_EQ(table(0.7501), 40);
  EXPECT_EQ(table(1 - 0x1p-53), 40);
  EXPECT_EQ(table(-1), 10);
  EXPECT_EQ(table(2), 40);
  EXPECT_TRUE(std::isnan(table(std::numeric_limits<double>::quiet_NaN())));
}

TEST(StepTable, leaves_out_what_cannot_occur) {
  const StepTable table(std::vector<double>{1, 2, 3}, std::vector<double>{1e-20, 1, 1e-20});
  EXPECT_EQ(table(0x1p-53), 2);
  EXPECT_EQ(table(1 - 0x1p-53), 2);
  EXPECT_EQ(table.outcomes(), 1u);
}

TEST(StepTable, takes_equally_likely_values_in_turn) {
  const StepTable table = StepTable::equally_likely({5, 7, 6});
  EXPECT_EQ(table(0x1p-53), 5);
  EXPECT_EQ(table(0.34), 7);
  EXPECT_EQ(table(0.67), 6);
  EXPECT_EQ(table(1 - 0x1p-53), 6);
}

TEST(StepTable, has_the_bits_of_the_scalar_form_on_every_target) {
  constexpr std::size_t kCount = 1 << 14;
  auto* const u = new (std::align_val_t{64}) double[kCount];
  auto* const x = new (std::align_val_t{64}) double[kCount];
  std::mt19937_64 random(5);
  const std::vector<double> special = uniforms_of_all_sizes(2000);
  for (std::size_t i = 0; i < kCount; ++i) {
    u[i] = i % 2 == 0 ? special[random() % special.size()]
                      : static_cast<double>(random() >> 12) * 0x1p-52 + 0x1p-53;
  }
  u[17] = -1;
  u[18] = 1;
  u[19] = std::numeric_limits<double>::quiet_NaN();
  std::vector<double> values(1000), weights(1000);
  for (std::size_t i = 0; i < values.size(); ++i) {
    values[i] = static_cast<double>(random() % 99991) / 7;
    weights[i] = std::exp2(-static_cast<double>(random() % 60));
  }
  const StepTable tables[] = {poisson_steps(3.5), poisson_steps(1e5), binomial_steps(100, 0.01),
                              StepTable(values, weights), StepTable::equally_likely(values)};
  for (const StepTable& table : tables) {
    for (const std::string& target : supported_simd_targets()) {
      select_simd_target(target);
      table.fill(u, x, kCount);
      for (std::size_t i = 0; i < kCount; ++i) {
        const double expected = table(u[i]);
        ASSERT_TRUE(std::isnan(expected) ? std::isnan(x[i]) : x[i] == expected)
            << target << " at " << u[i] << ": " << x[i] << " instead of " << expected;
      }
    }
  }
  select_simd_target("auto");
  ::operator delete[](u, std::align_val_t{64});
  ::operator delete[](x, std::align_val_t{64});
}

}  // namespace
}  // namespace oche::math

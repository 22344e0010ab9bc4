// Tables against Boost.Math in extended precision, at ten thousand u each.
#include "math/quantile_tables.h"

#include <gtest/gtest.h>

#include <bit>
#include <boost/math/distributions/beta.hpp>
#include <boost/math/distributions/gamma.hpp>
#include <boost/math/distributions/students_t.hpp>
#include <cmath>
#include <cstdio>
#include <limits>
#include <new>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "math/boost_reference_test.h"
#include "math/simd.h"

namespace oche::math {
namespace {

using Long = long double;

// The tail of a Boost distribution, at any x.
template <class Distribution>
auto tail_of(const Distribution& distribution) {
  return [distribution](double x, bool upper) -> Long {
    const auto [low, high] = boost::math::support(distribution);
    if (x <= low) return upper ? 1 : 0;
    if (x >= high) return upper ? 0 : 1;
    return upper ? cdf(complement(distribution, Long{x})) : cdf(distribution, Long{x});
  };
}

template <class Tail>
void check(const std::string& name, const std::optional<QuantileTable>& table, const Tail& tail,
           int ulps = 4) {
  ASSERT_TRUE(table) << name;
  double largest = 0;
  double worst = 0;
  for (const double u : uniforms_of_all_sizes(10'000)) {
    const double error = quantile_error(u, (*table)(u), tail, ulps);
    if (error > largest) {
      largest = error;
      worst = u;
    }
  }
  std::printf("%-28s %6zu cells, error %.1e of u or 1-u at %.17g\n", name.c_str(), table->cells(),
              largest, worst);
  EXPECT_LE(largest, kQuantileError) << name << " at u = " << worst << " gave " << (*table)(worst);
}

std::string named(const char* family, double a) { return family + (" " + std::to_string(a)); }
std::string named(const char* family, double a, double b) {
  return named(family, a) + " " + std::to_string(b);
}

TEST(QuantileTables, of_gamma_have_the_stated_error) {
  for (const double a : {0.005, 0.03, 0.19, 0.2, 0.5, 1.0, 2.5, 9.99, 10.0, 30.0, 1e3, 1e5, 1e7}) {
    check(named("gamma", a), gamma_quantiles(a),
          tail_of(boost::math::gamma_distribution<Long>(a, 1)));
  }
}

TEST(QuantileTables, of_beta_have_the_stated_error) {
  for (const auto& [a, b] : std::vector<std::pair<double, double>>{{0.5, 0.5},
                                                                   {1, 1},
                                                                   {2, 5},
                                                                   {0.02, 0.02},
                                                                   {0.1, 7},
                                                                   {7, 0.1},
                                                                   {0.3, 1e5},
                                                                   {200, 300},
                                                                   {1e4, 1},
                                                                   {1e6, 1e6}}) {
    const boost::math::beta_distribution<Long> mirrored(b, a);
    const auto lower = tail_of(boost::math::beta_distribution<Long>(a, b));
    const auto upper = tail_of(mirrored);
    // Above 1/2 from 1 - x, which is exact there.
    check(named("beta", a, b), beta_quantiles(a, b), [&](double x, bool is_upper) {
      if (x <= 0 || x >= 1) return (x <= 0) == is_upper ? Long{1} : Long{0};
      return x > 0.5 ? upper(1 - x, !is_upper) : lower(x, is_upper);
    });
  }
}

TEST(QuantileTables, of_students_t_have_the_stated_error) {
  for (const double dof : {0.2, 0.5, 1.0, 1.5, 2.0, 3.0, 5.0, 30.0, 1e3, 1e6}) {
    check(named("t", dof), student_quantiles(dof),
          tail_of(boost::math::students_t_distribution<Long>(dof)));
  }
}

// The part from low to high of what `tail` describes, from whichever tail cancels less.
template <class Tail>
auto truncated(const Tail& tail, double low, double high) {
  return [=](double x, bool upper) -> Long {
    if (x <= low) return upper ? 1 : 0;
    if (x >= high) return upper ? 0 : 1;
    const auto between = [&](double a, double b) -> Long {
      return tail(a, true) < 0.5L ? tail(a, true) - tail(b, true) : tail(b, false) - tail(a, false);
    };
    return (upper ? between(x, high) : between(low, x)) / between(low, high);
  };
}

TEST(QuantileTables, of_truncated_distributions_have_the_stated_error) {
  constexpr int kUlps = 8;
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  const auto gamma = tail_of(boost::math::gamma_distribution<Long>(2.5, 1));
  for (const Truncation& kept : {Truncation{1, 2}, Truncation{0, 0.001}, Truncation{60, kInfinity},
                                 Truncation{-1, 3}, Truncation{0.5, 100}, Truncation{2, 2.0001}}) {
    check(named("gamma 2.5 in", kept.low, kept.high), gamma_quantiles(2.5, kept),
          truncated(gamma, kept.low, kept.high), kUlps);
  }
  const auto small = tail_of(boost::math::gamma_distribution<Long>(0.05, 1));
  check("gamma 0.05 in 0 1", gamma_quantiles(0.05, {0, 1}), truncated(small, 0, 1), kUlps);
  check("gamma 0.05 in 1 inf", gamma_quantiles(0.05, {1, kInfinity}),
        truncated(small, 1, kInfinity), kUlps);
  const auto beta = tail_of(boost::math::beta_distribution<Long>(2, 5));
  for (const Truncation& kept : {Truncation{0.1, 0.2}, Truncation{0.001, 2}, Truncation{-1, 0.9}}) {
    check(named("beta 2 5 in", kept.low, kept.high), beta_quantiles(2, 5, kept),
          truncated(beta, kept.low, kept.high), kUlps);
  }
  const auto student = tail_of(boost::math::students_t_distribution<Long>(3));
  for (const Truncation& kept : {Truncation{-2, 2}, Truncation{50, kInfinity},
                                 Truncation{-kInfinity, -1}, Truncation{1, 1e6}}) {
    check(named("t 3 in", kept.low, kept.high), student_quantiles(3, kept),
          truncated(student, kept.low, kept.high), kUlps);
  }
}

TEST(QuantileTables, stay_within_a_truncation_but_for_rounding) {
  const std::optional<QuantileTable> table = gamma_quantiles(3, {1, 2});
  ASSERT_TRUE(table);
  for (const double u : uniforms_of_all_sizes(1000)) {
    EXPECT_GT((*table)(u), 1 - 1e-14);
    EXPECT_LT((*table)(u), 2 + 1e-14);
  }
}

TEST(QuantileTables, ascend) {
  for (const auto& table : {gamma_quantiles(0.3), beta_quantiles(0.4, 3), student_quantiles(2)}) {
    ASSERT_TRUE(table);
    std::vector<double> us = uniforms_of_all_sizes(10'000);
    std::sort(us.begin(), us.end());
    for (std::size_t i = 1; i < us.size(); ++i) {
      // Cells meet to within their error.
      const double x = (*table)(us[i - 1]);
      EXPECT_LE(x, (*table)(us[i]) + 1e-12 * std::fabs(x) + 1e-15);
    }
  }
}

TEST(QuantileTables, are_refused_where_the_error_would_be_larger) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  for (const double a : {0.0, -1.0, 1e-3, 1e8, nan}) {
    EXPECT_FALSE(gamma_quantiles(a)) << a;
    EXPECT_FALSE(beta_quantiles(a, 1)) << a;
    EXPECT_FALSE(beta_quantiles(1, a)) << a;
    EXPECT_FALSE(student_quantiles(a)) << a;
  }
  EXPECT_FALSE(gamma_quantiles(2, {5, 5}));
  EXPECT_FALSE(gamma_quantiles(2, {1e5, 2e5}));  // with a probability below any double
  EXPECT_FALSE(gamma_quantiles(2, {-2, -1}));
  EXPECT_FALSE(beta_quantiles(2, 2, {1, 2}));
  EXPECT_FALSE(beta_quantiles(2, 2, {-1, 0}));
}

// A negative u is the upper tail.
TEST(QuantileTables, take_an_upper_tail_as_a_negative_number) {
  const std::optional<QuantileTable> table = gamma_quantiles(2.5);
  ASSERT_TRUE(table);
  for (const double v : {0x1p-53, 0x1p-40, 0x1p-10, 0.25, 0.4375}) {
    EXPECT_EQ((*table)(-v), (*table)(1 - v)) << v;
  }
  EXPECT_TRUE(std::isnan((*table)(std::numeric_limits<double>::quiet_NaN())));
}

TEST(QuantileTables, have_the_bits_of_the_scalar_form_on_every_target) {
  std::vector<double> us = uniforms_of_all_sizes(4000);
  for (const double u : {0.5, -0.25, -1e-300, 0.0, 1.0, 2.0, -3.0}) us.push_back(u);
  us.push_back(std::numeric_limits<double>::quiet_NaN());
  us.push_back(std::numeric_limits<double>::infinity());
  while (us.size() % 8 != 0) us.push_back(0.3);
  auto* const u = new (std::align_val_t{64}) double[us.size()];
  auto* const x = new (std::align_val_t{64}) double[us.size()];
  for (std::size_t i = 0; i < us.size(); ++i) u[i] = us[i * 5 % us.size()];
  for (const auto& table :
       {gamma_quantiles(0.05), beta_quantiles(0.5, 0.02), student_quantiles(4)}) {
    ASSERT_TRUE(table);
    for (const std::string& target : supported_simd_targets()) {
      select_simd_target(target);
      table->fill(u, x, us.size());
      for (std::size_t i = 0; i < us.size(); ++i) {
        const double expected = (*table)(u[i]);
        if (std::isnan(expected)) {
          ASSERT_TRUE(std::isnan(x[i])) << target << " at " << u[i];
        } else {
          ASSERT_EQ(std::bit_cast<std::uint64_t>(x[i]), std::bit_cast<std::uint64_t>(expected))
              << target << " at " << u[i];
        }
      }
    }
    select_simd_target("auto");
  }
  ::operator delete[](u, std::align_val_t{64});
  ::operator delete[](x, std::align_val_t{64});
}

}  // namespace
}  // namespace oche::math

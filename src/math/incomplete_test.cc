#include "math/incomplete.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <boost/math/special_functions/beta.hpp>
#include <boost/math/special_functions/gamma.hpp>
#include <cmath>
#include <utility>
#include <vector>

#include "math/functions.h"

namespace oche::math {
namespace {

using Long = long double;

constexpr double kBound = 2e-13;

// The relative error of `found`, as far as a relative error of 2^-52 in the point does not explain
// it; `slope` is the tail's derivative in the point's logarithm.
double error_of(double found, Long truth, Long slope) {
  const Long off = std::fabs(Long{found} - truth) - std::fabs(slope) * 0x1p-52L;
  return static_cast<double>(std::max(0.0L, off / truth));
}

TEST(Incomplete, gamma_has_the_stated_error_in_both_tails) {
  for (const double a : {0.005, 0.03, 0.3, 0.5, 1.0, 2.5, 9.9, 10.1, 50.0, 1e3, 1e5, 1e7}) {
    for (double log_ratio = -40; log_ratio < 5; log_ratio += 0.0137) {
      const double width = std::max(1.0, std::sqrt(a));
      const double x = a * std::exp(log_ratio / width);
      const Long p = boost::math::gamma_p(Long{a}, Long{x});
      const Long q = boost::math::gamma_q(Long{a}, Long{x});
      if (std::min(p, q) < 1e-30L) continue;
      const Long slope = boost::math::gamma_p_derivative(Long{a}, Long{x}) * x;
      const Tails tails = gamma_tails(a, x, log(x));
      EXPECT_LE(error_of(std::min(tails.lower, tails.upper), std::min(p, q), slope), kBound)
          << a << ", " << x;
      EXPECT_NEAR(tails.lower + tails.upper, 1, 1e-15);
      EXPECT_NEAR(static_cast<double>(tails.slope / slope), 1, 1e-8) << a << ", " << x;
    }
  }
}

// Where x itself is no double: P(a, x) = x^a / Gamma(a+1).
TEST(Incomplete, gamma_takes_a_point_below_any_double) {
  const double a = 0.01;
  const Tails tails = gamma_tails(a, 0.0, -1500.0);
  EXPECT_NEAR(tails.lower, std::exp(-15.0) / std::tgamma(1.01), 1e-21);
  EXPECT_NEAR(tails.slope, a * tails.lower, 1e-22);
}

TEST(Incomplete, beta_has_the_stated_error_in_both_tails) {
  for (const auto& [a, b] : std::vector<std::pair<double, double>>{{0.3, 0.6},
                                                                   {0.05, 0.05},
                                                                   {0.02, 3},
                                                                   {1, 1},
                                                                   {2, 5},
                                                                   {30, 0.5},
                                                                   {200, 300},
                                                                   {1e4, 0.5},
                                                                   {1e6, 2},
                                                                   {0.3, 1e5},
                                                                   {1e6, 1e6}}) {
    for (double logit = -40; logit < 40; logit += 0.0137) {
      const double spread = 1 / std::sqrt(1 + std::min(a, b));
      const double odds = a / b * std::exp(logit * spread);
      // The smaller of x and 1-x is exact, so the reference is computed from it.
      const bool swap = odds > 1;
      const double x = swap ? 1 / (1 + odds) : odds / (1 + odds);
      const Long first = swap ? b : a;
      const Long second = swap ? a : b;
      const Long p = boost::math::ibeta(first, second, Long{x});
      const Long q = boost::math::ibetac(first, second, Long{x});
      if (std::min(p, q) < 1e-30L) continue;
      const Long slope = boost::math::ibeta_derivative(first, second, Long{x}) * x;
      const Tails tails =
          swap ? beta_tails(a, b, 1 - x, x, log1p(-x)) : beta_tails(a, b, x, 1 - x, log(x));
      EXPECT_LE(error_of(std::min(tails.lower, tails.upper), std::min(p, q), slope), kBound)
          << a << ", " << b << ", " << odds;
      EXPECT_NEAR(tails.lower + tails.upper, 1, 1e-15);
      const Long expected_slope = swap ? slope / x * (1 - Long{x}) : slope;
      EXPECT_NEAR(static_cast<double>(tails.slope / expected_slope), 1, 1e-8) << a << ", " << b;
    }
  }
}

}  // namespace
}  // namespace oche::math

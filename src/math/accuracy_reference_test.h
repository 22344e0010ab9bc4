// What the functions of function_list.h are compared with: MPFR, and for those for which MPFR is
// slow an estimate in long double of how far a result may be off, which decides whether MPFR is
// asked.
#ifndef OCHE_MATH_ACCURACY_REFERENCE_TEST_H_
#define OCHE_MATH_ACCURACY_REFERENCE_TEST_H_

#include <algorithm>
#include <cmath>
#include <limits>

#include "math/mpfr_reference.h"

namespace oche::math {

inline int exact_lgamma(mpfr_ptr result, mpfr_srcptr x, mpfr_rnd_t rounding) {
  int sign = 0;
  return mpfr_lgamma(result, &sign, x, rounding);
}

inline int exact_normal_cdf(mpfr_ptr result, mpfr_srcptr x, mpfr_rnd_t rounding) {
  Exact half(0.5);
  mpfr_sqrt(half.get(), half.get(), rounding);
  mpfr_mul(half.get(), half.get(), x, rounding);
  mpfr_neg(half.get(), half.get(), rounding);
  mpfr_erfc(result, half.get(), rounding);
  return mpfr_div_ui(result, result, 2, rounding);
}

inline int exact_sign(mpfr_ptr result, mpfr_srcptr x, mpfr_rnd_t rounding) {
  if (mpfr_nan_p(x) != 0 || mpfr_zero_p(x) != 0) return mpfr_set(result, x, rounding);
  return mpfr_set_si(result, mpfr_sgn(x), rounding);
}

inline int exact_floor(mpfr_ptr result, mpfr_srcptr x, mpfr_rnd_t) { return mpfr_floor(result, x); }
inline int exact_ceil(mpfr_ptr result, mpfr_srcptr x, mpfr_rnd_t) { return mpfr_ceil(result, x); }
inline int exact_round(mpfr_ptr result, mpfr_srcptr x, mpfr_rnd_t) { return mpfr_round(result, x); }

inline int not_a_number(mpfr_ptr result) {
  mpfr_set_nan(result);
  return 0;
}

inline int exact_factorial(mpfr_ptr result, mpfr_srcptr n, mpfr_rnd_t rounding) {
  if (mpfr_nan_p(n) != 0) return not_a_number(result);
  if (mpfr_zero_p(n) == 0 && mpfr_sgn(n) < 0) return not_a_number(result);
  if (mpfr_inf_p(n) != 0) return mpfr_set(result, n, rounding);
  if (mpfr_integer_p(n) == 0) return not_a_number(result);
  // Beyond, it is an infinity all the same.
  return mpfr_fac_ui(result, static_cast<unsigned long>(std::min(mpfr_get_d(n, rounding), 200.0)),
                     rounding);
}

// With the sign of b: C's remainder, and b more where the signs differ.
inline int exact_mod(mpfr_ptr result, mpfr_srcptr a, mpfr_srcptr b, mpfr_rnd_t rounding) {
  mpfr_fmod(result, a, b, rounding);
  if (mpfr_nan_p(result) != 0) return 0;
  if (mpfr_zero_p(result) != 0) return mpfr_setsign(result, result, mpfr_signbit(b), rounding);
  if ((mpfr_signbit(result) != 0) == (mpfr_signbit(b) != 0)) return 0;
  return mpfr_add(result, result, b, rounding);
}

// By three gammas, or their logarithms, or where one argument is very large by gamma(b) a^-b (1 - b
// (b - 1) / (2 a)) (NIST DLMF 5.11.12).
inline int exact_beta(mpfr_ptr result, mpfr_srcptr x, mpfr_srcptr y, mpfr_rnd_t rounding) {
  const bool x_is_larger = mpfr_greaterequal_p(x, y) != 0;
  const mpfr_srcptr a = x_is_larger ? x : y;
  const mpfr_srcptr b = x_is_larger ? y : x;
  if (mpfr_nan_p(x) != 0 || mpfr_nan_p(y) != 0) return not_a_number(result);
  if (mpfr_zero_p(b) != 0) {
    if (mpfr_inf_p(a) != 0) return not_a_number(result);
    mpfr_set_inf(result, 1);
    return 0;
  }
  if (mpfr_sgn(b) < 0) return not_a_number(result);
  if (mpfr_inf_p(a) != 0 || mpfr_cmp_d(b, 1200) > 0) {
    mpfr_set_zero(result, 1);
    return 0;
  }
  // The logarithms cancel to 53 bits from as many as a log a has.
  mpfr_t s, t, u;
  mpfr_inits2(mpfr_cmp_d(a, 1e6) > 0 ? 224 : 128, s, t, u, static_cast<mpfr_ptr>(nullptr));
  if (mpfr_cmp_d(a, 0x1p90) > 0) {
    mpfr_neg(t, b, rounding);
    mpfr_pow(t, a, t, rounding);
    mpfr_gamma(u, b, rounding);
    mpfr_mul(t, t, u, rounding);
    mpfr_sub_ui(s, b, 1, rounding);
    mpfr_mul(s, s, b, rounding);
    mpfr_div(s, s, a, rounding);
    mpfr_div_ui(s, s, 2, rounding);
    mpfr_ui_sub(s, 1, s, rounding);
    mpfr_mul(result, s, t, rounding);
  } else if (mpfr_cmp_d(a, 1000) > 0) {
    mpfr_add(s, a, b, rounding);
    mpfr_lngamma(s, s, rounding);
    mpfr_lngamma(t, a, rounding);
    mpfr_lngamma(u, b, rounding);
    mpfr_add(u, u, t, rounding);
    mpfr_sub(u, u, s, rounding);
    mpfr_exp(result, u, rounding);
  } else {
    // The sum keeps its 128 bits.
    for (const mpfr_ptr number : {t, u}) mpfr_set_prec(number, 96);
    mpfr_add(s, a, b, rounding);
    mpfr_gamma(t, a, rounding);
    mpfr_gamma(u, b, rounding);
    mpfr_mul(u, t, u, rounding);
    mpfr_gamma(t, s, rounding);
    mpfr_div(result, u, t, rounding);
  }
  mpfr_clears(s, t, u, static_cast<mpfr_ptr>(nullptr));
  return 0;
}

// ---- estimates: the distance from `result` to the true value in its units in the last place,
// right to a twentieth where long double has 64 bits or more. The GNU C library's erfcl and erfl
// are within 5 of its own units, each a 2048th of ours.

inline double estimate(double result, long double truth) {
  int exponent = 0;
  std::frexp(truth, &exponent);
  const double unit = std::ldexp(1.0, std::max(exponent - 53, -1074));
  return static_cast<double>(std::fabs(static_cast<long double>(result) - truth) / unit);
}

inline double estimate_erfc(double x, double result) {
  return estimate(result, std::erfc(static_cast<long double>(x)));
}

// erfc(-x / sqrt 2) / 2; what its argument's rounding changed is taken back by the slope.
inline long double long_normal_cdf(double x) {
  // 1/sqrt 2 as the sum of two: (1/2 - high^2) / (2 high) is what high lacks.
  constexpr long double kHigh = 0.707106781186547524400844362104849039L;
  const long double low = std::fma(-kHigh, kHigh, 0.5L) / (2 * kHigh);
  constexpr long double kTwoOverSqrtPi = 1.128379167095512573896158903121545172L;
  const long double a = -kHigh * x;
  const long double r = std::fma(-kHigh, static_cast<long double>(x), -a) - low * x;
  return 0.5L * (std::erfc(a) - r * kTwoOverSqrtPi * std::exp(-a * a));
}

inline double estimate_normal_cdf(double x, double result) {
  return estimate(result, long_normal_cdf(x));
}

// The error of z as the normal quantile of u, and its special values.
inline double normal_quantile_error(double u, double z) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  if (u > 0 && u < 1) return normal_quantile_ulp_error(z, u);
  if (u == 0 || u == 1) return z == (u == 0 ? -kInfinity : kInfinity) ? 0 : kInfinity;
  return std::isnan(z) ? 0 : kInfinity;
}

// (Phi(z) - u) / phi(z), from the nearer of the median and the end.
inline double estimate_normal_quantile(double u, double z) {
  if (!(u > 0 && u < 1) || u == 0.5) return std::numeric_limits<double>::quiet_NaN();
  if (u > 0.5) return estimate_normal_quantile(1 - u, -z);
  constexpr long double kInverseSqrt2 = 0.707106781186547524400844362104849039L;
  constexpr long double kInverseSqrt2Pi = 0.398942280401432677939946059934381868L;
  const long double x = z;
  const long double density = kInverseSqrt2Pi * std::exp(-x * x / 2);
  const long double off = u > 0.25 ? std::erf(x * kInverseSqrt2) / 2 - (u - 0.5L)
                                   : long_normal_cdf(z) - static_cast<long double>(u);
  return estimate(z, x - off / density);
}

}  // namespace oche::math

#endif  // OCHE_MATH_ACCURACY_REFERENCE_TEST_H_

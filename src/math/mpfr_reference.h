// For tests only: how far a double is from the true value of a function, by MPFR.
#ifndef OCHE_MATH_MPFR_REFERENCE_H_
#define OCHE_MATH_MPFR_REFERENCE_H_

#include <mpfr.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace oche::math {

// An MPFR number of 96 bits.
class Exact {
 public:
  Exact() { mpfr_init2(value_, 96); }
  explicit Exact(double x) : Exact() { mpfr_set_d(value_, x, MPFR_RNDN); }
  Exact(const Exact&) = delete;
  Exact& operator=(const Exact&) = delete;
  ~Exact() { mpfr_clear(value_); }
  mpfr_ptr get() { return value_; }

 private:
  mpfr_t value_;
};

// The distance between two adjacent doubles at the true value, subnormal ones included.
inline double ulp_at(Exact& truth) {
  if (mpfr_zero_p(truth.get()) != 0) return std::numeric_limits<double>::denorm_min();
  const long exponent = std::clamp(mpfr_get_exp(truth.get()) - 53, -1074L, 971L);
  return std::ldexp(1.0, static_cast<int>(exponent));
}

// |result - truth| in units in the last place. A wrong NaN, infinity or sign of zero is infinitely
// far. An infinity for a truth that rounds to one is right; next to that, infinity and the largest
// double are compared as the numbers 2^1024 and 2^1024 - 2^971.
inline double ulp_error(double result, Exact& truth) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  if (mpfr_nan_p(truth.get()) != 0) return std::isnan(result) ? 0 : kInfinity;
  if (std::isnan(result)) return kInfinity;
  const double rounded = mpfr_get_d(truth.get(), MPFR_RNDN);
  if (result == rounded && std::isinf(result)) return 0;
  if (mpfr_inf_p(truth.get()) != 0) return kInfinity;
  if (mpfr_zero_p(truth.get()) != 0) {
    return result == 0 && std::signbit(result) == (mpfr_signbit(truth.get()) != 0) ? 0 : kInfinity;
  }
  if (result == 0 && std::signbit(result) != (mpfr_signbit(truth.get()) != 0)) return kInfinity;
  Exact difference;
  if (std::isinf(result)) {
    mpfr_set_ui_2exp(difference.get(), 1, 1024, MPFR_RNDN);
    if (result < 0) mpfr_neg(difference.get(), difference.get(), MPFR_RNDN);
  } else {
    mpfr_set_d(difference.get(), result, MPFR_RNDN);
  }
  mpfr_sub(difference.get(), difference.get(), truth.get(), MPFR_RNDN);
  mpfr_div_d(difference.get(), difference.get(), ulp_at(truth), MPFR_RNDN);
  return std::fabs(mpfr_get_d(difference.get(), MPFR_RNDN));
}

// The same for z as the standard normal quantile of u, 0 < u < 1. With Phi the distribution
// function and phi its density, the error of z is (Phi(z) - u) / phi(z) to first order; the next
// order is the error times z / 2 smaller.
inline double normal_quantile_ulp_error(double z, double u) {
  if (u == 0.5) return z == 0 ? 0 : std::numeric_limits<double>::infinity();
  // By symmetry into the lower half; 1 - u is exact there.
  if (u > 0.5) return normal_quantile_ulp_error(-z, 1 - u);
  Exact p, x(z), density;
  mpfr_sqr(density.get(), x.get(), MPFR_RNDN);
  mpfr_div_si(density.get(), density.get(), -2, MPFR_RNDN);
  mpfr_exp(density.get(), density.get(), MPFR_RNDN);
  mpfr_const_pi(p.get(), MPFR_RNDN);
  mpfr_mul_ui(p.get(), p.get(), 2, MPFR_RNDN);
  mpfr_rec_sqrt(p.get(), p.get(), MPFR_RNDN);
  mpfr_mul(density.get(), density.get(), p.get(), MPFR_RNDN);
  mpfr_set_d(p.get(), 0.5, MPFR_RNDN);
  mpfr_sqrt(p.get(), p.get(), MPFR_RNDN);
  mpfr_mul(p.get(), p.get(), x.get(), MPFR_RNDN);
  if (u > 0.25) {
    // Phi(z) - 1/2, so that nothing cancels near the median.
    mpfr_erf(p.get(), p.get(), MPFR_RNDN);
    mpfr_div_ui(p.get(), p.get(), 2, MPFR_RNDN);
    mpfr_sub_d(p.get(), p.get(), u - 0.5, MPFR_RNDN);
  } else {
    mpfr_neg(p.get(), p.get(), MPFR_RNDN);
    mpfr_erfc(p.get(), p.get(), MPFR_RNDN);
    mpfr_div_ui(p.get(), p.get(), 2, MPFR_RNDN);
    mpfr_sub_d(p.get(), p.get(), u, MPFR_RNDN);
  }
  mpfr_div(p.get(), p.get(), density.get(), MPFR_RNDN);
  mpfr_div_d(p.get(), p.get(), ulp_at(x), MPFR_RNDN);
  return std::fabs(mpfr_get_d(p.get(), MPFR_RNDN));
}

}  // namespace oche::math

#endif  // OCHE_MATH_MPFR_REFERENCE_H_

// Elementary functions with the same bits on every machine: scalar form, for the oracle, for
// constants and for tests. functions-inl.h has the vector form; both give the same bits for the
// same argument, on every SIMD target, whatever the neighbouring lanes hold.
//
// Special values (NaN, infinities, zeros, domain errors) are those of C99 Annex F throughout; a
// domain error is NaN, a pole is an infinity, errno and flags are not set.
// Accuracy: the largest error found against MPFR is stated with each function, in units in the last
// place; accuracy_test.cc and functions_test.cc check it.
#ifndef OCHE_MATH_FUNCTIONS_H_
#define OCHE_MATH_FUNCTIONS_H_

#include <cstddef>

namespace oche::math {

// e to the power x. Largest error found 0.87 ULP.
double exp(double x) noexcept;
// Natural logarithm. 0.76 ULP.
double log(double x) noexcept;
// x in radians, of any size. 0.73 ULP.
double sin(double x) noexcept;
// x in radians, of any size. 0.72 ULP.
double cos(double x) noexcept;
// x in radians, of any size. 0.61 ULP.
double tan(double x) noexcept;
// x to the power y. 0.75 ULP; 1.5 ULP where the result is within 1.8e-6 of overflow.
double pow(double x, double y) noexcept;
// Correctly rounded.
double sqrt(double x) noexcept;

// Where nothing else is said, the error is that of function_list.h, for all arguments.
double cbrt(double x) noexcept;
double exp2(double x) noexcept;
double exp10(double x) noexcept;
double expm1(double x) noexcept;  // exp(x) - 1
double log2(double x) noexcept;
double log10(double x) noexcept;
double log1p(double x) noexcept;  // log(1 + x)
double asin(double x) noexcept;
double acos(double x) noexcept;
double atan(double x) noexcept;
double atan2(double y, double x) noexcept;  // the angle of the point (x, y), in (-pi, pi]
double hypot(double x, double y) noexcept;  // sqrt(x^2 + y^2) without overflow in between
double sinh(double x) noexcept;
double cosh(double x) noexcept;
double tanh(double x) noexcept;
double asinh(double x) noexcept;
double acosh(double x) noexcept;
double atanh(double x) noexcept;
double erf(double x) noexcept;
double erfc(double x) noexcept;
// The gamma function; NaN at -1, -2, …, an infinity of the argument's sign at 0.
double gamma(double x) noexcept;
// log |gamma(x)|. For x < 0 its zeros are not resolved: there the bound is for the absolute error,
// in units in the last place of 1.
double lgamma(double x) noexcept;
// n! of a whole n >= 0, correctly rounded; an infinity above 170, NaN for all else.
double factorial(double n) noexcept;
// Euler's beta function, gamma(a) gamma(b) / gamma(a + b), for a, b >= 0; NaN for negative ones. An
// infinity where one is 0, and 0 where one is infinite (NaN for beta(0, inf)).
// Sources: Stirling's series (NIST DLMF 5.11.1, 5.11.3) beyond a + b = 170.
double beta(double a, double b) noexcept;
// The probability that a standard normal variable is below x.
double normal_cdf(double x) noexcept;

// Exact, as those of C; `round` takes halves away from zero.
double floor(double x) noexcept;
double ceil(double x) noexcept;
double round(double x) noexcept;
// -1, 0 or 1; a zero and a NaN are themselves.
double sign(double x) noexcept;
// What remains of a after division by b, with the sign of b: a - b floor(a/b), of the exact
// quotient. It is rounded once, where a and b have different signs. NaN for b = 0 and infinite a.
double mod(double a, double b) noexcept;

// The z for which a standard normal variable is below z with probability u, 0 < u < 1.
// u = 0 gives -inf, u = 1 gives inf, anything else outside NaN. The largest error found is 7.7
// ULP. Odd about 1/2 to the last bit. Algorithm: between 0.0125 and 0.9875 a rational function of
// ours (coefficients.h); elsewhere M. J. Wichura, "Algorithm AS 241: The percentage points of the
// normal distribution", Applied Statistics 37 (1988) 477-484, PPND16.
double normal_quantile(double u) noexcept;

// z[i] = normal_quantile(u[i]) for i < n, by SIMD. Arrays are aligned to 64 bytes and have room for
// n rounded up to 8 (the rest is read and overwritten); z may be u.
void normal_quantiles(const double* u, double* z, std::size_t n) noexcept;

// IEEE 754-2019 minimum and maximum: NaN if either is NaN; -0 is below +0.
double minimum(double a, double b) noexcept;
double maximum(double a, double b) noexcept;

}  // namespace oche::math

#endif  // OCHE_MATH_FUNCTIONS_H_

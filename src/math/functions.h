// Elementary functions with the same bits on every machine: scalar form, for the oracle, for
// constants and for tests. functions-inl.h has the vector form; both give the same bits for the
// same argument, on every SIMD target, whatever the neighbouring lanes hold.
//
// Special values (NaN, infinities, zeros, domain errors) are those of C99 Annex F throughout; a
// domain error is NaN, a pole is an infinity, errno and flags are not set.
// Accuracy: the largest error found against MPFR is stated with each function, in units in the last
// place; functions_test.cc repeats the search.
#ifndef OCHE_MATH_FUNCTIONS_H_
#define OCHE_MATH_FUNCTIONS_H_

#include <cstddef>

namespace oche::math {

// e to the power x. Largest error found 0.84 ULP.
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

// The z for which a standard normal variable is below z with probability u, 0 < u < 1.
// u = 0 gives -inf, u = 1 gives inf, anything else outside NaN. The largest error found is 5.0 ULP.
// Odd about 1/2 to the last bit.
// Algorithm: M. J. Wichura, "Algorithm AS 241: The percentage points of the normal distribution",
// Applied Statistics 37 (1988) 477-484, PPND16.
double normal_quantile(double u) noexcept;

// z[i] = normal_quantile(u[i]) for i < n, by SIMD. Arrays are aligned to 64 bytes and have room for
// n rounded up to 8 (the rest is read and overwritten); z may be u.
void normal_quantiles(const double* u, double* z, std::size_t n) noexcept;

// IEEE 754-2019 minimum and maximum: NaN if either is NaN; -0 is below +0.
double minimum(double a, double b) noexcept;
double maximum(double a, double b) noexcept;

}  // namespace oche::math

#endif  // OCHE_MATH_FUNCTIONS_H_

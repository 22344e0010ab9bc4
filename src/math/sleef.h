// SLEEF's deterministic functions with FMA (Sleef_finz_*, version 3.5.1). Same bits in all widths.
// Include only from functions-inl.h, functions.cc and sleef_*.cc.
//
// The wide ones are declared by hand, because sleef.h shows them only to translation units compiled
// with -mavx512f, and nothing of ours is. g++ calls them directly. clang decides for a whole
// translation unit whether wide vectors are passed in registers, whatever a function's target
// attribute says, and would pass them in memory: with clang the wide ones are reached through
// the functions of sleef_avx2.cc and sleef_avx512.cc, which are compiled for their target and take
// the address of a vector, to read and to replace.
#ifndef OCHE_MATH_SLEEF_H_
#define OCHE_MATH_SLEEF_H_

// Name, and what SLEEF states as its largest error in tenths of a unit in the last place.
#define OCHE_SLEEF_UNARY(X) \
  X(exp, u10)               \
  X(exp2, u10)              \
  X(exp10, u10)             \
  X(expm1, u10)             \
  X(log, u10)               \
  X(log2, u10)              \
  X(log10, u10)             \
  X(log1p, u10)             \
  X(sin, u10)               \
  X(cos, u10)               \
  X(tan, u10)               \
  X(asin, u10)              \
  X(acos, u10)              \
  X(atan, u10)              \
  X(sinh, u10)              \
  X(cosh, u10)              \
  X(tanh, u10)              \
  X(asinh, u10)             \
  X(acosh, u10)             \
  X(atanh, u10)             \
  X(cbrt, u10)              \
  X(erf, u10)               \
  X(erfc, u15)              \
  X(tgamma, u10)            \
  X(lgamma, u10)

#define OCHE_SLEEF_BINARY(X) \
  X(pow, u10)                \
  X(atan2, u10)              \
  X(hypot, u05)

extern "C" {
#define OCHE_ROW(name, error) double Sleef_finz_##name##d1_##error##purecfma(double);
OCHE_SLEEF_UNARY(OCHE_ROW)
#undef OCHE_ROW
#define OCHE_ROW(name, error) double Sleef_finz_##name##d1_##error##purecfma(double, double);
OCHE_SLEEF_BINARY(OCHE_ROW)
#undef OCHE_ROW
}

#if defined(__x86_64__)
#include <immintrin.h>

#if !defined(__clang__) || defined(__AVX2__)
extern "C" {
#define OCHE_ROW(name, error) __m256d Sleef_finz_##name##d4_##error##avx2(__m256d);
OCHE_SLEEF_UNARY(OCHE_ROW)
#undef OCHE_ROW
#define OCHE_ROW(name, error) __m256d Sleef_finz_##name##d4_##error##avx2(__m256d, __m256d);
OCHE_SLEEF_BINARY(OCHE_ROW)
#undef OCHE_ROW
}
#endif

#if !defined(__clang__) || defined(__AVX512F__)
extern "C" {
#define OCHE_ROW(name, error) __m512d Sleef_finz_##name##d8_##error##avx512f(__m512d);
OCHE_SLEEF_UNARY(OCHE_ROW)
#undef OCHE_ROW
#define OCHE_ROW(name, error) __m512d Sleef_finz_##name##d8_##error##avx512f(__m512d, __m512d);
OCHE_SLEEF_BINARY(OCHE_ROW)
#undef OCHE_ROW
}
#endif

#if defined(__clang__)
namespace oche::math::detail {

// x and y point to four doubles, aligned to 32 bytes (avx2), or to eight, aligned to 64 (avx512); x
// takes the result.
#define OCHE_ROW(name, error)                   \
  void sleef_##name##_avx2(double* x) noexcept; \
  void sleef_##name##_avx512(double* x) noexcept;
OCHE_SLEEF_UNARY(OCHE_ROW)
#undef OCHE_ROW
#define OCHE_ROW(name, error)                                    \
  void sleef_##name##_avx2(double* x, const double* y) noexcept; \
  void sleef_##name##_avx512(double* x, const double* y) noexcept;
OCHE_SLEEF_BINARY(OCHE_ROW)
#undef OCHE_ROW

}  // namespace oche::math::detail
#endif

#endif  // x86-64
#endif  // OCHE_MATH_SLEEF_H_

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

extern "C" {
double Sleef_finz_expd1_u10purecfma(double);
double Sleef_finz_logd1_u10purecfma(double);
double Sleef_finz_sind1_u10purecfma(double);
double Sleef_finz_cosd1_u10purecfma(double);
double Sleef_finz_tand1_u10purecfma(double);
double Sleef_finz_powd1_u10purecfma(double, double);
}

#if defined(__x86_64__)
#include <immintrin.h>

#if !defined(__clang__) || defined(__AVX2__)
extern "C" {
__m256d Sleef_finz_expd4_u10avx2(__m256d);
__m256d Sleef_finz_logd4_u10avx2(__m256d);
__m256d Sleef_finz_sind4_u10avx2(__m256d);
__m256d Sleef_finz_cosd4_u10avx2(__m256d);
__m256d Sleef_finz_tand4_u10avx2(__m256d);
__m256d Sleef_finz_powd4_u10avx2(__m256d, __m256d);
}
#endif

#if !defined(__clang__) || defined(__AVX512F__)
extern "C" {
__m512d Sleef_finz_expd8_u10avx512f(__m512d);
__m512d Sleef_finz_logd8_u10avx512f(__m512d);
__m512d Sleef_finz_sind8_u10avx512f(__m512d);
__m512d Sleef_finz_cosd8_u10avx512f(__m512d);
__m512d Sleef_finz_tand8_u10avx512f(__m512d);
__m512d Sleef_finz_powd8_u10avx512f(__m512d, __m512d);
}
#endif

#if defined(__clang__)
namespace oche::math::detail {

// x and y point to four doubles, aligned to 32 bytes; x takes the result.
void sleef_exp_avx2(double* x) noexcept;
void sleef_log_avx2(double* x) noexcept;
void sleef_sin_avx2(double* x) noexcept;
void sleef_cos_avx2(double* x) noexcept;
void sleef_tan_avx2(double* x) noexcept;
void sleef_pow_avx2(double* x, const double* y) noexcept;

// The same for eight doubles, aligned to 64 bytes.
void sleef_exp_avx512(double* x) noexcept;
void sleef_log_avx512(double* x) noexcept;
void sleef_sin_avx512(double* x) noexcept;
void sleef_cos_avx512(double* x) noexcept;
void sleef_tan_avx512(double* x) noexcept;
void sleef_pow_avx512(double* x, const double* y) noexcept;

}  // namespace oche::math::detail
#endif

#endif  // x86-64
#endif  // OCHE_MATH_SLEEF_H_

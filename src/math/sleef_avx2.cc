// SLEEF's functions for AVX2 with FMA, for clang (see sleef.h). Compiled with -mavx2; nothing else
// may stand here, lest code for that target be linked in where others use the same inline function.
#include "math/sleef.h"

#if defined(__x86_64__) && defined(__clang__)

namespace oche::math::detail {

void sleef_exp_avx2(double* x) noexcept {
  _mm256_store_pd(x, Sleef_finz_expd4_u10avx2(_mm256_load_pd(x)));
}

void sleef_log_avx2(double* x) noexcept {
  _mm256_store_pd(x, Sleef_finz_logd4_u10avx2(_mm256_load_pd(x)));
}

void sleef_sin_avx2(double* x) noexcept {
  _mm256_store_pd(x, Sleef_finz_sind4_u10avx2(_mm256_load_pd(x)));
}

void sleef_cos_avx2(double* x) noexcept {
  _mm256_store_pd(x, Sleef_finz_cosd4_u10avx2(_mm256_load_pd(x)));
}

void sleef_tan_avx2(double* x) noexcept {
  _mm256_store_pd(x, Sleef_finz_tand4_u10avx2(_mm256_load_pd(x)));
}

void sleef_pow_avx2(double* x, const double* y) noexcept {
  _mm256_store_pd(x, Sleef_finz_powd4_u10avx2(_mm256_load_pd(x), _mm256_load_pd(y)));
}

}  // namespace oche::math::detail

#endif

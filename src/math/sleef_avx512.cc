// SLEEF's functions for AVX-512, for clang (see sleef.h). Compiled with -mavx512f; nothing else may
// stand here, lest code for that target be linked in where others use the same inline function.
#include "math/sleef.h"

#if defined(__x86_64__) && defined(__clang__)

namespace oche::math::detail {

void sleef_exp_avx512(double* x) noexcept {
  _mm512_store_pd(x, Sleef_finz_expd8_u10avx512f(_mm512_load_pd(x)));
}

void sleef_log_avx512(double* x) noexcept {
  _mm512_store_pd(x, Sleef_finz_logd8_u10avx512f(_mm512_load_pd(x)));
}

void sleef_sin_avx512(double* x) noexcept {
  _mm512_store_pd(x, Sleef_finz_sind8_u10avx512f(_mm512_load_pd(x)));
}

void sleef_cos_avx512(double* x) noexcept {
  _mm512_store_pd(x, Sleef_finz_cosd8_u10avx512f(_mm512_load_pd(x)));
}

void sleef_tan_avx512(double* x) noexcept {
  _mm512_store_pd(x, Sleef_finz_tand8_u10avx512f(_mm512_load_pd(x)));
}

void sleef_pow_avx512(double* x, const double* y) noexcept {
  _mm512_store_pd(x, Sleef_finz_powd8_u10avx512f(_mm512_load_pd(x), _mm512_load_pd(y)));
}

}  // namespace oche::math::detail

#endif

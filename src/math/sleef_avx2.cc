// SLEEF's functions for AVX2 with FMA, for clang (see sleef.h). Compiled with -mavx2; nothing else
// may stand here, lest code for that target be linked in where others use the same inline function.
#include "math/sleef.h"

#if defined(__x86_64__) && defined(__clang__)

namespace oche::math::detail {

#define OCHE_ROW(name, error)                                                   \
  void sleef_##name##_avx2(double* x) noexcept {                                \
    _mm256_store_pd(x, Sleef_finz_##name##d4_##error##avx2(_mm256_load_pd(x))); \
  }
OCHE_SLEEF_UNARY(OCHE_ROW)
#undef OCHE_ROW

#define OCHE_ROW(name, error)                                                                      \
  void sleef_##name##_avx2(double* x, const double* y) noexcept {                                  \
    _mm256_store_pd(x, Sleef_finz_##name##d4_##error##avx2(_mm256_load_pd(x), _mm256_load_pd(y))); \
  }
OCHE_SLEEF_BINARY(OCHE_ROW)
#undef OCHE_ROW

}  // namespace oche::math::detail

#endif

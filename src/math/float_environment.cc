#include "math/float_environment.h"

#include <cstdint>

#if defined(__x86_64__)
#include <xmmintrin.h>
#endif

namespace oche::math {
namespace {

#if defined(__x86_64__)
// MXCSR (Intel SDM vol. 1, 10.2.3): bit 6 denormals are zero, bits 7-12 exception masks, bits 13-14
// rounding (0 = nearest even), bit 15 flush to zero.
constexpr std::uint32_t kMode = (1U << 6) | (3U << 13) | (1U << 15);
constexpr std::uint32_t kMasks = 0x3fU << 7;
#elif defined(__aarch64__)
// FPCR (Arm ARM, C5.2.8): bits 22-23 rounding (0 = nearest even), bit 24 flush to zero, bit 25
// default NaN, bit 19 flush to zero for half precision, bits 0-1 FIZ and AH of FEAT_AFP.
constexpr std::uint64_t kMode = (3ULL << 22) | (1ULL << 24) | (1ULL << 19) | 3ULL;

std::uint64_t read_fpcr() noexcept {
  std::uint64_t fpcr;
  __asm__ __volatile__("mrs %0, fpcr" : "=r"(fpcr));
  return fpcr;
}
#else
#error "No way to read the floating-point environment of this processor is written yet."
#endif

}  // namespace

void set_float_environment() noexcept {
  std::fesetround(FE_TONEAREST);
#if defined(__x86_64__)
  _mm_setcsr((_mm_getcsr() & ~kMode) | kMasks);
#else
  const std::uint64_t fpcr = read_fpcr() & ~kMode;
  __asm__ __volatile__("msr fpcr, %0" : : "r"(fpcr));
#endif
}

bool float_environment_is_standard() noexcept {
#if defined(__x86_64__)
  return (_mm_getcsr() & (kMode | kMasks)) == kMasks && std::fegetround() == FE_TONEAREST;
#else
  return (read_fpcr() & kMode) == 0;
#endif
}

// fenv_t has the rounding mode, the masks and, on these processors, the denormal modes.
StandardFloatEnvironment::StandardFloatEnvironment() noexcept {
  std::fegetenv(&saved_);
  set_float_environment();
}

StandardFloatEnvironment::~StandardFloatEnvironment() { std::fesetenv(&saved_); }

}  // namespace oche::math

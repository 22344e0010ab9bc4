// Calls a function that foreach_target.h compiled once per SIMD target, on the target in use.
//
//   HWY_AFTER_NAMESPACE();
//   #if HWY_ONCE
//   namespace oche {
//   OCHE_EXPORT(Kernel);                                    // where N_AVX2::Kernel and so on are
//   void kernel(int x) { OCHE_DISPATCH(Kernel)(x); }
//   }
//   #endif
//
// In place of Highway's HWY_EXPORT and HWY_DYNAMIC_DISPATCH, so that a program needs its headers
// only: Debian's libhwy.so measures the resolution of the timer when it is loaded, which takes 4
// ms. Include after hwy/highway.h.
#ifndef OCHE_MATH_DISPATCH_H_
#define OCHE_MATH_DISPATCH_H_

#include "math/simd.h"

#if HWY_ARCH_X86
// In the order of enum class SimdTarget.
#define OCHE_EXPORT(FUNCTION)                                                                 \
  static decltype(&HWY_STATIC_DISPATCH(FUNCTION))                                             \
      const FUNCTION##OcheTable[] = {HWY_CHOOSE_AVX3_DL(FUNCTION), HWY_CHOOSE_AVX3(FUNCTION), \
                                     HWY_CHOOSE_AVX2(FUNCTION), &HWY_STATIC_DISPATCH(FUNCTION)}
#define OCHE_DISPATCH(FUNCTION) (FUNCTION##OcheTable[static_cast<int>(::oche::math::simd_target())])
#else
// Elsewhere the static target is the only one.
#define OCHE_EXPORT(FUNCTION) static_assert(true)
#define OCHE_DISPATCH(FUNCTION) (&HWY_STATIC_DISPATCH(FUNCTION))
#endif

#endif  // OCHE_MATH_DISPATCH_H_

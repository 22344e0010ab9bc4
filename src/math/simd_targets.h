// Which SIMD targets Highway compiles here. Include it first in every file with dynamic dispatch,
// before any header of Highway; simd-inl.h fails to compile otherwise.
//
// Exactly these remain: AVX3_DL (AVX-512 with the wide AES instructions), AVX3 (AVX-512), AVX2 with
// FMA, and EMU128, the portable fallback, which is also the static baseline: nothing is compiled
// with -march. SSE4 and SSSE3 are left out because they don't fuse multiply-add, so that the bits
// would differ (docs/decisions/0001-numerics.md); a processor without AVX2 runs the fallback, which
// rounds as the others do.
#if defined(HWY_HIGHWAY_INCLUDED) && !defined(OCHE_MATH_SIMD_TARGETS_H_)
#error "Include math/simd_targets.h before any header of Highway."
#endif
#ifndef OCHE_MATH_SIMD_TARGETS_H_
#define OCHE_MATH_SIMD_TARGETS_H_

// Highway compiles AVX3_DL with AVX-VNNI too, which Zen 4 lacks. Compilers use that for dot
// products of 8-bit and 16-bit integers only: keep those out of vector code.
#define HWY_WANT_AVX3_DL
// HWY_SSE4 | HWY_SSSE3, as numbers, because Highway's names don't exist yet.
#define HWY_DISABLED_TARGETS ((1LL << 11) | (1LL << 12))
// Elsewhere than on x86-64 there is the portable target only (docs/decisions/0001-numerics.md).
#if !defined(__x86_64__)
#define HWY_COMPILE_ONLY_EMU128
#endif
// Highway 1.0.3 replaces EMU128 by SCALAR, which lacks many operations, under g++ before 12.3, for
// GCC's bug 106322: a wrongly vectorized high half of a product, on machines without an instruction
// for it. x86-64 and aarch64 have one, and no code here multiplies for a high half.
#define HWY_BROKEN_EMU128 0

#endif  // OCHE_MATH_SIMD_TARGETS_H_

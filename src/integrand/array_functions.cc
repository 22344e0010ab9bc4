#include "integrand/array_functions.h"

// clang-format off
#include "math/simd_targets.h"
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "integrand/array_functions.cc"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>
#include "math/functions-inl.h"
#include "math/simd-inl.h"
// clang-format on

#if HWY_TARGET == HWY_AVX3_DL
HWY_BEFORE_NAMESPACE();
namespace oche::HWY_NAMESPACE {

using integrand::ArrayOperand;

#define OCHE_ROW(name, Name, cost, error)                                          \
  void Array##Name(ArrayOperand a, ArrayOperand /*b*/, double* r, std::size_t n) { \
    const DoubleTag d;                                                             \
    for (std::size_t i = 0; i < n; i += hn::Lanes(d)) {                            \
      hn::Store(Name(d, hn::Load(d, a.address + (i & a.mask))), d, r + i);         \
    }                                                                              \
  }
OCHE_MATH_UNARY(OCHE_ROW)
#undef OCHE_ROW
#define OCHE_ROW(name, Name, cost, error)                                                        \
  void Array##Name(ArrayOperand a, ArrayOperand b, double* r, std::size_t n) {                   \
    const DoubleTag d;                                                                           \
    for (std::size_t i = 0; i < n; i += hn::Lanes(d)) {                                          \
      hn::Store(                                                                                 \
          Name(d, hn::Load(d, a.address + (i & a.mask)), hn::Load(d, b.address + (i & b.mask))), \
          d, r + i);                                                                             \
    }                                                                                            \
  }
OCHE_MATH_BINARY(OCHE_ROW)
OCHE_ROW(power, Pow, 0, 0)
#undef OCHE_ROW

void ArrayNormalQuantile(ArrayOperand a, ArrayOperand /*b*/, double* r, std::size_t n) {
  const DoubleTag d;
  if (a.mask != 0) {
    NormalQuantiles(d, a.address, r, n);
  } else {
    const auto z = NormalQuantile(d, hn::Load(d, a.address));
    for (std::size_t i = 0; i < n; i += hn::Lanes(d)) hn::Store(z, d, r + i);
  }
}

}  // namespace oche::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();
#endif

#if HWY_ONCE
namespace oche::integrand {

#if HWY_ARCH_X86
ArrayFunction array_function(formula::Op op) {
  switch (op) {
    case formula::Op::normal_quantile:
      return N_AVX3_DL::ArrayNormalQuantile;
    case formula::Op::power:
      return N_AVX3_DL::ArrayPow;
#define OCHE_ROW(name, Name, cost, error) \
  case formula::Op::name:                 \
    return N_AVX3_DL::Array##Name;
      OCHE_MATH_UNARY(OCHE_ROW)
      OCHE_MATH_BINARY(OCHE_ROW)
#undef OCHE_ROW
    default:
      return nullptr;
  }
}
#else
ArrayFunction array_function(formula::Op /*op*/) { return nullptr; }
#endif

}  // namespace oche::integrand
#endif  // HWY_ONCE

// The array form of the normal quantile, dispatched to the best SIMD target.
#include "math/simd_targets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "math/normal_quantiles.cc"
#include <hwy/foreach_target.h>
// Above, before the kernels of each target.
#include "math/dispatch.h"
#include "math/functions-inl.h"

HWY_BEFORE_NAMESPACE();
namespace oche {
namespace HWY_NAMESPACE {

void FillNormalQuantiles(const double* u, double* z, std::size_t n) {
  NormalQuantiles(DoubleTag(), u, z, n);
}

}  // namespace HWY_NAMESPACE
}  // namespace oche
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace oche {

OCHE_EXPORT(FillNormalQuantiles);

namespace math {

void normal_quantiles(const double* u, double* z, std::size_t n) noexcept {
  OCHE_DISPATCH(FillNormalQuantiles)(u, z, (n + 7) / 8 * 8);
}

}  // namespace math
}  // namespace oche
#endif  // HWY_ONCE

#include "tally/moments.h"

// clang-format off
#include "math/simd_targets.h"
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "tally/moments.cc"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>
// clang-format on

#include <bit>
#include <cmath>

#include "base/assert.h"

HWY_BEFORE_NAMESPACE();
namespace oche::tally::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

// What one pass over finite values yields per virtual lane.
inline constexpr std::size_t kLanes = 32;

// Sums the lanes by halving: l += l + 16, + 8, + 4, + 2, + 1. The same additions on every target.
inline double halve_sum(double* lanes) {
  for (std::size_t half = kLanes / 2; half > 0; half /= 2) {
    for (std::size_t l = 0; l < half; ++l) lanes[l] += lanes[l + half];
  }
  return lanes[0];
}

struct Extent {
  double sum, minimum, maximum;
};

// Sum, minimum and maximum; meaningless (and then not used) where a value is not finite.
Extent sum_block(const double* HWY_RESTRICT values, std::size_t n) {
  const hn::ScalableTag<double> d;
  constexpr std::size_t width = hn::MaxLanes(hn::ScalableTag<double>());
  constexpr std::size_t vectors = kLanes / width;
  using V = hn::Vec<hn::ScalableTag<double>>;
  V sum[vectors];
  V low[vectors];
  V high[vectors];
  for (std::size_t v = 0; v < vectors; ++v) {
    sum[v] = hn::Zero(d);
    low[v] = hn::Set(d, std::numeric_limits<double>::infinity());
    high[v] = hn::Set(d, -std::numeric_limits<double>::infinity());
  }
  const std::size_t whole = n - n % kLanes;
  for (std::size_t i = 0; i < whole; i += kLanes) {
    for (std::size_t v = 0; v < vectors; ++v) {
      const V f = hn::LoadU(d, values + i + v * width);
      sum[v] = hn::Add(sum[v], f);
      low[v] = hn::Min(low[v], f);
      high[v] = hn::Max(high[v], f);
    }
  }
  HWY_ALIGN double s[kLanes];
  HWY_ALIGN double lo[kLanes];
  HWY_ALIGN double hi[kLanes];
  for (std::size_t v = 0; v < vectors; ++v) {
    hn::Store(sum[v], d, s + v * width);
    hn::Store(low[v], d, lo + v * width);
    hn::Store(high[v], d, hi + v * width);
  }
  for (std::size_t i = whole; i < n; ++i) {
    s[i - whole] += values[i];
    lo[i - whole] = values[i] < lo[i - whole] ? values[i] : lo[i - whole];
    hi[i - whole] = values[i] > hi[i - whole] ? values[i] : hi[i - whole];
  }
  Extent extent{halve_sum(s), lo[0], hi[0]};
  for (std::size_t l = 1; l < kLanes; ++l) {
    extent.minimum = lo[l] < extent.minimum ? lo[l] : extent.minimum;
    extent.maximum = hi[l] > extent.maximum ? hi[l] : extent.maximum;
  }
  // Targets differ in which of -0 and +0 is the smaller: + 0.0 leaves +0 for both.
  extent.minimum += 0.0;
  extent.maximum += 0.0;
  return extent;
}

// Sum of (f - mean)^2, each square rounded before it is added.
double squares_block(const double* HWY_RESTRICT values, std::size_t n, double mean) {
  const hn::ScalableTag<double> d;
  constexpr std::size_t width = hn::MaxLanes(hn::ScalableTag<double>());
  constexpr std::size_t vectors = kLanes / width;
  using V = hn::Vec<hn::ScalableTag<double>>;
  V sum[vectors];
  for (std::size_t v = 0; v < vectors; ++v) sum[v] = hn::Zero(d);
  const V centre = hn::Set(d, mean);
  const std::size_t whole = n - n % kLanes;
  for (std::size_t i = 0; i < whole; i += kLanes) {
    for (std::size_t v = 0; v < vectors; ++v) {
      const V x = hn::Sub(hn::LoadU(d, values + i + v * width), centre);
      sum[v] = hn::Add(sum[v], hn::Mul(x, x));
    }
  }
  HWY_ALIGN double s[kLanes];
  for (std::size_t v = 0; v < vectors; ++v) hn::Store(sum[v], d, s + v * width);
  for (std::size_t i = whole; i < n; ++i) {
    const double x = values[i] - mean;
    s[i - whole] += x * x;
  }
  return halve_sum(s);
}

Moments block(const double* HWY_RESTRICT values, std::size_t n) {
  Moments m;
  const Extent extent = sum_block(values, n);
  if (!std::isfinite(extent.sum)) return m;  // count 0 asks for the careful path
  m.count = n;
  m.mean = extent.sum / static_cast<double>(n);
  m.minimum = extent.minimum;
  m.maximum = extent.maximum;
  if (extent.minimum < extent.maximum) {
    m.m2 = squares_block(values, n, m.mean);
  } else {
    m.mean = extent.minimum;  // all equal: no rounding of a sum may make a variance
  }
  return m;
}

}  // namespace oche::tally::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace oche::tally {
namespace {

HWY_EXPORT(block);

// Values of which some are not finite, or whose sum overflows: plain scalar arithmetic, the sum scaled.
Moments careful_block(const double* values, std::size_t n, std::uint64_t first_sample) {
  Moments m;
  for (std::size_t i = 0; i < n; ++i) {
    if (std::isfinite(values[i])) {
      ++m.count;
      m.minimum = values[i] < m.minimum ? values[i] : m.minimum;
      m.maximum = values[i] > m.maximum ? values[i] : m.maximum;
    } else {
      if (m.non_finite == 0) m.first_non_finite = first_sample + i;
      ++m.non_finite;
    }
  }
  if (m.count == 0) return m;
  m.minimum += 0.0;
  m.maximum += 0.0;
  const double scale = 1.0 / static_cast<double>(m.count);
  for (std::size_t i = 0; i < n; ++i) {
    if (std::isfinite(values[i])) m.mean += values[i] * scale;
  }
  for (std::size_t i = 0; i < n; ++i) {
    const double x = values[i] - m.mean;
    if (std::isfinite(values[i])) m.m2 += x * x;
  }
  return m;
}

}  // namespace

Moments moments_of_block(const double* values, std::size_t n, std::uint64_t first_sample) {
  OCHE_ASSERT(n <= kBlockSamples);
  if (n == 0) return Moments{};
  const Moments m = HWY_DYNAMIC_DISPATCH(block)(values, n);
  return m.count == n ? m : careful_block(values, n, first_sample);
}

Moments merge(const Moments& left, const Moments& right) {
  Moments m;
  m.non_finite = left.non_finite + right.non_finite;
  m.first_non_finite =
      left.first_non_finite < right.first_non_finite ? left.first_non_finite : right.first_non_finite;
  m.count = left.count + right.count;
  m.minimum = right.minimum < left.minimum ? right.minimum : left.minimum;
  m.maximum = right.maximum > left.maximum ? right.maximum : left.maximum;
  if (right.count == 0 || left.count == 0) {
    const Moments& side = right.count == 0 ? left : right;
    m.mean = side.mean;
    m.m2 = side.m2;
    return m;
  }
  const double share = static_cast<double>(right.count) / static_cast<double>(m.count);
  const double d = right.mean - left.mean;
  // Means so far apart that their difference overflows: each is weighed by itself.
  m.mean = std::isfinite(d) ? left.mean + d * share : left.mean * (1.0 - share) + right.mean * share;
  m.m2 = (left.m2 + right.m2) + (d * d) * (static_cast<double>(left.count) * share);
  return m;
}

bool identical(const Moments& a, const Moments& b) {
  const auto bits = [](double v) { return std::bit_cast<std::uint64_t>(v); };
  return a.count == b.count && bits(a.mean) == bits(b.mean) && bits(a.m2) == bits(b.m2) &&
         bits(a.minimum) == bits(b.minimum) && bits(a.maximum) == bits(b.maximum) &&
         a.non_finite == b.non_finite && a.first_non_finite == b.first_non_finite;
}

}  // namespace oche::tally
#endif  // HWY_ONCE

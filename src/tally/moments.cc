#include "tally/moments.h"

// clang-format off
#include "math/simd_targets.h"
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "tally/moments.cc"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>
#include "math/dispatch.h"
// clang-format on

#include <algorithm>
#include <bit>
#include <cmath>

#include "base/assert.h"

HWY_BEFORE_NAMESPACE();
namespace oche::tally::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

using V = hn::Vec<hn::ScalableTag<double>>;
// Virtual lanes: what is added to what does not depend on the width of a vector.
inline constexpr std::size_t kLanes = 32;
inline constexpr std::size_t kWidth = hn::MaxLanes(hn::ScalableTag<double>());
inline constexpr std::size_t kVectors = kLanes / kWidth;

struct AddUp {
  HWY_INLINE V operator()(V a, V b) const { return hn::Add(a, b); }
  double operator()(double a, double b) const { return a + b; }
};
// Of numbers; which zero of -0 and +0 they take differs between targets, see sum_block().
struct TakeLess {
  HWY_INLINE V operator()(V a, V b) const { return hn::Min(a, b); }
  double operator()(double a, double b) const { return b < a ? b : a; }
};
struct TakeMore {
  HWY_INLINE V operator()(V a, V b) const { return hn::Max(a, b); }
  double operator()(double a, double b) const { return b > a ? b : a; }
};

// The 32 virtual lanes of one quantity.
template <class Combine>
class Lanes {
 public:
  explicit HWY_INLINE Lanes(double start) {
    for (V& v : lanes_) v = hn::Set(hn::ScalableTag<double>(), start);
  }
  HWY_INLINE void add(std::size_t vector, V x) { lanes_[vector] = Combine()(lanes_[vector], x); }

  // The values behind the last whole row of 32, one to a lane.
  HWY_INLINE void add_tail(const double* values, std::size_t n) {
    const hn::ScalableTag<double> d;
    alignas(64) double lanes[kLanes];
    for (std::size_t v = 0; v < kVectors; ++v) hn::Store(lanes_[v], d, lanes + v * kWidth);
    for (std::size_t l = 0; l < n; ++l) lanes[l] = Combine()(lanes[l], values[l]);
    for (std::size_t v = 0; v < kVectors; ++v) lanes_[v] = hn::Load(d, lanes + v * kWidth);
  }

  // Combines by halving: lane l with l + 16, then + 8, + 4, + 2, + 1: the same on every target.
  HWY_INLINE double halve() {
    for (std::size_t half = kVectors / 2; half > 0; half /= 2) {
      for (std::size_t v = 0; v < half; ++v) lanes_[v] = Combine()(lanes_[v], lanes_[v + half]);
    }
    alignas(64) double last[kWidth];
    hn::Store(lanes_[0], hn::ScalableTag<double>(), last);
    for (std::size_t half = kWidth / 2; half > 0; half /= 2) {
      for (std::size_t l = 0; l < half; ++l) last[l] = Combine()(last[l], last[l + half]);
    }
    return last[0];
  }

 private:
  V lanes_[kVectors];
};

struct Extent {
  double sum, minimum, maximum;
};

// Sum, minimum and maximum; meaningless (and then not used) where a value is not finite.
Extent sum_block(const double* HWY_RESTRICT values, std::size_t n) {
  const hn::ScalableTag<double> d;
  Lanes<AddUp> sum(0.0);
  Lanes<TakeLess> low(std::numeric_limits<double>::infinity());
  Lanes<TakeMore> high(-std::numeric_limits<double>::infinity());
  const std::size_t whole = n - n % kLanes;
  for (std::size_t i = 0; i < whole; i += kLanes) {
    for (std::size_t v = 0; v < kVectors; ++v) {
      const V f = hn::LoadU(d, values + i + v * kWidth);
      sum.add(v, f);
      low.add(v, f);
      high.add(v, f);
    }
  }
  if (whole < n) {
    sum.add_tail(values + whole, n - whole);
    low.add_tail(values + whole, n - whole);
    high.add_tail(values + whole, n - whole);
  }
  // Targets differ in which of -0 and +0 is the smaller: + 0.0 leaves +0 for both.
  return {sum.halve(), low.halve() + 0.0, high.halve() + 0.0};
}

// Sum of (f - mean)^2, each square rounded before it is added.
double squares_block(const double* HWY_RESTRICT values, std::size_t n, double mean) {
  const hn::ScalableTag<double> d;
  Lanes<AddUp> sum(0.0);
  const V centre = hn::Set(d, mean);
  const std::size_t whole = n - n % kLanes;
  for (std::size_t i = 0; i < whole; i += kLanes) {
    for (std::size_t v = 0; v < kVectors; ++v) {
      const V x = hn::Sub(hn::LoadU(d, values + i + v * kWidth), centre);
      sum.add(v, hn::Mul(x, x));
    }
  }
  if (whole < n) {
    double squares[kLanes];
    for (std::size_t i = whole; i < n; ++i) {
      const double x = values[i] - mean;
      squares[i - whole] = x * x;
    }
    sum.add_tail(squares, n - whole);
  }
  return sum.halve();
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
  m.mean += 0.0;  // no -0, as of a sum that underflows when it is divided
  return m;
}

}  // namespace oche::tally::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace oche::tally {
namespace {

OCHE_EXPORT(block);

// Values of which some are not finite, or whose sum overflows: plain scalar arithmetic, the sum
// scaled.
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
  const Moments m = OCHE_DISPATCH(block)(values, n);
  return m.count == n ? m : careful_block(values, n, first_sample);
}

Moments moments_of_two_values(std::uint64_t n, std::uint64_t hits, double hit, double miss) {
  Moments m;
  if (n == 0) return m;
  const double k = static_cast<double>(hits);
  const double rest = static_cast<double>(n - hits);
  const double count = static_cast<double>(n);
  m.count = n;
  m.mean = (k * hit + rest * miss) / count;
  if (!std::isfinite(m.mean)) m.mean = hit * (k / count) + miss * (rest / count);
  m.m2 = ((hit - miss) * (hit - miss)) * (k * (rest / count));
  const bool both = hits > 0 && hits < n;
  const double only = hits > 0 ? hit : miss;
  if (!both) m.mean = only;
  m.mean += 0.0;  // no -0
  m.minimum = (both ? std::min(hit, miss) : only) + 0.0;
  m.maximum = (both ? std::max(hit, miss) : only) + 0.0;
  return m;
}

Moments merge(const Moments& left, const Moments& right) {
  Moments m;
  m.non_finite = left.non_finite + right.non_finite;
  m.first_non_finite = left.first_non_finite < right.first_non_finite ? left.first_non_finite
                                                                      : right.first_non_finite;
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
  m.mean =
      std::isfinite(d) ? left.mean + d * share : left.mean * (1.0 - share) + right.mean * share;
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

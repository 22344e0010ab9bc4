#include "tally/lanes.h"

// clang-format off
#include "math/simd_targets.h"
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "tally/lanes.cc"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>
#include "math/simd-inl.h"
#include "math/dispatch.h"
// clang-format on

#include <algorithm>
#include <cmath>
#include <limits>

HWY_BEFORE_NAMESPACE();
namespace oche::HWY_NAMESPACE {

using V = DoubleVector;
using tally::kLanes;
inline constexpr std::size_t kWidth = hn::MaxLanes(DoubleTag());
inline constexpr std::size_t kVectors = kLanes / kWidth;

// The lanes of one sum in registers.
class Registers {
 public:
  explicit HWY_INLINE Registers(const double* lanes) {
    for (std::size_t v = 0; v < kVectors; ++v)
      lanes_[v] = hn::Load(DoubleTag(), lanes + v * kWidth);
  }
  HWY_INLINE V& operator[](std::size_t v) { return lanes_[v]; }
  HWY_INLINE void store(double* lanes) const {
    for (std::size_t v = 0; v < kVectors; ++v)
      hn::Store(lanes_[v], DoubleTag(), lanes + v * kWidth);
  }

 private:
  V lanes_[kVectors];
};

enum class Keep { nothing, shifted, shifted_and_powers, shifted_and_products };

// What some ways to keep need: where powers go, or products with the t of another quantity.
struct Beside {
  tally::PowerLanes& powers;
  const double* other;
  tally::ProductLanes& products;
};

// Adds the whole rows of kLanes values, and says how many values they are.
template <Keep kKeep>
HWY_INLINE std::size_t AddRows(const double* values, std::size_t n, double centre, double* shifted,
                               math::LaneSums& sums, const Beside& beside) {
  const DoubleTag d;
  const V c = hn::Set(d, centre);
  Registers sum(sums.s1), squares(sums.s2), low(sums.minimum), high(sums.maximum);
  Registers cubes(beside.powers.cubes), fourths(beside.powers.fourths);
  Registers products(beside.products.products);
  const std::size_t whole = n - n % kLanes;
  for (std::size_t i = 0; i < whole; i += kLanes) {
    for (std::size_t v = 0; v < kVectors; ++v) {
      const V f = hn::LoadU(d, values + i + v * kWidth);
      const V t = hn::Sub(f, c);
      if constexpr (kKeep != Keep::nothing) hn::StoreU(t, d, shifted + i + v * kWidth);
      sum[v] = hn::Add(sum[v], t);
      squares[v] = Fma(t, t, squares[v]);
      low[v] = hn::Min(low[v], f);
      high[v] = hn::Max(high[v], f);
      if constexpr (kKeep == Keep::shifted_and_powers) {
        const V square = hn::Mul(t, t);
        cubes[v] = Fma(square, t, cubes[v]);
        fourths[v] = Fma(square, square, fourths[v]);
      }
      if constexpr (kKeep == Keep::shifted_and_products) {
        products[v] = Fma(hn::LoadU(d, beside.other + i + v * kWidth), t, products[v]);
      }
    }
  }
  sum.store(sums.s1);
  squares.store(sums.s2);
  low.store(sums.minimum);
  high.store(sums.maximum);
  cubes.store(beside.powers.cubes);
  fourths.store(beside.powers.fourths);
  products.store(beside.products.products);
  return whole;
}

template <Keep kKeep>
HWY_INLINE void AddAll(const double* values, std::size_t n, double centre, double* shifted,
                       math::LaneSums& sums, const Beside& beside) {
  const std::size_t whole = AddRows<kKeep>(values, n, centre, shifted, sums, beside);
  for (std::size_t i = whole; i < n; ++i) {
    const std::size_t l = i - whole;
    const double f = values[i];
    const double t = f - centre;
    if constexpr (kKeep != Keep::nothing) shifted[i] = t;
    sums.s1[l] += t;
    sums.s2[l] = std::fma(t, t, sums.s2[l]);
    sums.minimum[l] = f < sums.minimum[l] ? f : sums.minimum[l];
    sums.maximum[l] = f > sums.maximum[l] ? f : sums.maximum[l];
    if constexpr (kKeep == Keep::shifted_and_powers) {
      const double square = t * t;
      beside.powers.cubes[l] = std::fma(square, t, beside.powers.cubes[l]);
      beside.powers.fourths[l] = std::fma(square, square, beside.powers.fourths[l]);
    }
    if constexpr (kKeep == Keep::shifted_and_products) {
      double& sum = beside.products.products[l];
      sum = std::fma(beside.other[i], t, sum);
    }
  }
}

void Accumulate(const double* values, std::size_t n, double centre, math::LaneSums& sums) {
  tally::PowerLanes no_powers;
  tally::ProductLanes no_products;
  AddAll<Keep::nothing>(values, n, centre, nullptr, sums, {no_powers, nullptr, no_products});
}

void AccumulateShifted(const double* values, std::size_t n, double centre, double* shifted,
                       math::LaneSums& sums) {
  tally::PowerLanes no_powers;
  tally::ProductLanes no_products;
  AddAll<Keep::shifted>(values, n, centre, shifted, sums, {no_powers, nullptr, no_products});
}

void AccumulateShape(const double* values, std::size_t n, double centre, double* shifted,
                     math::LaneSums& sums, tally::PowerLanes& powers) {
  tally::ProductLanes no_products;
  AddAll<Keep::shifted_and_powers>(values, n, centre, shifted, sums,
                                   {powers, nullptr, no_products});
}

void AccumulateShiftedWith(const double* other, const double* values, std::size_t n, double centre,
                           double* shifted, math::LaneSums& sums, tally::ProductLanes& products) {
  tally::PowerLanes no_powers;
  AddAll<Keep::shifted_and_products>(values, n, centre, shifted, sums,
                                     {no_powers, other, products});
}

void AccumulateProducts(const double* a, const double* b, std::size_t n,
                        tally::ProductLanes& products) {
  const DoubleTag d;
  Registers sum(products.products);
  const std::size_t whole = n - n % kLanes;
  for (std::size_t i = 0; i < whole; i += kLanes) {
    for (std::size_t v = 0; v < kVectors; ++v) {
      const std::size_t at = i + v * kWidth;
      sum[v] = Fma(hn::LoadU(d, a + at), hn::LoadU(d, b + at), sum[v]);
    }
  }
  sum.store(products.products);
  for (std::size_t i = whole; i < n; ++i) {
    products.products[i - whole] = std::fma(a[i], b[i], products.products[i - whole]);
  }
}

}  // namespace oche::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace oche {
OCHE_EXPORT(Accumulate);
OCHE_EXPORT(AccumulateShifted);
OCHE_EXPORT(AccumulateShape);
OCHE_EXPORT(AccumulateShiftedWith);
OCHE_EXPORT(AccumulateProducts);
}  // namespace oche

namespace oche::tally {
namespace {

template <class Combine>
double halve(const double (&lanes)[kLanes], Combine combine) {
  double x[kLanes];
  std::copy(std::begin(lanes), std::end(lanes), x);
  for (std::size_t half = kLanes / 2; half > 0; half /= 2) {
    for (std::size_t l = 0; l < half; ++l) x[l] = combine(x[l], x[l + half]);
  }
  return x[0];
}

double one_nan(double v) { return std::isfinite(v) ? v : std::numeric_limits<double>::quiet_NaN(); }

}  // namespace

void accumulate(const double* values, std::size_t n, double centre, LaneSums& sums) {
  OCHE_DISPATCH(Accumulate)(values, n, centre, sums);
}
void accumulate_shifted(const double* values, std::size_t n, double centre, double* shifted,
                        LaneSums& sums) {
  OCHE_DISPATCH(AccumulateShifted)(values, n, centre, shifted, sums);
}
void accumulate_shape(const double* values, std::size_t n, double centre, double* shifted,
                      LaneSums& sums, PowerLanes& powers) {
  OCHE_DISPATCH(AccumulateShape)(values, n, centre, shifted, sums, powers);
}
void accumulate_shifted_with(const double* other, const double* values, std::size_t n,
                             double centre, double* shifted, LaneSums& sums,
                             ProductLanes& products) {
  OCHE_DISPATCH(AccumulateShiftedWith)(other, values, n, centre, shifted, sums, products);
}
void accumulate_products(const double* a, const double* b, std::size_t n, ProductLanes& products) {
  OCHE_DISPATCH(AccumulateProducts)(a, b, n, products);
}
bool of_finite_values(const LaneSums& sums) {
  return std::ranges::all_of(sums.s1, [](double sum) { return std::isfinite(sum); });
}

double halved(const double (&lanes)[kLanes]) {
  return halve(lanes, [](double a, double b) { return a + b; });
}

// + 0.0: targets differ in which of -0 and +0 is the smaller.
Sums::Sums(const LaneSums& lanes)
    : first(halved(lanes.s1)),
      second(halved(lanes.s2)),
      minimum(halve(lanes.minimum, [](double a, double b) { return b < a ? b : a; }) + 0.0),
      maximum(halve(lanes.maximum, [](double a, double b) { return b > a ? b : a; }) + 0.0) {}

bool Sums::usable() const { return std::isfinite(first) && std::isfinite(second); }

Moments moments_of(const Sums& sums, std::uint64_t n, double centre) {
  Moments m;
  m.count = n;
  m.minimum = sums.minimum;
  m.maximum = sums.maximum;
  if (m.minimum == m.maximum) {
    m.mean = m.minimum;  // all equal: no rounding of a sum may make a variance
    return m;
  }
  const double count = static_cast<double>(n);
  m.mean = (centre + sums.first / count) + 0.0;
  // A rounded sum may lead out of the range of what it is the mean of.
  if (m.mean < m.minimum) m.mean = m.minimum;
  if (m.mean > m.maximum) m.mean = m.maximum;
  const double m2 = sums.second - sums.first * (sums.first / count);
  m.m2 = m2 > 0 ? m2 : 0.0;
  return m;
}

HigherMoments higher_moments_of(const Sums& sums, const PowerLanes& powers, std::uint64_t n) {
  if (sums.minimum == sums.maximum) return {};
  const double d = sums.first / static_cast<double>(n);
  const double third = halved(powers.cubes);
  const double fourth = halved(powers.fourths);
  const double m3 = third - d * (3.0 * sums.second - 2.0 * (sums.first * d));
  const double m4 = fourth - d * (4.0 * third - d * (6.0 * sums.second - 3.0 * (sums.first * d)));
  return {one_nan(m3), one_nan(m4 > 0 || std::isnan(m4) ? m4 : 0.0)};
}

HigherMoments merge(const Moments& a, const HigherMoments& higher_a, const Moments& b,
                    const HigherMoments& higher_b) {
  if (a.count == 0) return higher_b;
  if (b.count == 0) return higher_a;
  const double d = b.mean - a.mean;
  const double n = static_cast<double>(a.count + b.count);
  const double p = static_cast<double>(a.count) / n;  // shares of left and right
  const double q = static_cast<double>(b.count) / n;
  const double d2 = d * d;
  const double weight = static_cast<double>(a.count) * q;  // nA nB / n
  const double m3 =
      (higher_a.m3 + higher_b.m3) + d2 * d * (weight * (p - q)) + 3.0 * d * (p * b.m2 - q * a.m2);
  const double m4 = (higher_a.m4 + higher_b.m4) + d2 * d2 * (weight * (p * p - p * q + q * q)) +
                    6.0 * d2 * (p * p * b.m2 + q * q * a.m2) +
                    4.0 * d * (p * higher_b.m3 - q * higher_a.m3);
  return {one_nan(m3), one_nan(m4)};
}

double co_moment_of(const Sums& x, const Sums& y, const ProductLanes& products, std::uint64_t n) {
  if (x.minimum == x.maximum || y.minimum == y.maximum) return 0.0;
  const double sum = halved(products.products);
  return one_nan(sum - x.first * (y.first / static_cast<double>(n)));
}

double merge_co_moments(const Moments& x_left, const Moments& y_left, double left,
                        const Moments& x_right, const Moments& y_right, double right) {
  if (x_left.count == 0) return right;
  if (x_right.count == 0) return left;
  const double n = static_cast<double>(x_left.count + x_right.count);
  const double weight =
      static_cast<double>(x_left.count) * (static_cast<double>(x_right.count) / n);
  const double d = (x_right.mean - x_left.mean) * (y_right.mean - y_left.mean);
  return one_nan((left + right) + d * weight);
}

}  // namespace oche::tally
#endif  // HWY_ONCE

#include "math/quantile_table.h"

// clang-format off
#include "math/simd_targets.h"
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "math/quantile_table.cc"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>
#include "math/functions-inl.h"
#include "math/simd-inl.h"
#include "math/dispatch.h"
// clang-format on

#include <bit>
#include <cmath>
#include <limits>
#include <utility>

#include "base/assert.h"
#include "math/functions.h"

#ifndef OCHE_MATH_QUANTILE_TABLE_CC_ONCE_
#define OCHE_MATH_QUANTILE_TABLE_CC_ONCE_
namespace oche::math {
// The cells' range of v, and the biased exponent of the first octave.
inline constexpr double kSmallestV = 0x1p-53;
inline constexpr double kLargestV = 0.5 - 0x1p-54;
inline constexpr std::uint64_t kFirstExponent = 1023 - 53;
inline constexpr std::uint64_t kFractionMask = (std::uint64_t{1} << 52) - 1;
inline constexpr std::uint64_t kExponentOfOne = std::uint64_t{1023} << 52;
}  // namespace oche::math
#endif

HWY_BEFORE_NAMESPACE();
namespace oche::HWY_NAMESPACE {

using Bits = hn::RebindToUnsigned<DoubleTag>;

// Coefficient k of the cells whose first coefficients are at table + place[lane].
struct Gathered {
  DoubleVector c[8];
};

#if HWY_TARGET == HWY_AVX3 || HWY_TARGET == HWY_AVX3_DL
// Eight loads and a transposition: several times as fast as eight gathers.
HWY_INLINE Gathered GatherCells(const double* table, const std::uint64_t* place) {
  const DoubleTag d;
  __m512d r[8], low[4], high[4];
  for (int i = 0; i < 8; ++i) r[i] = hn::Load(d, table + place[i]).raw;
  for (int i = 0; i < 4; ++i) {
    low[i] = _mm512_unpacklo_pd(r[2 * i], r[2 * i + 1]);
    high[i] = _mm512_unpackhi_pd(r[2 * i], r[2 * i + 1]);
  }
  Gathered g;
  const auto blocks = [&](const __m512d* rows, int first) HWY_ATTR {
    const __m512d a = _mm512_shuffle_f64x2(rows[0], rows[1], 0x88);
    const __m512d b = _mm512_shuffle_f64x2(rows[2], rows[3], 0x88);
    const __m512d c = _mm512_shuffle_f64x2(rows[0], rows[1], 0xdd);
    const __m512d e = _mm512_shuffle_f64x2(rows[2], rows[3], 0xdd);
    g.c[first] = DoubleVector{_mm512_shuffle_f64x2(a, b, 0x88)};
    g.c[first + 2] = DoubleVector{_mm512_shuffle_f64x2(c, e, 0x88)};
    g.c[first + 4] = DoubleVector{_mm512_shuffle_f64x2(a, b, 0xdd)};
    g.c[first + 6] = DoubleVector{_mm512_shuffle_f64x2(c, e, 0xdd)};
  };
  blocks(low, 0);
  blocks(high, 1);
  return g;
}
#elif HWY_TARGET == HWY_AVX2
HWY_INLINE Gathered GatherCells(const double* table, const std::uint64_t* place) {
  const DoubleTag d;
  Gathered g;
  for (int half = 0; half < 8; half += 4) {
    const auto r0 = hn::Load(d, table + place[0] + half);
    const auto r1 = hn::Load(d, table + place[1] + half);
    const auto r2 = hn::Load(d, table + place[2] + half);
    const auto r3 = hn::Load(d, table + place[3] + half);
    const auto low01 = hn::InterleaveLower(d, r0, r1);
    const auto low23 = hn::InterleaveLower(d, r2, r3);
    const auto high01 = hn::InterleaveUpper(d, r0, r1);
    const auto high23 = hn::InterleaveUpper(d, r2, r3);
    g.c[half] = hn::ConcatLowerLower(d, low23, low01);
    g.c[half + 1] = hn::ConcatLowerLower(d, high23, high01);
    g.c[half + 2] = hn::ConcatUpperUpper(d, low23, low01);
    g.c[half + 3] = hn::ConcatUpperUpper(d, high23, high01);
  }
  return g;
}
#else
HWY_INLINE Gathered GatherCells(const double* table, const std::uint64_t* place) {
  const DoubleTag d;
  alignas(64) double lanes[hn::MaxLanes(DoubleTag())];
  Gathered g;
  for (int k = 0; k < 8; ++k) {
    for (std::size_t i = 0; i < hn::Lanes(d); ++i) lanes[i] = table[place[i] + k];
    g.c[k] = hn::Load(d, lanes);
  }
  return g;
}
#endif

// What QuantileTable::operator() does, for a vector; without the exponential.
HWY_INLINE DoubleVector TablePolynomial(const double* table, int cell_bits, DoubleVector u) {
  const DoubleTag d;
  const Bits du;
  const auto half = hn::Set(d, 0.5);
  const auto above = hn::Gt(u, half);
  const auto upper = hn::Or(above, hn::Lt(u, hn::Zero(d)));
  DoubleVector v = hn::IfThenElse(above, hn::Sub(hn::Set(d, 1.0), u), hn::Abs(u));
  const auto smallest = hn::Set(d, math::kSmallestV);
  const auto largest = hn::Set(d, math::kLargestV);
  v = hn::IfThenElse(hn::Ge(v, smallest), v, smallest);
  v = hn::IfThenElse(hn::Le(v, largest), v, largest);
  const auto bits = hn::BitCast(du, v);
  auto cell = hn::Sub(hn::ShiftRightSame(bits, 52 - cell_bits),
                      hn::Set(du, math::kFirstExponent << cell_bits));
  const auto side = hn::Set(du, std::uint64_t{math::QuantileTable::kOctaves} << cell_bits);
  cell = hn::Add(cell, hn::IfThenElseZero(hn::RebindMask(du, upper), side));
  alignas(64) std::uint64_t place[hn::MaxLanes(DoubleTag())];
  hn::Store(hn::ShiftLeft<3>(cell), du, place);
  const auto fraction =
      hn::And(hn::ShiftLeftSame(bits, cell_bits), hn::Set(du, math::kFractionMask));
  const auto m = hn::BitCast(d, hn::Or(fraction, hn::Set(du, math::kExponentOfOne)));
  const auto t = hn::Sub(hn::Add(m, m), hn::Set(d, 3.0));  // exact
  const Gathered g = GatherCells(table, place);
  DoubleVector y = g.c[7];
  for (int k = 6; k >= 0; --k) y = Fma(y, t, g.c[k]);
  return y;
}

void FillFromTable(const double* table, int cell_bits, bool is_logarithm, const double* u,
                   double* x, std::size_t n) {
  const DoubleTag d;
  for (std::size_t i = 0; i < n; i += hn::Lanes(d)) {
    const DoubleVector a = hn::Load(d, u + i);
    DoubleVector y = TablePolynomial(table, cell_bits, a);
    if (is_logarithm) y = Exp(d, y);
    hn::Store(hn::IfThenElse(IsNotANumber(a), a, y), d, x + i);
  }
}

}  // namespace oche::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace oche {
OCHE_EXPORT(FillFromTable);
}  // namespace oche

namespace oche::math {

QuantileTable::QuantileTable(Form form, int cell_bits, std::vector<Cell> cells)
    : form_(form), cell_bits_(cell_bits), cells_(std::move(cells)) {
  OCHE_ASSERT(cells_.size() == std::size_t{2 * kOctaves} << cell_bits_);
}

double QuantileTable::operator()(double u) const noexcept {
  if (std::isnan(u)) return u;
  const bool upper = u > 0.5 || u < 0.0;
  double v = u > 0.5 ? 1.0 - u : std::fabs(u);
  if (!(v >= kSmallestV)) v = kSmallestV;
  if (!(v <= kLargestV)) v = kLargestV;
  const auto bits = std::bit_cast<std::uint64_t>(v);
  std::uint64_t cell = (bits >> (52 - cell_bits_)) - (kFirstExponent << cell_bits_);
  if (upper) cell += std::uint64_t{kOctaves} << cell_bits_;
  const std::uint64_t fraction = (bits << cell_bits_) & kFractionMask;
  const auto m = std::bit_cast<double>(fraction | kExponentOfOne);
  const double t = (m + m) - 3.0;
  const std::array<double, kCoefficients>& c = cells_[cell].c;
  double y = c[7];
  for (std::size_t k = 7; k-- > 0;) y = std::fma(y, t, c[k]);
  return form_ == Form::logarithm ? exp(y) : y;
}

void QuantileTable::fill(const double* u, double* x, std::size_t n) const noexcept {
  OCHE_DISPATCH(FillFromTable)
  (cells_.front().c.data(), cell_bits_, form_ == Form::logarithm, u, x, (n + 7) / 8 * 8);
}

}  // namespace oche::math
#endif  // HWY_ONCE

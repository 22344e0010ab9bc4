#include "math/quantile_tables.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <utility>
#include <vector>

#include "math/functions.h"
#include "math/quantile_family.h"

namespace oche::math {
namespace {

constexpr double kUlps = 4.0 * 0x1p-53;  // relative: what four roundings of a value make at most
constexpr std::size_t kDegrees = QuantileTable::kCoefficients;

// Row k: t^k as the polynomial of degree 7 that is left when its Chebyshev series on [-1, 1] is cut
// off after T_7, in powers of t; close to the best approximation (Lanczos' economization).
using Economization = std::array<std::array<double, kDegrees>, kSeriesTerms>;

Economization make_economization() {
  std::array<std::array<double, kDegrees>, kDegrees> chebyshev{};  // T_j in powers
  chebyshev[0][0] = 1;
  chebyshev[1][1] = 1;
  for (std::size_t j = 2; j < kDegrees; ++j) {
    for (std::size_t i = 0; i <= j; ++i) {
      chebyshev[j][i] = (i > 0 ? 2 * chebyshev[j - 1][i - 1] : 0.0) - chebyshev[j - 2][i];
    }
  }
  Economization rows{};
  std::array<double, kSeriesTerms + 1> power{};  // t^k in Chebyshev polynomials
  power[0] = 1;
  for (std::size_t k = 0; k < kSeriesTerms; ++k) {
    for (std::size_t j = 0; j < kDegrees; ++j) {
      for (std::size_t i = 0; i < kDegrees; ++i) rows[k][i] += power[j] * chebyshev[j][i];
    }
    // t T_0 = T_1 and t T_j = (T_(j+1) + T_(j-1)) / 2; dyadic fractions, so that all is exact.
    std::array<double, kSeriesTerms + 1> next{};
    for (std::size_t j = 0; j < kSeriesTerms; ++j) {
      if (j == 0) {
        next[1] += power[0];
      } else {
        next[j + 1] += 0.5 * power[j];
        next[j - 1] += 0.5 * power[j];
      }
    }
    power = next;
  }
  return rows;
}

QuantileTable::Cell economized(const Series& series) {
  static const Economization rows = make_economization();
  QuantileTable::Cell cell;
  for (std::size_t i = 0; i < kDegrees; ++i) cell.c[i] = series[i];
  for (std::size_t k = kDegrees; k < kSeriesTerms; ++k) {
    for (std::size_t i = 0; i < kDegrees; ++i) cell.c[i] += series[k] * rows[k][i];
  }
  return cell;
}

template <std::size_t kTerms>
double value_at(const std::array<double, kTerms>& series, double t) {
  double sum = series[kTerms - 1];
  for (std::size_t k = kTerms - 1; k-- > 0;) sum = sum * t + series[k];
  return sum;
}

// One end of a distribution, perhaps a truncated one: the share of it that lies beyond a
// coordinate.
class Side {
 public:
  enum class End { lower, upper };

  // The part between two coordinates, whose tails are `low` and `high`.
  Side(const QuantileFamily& family, End end, const Tails& low, const Tails& high)
      : family_(family), end_(end), low_(low), high_(high) {
    // Differences of the tail in which they cancel less.
    from_below_ = low.lower <= low.upper;
    to_above_ = high.upper <= high.lower;
    if (from_below_ && to_above_) {
      mass_ = 1.0 - low.lower - high.upper;
    } else {
      mass_ = from_below_ ? high.lower - low.lower : low.upper - high.upper;
    }
  }

  double mass() const { return mass_; }
  // How large what is cut off at this end, or what is left beyond it, is: where it isn't small, a
  // share is a difference of tails that are nearly the same, and has their rounding errors.
  double cut() const {
    const Tails& edge = end_ == End::lower ? low_ : high_;
    return std::min(edge.lower, edge.upper) / mass_;
  }
  double noise() const { return 0x1p-44 * cut(); }
  double sign() const { return end_ == End::lower ? 1.0 : -1.0; }

  struct Share {
    double v;      // the share beyond the coordinate, outwards
    double slope;  // its derivative in the rate's variable, without the sign
  };
  Share share(double c) const {
    const Tails here = family_.at(c);
    double v = 0.0;
    if (end_ == End::lower) {
      v = from_below_ ? here.lower - low_.lower : low_.upper - here.upper;
    } else {
      v = to_above_ ? here.upper - high_.upper : high_.lower - here.lower;
    }
    return {v / mass_, here.slope / mass_};
  }

  // The coordinate whose share is v, between two that enclose it. Newton's method for log v, or
  // halving where that leads out.
  double solve(double v, double low, double high) const {
    double c = 0.5 * (low + high);
    for (int i = 0; i < 300; ++i) {
      const Share s = share(c);
      if (s.v == v) break;
      ((s.v < v) == (end_ == End::lower) ? low : high) = c;
      const double step = (log(v) - log(s.v)) * s.v / s.slope * sign() * family_.stretch(c);
      double next = c + step;
      if (!(next > low && next < high)) next = 0.5 * (low + high);
      if (std::fabs(next - c) <= 0x1p-53 * std::fabs(c)) break;
      c = next;
    }
    return c;
  }

 private:
  const QuantileFamily& family_;
  End end_;
  Tails low_, high_;
  bool from_below_ = true;
  bool to_above_ = true;
  double mass_ = 1.0;
};

// Whether an output that is off by `error` is as near as kQuantileError wants it. `e` is the series
// at v in a variable that is `unit` of v wide.
bool is_near_enough(const QuantileFamily& family, const Expansion& e, double error, double unit,
                    double v) {
  if (!(error == error)) return false;
  const double size = std::fabs(e.output[0]);
  const bool is_value = family.form() == QuantileTable::Form::value;
  if (error <= kUlps * (is_value ? size : std::max(1.0, size))) return true;
  return error * unit <= 0.5 * kQuantileError * v * std::fabs(e.output[1]);
}

// A coordinate with the part that its last bit loses: next to an edge the steps are smaller than
// that.
struct Position {
  double c;
  double rest = 0.0;

  void advance(double step) {
    const double whole = step + rest;
    const double next = c + whole;
    // What the sum lost (D. E. Knuth, The Art of Computer Programming 2, section 4.2.2).
    const double added = next - c;
    rest = (c - (next - added)) + (whole - added);
    c = next;
  }
};

// Cells of one octave, from its outer end, where `at` is, to the inner one, where it is left. False
// if a polynomial misses.
bool fill_octave(const QuantileFamily& family, Position& at, double rate, double v, int cell_bits,
                 QuantileTable::Cell* cells) {
  const int count = 1 << cell_bits;
  const double half_width = std::ldexp(v, -cell_bits - 1);
  Expansion e;
  family.expand(at.c, rate * half_width, e);
  double step = 1.0;  // from the octave's end to the middle of the first cell
  for (int i = 0; i < count; ++i) {
    e.coordinate[0] = 0.0;
    at.advance(value_at(e.coordinate, step));
    family.expand(at.c, value_at(e.rate, step), e);
    step = 2.0;
    cells[i] = economized(e.output);
    const double v_middle = v + (2 * i + 1) * half_width;
    for (const double t : {-1.0, 1.0}) {
      const double error = std::fabs(value_at(cells[i].c, t) - value_at(e.output, t));
      if (!is_near_enough(family, e, error, half_width, v_middle)) return false;
    }
  }
  e.coordinate[0] = 0.0;
  at.advance(value_at(e.coordinate, 1.0));
  return true;
}

// The cells of one side, marching from the outermost v inwards, where errors fade. Each octave
// begins with a coordinate that solves the equation anew; but where something is cut off, the
// differential equation from the edge inwards is more exact than a difference of tails.
bool fill_side(const QuantileFamily& family, const Side& side, double low, double high,
               int cell_bits, QuantileTable::Cell* cells) {
  double v = 0x1p-53;
  Position at{0.0};
  const bool from_edge = side.cut() > 0x1p-46;
  if (from_edge) {
    at.c = side.sign() > 0 ? low : high;
    Expansion e;
    family.expand(at.c, side.sign() * v / side.share(at.c).slope, e);
    e.coordinate[0] = 0.0;
    at.advance(value_at(e.coordinate, 1.0));
  } else {
    at.c = side.solve(v, low, high);
  }
  for (int octave = 0; octave < QuantileTable::kOctaves; ++octave, v *= 2) {
    Side::Share s = side.share(at.c);
    const double rate = side.sign() / s.slope;
    if (!fill_octave(family, at, rate, v, cell_bits,
                     cells + (static_cast<std::ptrdiff_t>(octave) << cell_bits)) ||
        !(at.c >= low && at.c <= high)) {
      return false;
    }
    s = side.share(at.c);
    const double off = 2.0 * v - s.v;
    Expansion e;
    family.expand(at.c, side.sign() / s.slope, e);
    const bool is_noise = std::fabs(off) <= side.noise();
    if (!is_noise && !is_near_enough(family, e, std::fabs(off * e.output[1]), 1.0, 2.0 * v)) {
      return false;
    }
    if (!from_edge) at = {at.c + off / s.slope * side.sign() * family.stretch(at.c)};
  }
  return true;
}

struct End {
  const QuantileFamily& family;
  Side side;
  double low, high;  // coordinates
};

std::optional<QuantileTable> build(const End& below, const End& above) {
  if (!(below.side.mass() > 0.0 && above.side.mass() > 0.0)) return std::nullopt;
  for (int cell_bits = 4; cell_bits <= 8; ++cell_bits) {
    const std::size_t cells_of_side = std::size_t{QuantileTable::kOctaves} << cell_bits;
    std::vector<QuantileTable::Cell> cells(2 * cells_of_side);
    if (fill_side(below.family, below.side, below.low, below.high, cell_bits, cells.data()) &&
        fill_side(above.family, above.side, above.low, above.high, cell_bits,
                  cells.data() + cells_of_side)) {
      return QuantileTable(below.family.form(), cell_bits, std::move(cells));
    }
  }
  return std::nullopt;
}

// The part of a family between two coordinates; an infinite one has nothing beyond it.
End make_end(const QuantileFamily& family, Side::End end, double low, double high) {
  const Tails nothing_below{0.0, 1.0, 0.0};
  const Tails nothing_above{1.0, 0.0, 0.0};
  const Tails below = std::isinf(low) ? nothing_below : family.at(low);
  const Tails above = std::isinf(high) ? nothing_above : family.at(high);
  const Side side(family, end, below, above);
  const double tail = 0x1p-53 * std::min(side.mass(), 1.0);
  if (std::isinf(low)) low = std::min(family.lowest(tail), high);
  if (std::isinf(high)) high = std::max(family.highest(tail), low + 60.0);
  return {family, side, low, high};
}

bool is_within(double shape, double smallest) {
  return shape >= smallest && shape <= kLargestShape;
}

// Below this, a lower tail is a power of u so high that its logarithm is what polynomials can hold.
constexpr double kSmallShape = 0.2;

}  // namespace

std::optional<QuantileTable> gamma_quantiles(double shape, const Truncation& kept) {
  if (!is_within(shape, kSmallestGammaShape) || !(kept.low < kept.high) || !(kept.high > 0.0)) {
    return std::nullopt;
  }
  const bool is_whole = !(kept.low > 0.0);
  const bool by_logarithm = is_whole && shape < kSmallShape;
  const GammaFamily family(
      shape, by_logarithm ? QuantileTable::Form::logarithm : QuantileTable::Form::value);
  const double low = is_whole ? -HUGE_VAL : family.coordinate_of(kept.low);
  const double high = family.coordinate_of(kept.high);
  return build(make_end(family, Side::End::lower, low, high),
               make_end(family, Side::End::upper, low, high));
}

std::optional<QuantileTable> beta_quantiles(double a, double b, const Truncation& kept) {
  if (!is_within(a, kSmallestBetaShape) || !is_within(b, kSmallestBetaShape) ||
      !(kept.low < kept.high) || !(kept.low < 1.0) || !(kept.high > 0.0)) {
    return std::nullopt;
  }
  const bool has_low = kept.low > 0.0;
  const bool has_high = kept.high < 1.0;
  const auto form =
      !has_low && a < kSmallShape ? QuantileTable::Form::logarithm : QuantileTable::Form::value;
  const BetaFamily family(a, b, form, BetaFamily::Output::itself);
  const BetaFamily mirrored(b, a, form, BetaFamily::Output::mirrored);
  const double low = has_low ? family.coordinate_of(kept.low) : -HUGE_VAL;
  const double high = has_high ? family.coordinate_of(kept.high) : HUGE_VAL;
  const double mirrored_low = has_high ? mirrored.coordinate_of(kept.high) : -HUGE_VAL;
  const double mirrored_high = has_low ? mirrored.coordinate_of(kept.low) : HUGE_VAL;
  return build(make_end(family, Side::End::lower, low, high),
               make_end(mirrored, Side::End::lower, mirrored_low, mirrored_high));
}

std::optional<QuantileTable> student_quantiles(double dof, const Truncation& kept) {
  if (!is_within(dof, kSmallestDof) || !(kept.low < kept.high)) return std::nullopt;
  const StudentFamily family(dof);
  const double low = family.coordinate_of(kept.low);
  const double high = family.coordinate_of(kept.high);
  return build(make_end(family, Side::End::lower, low, high),
               make_end(family, Side::End::upper, low, high));
}

}  // namespace oche::math

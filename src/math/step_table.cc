#include "math/step_table.h"

// clang-format off
#include "math/simd_targets.h"
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "math/step_table.cc"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>
#include "math/simd-inl.h"
#include "math/dispatch.h"
// clang-format on

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <utility>

#include "base/assert.h"

#ifndef OCHE_MATH_STEP_TABLE_CC_ONCE_
#define OCHE_MATH_STEP_TABLE_CC_ONCE_
namespace oche::math {
inline constexpr double kAlmostOne = 1.0 - 0x1p-53;
}  // namespace oche::math
#endif

HWY_BEFORE_NAMESPACE();
namespace oche::HWY_NAMESPACE {

using math::StepTable;
using Whole = hn::RebindToSigned<DoubleTag>;

// A whole number from 0 to 2^52 - 1, as an integer and back: the sum with 2^52 has it in its bits.
HWY_INLINE hn::Vec<Whole> ToInteger(DoubleVector x) {
  const DoubleTag d;
  const Whole di;
  const auto shifted = hn::Add(x, hn::Set(d, 0x1p52));
  return hn::Sub(hn::BitCast(di, shifted), hn::BitCast(di, hn::Set(d, 0x1p52)));
}
HWY_INLINE DoubleVector ToDouble(hn::Vec<Whole> i) {
  const DoubleTag d;
  const Whole di;
  const auto shifted = hn::BitCast(d, hn::Add(i, hn::BitCast(di, hn::Set(d, 0x1p52))));
  return hn::Sub(shifted, hn::Set(d, 0x1p52));
}

void FillFromSteps(const StepTable::View& table, const double* u, double* x, std::size_t n) {
  const DoubleTag d;
  const Whole di;
  for (std::size_t k = 0; k < n; k += hn::Lanes(d)) {
    const DoubleVector a = hn::Load(d, u + k);
    const auto one = hn::Set(d, math::kAlmostOne);
    DoubleVector v = hn::IfThenElseZero(hn::Gt(a, hn::Zero(d)), a);
    v = hn::IfThenElse(hn::Lt(v, one), v, one);
    auto i = ToInteger(RoundDown(hn::Mul(v, hn::Set(d, table.parts))));
    if (table.thresholds != nullptr) {
      i = hn::GatherIndex(di, table.guide, i);
      for (;;) {
        const auto more = hn::Lt(hn::GatherIndex(d, table.thresholds, i), v);
        if (hn::AllFalse(d, more)) break;
        // A true mask is -1.
        i = hn::Add(i, hn::IfThenElseZero(hn::RebindMask(di, more), hn::Set(di, 1)));
      }
    }
    const DoubleVector value = table.values == nullptr
                                   ? hn::Add(ToDouble(i), hn::Set(d, table.first))
                                   : hn::GatherIndex(d, table.values, i);
    hn::Store(hn::IfThenElse(IsNotANumber(a), a, value), d, x + k);
  }
}

}  // namespace oche::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace oche {
OCHE_EXPORT(FillFromSteps);
}  // namespace oche

namespace oche::math {
namespace {

// A sum whose rounding errors are summed too (A. Neumaier, ZAMM 54 (1974) 39-51).
class Sum {
 public:
  void add(double x) {
    const double next = sum_ + x;
    rest_ += std::fabs(sum_) >= std::fabs(x) ? (sum_ - next) + x : (x - next) + sum_;
    sum_ = next;
  }
  double value() const { return sum_ + rest_; }

 private:
  double sum_ = 0.0;
  double rest_ = 0.0;
};

// Weights from the mode outwards, 1 there, until nothing further out changes a tail of 2^-53;
// `up(k)` and `down(k)` are the factors from k to k+1 and to k-1.
template <class Up, class Down>
StepTable from_mode(double mode, double lowest, double highest, const Up& up, const Down& down) {
  constexpr double kNegligible = 0x1p-110;
  std::vector<double> weights;
  double first = mode;
  double w = 1.0;
  while (w > kNegligible) {
    weights.push_back(w);
    if (first == lowest) break;
    w *= down(first);
    first -= 1.0;
  }
  std::reverse(weights.begin(), weights.end());
  first = mode - static_cast<double>(weights.size() - 1);
  w = 1.0;
  for (double k = mode; k < highest; k += 1.0) {
    w *= up(k);
    if (!(w > kNegligible)) break;
    weights.push_back(w);
  }
  return StepTable(first, weights);
}

}  // namespace

StepTable::StepTable(std::span<const double> values, std::span<const double> weights)
    : values_(values.begin(), values.end()) {
  OCHE_ASSERT(values.size() == weights.size());
  build(weights);
}

StepTable::StepTable(double first, std::span<const double> weights) : first_(first) {
  build(weights);
}

StepTable StepTable::equally_likely(std::vector<double> values) {
  OCHE_ASSERT(!values.empty() && values.size() <= kMaxOutcomes);
  StepTable table;
  table.values_ = std::move(values);
  return table;
}

void StepTable::build(std::span<const double> weights) {
  const std::size_t n = weights.size();
  OCHE_ASSERT(n >= 1 && n <= kMaxOutcomes);
  const auto weight = [&](std::size_t i) { return weights[i] > 0.0 ? weights[i] : 0.0; };
  Sum all;
  for (std::size_t i = 0; i < n; ++i) all.add(weight(i));
  const double total = all.value();
  OCHE_ASSERT(total > 0.0 && std::isfinite(total));
  // Each threshold from the nearer end, so that both tails keep their relative accuracy.
  thresholds_.assign(n, 0.0);
  Sum below;
  std::size_t half = 0;
  for (; half < n; ++half) {
    below.add(weight(half));
    if (!(2.0 * below.value() <= total)) break;
    thresholds_[half] = below.value() / total;
  }
  Sum above;
  for (std::size_t i = n; i-- > half;) {
    thresholds_[i] = 1.0 - above.value() / total;
    above.add(weight(i));
  }
  // Outcomes that no uniform number has.
  const auto begin = std::ranges::find_if(thresholds_, [](double t) { return t >= 0x1p-53; });
  auto end =
      std::ranges::find_if(begin, thresholds_.end(), [](double t) { return t >= kAlmostOne; });
  if (end != thresholds_.end()) ++end;
  const auto dropped = begin - thresholds_.begin();
  const auto kept = end - begin;
  thresholds_ = std::vector<double>(begin, end);
  thresholds_.back() = std::numeric_limits<double>::infinity();
  first_ += static_cast<double>(dropped);
  if (!values_.empty()) {
    values_ = std::vector<double>(values_.begin() + dropped, values_.begin() + dropped + kept);
  }
  guide_.resize(std::bit_ceil(thresholds_.size()));
  const auto parts = static_cast<double>(guide_.size());
  std::int64_t i = 0;
  for (std::size_t j = 0; j < guide_.size(); ++j) {
    while (thresholds_[static_cast<std::size_t>(i)] < static_cast<double>(j) / parts) ++i;
    guide_[j] = i;
  }
}

StepTable::View StepTable::view() const {
  const bool is_equal = thresholds_.empty();
  return {is_equal ? nullptr : thresholds_.data(), guide_.data(),
          values_.empty() ? nullptr : values_.data(), first_,
          static_cast<double>(is_equal ? values_.size() : guide_.size())};
}

double StepTable::operator()(double u) const noexcept {
  if (std::isnan(u)) return u;
  double v = u > 0.0 ? u : 0.0;
  if (!(v < kAlmostOne)) v = kAlmostOne;
  const View table = view();
  auto i = static_cast<std::int64_t>(std::floor(v * table.parts));
  if (table.thresholds != nullptr) {
    i = table.guide[i];
    while (table.thresholds[i] < v) ++i;
  }
  return table.values == nullptr ? static_cast<double>(i) + table.first : table.values[i];
}

void StepTable::fill(const double* u, double* x, std::size_t n) const noexcept {
  OCHE_DISPATCH(FillFromSteps)(view(), u, x, (n + 7) / 8 * 8);
}

StepTable poisson_steps(double mean) {
  OCHE_ASSERT(mean >= 0.0 && mean <= kLargestPoissonMean);
  return from_mode(
      std::floor(mean), 0.0, HUGE_VAL, [&](double k) { return mean / (k + 1.0); },
      [&](double k) { return k / mean; });
}

StepTable binomial_steps(double n, double p) {
  OCHE_ASSERT(n >= 0.0 && n <= kLargestBinomialTrials && p >= 0.0 && p <= 1.0);
  OCHE_ASSERT(n * p * (1.0 - p) <= kLargestPoissonMean);
  const double q = 1.0 - p;
  const double mode = std::min(n, std::floor((n + 1.0) * p));
  return from_mode(
      mode, 0.0, n, [&](double k) { return (n - k) / (k + 1.0) * (p / q); },
      [&](double k) { return k / (n - k + 1.0) * (q / p); });
}

}  // namespace oche::math
#endif  // HWY_ONCE

#include "tally/bins.h"

// clang-format off
#include "math/simd_targets.h"
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "tally/bins.cc"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>
#include "math/simd-inl.h"
#include "math/dispatch.h"
// clang-format on

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <new>
#include <span>
#include <utility>

#include "base/assert.h"
#include "tally/moments.h"

HWY_BEFORE_NAMESPACE();
namespace oche::HWY_NAMESPACE {

// The bin of each t = y[i] - origin; n is a multiple of a vector, and so much of y is read.
// extremes becomes what of these t belongs there, if none is a NaN. The bits of a double, the
// magnitude's flipped if it is negative, are ordered as signed integers.
void FindBins(const double* y, std::size_t n, double origin, std::uint64_t* bins,
              tally::Extremes* extremes) {
  const DoubleTag d;
  const hn::RebindToSigned<DoubleTag> di;
  const hn::RebindToUnsigned<DoubleTag> du;
  const auto zero_bin = hn::Set(du, tally::kZeroBin);
  const DoubleVector c = hn::Set(d, origin);
  DoubleVector low = hn::Set(d, extremes->low);
  DoubleVector high = hn::Set(d, extremes->high);
  DoubleVector least = hn::Set(d, extremes->least_magnitude);
  DoubleVector least_but_0 = hn::Set(d, extremes->least_magnitude_but_0);
  for (std::size_t i = 0; i < n; i += hn::Lanes(d)) {
    // + 0.0: a -0 is the zero of the positive bins.
    const DoubleVector t = hn::Add(hn::Sub(hn::LoadU(d, y + i), c), hn::Zero(d));
    low = hn::Min(low, t);
    high = hn::Max(high, t);
    const DoubleVector magnitude = hn::Abs(t);
    least = hn::Min(least, magnitude);
    least_but_0 =
        hn::Min(least_but_0, hn::IfThenElse(hn::Eq(t, hn::Zero(d)), hn::Inf(d), magnitude));
    const auto bits = hn::BitCast(du, t);
    const auto negative = hn::BitCast(du, hn::BroadcastSignBit(hn::BitCast(di, t)));
    const auto ordered = hn::Xor(bits, hn::ShiftRight<1>(negative));
    hn::StoreU(hn::Xor(hn::ShiftRight<52 - tally::kBinFractionBits>(ordered), zero_bin), du,
               bins + i);
  }
  *extremes = {hn::GetLane(hn::MinOfLanes(d, low)), hn::GetLane(hn::MaxOfLanes(d, high)),
               hn::GetLane(hn::MinOfLanes(d, least)), hn::GetLane(hn::MinOfLanes(d, least_but_0))};
}

}  // namespace oche::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace oche {
OCHE_EXPORT(FindBins);
}  // namespace oche

namespace oche::tally {
namespace {

constexpr unsigned kShift = 52 - kBinFractionBits;
constexpr std::size_t kOctave = std::size_t{1} << kBinFractionBits;
constexpr std::size_t kZeroOctave = kZeroBin / kOctave;
constexpr std::uint64_t kMostCounted = std::uint64_t{1} << 31;  // in 32-bit counters

// So many bins of an octave are faster added up in an array of all its bins: which of two bins is
// the lower, and which are empty, no branch predicts.
constexpr std::size_t kManyBins = 64;

// Values of a block that spread over fewer octaves are counted without a look at the octave of
// each. Of normal values about 0, the smallest of 512 in magnitude lies about ten octaves below the
// largest.
constexpr std::size_t kFewOctaves = 32;

// Where the result of unknown length grows: memory that each thread keeps. What is new from the
// system costs a fault for each page.
Bins& scratch() {
  thread_local Bins bins;
  bins.clear();
  return bins;
}

// Appends those of an octave's bins that aren't empty; count_of(k) is the count of its k-th.
template <class F>
void append_octave(std::uint32_t first, F count_of, Bins& bins) {
  Bin filled[kOctave + 1];
  Bin* out = filled;
  for (std::uint32_t k = 0; k < kOctave; ++k) {
    const std::uint64_t count = count_of(k);
    *out = {first + k, count};
    out += count != 0 ? 1 : 0;
  }
  bins.insert(bins.end(), filled, out);
}

// What is still to be merged of one side.
struct Part {
  std::span<const Bin> rest;

  // Those of the octave that begins at bin `first`; none is below it.
  std::span<const Bin> take_octave(std::uint32_t first) {
    const auto most = static_cast<std::ptrdiff_t>(std::min(rest.size(), kOctave));
    const auto upto =
        std::partition_point(rest.begin(), rest.begin() + most,
                             [first](const Bin& bin) { return bin.index - first < kOctave; });
    const auto taken = static_cast<std::size_t>(upto - rest.begin());
    const std::span<const Bin> part = rest.first(taken);
    rest = rest.subspan(taken);
    return part;
  }
};

void merge_few(std::span<const Bin> left, std::span<const Bin> right, Bins& merged) {
  auto a = left.begin();
  auto b = right.begin();
  while (a != left.end() && b != right.end()) {
    if (a->index < b->index) {
      merged.push_back(*a++);
    } else if (b->index < a->index) {
      merged.push_back(*b++);
    } else {
      merged.push_back({a->index, a->count + b->count});
      ++a;
      ++b;
    }
  }
  merged.insert(merged.end(), a, left.end());
  merged.insert(merged.end(), b, right.end());
}

void merge_many(std::span<const Bin> left, std::span<const Bin> right, std::uint32_t first,
                Bins& merged) {
  std::uint64_t counts[kOctave] = {};
  for (const Bin& bin : left) counts[bin.index - first] = bin.count;
  for (const Bin& bin : right) counts[bin.index - first] += bin.count;
  append_octave(first, [&counts](std::uint32_t k) { return counts[k]; }, merged);
}

// The least magnitude of the bins of the k-th smallest magnitudes.
double magnitude(std::uint32_t k) {
  const std::uint64_t bits = std::uint64_t{k} << kShift;
  const double value = std::bit_cast<double>(bits);
  return value == value ? value : std::numeric_limits<double>::infinity();
}

}  // namespace

std::uint32_t bin_of(double t) {
  const auto bits = std::bit_cast<std::uint64_t>(t + 0.0);
  const auto k = static_cast<std::uint32_t>((bits << 1) >> (kShift + 1));
  return (bits >> 63) == 0 ? kZeroBin + k : kZeroBin - 1 - k;
}

double bin_low(std::uint32_t index) {
  return index >= kZeroBin ? magnitude(index - kZeroBin) : -magnitude(kZeroBin - index);
}

double bin_high(std::uint32_t index) { return bin_low(index + 1); }

Bins merge(Bins left, const Bins& right) {
  if (right.empty()) return left;
  if (left.empty()) return right;
  Bins& merged = scratch();
  Part a{left};
  Part b{right};
  while (!a.rest.empty() && !b.rest.empty()) {
    const std::uint32_t lower = std::min(a.rest.front().index, b.rest.front().index);
    const auto first = static_cast<std::uint32_t>(lower / kOctave * kOctave);
    const std::span<const Bin> of_left = a.take_octave(first);
    const std::span<const Bin> of_right = b.take_octave(first);
    if (of_left.size() + of_right.size() < kManyBins) {
      merge_few(of_left, of_right, merged);
    } else {
      merge_many(of_left, of_right, first, merged);
    }
  }
  merge_few(a.rest, b.rest, merged);
  left.swap(merged);
  return left;
}

void BinCounter::Free::operator()(std::uint32_t* p) const { std::free(p); }

// calloc gives pages that exist from their first use on.
BinCounter::BinCounter()
    : counts_(
          static_cast<std::uint32_t*>(std::calloc(2 * std::size_t{kBins}, sizeof(std::uint32_t)))),
      touched_(kBins / kOctave, 0),
      found_(std::make_unique<std::uint64_t[]>(kBlockSamples)) {
  if (!counts_) throw std::bad_alloc();
}

void BinCounter::find(const double* y, std::size_t n, double origin) {
  OCHE_ASSERT(n <= kBlockSamples);
  constexpr std::size_t kLine = 8;
  const std::size_t whole = n - n % kLine;
  extremes_ = {};
  OCHE_DISPATCH(FindBins)(y, whole, origin, found_.get(), &extremes_);
  for (std::size_t i = whole; i < n; ++i) {
    const double t = y[i] - origin;
    found_[i] = bin_of(t);
    extremes_.low = std::min(extremes_.low, t);
    extremes_.high = std::max(extremes_.high, t);
    const double magnitude = std::fabs(t);
    extremes_.least_magnitude = std::min(extremes_.least_magnitude, magnitude);
    if (magnitude > 0) {
      extremes_.least_magnitude_but_0 = std::min(extremes_.least_magnitude_but_0, magnitude);
    }
  }
  number_found_ = n;
}

bool BinCounter::touch_all_found() {
  if (extremes_.least_magnitude == 0) touched_[kZeroOctave] = 1;
  const double greatest = std::max(-extremes_.low, extremes_.high);
  if (!(greatest > 0)) return true;  // zeros, or nothing
  const auto octave_of = [](double t) { return bin_of(t) / kOctave - kZeroOctave; };
  const std::size_t least = octave_of(extremes_.least_magnitude_but_0);
  const std::size_t most = octave_of(greatest);
  if (most - least >= kFewOctaves) return false;
  for (std::size_t octave = least; octave <= most; ++octave) {
    if (extremes_.high > 0) touched_[kZeroOctave + octave] = 1;
    if (extremes_.low < 0) touched_[kZeroOctave - 1 - octave] = 1;
  }
  return true;
}

void BinCounter::count_found() {
  if (counted_ + number_found_ > kMostCounted) drain();
  counted_ += number_found_;
  const std::uint64_t* const bins = found_.get();
  std::uint32_t* const even = counts_.get();
  std::uint32_t* const odd = even + kBins;
  if (!touch_all_found()) {
    for (std::size_t i = 0; i < number_found_; ++i) touched_[bins[i] >> kBinFractionBits] = 1;
  }
  const std::size_t whole = number_found_ & ~std::size_t{1};
  for (std::size_t i = 0; i < whole; i += 2) {
    ++even[bins[i]];
    ++odd[bins[i + 1]];
  }
  if (whole < number_found_) ++even[bins[whole]];
}

void BinCounter::drain() {
  Bins& bins = scratch();
  for (std::size_t octave = 0; octave < touched_.size(); ++octave) {
    if (touched_[octave] == 0) continue;
    touched_[octave] = 0;
    std::uint32_t* const even = counts_.get() + octave * kOctave;
    std::uint32_t* const odd = even + kBins;
    append_octave(
        static_cast<std::uint32_t>(octave * kOctave),
        [&](std::uint32_t k) { return std::uint64_t{even[k]} + odd[k]; }, bins);
    std::fill_n(even, kOctave, 0);
    std::fill_n(odd, kOctave, 0);
  }
  drained_ = merge(std::move(drained_), Bins(bins));
  counted_ = 0;
}

Bins BinCounter::take() {
  drain();
  return std::exchange(drained_, {});
}

}  // namespace oche::tally
#endif  // HWY_ONCE

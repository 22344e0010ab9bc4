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

#include <bit>
#include <cstdlib>
#include <limits>
#include <new>
#include <utility>

#include "base/assert.h"
#include "tally/moments.h"

HWY_BEFORE_NAMESPACE();
namespace oche::HWY_NAMESPACE {

// The bin of each y[i] - origin; n is a multiple of a vector, and so much of y is read.
// The bits of a double, the magnitude's flipped if it is negative, are ordered as signed integers.
void FindBins(const double* y, std::size_t n, double origin, std::uint64_t* bins) {
  const DoubleTag d;
  const hn::RebindToSigned<DoubleTag> di;
  const hn::RebindToUnsigned<DoubleTag> du;
  const auto zero_bin = hn::Set(du, tally::kZeroBin);
  const DoubleVector c = hn::Set(d, origin);
  for (std::size_t i = 0; i < n; i += hn::Lanes(d)) {
    // + 0.0: a -0 is the zero of the positive bins.
    const DoubleVector t = hn::Add(hn::Sub(hn::LoadU(d, y + i), c), hn::Zero(d));
    const auto bits = hn::BitCast(du, t);
    const auto negative = hn::BitCast(du, hn::BroadcastSignBit(hn::BitCast(di, t)));
    const auto ordered = hn::Xor(bits, hn::ShiftRight<1>(negative));
    hn::StoreU(hn::Xor(hn::ShiftRight<52 - tally::kBinFractionBits>(ordered), zero_bin), du,
               bins + i);
  }
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
constexpr std::uint64_t kMostCounted = std::uint64_t{1} << 31;  // in 32-bit counters

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

// From the back, in the memory of `left`: most bins of two parts of one run are the same.
Bins merge(Bins left, const Bins& right) {
  std::size_t missing = 0;
  std::size_t at = 0;
  for (const Bin& bin : right) {
    while (at < left.size() && left[at].index < bin.index) ++at;
    if (at == left.size() || left[at].index != bin.index) ++missing;
  }
  std::size_t a = left.size();
  std::size_t b = right.size();
  left.resize(a + missing);
  for (std::size_t to = left.size(); b > 0;) {
    --to;
    if (a > 0 && left[a - 1].index > right[b - 1].index) {
      left[to] = left[--a];
    } else if (a > 0 && left[a - 1].index == right[b - 1].index) {
      --a;
      --b;
      left[to] = {left[a].index, left[a].count + right[b].count};
    } else {
      left[to] = right[--b];
    }
  }
  return left;
}

void BinCounter::Free::operator()(std::uint32_t* p) const { std::free(p); }

// calloc gives pages that exist from their first use on.
BinCounter::BinCounter()
    : counts_(static_cast<std::uint32_t*>(std::calloc(kBins, sizeof(std::uint32_t)))),
      touched_(kBins / kOctave, 0) {
  if (!counts_) throw std::bad_alloc();
}

void BinCounter::count(const double* y, std::size_t n, double origin) {
  OCHE_ASSERT(n <= kBlockSamples);
  constexpr std::size_t kLine = 8;
  if (counted_ + n > kMostCounted) drain();
  counted_ += n;
  std::uint64_t bins[kBlockSamples];
  const std::size_t whole = n - n % kLine;
  OCHE_DISPATCH(FindBins)(y, whole, origin, bins);
  for (std::size_t i = whole; i < n; ++i) bins[i] = bin_of(y[i] - origin);
  std::uint32_t* const counts = counts_.get();
  for (std::size_t i = 0; i < n; ++i) {
    std::uint8_t& touched = touched_[bins[i] >> kBinFractionBits];
    if (touched == 0) touched = 1;
    ++counts[bins[i]];
  }
}

void BinCounter::drain() {
  Bins bins;
  for (std::size_t octave = 0; octave < touched_.size(); ++octave) {
    if (touched_[octave] == 0) continue;
    touched_[octave] = 0;
    std::uint32_t* const counts = counts_.get() + octave * kOctave;
    for (std::size_t k = 0; k < kOctave; ++k) {
      if (counts[k] == 0) continue;
      bins.push_back({static_cast<std::uint32_t>(octave * kOctave + k), counts[k]});
      counts[k] = 0;
    }
  }
  drained_ = drained_.empty() ? std::move(bins) : merge(std::move(drained_), bins);
  counted_ = 0;
}

Bins BinCounter::take() {
  drain();
  return std::exchange(drained_, {});
}

}  // namespace oche::tally
#endif  // HWY_ONCE

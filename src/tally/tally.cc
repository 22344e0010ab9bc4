#include "tally/tally.h"

#include <algorithm>

#include "base/assert.h"
#include "tally/tree.h"

namespace oche::tally {

std::uint64_t Tally::samples() const {
  std::uint64_t n = 0;
  for (const StratumMoments& s : strata) n += s.moments.samples();
  return n;
}

Moments Tally::total() const {
  PairwiseMerger<Moments> merger;
  for (const StratumMoments& s : strata) merger.add(s.moments);
  return merger.result();
}

Tally merge(Tally left, const Tally& right) {
  if (right.strata.empty()) return left;
  auto next = right.strata.begin();
  if (!left.strata.empty()) {
    StratumMoments& last = left.strata.back();
    OCHE_ASSERT(last.stratum <= next->stratum);
    if (last.stratum == next->stratum) {
      last.moments = merge(last.moments, next->moments);
      ++next;
    }
  }
  left.strata.insert(left.strata.end(), next, right.strata.end());
  return left;
}

bool identical(const Tally& a, const Tally& b) {
  return std::equal(a.strata.begin(), a.strata.end(), b.strata.begin(), b.strata.end(),
                    [](const StratumMoments& x, const StratumMoments& y) {
                      return x.stratum == y.stratum && identical(x.moments, y.moments);
                    });
}

void write(ByteWriter& out, const Tally& tally) {
  out.u64(tally.strata.size());
  for (const StratumMoments& s : tally.strata) {
    out.u32(s.stratum);
    out.u64(s.moments.count);
    out.f64(s.moments.mean);
    out.f64(s.moments.m2);
    out.f64(s.moments.minimum);
    out.f64(s.moments.maximum);
    out.u64(s.moments.non_finite);
    out.u64(s.moments.first_non_finite);
  }
}

}  // namespace oche::tally

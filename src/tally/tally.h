// A tally: what a chunk yields, and what a range of chunks yields once merged.
//
// Samples are numbered stratum by stratum, so a range of samples touches a run of neighbouring
// strata, and its tally is that run, each stratum with its moments. Plain Monte Carlo has the one
// stratum 0.
#ifndef OCHE_TALLY_TALLY_H_
#define OCHE_TALLY_TALLY_H_

#include <cstdint>
#include <vector>

#include "base/bytes.h"
#include "tally/moments.h"

namespace oche::tally {

struct StratumMoments {
  std::uint32_t stratum = 0;
  Moments moments;
};

struct Tally {
  std::vector<StratumMoments> strata;  // strictly ascending

  std::uint64_t samples() const;
  // All strata merged in their order: what plain Monte Carlo makes of the values.
  Moments total() const;
};

// Left's samples precede right's; left's last stratum may be right's first, and is then merged.
Tally merge(Tally left, const Tally& right);

bool identical(const Tally& a, const Tally& b);

// The fixed layout of docs/CHECKPOINT.md, which the digest is made of:
//   u64 number of strata; per stratum u32 stratum, u64 count, f64 mean, f64 m2, f64 minimum,
//   f64 maximum, u64 non_finite, u64 first_non_finite.
void write(ByteWriter& out, const Tally& tally);

}  // namespace oche::tally

#endif  // OCHE_TALLY_TALLY_H_

// A tally: what a chunk yields, and what a range of chunks yields once merged.
//
// Samples are numbered stratum by stratum, so a range of samples touches a run of neighbouring
// strata, and its tally is that run, each stratum with its moments. Plain Monte Carlo has the one
// stratum 0.
//
// A job may measure more than the mean of one output (integrand/measure.h): then a sample yields
// several quantities, the first output being quantity 0, and the tally of the plain method also
// holds what is known of the others and of pairs of them. A sample of which some quantity isn't
// finite counts in none, so all quantities have the same count.
#ifndef OCHE_TALLY_TALLY_H_
#define OCHE_TALLY_TALLY_H_

#include <cstdint>
#include <optional>
#include <vector>

#include "base/bytes.h"
#include "base/sha256.h"
#include "tally/bins.h"
#include "tally/lanes.h"
#include "tally/moments.h"

namespace oche::tally {

struct StratumMoments {
  std::uint32_t stratum = 0;
  Moments moments;
};

// The distribution of one output.
struct Shape {
  HigherMoments higher;
  Bins bins;
};

// A pair of quantities and the co-moment of their values, sum (a - mean a)(b - mean b).
struct CoMoment {
  std::uint32_t a = 0;
  std::uint32_t b = 0;
  double value = 0.0;
};

struct Tally {
  std::vector<StratumMoments> strata;  // of quantity 0; strictly ascending
  std::vector<Moments> others;         // of quantities 1, 2, …; non_finite is 0 in these
  std::vector<CoMoment> co_moments;    // of the pairs that the job measures, in its order
  std::vector<Shape> shapes;           // of the first outputs; empty unless measured

  std::uint64_t samples() const;
  // All strata merged in their order: what plain Monte Carlo makes of the values.
  Moments total() const;
  // Of a plain tally.
  const Moments& quantity(std::size_t q) const {
    return q == 0 ? strata.front().moments : others[q - 1];
  }
};

// Left's samples precede right's; left's last stratum may be right's first, and is then merged.
// Both measure the same, or one of them is empty.
Tally merge(Tally left, const Tally& right);

// A copy that has no bins.
Tally without_bins(const Tally& tally);

bool identical(const Tally& a, const Tally& b);

// The fixed layout of docs/CHECKPOINT.md, which the digest is made of:
//   u64 number of strata; per stratum u32 stratum, and its moments;
//   u64 number of other quantities; per quantity its moments;
//   u64 number of co-moments; per pair u32 a, u32 b, f64 value;
//   u64 number of shapes; per shape f64 m3, f64 m4, u64 number of bins; per bin u32 index, u64
//   count.
// Moments: u64 count, f64 mean, f64 m2, f64 minimum, f64 maximum, u64 non_finite, u64
// first_non_finite.
void write(ByteWriter& out, const Tally& tally);

// SHA-256 of what write() writes.
Hash256 hash_of(const Tally& tally);

// What write() wrote; nothing where the bytes are none of such a tally: too few, lists out of order
// or longer than the bytes that are left, a bin without a count or beyond the last. Whether its
// numbers can be those of some samples is sampling::plausible()'s to say.
std::optional<Tally> read(ByteReader& in);

}  // namespace oche::tally

#endif  // OCHE_TALLY_TALLY_H_

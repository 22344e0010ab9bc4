// The moments of a set of function values, in a form that merges.
//
// Kept: count, mean and the second central moment M2 = sum (f - mean)^2, never a sum of squares,
// which loses every digit of the variance when the mean is large. Two sets A (left) and B (right)
// merge by
//   n = nA + nB,  d = meanB - meanA,  mean = meanA + d nB/n,  M2 = M2A + M2B + d^2 nA nB/n
// (T. F. Chan, G. H. Golub, R. J. LeVeque, "Updating formulae and a pairwise algorithm for
// computing sample variances", 1979, eq. 1.3). Floating-point addition does not associate, so the
// order of the merges decides the last bits; it is fixed by tally/tree.h.
//
// A value that is not finite is never averaged and never dropped in silence: it is counted apart,
// with the smallest sample number that gave one.
#ifndef OCHE_TALLY_MOMENTS_H_
#define OCHE_TALLY_MOMENTS_H_

#include <cstddef>
#include <cstdint>
#include <limits>

namespace oche::tally {

// first_non_finite when there is none.
inline constexpr std::uint64_t kNoSample = std::numeric_limits<std::uint64_t>::max();

struct Moments {
  std::uint64_t count = 0;  // finite values
  double mean = 0.0;        // of the finite values; 0 when there are none
  double m2 = 0.0;          // second central moment, sum (f - mean)^2
  double minimum = std::numeric_limits<double>::infinity();
  double maximum = -std::numeric_limits<double>::infinity();
  std::uint64_t non_finite = 0;                // values that were NaN or infinite
  std::uint64_t first_non_finite = kNoSample;  // the smallest sample number among those

  std::uint64_t samples() const { return count + non_finite; }
};

// Bitwise equality of what the digest sees.
bool identical(const Moments& a, const Moments& b);

// Left and right are in the order of their samples: merge(a, b) and merge(b, a) may differ in the
// last bit. Either side may be empty.
Moments merge(const Moments& left, const Moments& right);

// The moments of values[0, n), the values of samples first_sample, first_sample + 1, …
// n is at most kBlockSamples. Bits do not depend on the SIMD target: 32
// virtual lanes whatever the width of a vector, then a fixed halving of the lanes. Two passes over
// the block, which is in the first-level cache.
Moments moments_of_block(const double* values, std::size_t n, std::uint64_t first_sample);

// The moments of n values of which `hits` are `hit` and the others `miss`, both finite: the value
// of an indicator needs no second look at each sample. n is at most 2^53.
Moments moments_of_two_values(std::uint64_t n, std::uint64_t hits, double hit, double miss);

// The number of samples in a block in structure-of-arrays form, one dimension being 4 KiB.
inline constexpr std::size_t kBlockSamples = 512;

}  // namespace oche::tally

#endif  // OCHE_TALLY_MOMENTS_H_

// The running sums of a chunk of plain samples: one pass over the values, shifted by a centre c
// that lies amidst them, so that neither mean nor variance loses digits.
//
//   t = f - c,  s1 = sum t,  s2 = sum t^2, …   mean = c + s1/n,   M2 = s2 - s1^2/n
// What the last difference cancels is a factor 1 + (mean - c)^2 / variance. A median is never
// further from the mean than one standard deviation (H. Hotelling, L. M. Solomons, "The limits of
// a measure of skewness", Ann. Math. Statist. 3 (1932) 141-142), so with a c near the median the
// factor is about 2: nothing is lost, and no second pass over the values is needed.
//
// The sums live in 16 virtual lanes through a whole chunk: sample i of a block goes to lane i mod
// 16, each lane in ascending order, whatever the width of a vector; at the end the lanes are halved
// (l with l + 8, + 4, + 2, + 1). Blocks are kBlockSamples long, but for the last of a chunk and for
// those from which values that aren't finite were taken out.
#ifndef OCHE_TALLY_LANES_H_
#define OCHE_TALLY_LANES_H_

#include <cstddef>
#include <cstdint>

#include "math/lane_sums.h"
#include "tally/moments.h"

namespace oche::tally {

inline constexpr std::size_t kLanes = math::kSumLanes;
// Of one quantity; kernels write it too.
using math::LaneSums;

// Of t^3 and t^4.
struct PowerLanes {
  alignas(64) double cubes[kLanes] = {};
  alignas(64) double fourths[kLanes] = {};
};

// Of the products of two quantities' t.
struct ProductLanes {
  alignas(64) double products[kLanes] = {};
};

// Adds values[0, n). They may be anything: what isn't finite spoils the sums, and finish() says so.
void accumulate(const double* values, std::size_t n, double centre, LaneSums& sums);

// The same, and leaves t in `shifted` (which may be `values`).
void accumulate_shifted(const double* values, std::size_t n, double centre, double* shifted,
                        LaneSums& sums);

// The same, and adds up third and fourth powers of t.
void accumulate_shape(const double* values, std::size_t n, double centre, double* shifted,
                      LaneSums& sums, PowerLanes& powers);

// accumulate_shifted and, of its t, accumulate_products(other, t): in one pass, with the same bits.
void accumulate_shifted_with(const double* other, const double* values, std::size_t n,
                             double centre, double* shifted, LaneSums& sums,
                             ProductLanes& products);

// a[i] * b[i], each fused into its sum.
void accumulate_products(const double* a, const double* b, std::size_t n, ProductLanes& products);

// No value so far was infinite or NaN, and no sum of t overflowed: either would stay in its lane.
bool of_finite_values(const LaneSums& sums);

// The halved lanes.
struct Sums {
  double first = 0.0;   // of t
  double second = 0.0;  // of t^2
  double minimum = 0.0;
  double maximum = 0.0;

  explicit Sums(const LaneSums& lanes);
  // Not so where a value wasn't finite, or its square not representable.
  bool usable() const;
};

double halved(const double (&lanes)[kLanes]);

// The moments of n > 0 finite values about `centre`, of usable sums.
Moments moments_of(const Sums& sums, std::uint64_t n, double centre);

// Third and fourth central moments, sum (f - mean)^3 and ^4; NaN where they are not representable.
struct HigherMoments {
  double m3 = 0.0;
  double m4 = 0.0;
};
HigherMoments higher_moments_of(const Sums& sums, const PowerLanes& powers, std::uint64_t n);

// Left has nA values with moments a, right nB with b:
//   d = meanB - meanA, n = nA + nB
//   M3 = M3A + M3B + d^3 nA nB (nA - nB)/n^2 + 3 d (nA M2B - nB M2A)/n
//   M4 = M4A + M4B + d^4 nA nB (nA^2 - nA nB + nB^2)/n^3 + 6 d^2 (nA^2 M2B + nB^2 M2A)/n^2
//        + 4 d (nA M3B - nB M3A)/n
// (P. Pébay, "Formulas for robust, one-pass parallel computation of covariances and arbitrary-order
// statistical moments", SAND2008-6212, 2008, eq. 2.1 to 2.9).
HigherMoments merge(const Moments& a, const HigherMoments& higher_a, const Moments& b,
                    const HigherMoments& higher_b);

// The co-moment sum (x - mean x)(y - mean y) of n pairs, from sums about their centres.
double co_moment_of(const Sums& x, const Sums& y, const ProductLanes& products, std::uint64_t n);

// C = CA + CB + dx dy nA nB / n, of the moments of both quantities on both sides.
double merge_co_moments(const Moments& x_left, const Moments& y_left, double left,
                        const Moments& x_right, const Moments& y_right, double right);

}  // namespace oche::tally

#endif  // OCHE_TALLY_LANES_H_

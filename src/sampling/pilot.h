// Where the values of a job lie: a few samples of a stream of their own, whose medians serve as the
// centres of the running sums (tally/lanes.h) and of the bins. They are in no estimate. A pure
// function of integrand and seed, so everybody who computes a chunk has the same.
#ifndef OCHE_SAMPLING_PILOT_H_
#define OCHE_SAMPLING_PILOT_H_

#include <cstdint>
#include <vector>

#include "integrand/integrand.h"

namespace oche::sampling {

struct Pilot {
  // Of each quantity: the lower median of its finite values among kBlock samples; 0 if none is.
  std::vector<double> centres;
  // Of each output whose shape is measured: what is taken from its values before they are put into
  // bins. The median where the values stand close together far from 0, so that bins as fine as a
  // thousandth of the distance from it resolve them; else 0, so that values of all magnitudes are
  // resolved alike.
  std::vector<double> origins;
};

// The spread, half the distance of the quantiles 0.16 and 0.84, must be below this share of the
// median for the origin to be moved there: with 0, bins would be over 0.4% of it wide.
inline constexpr double kSpreadForOrigin = 0.25;

Pilot pilot_of(const integrand::Integrand& integrand, std::uint64_t seed);

}  // namespace oche::sampling

#endif  // OCHE_SAMPLING_PILOT_H_

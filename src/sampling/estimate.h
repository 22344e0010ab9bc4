// From the tallies of whole passes to an estimate with its standard error.
#ifndef OCHE_SAMPLING_ESTIMATE_H_
#define OCHE_SAMPLING_ESTIMATE_H_

#include <cstdint>
#include <vector>

#include "sampling/plan.h"
#include "tally/tally.h"

namespace oche::sampling {

// What is known of one pass: its plan and the tally of its first samples (all of them, but for
// plain).
struct PassResult {
  Plan plan;
  std::uint64_t samples = 0;
  tally::Tally tally;
};

struct Estimate {
  double value = 0.0;
  double standard_error = 0.0;  // infinite when it can't be told
  std::uint64_t samples = 0;
  std::uint64_t non_finite = 0;
  std::uint64_t first_non_finite =
      tally::kNoSample;  // a sample number of pass first_non_finite_pass
  std::uint32_t first_non_finite_pass = 0;
  double minimum = 0.0;  // of the integrand's values, with their scale
  double maximum = 0.0;
  // How many samples as extreme as the most extreme one would make the observed variance. A few
  // mean that the variance, and so the error, rests on a few samples and can't be trusted; for a
  // probability it is about the number of hits. 0 when all values, or those of each stratum, were
  // the same.
  double effective_hits = 0.0;
};

// Plain, one pass with n values f_i:  value = mean, error^2 = M2 / (n (n-1)).
// Stratified, each pass p with strata of volume 1/S:  value_p = sum_h mean_hp / S,
//   error_p^2 = sum_h s_h^2 / n_hp / S^2
// (W. G. Cochran, Sampling Techniques, 3rd ed., 1977, eq. 5.1 and 5.6). Passes are averaged with
// the weights N_p / sum N, the pilot left out: fixed before the pass, so that they bring no bias.
// s_h^2 = M2_hq / (n_hq - 1) is that of a pass q >= p: of the pass itself or of the largest later
// one. A pass whose few samples missed a peak would know nothing of its own error, and earlier
// samples, which decided n_hp, are no fair witnesses. `scale` multiplies value, error, minimum and
// maximum. Of one output: those after the first are of the plain method only. Values that were not
// finite are counted, and left out of the averages or, with NonFinite::zero, count as 0 there; with
// NonFinite::fail the caller must not show such a value as the answer.
Estimate estimate(const std::vector<PassResult>& passes, double scale, std::uint32_t output = 0,
                  NonFinite policy = NonFinite::fail);

// The same for each of the job's outputs.
std::vector<Estimate> estimates(const std::vector<PassResult>& passes, double scale,
                                std::uint32_t outputs, NonFinite policy);

}  // namespace oche::sampling

#endif  // OCHE_SAMPLING_ESTIMATE_H_

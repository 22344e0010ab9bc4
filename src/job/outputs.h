// What is told of each output of a run.
#ifndef OCHE_JOB_OUTPUTS_H_
#define OCHE_JOB_OUTPUTS_H_

#include <vector>

#include "job/correlations.h"
#include "job/distribution.h"
#include "job/job.h"
#include "oche/result.h"
#include "sampling/estimate.h"

namespace oche::job {

struct OutputAnswer {
  OutputResult result;
  bool exact = false;  // its interval is the exact one of a probability
};

// One for each of job.labels(). `passes`, not empty, are those that make the answer, `estimates`
// what they say of each output, `correlations` those of a plain job. Without an estimate where it
// is not finite, or where a value that isn't ends the run.
std::vector<OutputAnswer> answers_of(const Job& job,
                                     const std::vector<sampling::PassResult>& passes,
                                     const std::vector<sampling::Estimate>& estimates,
                                     const Correlations& correlations, double confidence,
                                     const Show& show);

// How the outputs go together; empty for one.
std::vector<Association> output_pairs_of(const Job& job, const tally::Tally& tally,
                                         const Correlations& correlations);

// How the inputs go together that are correlated, in the order of the job.
std::vector<InputPair> input_pairs_of(const Job& job, const tally::Tally& tally,
                                      const Correlations& correlations);

// Whether samples that count as 0 (sampling::NonFinite::zero) are missing from what was measured of
// the inputs, so that nothing can be told of these: no effects, no correlations.
bool lacks_inputs(const Job& job, const tally::Tally& tally);

}  // namespace oche::job

#endif  // OCHE_JOB_OUTPUTS_H_

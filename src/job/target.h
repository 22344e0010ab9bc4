// Whether estimates are what a run was for.
#ifndef OCHE_JOB_TARGET_H_
#define OCHE_JOB_TARGET_H_

#include <vector>

#include "job/job.h"
#include "job/stop_rule.h"
#include "sampling/estimate.h"

namespace oche::job {

// `passes`, not empty, are those or their prefixes that make an answer, `estimates` what they say
// of each output.

// Whether the estimates all meet the rule's target and may be judged by it at all: plain from
// kLeastChunksForTarget on or where the run was to be no longer, stratified from the pass after the
// pilot on.
bool at_target(const Job& job, const StopRule& rule,
               const std::vector<sampling::PassResult>& passes,
               const std::vector<sampling::Estimate>& estimates);

// A value that isn't finite, where that ends the run.
bool fails(const Job& job, const std::vector<sampling::Estimate>& estimates);

// Of the plain method: all samples that the rule allows.
bool is_whole_plain_pass(const StopRule& rule, const std::vector<sampling::PassResult>& passes);

}  // namespace oche::job

#endif  // OCHE_JOB_TARGET_H_

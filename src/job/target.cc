#include "job/target.h"

#include <algorithm>

namespace oche::job {

bool is_whole_plain_pass(const StopRule& rule, const std::vector<sampling::PassResult>& passes) {
  return rule.samples && passes.front().samples == *rule.samples;
}

bool fails(const Job& job, const std::vector<sampling::Estimate>& estimates) {
  return job.non_finite() == sampling::NonFinite::fail && estimates.front().non_finite > 0;
}

bool at_target(const Job& job, const StopRule& rule,
               const std::vector<sampling::PassResult>& passes,
               const std::vector<sampling::Estimate>& estimates) {
  if (!rule.has_target() || fails(job, estimates)) return false;
  if (job.is_constant()) return true;
  const sampling::PassResult& last = passes.back();
  const bool enough = last.plan.stratified()
                          ? last.plan.pass > 0
                          : last.samples >= kLeastChunksForTarget * job.chunk_samples() ||
                                is_whole_plain_pass(rule, passes);
  return enough &&
         std::ranges::all_of(estimates, [&](const auto& e) { return target_met(rule, e); });
}

}  // namespace oche::job

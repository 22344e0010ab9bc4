// What the tests of this folder share: a run by one worker, in order, as everything else is
// compared with it.
#ifndef OCHE_JOB_WHOLE_RUN_TEST_H_
#define OCHE_JOB_WHOLE_RUN_TEST_H_

#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "job/digest.h"
#include "job/dispatcher.h"

namespace oche::job {

inline tally::Tally computed(const sampling::PassContext& pass, const Lease& lease) {
  sampling::Workspace workspace;
  return sampling::compute_node(pass, lease.node, lease.end_sample, workspace, {});
}

// Runs to the end with a crew of one.
inline void run_alone(Dispatcher& dispatcher) {
  Actions actions;
  const Instant now{};
  const WorkerId me = dispatcher.join("alone", 1, std::chrono::milliseconds(10), now, actions);
  std::shared_ptr<const sampling::PassContext> pass;
  while (!dispatcher.finished()) {
    Actions taken;
    taken.swap(actions);
    for (const Action& action : taken) {
      if (const auto* begin = std::get_if<BeginPass>(&action)) pass = begin->pass;
      if (const auto* grant = std::get_if<Grant>(&action)) {
        const Lease& lease = grant->lease;
        dispatcher.complete(me, lease.id, lease.pass, lease.node, computed(*pass, lease),
                            std::chrono::milliseconds(1), now, actions);
      }
    }
  }
}

struct Outcome {
  std::string digest;
  StopReason reason{};
  sampling::Estimate estimate;
  std::vector<sampling::PassResult> answer;
};

inline Outcome outcome_of(const Dispatcher& dispatcher) {
  return {digest(dispatcher.job(), dispatcher.answer()), dispatcher.reason().value(),
          dispatcher.job().estimates(dispatcher.answer()).front(), dispatcher.answer()};
}

inline Outcome alone(const std::shared_ptr<const Job>& job, const StopRule& rule) {
  Dispatcher dispatcher(job, rule, {});
  run_alone(dispatcher);
  return outcome_of(dispatcher);
}

inline StopRule samples_rule(std::uint64_t samples) {
  StopRule rule;
  rule.samples = samples;
  return rule;
}

inline StopRule rel_error_rule(double error) {
  StopRule rule;
  rule.rel_error = error;
  return rule;
}

}  // namespace oche::job

#endif  // OCHE_JOB_WHOLE_RUN_TEST_H_

// What a simulated run computes, for whom it is lent to, and what may go wrong: all from the seed.
#ifndef OCHE_SIM_SCENARIO_H_
#define OCHE_SIM_SCENARIO_H_

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "job/dispatcher.h"
#include "sim/fault_model.h"
#include "sim/random.h"

namespace oche::sim {

struct WorkerProfile {
  std::string name;
  unsigned slots = 1;
  Duration per_chunk{};
  Duration joins_after{};
};

struct Scenario {
  std::shared_ptr<const job::Job> job;
  job::StopRule rule;
  job::DispatcherOptions options;
  Duration lease_target{};
  unsigned leases_per_slot = 2;
  std::optional<Duration> interrupt_after;
  std::vector<WorkerProfile> workers;
  FaultModel faults;

  // The run must have ended by then, whatever happened: a generous multiple of what its slowest
  // worker takes alone, and the longest deadline that a stalled worker's measured speed leads to.
  Duration time_limit() const;
  std::string text() const;
};

Scenario draw_scenario(Random& random);

// What chunks and nodes yield, computed once per process: a run then costs little more than its
// events. Pure functions, so that no run can sway another.
class Oracle {
 public:
  // The job with this canonical text.
  std::shared_ptr<const job::Job> job(const std::string& canonical);
  tally::Tally node(const job::Job& job, const sampling::PassContext& pass, tally::Node node,
                    std::uint64_t end_sample);
  // The first `samples` samples of a pass, added chunk by chunk in their order: neither ledger nor
  // dispatcher has a part in it.
  tally::Tally prefix(const job::Job& job, const sampling::PassContext& pass,
                      std::uint64_t samples);

  struct Answer {
    job::StopReason reason{};
    std::vector<sampling::PassResult> passes;
  };
  // The run that nothing disturbs: one worker, one chunk at a time. For rules without a time.
  const Answer& undisturbed(const std::shared_ptr<const job::Job>& job, const job::StopRule& rule);

 private:
  using Key = std::tuple<std::string, Hash256, std::uint64_t, std::uint64_t>;
  const tally::Tally& chunk(const job::Job& job, const sampling::PassContext& pass,
                            const Hash256& plan, std::uint64_t index, std::uint64_t length);

  sampling::Workspace workspace_;
  std::map<std::string, std::shared_ptr<const job::Job>> jobs_;
  std::map<Key, tally::Tally> chunks_;
  std::map<std::string, Answer> answers_;
};

Oracle& oracle();

std::string to_text(const job::StopRule& rule);

}  // namespace oche::sim

#endif  // OCHE_SIM_SCENARIO_H_

// One simulated run, from one seed.
#ifndef OCHE_SIM_SIMULATOR_H_
#define OCHE_SIM_SIMULATOR_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "sim/checker.h"
#include "sim/subject.h"
#include "sim/worker.h"

namespace oche::sim {

// What a planted bug replaces. Both may be unset.
struct Hooks {
  std::optional<std::uint64_t> deadly_chunk;  // FaultModel::deadly_chunk
  std::function<std::unique_ptr<Subject>(const Scenario&)> subject;
  Worker::Tamper tamper;
};

struct Outcome {
  std::optional<std::string> violation;
  std::uint64_t trace_hash = 0;
  std::string trace;  // its tail
  std::string scenario;
  Duration simulated{};
  job::StopReason reason{};
  Transport transport{};
  Counters counters;

  // All that is to be said about a failing seed.
  std::string report(std::uint64_t seed) const;
};

// Deterministic: the same seed and hooks give the same outcome. Not thread-safe.
Outcome simulate(std::uint64_t seed, const Hooks& hooks = {}, std::size_t trace_lines = 60);

// The seed that is being simulated, for whoever reports an abort.
std::uint64_t current_seed();

}  // namespace oche::sim

#endif  // OCHE_SIM_SIMULATOR_H_

// All that can go wrong in a simulated run, as numbers. Drawn per seed; printed when a seed fails.
#ifndef OCHE_SIM_FAULT_MODEL_H_
#define OCHE_SIM_FAULT_MODEL_H_

#include <cstdint>
#include <optional>
#include <string>

#include "base/clock.h"
#include "sim/random.h"

namespace oche::sim {

enum class Transport : std::uint8_t {
  streams,    // the wire's sessions over byte streams, as over TCP
  datagrams,  // messages that get lost, doubled and reordered, to harass the dispatcher
};

struct FaultModel {
  Transport transport = Transport::streams;

  // Links. One way; each link has its own mean latency between the least and twice that.
  Duration latency{};
  Duration jitter{};
  double cut = 0;          // streams: chance that a write is cut into pieces, at any byte
  double retransmit = 0;   // streams: chance that a piece, and all behind it, is late
  std::size_t window = 0;  // streams: bytes under way before the writer must wait
  double loss = 0;         // datagrams
  double duplication = 0;  // datagrams
  double reordering = 0;   // datagrams: chance of a detour
  Duration reset_every{};  // streams, per worker, on average; 0: never
  Duration partition_every{};
  Duration longest_partition{};

  // Processes.
  Duration crash_every{};  // per worker, on average; 0: never
  double silent = 0;       // chance that a crash sends nothing, as a power cut
  double for_good = 0;     // chance that who crashed or left doesn't come back
  Duration leave_every{};
  Duration stall_every{};
  Duration longest_stall{};
  Duration manager_stall_every{};
  std::optional<std::uint64_t> deadly_chunk;  // of each pass: who has computed it crashes
  double straggler = 0;                       // chance that a worker is 20 times slower
  double late_joiner = 0;                     // chance that a worker joins only in the middle of it

  // From here on no fault begins any more, and datagrams arrive.
  Duration calm_after{};

  bool calm() const;  // nothing can end a session but its ends
  std::string text() const;
};

// Each kind of fault is in about half of the models, so that each also meets the absence of the
// others.
FaultModel draw_fault_model(Random& random);

}  // namespace oche::sim

#endif  // OCHE_SIM_FAULT_MODEL_H_

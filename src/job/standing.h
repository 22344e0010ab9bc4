// Where a run stands: what a file keeps of it, so that it can go on elsewhere or later.
#ifndef OCHE_JOB_STANDING_H_
#define OCHE_JOB_STANDING_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/sha256.h"
#include "job/ledger.h"
#include "sampling/estimate.h"

namespace oche::job {

// Chunks [first, end) of a pass.
struct ChunkRange {
  std::uint64_t first = 0;
  std::uint64_t end = 0;
  bool operator==(const ChunkRange&) const = default;
};

struct Standing {
  std::vector<sampling::PassResult> whole_passes;  // of a method of several passes
  // The first so many chunks of the pass after those have no stop point inside any more: their
  // nodes may have merged across.
  std::uint64_t decided = 0;
  std::vector<Ledger::Entry> nodes;  // of that pass
};

// A result that was accepted: who computed what. Its tally may have merged since.
struct Delivery {
  std::uint32_t pass = 0;
  tally::Node node;
  std::string worker;
  Duration computing{};
  Hash256 tally{};  // tally::hash_of()
};

// What is new, of a standing that is kept elsewhere.
struct Changes {
  std::vector<sampling::PassResult> whole_passes;  // that come after those
  std::uint32_t pass = 0;                          // that the nodes are of
  std::uint64_t decided = 0;
  // By their first chunks; nothing: there is none any more that begins there.
  std::map<std::uint64_t, std::optional<Ledger::Entry>> nodes;
  std::vector<Delivery> deliveries;
};

}  // namespace oche::job

#endif  // OCHE_JOB_STANDING_H_

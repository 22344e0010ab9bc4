// Which chunks may be what ended workers: those that a worker had when its line was lost and it
// never came back. Pure.
//
// A worker has many chunks at a time, and most that are lost with one have nothing to do with it.
// So what is suspect is lent in ever smaller parts, and in the end a chunk at a time, alone, to a
// worker that has nothing else: who is then lost as well was lost with that chunk. A worker that is
// killed for other reasons can meet that too; three don't.
#ifndef OCHE_JOB_SUSPECTS_H_
#define OCHE_JOB_SUSPECTS_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "job/ledger.h"
#include "tally/tree.h"

namespace oche::job {

// One run of a worker's program; 0: not known.
enum class ProcessId : std::uint64_t {};

// Of so many, a chunk is lent alone.
inline constexpr std::size_t kAloneAfter = 2;
// So many lost that had nothing but that chunk, and it isn't lent any more.
inline constexpr std::size_t kDeadlyAfter = 3;

struct ByFirstChunk {
  bool operator()(tally::Node a, tally::Node b) const {
    return a.first() != b.first() ? a.first() < b.first() : a.level < b.level;
  }
};

class Suspects {
 public:
  bool empty() const { return records_.empty(); }
  // The process was lost when it had that node. Nothing if it isn't known, and so can't come back.
  void blame(tally::Node node, ProcessId process, const std::string& worker);
  // The same when it had nothing else.
  void blame_alone(std::uint64_t chunk, ProcessId process, const std::string& worker);
  // The process is there: it was its line that was lost.
  void acquit(ProcessId process);
  // Of what is done, nothing is suspect.
  void forget_done(const Ledger& ledger);
  void clear();

  // How many processes were lost with some of its chunks.
  std::size_t count(tally::Node node) const { return losses(node).size(); }
  bool deadly(std::uint64_t chunk) const;
  // The names of those that had it alone.
  std::vector<std::string> workers(std::uint64_t chunk) const;
  bool lent_alone(tally::Node node) const { return !empty() && count(node) >= kAloneAfter; }
  // The most chunks of it that may be lent at once.
  std::uint64_t most_chunks(tally::Node node) const;

 private:
  using Losses = std::map<ProcessId, std::string>;
  // Those with an equal node, one above, or one below it.
  Losses losses(tally::Node node) const;

  std::map<tally::Node, Losses, ByFirstChunk> records_;
  std::map<std::uint64_t, Losses> alone_;  // by chunk
};

}  // namespace oche::job

#endif  // OCHE_JOB_SUSPECTS_H_

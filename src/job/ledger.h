// The ledger of one pass: which nodes of the canonical tree are done, with their tallies.
//
// Pure. Siblings merge as soon as both are there, so that a pass of n chunks holds O(log n) nodes
// beside those that wait for a neighbour. They don't merge across a stop point that is still to be
// decided: its prefix will be wanted. Each chunk is counted once, whoever computed it how often.
//
// A shard's ledger begins at its first chunk.
#ifndef OCHE_JOB_LEDGER_H_
#define OCHE_JOB_LEDGER_H_

#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <set>

#include "tally/tally.h"
#include "tally/tree.h"

namespace oche::job {

class Ledger {
 public:
  enum class Added {
    accepted,  // some or all of its chunks were missing; now none is
    repeat,    // all its chunks were there, and where its tally could be compared, it was the same
    conflict,  // the tally of a node that was there had other bits: somebody's computer is wrong
  };
  struct Outcome {
    Added added = Added::repeat;
    std::uint64_t new_chunks = 0;
  };
  struct Entry {
    tally::Node node;
    tally::Tally tally;
  };
  using Entries = std::map<std::uint64_t, Entry>;  // by first chunk; disjoint

  explicit Ledger(std::uint64_t first = 0) : prefix_(first) {}

  // Adds a node. A node that covers some chunks that are there and some that are not takes the
  // place of those that are there.
  Outcome add(tally::Node node, tally::Tally tally);

  // All chunks of the node are there.
  bool covers(tally::Node node) const;
  // No chunk of the node is there.
  bool misses(tally::Node node) const;

  // Chunks [0, prefix_chunks()), of a shard those from its first on, are there, the next one is
  // not.
  std::uint64_t prefix_chunks() const { return prefix_; }
  // The tally of chunks [0, n), n <= prefix_chunks(). n is a stop point not yet decided past, or
  // prefix_chunks() itself.
  tally::Tally prefix(std::uint64_t n) const;
  // The same without bins: all that estimates are made of, and it costs little.
  tally::Tally light_prefix(std::uint64_t n) const;
  // prefix(n), out of the ledger, which is of no more use.
  tally::Tally take_prefix(std::uint64_t n);

  // Stop points up to n are decided: siblings that meet there may merge.
  void decide(std::uint64_t n);
  std::uint64_t decided() const { return decided_; }
  // Siblings that meet at this chunk never merge: it is cut short, and a longer run wants it whole.
  void keep_apart(std::uint64_t chunk) { apart_ = chunk; }
  std::uint64_t apart() const { return apart_; }  // 2^64 - 1: none

  const Entries& entries() const { return done_; }
  // From now on it is noted where something came, changed or went.
  void keep_journal() { journal_.emplace(); }
  // The first chunks of those entries since the last call. Needs keep_journal().
  std::set<std::uint64_t> take_journal();

  // How many nodes are held: the bound on memory that the simulator checks.
  std::size_t nodes_held() const { return done_.size(); }

 private:
  template <class TallyOf>
  tally::Tally merged_prefix(std::uint64_t n, TallyOf tally_of) const;
  void merge_up(Entries::iterator entry);
  bool may_merge_at(std::uint64_t boundary) const;
  void advance_prefix();

  Entries done_;
  std::uint64_t prefix_ = 0;
  std::uint64_t decided_ = 0;
  std::uint64_t apart_ = std::numeric_limits<std::uint64_t>::max();
  std::optional<std::set<std::uint64_t>> journal_;
};

}  // namespace oche::job

#endif  // OCHE_JOB_LEDGER_H_

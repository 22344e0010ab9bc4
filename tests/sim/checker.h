// The invariants of the dispatcher and its ledger, checked at every event.
//
// It stands between the simulated manager and the Subject, and keeps books of its own from nothing
// but the events and the actions: which chunks are accepted, who holds which lease. Throws
// Violation.
#ifndef OCHE_SIM_CHECKER_H_
#define OCHE_SIM_CHECKER_H_

#include <algorithm>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "sim/scenario.h"
#include "sim/subject.h"

namespace oche::sim {

// What a run met, to know that the seeds reach what they are for.
struct Counters {
  std::uint64_t grants = 0;
  std::uint64_t accepted = 0;
  std::uint64_t accepted_late = 0;  // after the lease's deadline
  std::uint64_t repeats = 0;
  std::uint64_t doubled = 0;  // results that the same worker had delivered before
  std::uint64_t stale = 0;    // results for a pass or a run that is over
  std::uint64_t absent = 0;   // results of who has left
  std::uint64_t expired = 0;
  std::uint64_t hurried = 0;  // of those, before the time that each lease has at least
  std::uint64_t withdrawn = 0;
  std::uint64_t offered = 0;  // results of earlier sessions
  std::uint64_t wanted = 0;   // of those, lent once more
  std::uint64_t passes = 0;
  std::uint64_t killed = 0;  // by a deadly chunk
  std::uint64_t crashes = 0, leaves = 0, stalls = 0, resets = 0, partitions = 0;
  std::uint64_t sessions_lost = 0;  // by silence
  std::uint64_t sessions_cut = 0;   // ended in the middle of a frame
  void add(const Counters& other);
  std::string text() const;
};

class Checker {
 public:
  Checker(Subject& subject, const Scenario& scenario, Counters& counters);

  // The dispatcher's events.
  job::WorkerId join(const std::string& name, unsigned depth, job::ProcessId process, Instant now,
                     job::Actions& out);
  void leave(job::WorkerId worker, job::Departure why, Instant now, job::Actions& out);
  job::Verdict complete(job::WorkerId worker, const job::Lease& lease, tally::Tally tally,
                        Duration computing, Instant now, job::Actions& out);
  void offer(job::WorkerId worker, std::uint32_t pass, tally::Node node, Instant now,
             job::Actions& out);
  void tick(Instant now, job::Actions& out);
  void interrupt(Instant now, job::Actions& out);

  const Subject& subject() const { return subject_; }
  // After the end: the answer's bits.
  void check_answer() const;

 private:
  struct Member {
    unsigned depth = 0;
    bool present = true;
    std::optional<std::uint32_t> told_pass;
    std::map<job::LeaseId, tally::Node> leases;   // before their deadline
    std::map<job::LeaseId, tally::Node> expired;  // after it, not delivered
    std::uint64_t accepted = 0, repeats = 0, lost = 0;
    std::size_t results = 0;  // that counted or were repeats of counted ones, each a lease more

    std::size_t most_leases() const {
      return std::min<std::size_t>(depth, job::kFirstLeases + results);
    }
  };

  void take(const job::Actions& actions);
  void take(const job::BeginPass& begin);
  void take(const job::Grant& grant);
  void take(const job::Withdraw& withdraw);
  void take(const job::Expired& expired);
  bool others_have_answered(const Member& but) const;
  void check_grant(const job::Lease& lease) const;
  job::Verdict expect(job::WorkerId worker, const job::Lease& lease);
  void follow_passes();
  void accept(tally::Node node);
  std::uint64_t missing(tally::Node node) const;
  void check_state();
  void check_crew() const;
  void check_memory();
  void check_nobody_idle() const;
  std::uint64_t ledger_nodes() const;
  bool barrier(std::uint64_t chunk) const;

  Subject& subject_;
  const Scenario& scenario_;
  Counters& counters_;
  std::map<job::WorkerId, Member> members_;
  job::LeaseId last_lease_{};
  Instant now_{};
  std::map<job::LeaseId, Instant> granted_;
  bool finished_ = false;

  // The current pass.
  std::uint32_t pass_ = 0;
  std::shared_ptr<const sampling::PassContext> context_;  // empty until somebody was told
  std::uint64_t end_chunk_ = 0;                           // 0: without end
  std::uint64_t end_sample_ = 0;
  std::uint64_t frontier_ = 0;  // what comes after it was never lent
  std::vector<bool> done_;
  std::uint64_t done_count_ = 0;
  std::uint64_t prefix_ = 0;
  std::uint64_t decided_ = 0;
  std::uint64_t earlier_samples_ = 0;  // of whole passes
  std::uint64_t earlier_chunks_ = 0;
  std::uint64_t samples_seen_ = 0;

  std::size_t returned_ = 0;  // leases, in this pass
  std::uint32_t highest_level_ = 0;
};

}  // namespace oche::sim

#endif  // OCHE_SIM_CHECKER_H_

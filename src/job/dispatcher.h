// The dispatcher: gives out leases, takes them back, accepts each chunk once, and says when the run
// ends. A pure state machine: events and the time go in, actions come out; the shells around it
// (crew/) have the threads and sockets. Not thread-safe.
//
// A lease is a node of the canonical tree lent to a worker until a deadline. After the deadline, or
// when its worker leaves, the node is lent again; whichever result comes first is accepted, and a
// later one is a repeat. Where nothing else is left to lend and a worker is idle, a lease runs out
// after the fourth part of its time: what a straggler holds is given to others as well. No lease
// straddles a stop point that is still to be decided. How large a lease is depends on the worker's
// speed; what it yields doesn't.
//
// Who has answered nothing yet may be one that never will. Beside others that have, its leases also
// run out after the fourth part of their time, or four times what the slowest of those would take,
// and what is lent again goes to those.
//
// A chunk that three workers were lost with, which had nothing else, ends the run with what comes
// before it (suspects.h).
#ifndef OCHE_JOB_DISPATCHER_H_
#define OCHE_JOB_DISPATCHER_H_

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <variant>
#include <vector>

#include "base/clock.h"
#include "job/job.h"
#include "job/ledger.h"
#include "job/standing.h"
#include "job/stop_rule.h"
#include "job/suspects.h"
#include "sampling/chunk.h"
#include "sampling/estimate.h"

namespace oche::job {

enum class WorkerId : std::uint64_t {};
enum class LeaseId : std::uint64_t {};

struct Lease {
  LeaseId id{};
  std::uint32_t pass = 0;
  tally::Node node;
  std::uint64_t end_sample = 0;  // where the pass is cut short; 0: nowhere
};

// Actions.
struct BeginPass {  // comes before the worker's first lease of a pass
  WorkerId worker;
  std::shared_ptr<const sampling::PassContext> pass;
};
struct Grant {
  WorkerId worker;
  Lease lease;
};
struct Withdraw {  // the result is no longer wanted
  WorkerId worker;
  LeaseId lease;
};
struct Expired {  // for the log: the lease ran past its deadline, its node will be lent again
  WorkerId worker;
  tally::Node node;
};
struct Finished {};
using Action = std::variant<BeginPass, Grant, Withdraw, Expired, Finished>;
using Actions = std::vector<Action>;

enum class StopReason : std::uint8_t {
  target,        // the error is as small as asked
  samples,       // all samples that were allowed are drawn
  time,          // the time is over
  interrupted,   // by the user
  non_finite,    // some value was NaN or infinite: there is no honest answer
  mismatch,      // two workers gave different bits for the same chunks
  deadly_chunk,  // workers that compute a certain chunk are lost
};
const char* to_string(StopReason reason);

// What a worker gets before it has shown that it computes: a peer may claim any number of cores.
inline constexpr std::size_t kFirstLeases = 8;

// A slow worker's lease may last so many times as long as others'; its speed is its own word.
inline constexpr int kLongestLease = 100;

// What the dispatcher answers to a result.
enum class Verdict : std::uint8_t {
  accepted,
  repeat,    // somebody else was first, or the pass is over; nothing is wrong
  rejected,  // never lent to this worker, or impossible: the worker is not to be trusted
};

// One line of "crew" in the result.
struct CrewMember {
  std::string name;
  std::uint64_t chunks_accepted = 0;
  std::uint64_t repeats = 0;      // chunks that somebody else had delivered before
  std::uint64_t leases_lost = 0;  // leases that ran past their deadline or ended with the worker
  Duration computing{};           // as the worker says
};

// What a line of the crew stands for: one stay of a worker, or all stays of workers of one name, of
// which there may be very many where workers go to another job and come back.
enum class CrewLine : std::uint8_t { stay, name };
// With CrewLine::name: of more names than this, those that have left are remembered only if they
// had a chunk accepted.
inline constexpr std::size_t kMostNames = 10'000;

// Why a worker leaves.
enum class Departure : std::uint8_t {
  left,  // it said goodbye, or was sent away
  lost,  // its line ended without a word
};

// With StopReason::deadly_chunk.
struct DeadlyChunk {
  std::uint32_t pass = 0;
  std::uint64_t chunk = 0;
  std::vector<std::string> workers;  // that were lost with it
};

struct DispatcherOptions {
  Duration lease_duration = std::chrono::seconds(10);
  unsigned wait_for_workers = 0;  // no lease before so many have joined
  CrewLine crew_line = CrewLine::stay;
  // For a file: nodes stay in the ledger to the end, a last chunk that is cut short is alone in its
  // node, and take_changes() says what is new.
  bool keep_nodes = false;
  // Only these chunks, of a job of one pass with an end: a shard. There is no answer then.
  std::optional<ChunkRange> range;
};

class Dispatcher {
 public:
  Dispatcher(std::shared_ptr<const Job> job, const StopRule& rule,
             const DispatcherOptions& options);
  // Goes on from where a run of that job stands. Throws Error (file) where that can't be.
  Dispatcher(std::shared_ptr<const Job> job, const StopRule& rule, const DispatcherOptions& options,
             Standing standing);

  // Events. A worker may hold `depth` leases at a time, those whose results it owes after their
  // deadline included, but a new one only a few (kFirstLeases), and one more with each result; its
  // leases aim at `lease_target` of computing.
  WorkerId join(const std::string& name, unsigned depth, Duration lease_target, Instant now,
                Actions& out, ProcessId process = {});
  void leave(WorkerId worker, Instant now, Actions& out, Departure why = Departure::left);
  // The process is there, if perhaps with another job: it was only its line that was lost.
  void acquit(ProcessId process);
  Verdict complete(WorkerId worker, LeaseId lease, std::uint32_t pass, tally::Node node,
                   tally::Tally tally, Duration computing, Instant now, Actions& out);
  // The worker has the result of a node that it was lent before, in an earlier stay. If that is
  // still wanted, it is lent the node once more, beyond its depth, and late from the start.
  void offer(WorkerId worker, std::uint32_t pass, tally::Node node, Actions& out);
  // The worker gets no new leases.
  void retire(WorkerId worker);
  void tick(Instant now, Actions& out);
  void interrupt(Instant now, Actions& out);

  // What is new since the last call. Needs keep_nodes.
  Changes take_changes();

  // When tick() is wanted next at the latest.
  std::optional<Instant> next_tick() const;

  bool finished() const { return reason_.has_value(); }
  std::optional<StopReason> reason() const { return reason_; }
  // The passes, or their prefixes, that make the answer: of the finished run, else of the last stop
  // point that is complete, and then without the bins of distributions. Empty when there is none.
  const std::vector<sampling::PassResult>& answer() const { return answer_; }
  std::vector<CrewMember> crew() const;
  std::string mismatch() const { return mismatch_; }
  const std::optional<DeadlyChunk>& deadly_chunk() const { return deadly_chunk_; }
  bool has_suspects() const { return !suspects_.empty(); }

  // Whether a worker that joins now gets a lease.
  bool has_work() const;
  // Leases that the worker has and that are before their deadline.
  std::size_t leases_of(WorkerId worker) const;
  // The worker let a lease run out, and gets nothing before it has answered.
  bool is_stalled(WorkerId worker) const;

  // For progress and for the simulator's invariants.
  std::uint64_t samples_done() const;
  std::optional<Instant> begun() const { return begun_; }
  unsigned workers_present() const { return static_cast<unsigned>(workers_.size()); }
  std::size_t leases_out() const { return leases_.size(); }
  std::size_t nodes_held() const { return ledger_.nodes_held() + pool_.size(); }
  const Job& job() const { return *job_; }
  std::shared_ptr<const Job> shared_job() const { return job_; }

 private:
  struct Late {
    std::uint32_t pass = 0;
    tally::Node node;
  };
  struct Worker {
    CrewMember record;
    unsigned depth = 1;
    Duration lease_target{};
    double seconds_per_chunk = 0.0;  // 0: not known yet
    std::uint64_t results = 0;
    bool stalled = false;  // let a lease expire; gets no other before a result
    bool retired = false;
    bool alone = false;  // with a chunk that may be deadly; gets nothing beside it
    ProcessId process{};
    std::optional<std::uint32_t> told_pass;  // the pass whose plan it has
    std::set<LeaseId> leases;
    std::map<LeaseId, Late> expired;  // owed still; of the current pass, still welcome
    LeaseId newest_answered{};
  };
  struct Loan {
    WorkerId worker{};
    tally::Node node;
    Instant granted;
    Instant deadline;
    // Where somebody is idle. (deadline - granted) is at least four times what is expected.
    Instant straggles_from() const { return granted + (deadline - granted) / 4; }
  };

  void begin_pass(sampling::Plan plan);
  void restore(Standing standing);
  void restore_nodes(std::vector<Ledger::Entry> nodes);
  void add_to_pool(std::uint64_t first, std::uint64_t end);
  std::uint64_t lease_end(std::uint64_t first, std::uint64_t upto) const;
  void fill(Instant now, Actions& out);
  bool grant_one(WorkerId id, Worker& worker, Instant now, Actions& out);
  bool all_is_lent() const;
  bool owes(const Worker& worker, tally::Node node) const;
  std::optional<tally::Node> take_node(const Worker& worker);
  bool may_take_again(const Worker& worker) const;
  std::optional<double> slowest_of_the_proven() const;
  Instant end_of(const Loan& loan, std::optional<double> slowest) const;
  std::uint64_t wanted_chunks(const Worker& worker) const;
  void lend(WorkerId id, Worker& worker, tally::Node node, Instant now, Actions& out);
  void give_back(LeaseId lease);
  std::optional<tally::Node> accuse(WorkerId id, const Worker& worker);
  void judge(Instant now, Actions& out);
  std::optional<WorkerId> tester() const;
  std::set<tally::Node, ByFirstChunk>::iterator next_of_pool(const Worker& worker);
  void expire(LeaseId lease, Actions& out);
  bool expire_overdue(Instant now, Actions& out);
  bool somebody_is_idle() const;
  std::optional<LeaseId> straggler(Instant now) const;
  void remember(WorkerId id, CrewMember record);
  void record_rate(Worker& worker, std::uint64_t chunks, Duration computing);
  void advance(Actions& out);
  void advance_plain(Actions& out);
  void advance_stratified(Actions& out);
  void after_whole_pass(Actions& out);
  void settle_prefix(std::uint64_t chunks);
  void finish(StopReason reason, Actions& out);
  std::size_t room(const Worker& worker) const;
  void withdraw_all(Actions& out);

  std::shared_ptr<const Job> job_;
  StopRule rule_;
  DispatcherOptions options_;

  std::map<WorkerId, Worker> workers_;
  // Those that may have room for another lease, and perhaps others: fill() needn't ask a thousand.
  std::set<WorkerId> wanting_;
  std::map<WorkerId, CrewMember> departed_;  // the crew remembers those that left
  std::map<std::string, WorkerId> names_;    // of those, with CrewLine::name
  std::map<LeaseId, Loan> leases_;
  std::uint64_t last_worker_ = 0;
  std::uint64_t last_lease_ = 0;
  std::uint64_t total_depth_ = 0;  // of the workers that are present

  // The current pass.
  std::shared_ptr<const sampling::PassContext> pass_;
  Ledger ledger_;
  std::uint64_t end_sample_ = 0;              // 0: without end
  std::uint64_t end_chunk_ = 0;               // 0: without end
  std::uint64_t next_chunk_ = 0;              // all before it were lent at least once
  std::set<tally::Node, ByFirstChunk> pool_;  // nodes that were given back

  std::vector<sampling::PassResult> whole_passes_;
  std::vector<sampling::PassResult> answer_;
  std::uint64_t settled_ = 0;    // chunks of the plain answer
  std::uint64_t looked_at_ = 0;  // the last stop point of the plain method that was looked at
  std::optional<StopReason> reason_;
  std::string mismatch_;
  Suspects suspects_;  // of the current pass
  // Proven as far as can be, and not lent: who was lost with it may come back until then.
  struct Condemned {
    tally::Node node;
    Instant until;
  };
  std::optional<Condemned> condemned_;
  std::optional<DeadlyChunk> deadly_chunk_;
  std::optional<Instant> begun_;
  bool time_over_ = false;
  // For take_changes().
  std::size_t whole_passes_told_ = 0;
  std::vector<Delivery> deliveries_;
};

}  // namespace oche::job

#endif  // OCHE_JOB_DISPATCHER_H_

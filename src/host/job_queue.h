// The queue of a host: which jobs there are, and which worker works on which.
//
// A pure state machine: events and the time go in, actions come out; the shell (host.cc) has the
// loop, the sockets and the clock. Not thread-safe.
//
//   submit ──> queued ──first worker──> running ──the stop rule──> done
//                └────cancel────────────────┴────> cancelled          (its answer so far is kept)
//                └────nobody can compute it─┴────> failed
//
// Jobs stand in order: the higher priority first, of equal ones the one that came first. Each has
// its dispatcher. A worker is with one job at a time: the first in order that has work for it. So
// it moves when its job ends, when it has nothing to do there and a later job has work, and when an
// earlier job has: then what it held goes back and is lent anew. A worker that refused a job isn't
// given it again. Whoever computed a job, its digest is that of any other run of it.
//
// Leases are numbered per worker, upwards, whatever job they are of.
#ifndef OCHE_HOST_JOB_QUEUE_H_
#define OCHE_HOST_JOB_QUEUE_H_

#include <array>
#include <compare>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "host/limits.h"
#include "host/log.h"
#include "job/dispatcher.h"
#include "job/result.h"

namespace oche::host {

enum class JobNumber : std::uint64_t {};  // from 1; never used again
enum class MemberId : std::uint64_t {};   // one stay of a worker

enum class JobState : std::uint8_t { queued, running, done, failed, cancelled };
inline constexpr std::size_t kJobStates = 5;
const char* to_string(JobState state);
// "job 7"
std::string job_text(JobNumber number);

// Actions.
struct BeginJob {  // comes before the worker's first pass of a job
  MemberId member;
  std::shared_ptr<const job::Job> job;
};
struct BeginPass {
  MemberId member;
  std::shared_ptr<const sampling::PassContext> pass;
};
struct Grant {
  MemberId member;
  job::Lease lease;
};
struct Withdraw {
  MemberId member;
  job::LeaseId lease;
};
struct Dismiss {  // it was to be drained, and nothing of it is awaited any more
  MemberId member;
};
struct Ended {  // the job is over
  JobNumber job;
};
struct Note {  // for the log
  LogEntry entry;
};
using Action = std::variant<BeginJob, BeginPass, Grant, Withdraw, Dismiss, Ended, Note>;
using Actions = std::vector<Action>;

// Why a job isn't taken, or a wish not met.
enum class DeclineReason : std::uint8_t {
  wrong_job,
  no_such_job,
  no_such_worker,
  limit,
  stopping,
  not_yours,
  has_failed,
};
inline constexpr std::size_t kDeclineReasons = 7;
const char* to_string(DeclineReason reason);
struct Declined {
  DeclineReason reason;
  std::string text;
};

struct Submission {
  std::string client;
  std::shared_ptr<const job::Job> job;
  job::StopRule rule;
  int priority = 0;
};

// A job that is over. At a host the answer is without its job, which may be large.
struct EndedJob {
  std::string canonical, data;
  job::Answer answer;
  job::StopRule rule;
  double seconds = 0.0;  // from its first lease to its end
};

// What has happened so far.
struct QueueCounts {
  std::uint64_t submitted = 0;
  std::array<std::uint64_t, kJobStates> ended{};
  std::uint64_t leases_granted = 0;
  std::uint64_t leases_expired = 0;
  // Of results that were accepted.
  std::uint64_t chunks = 0;
  std::uint64_t samples = 0;
};

class JobQueue {
 public:
  JobQueue(const QueueLimits& limits, Duration lease_duration);

  // ---- Events ----

  std::variant<JobNumber, Declined> submit(Submission submission, Instant now, Actions& out);
  // Whether a job of so many bytes may come at all, before it is looked at.
  std::optional<Declined> judge_size(std::size_t text_bytes, std::size_t data_bytes) const;
  // Ends the job with what it has; only the client that sent it may.
  std::optional<Declined> cancel(JobNumber job, const std::string& client, Instant now,
                                 Actions& out);

  MemberId join(const std::string& name, unsigned depth, Duration lease_target, Instant now,
                Actions& out, job::ProcessId process = {});
  void leave(MemberId member, Instant now, Actions& out, job::Departure how = job::Departure::left);
  job::Verdict complete(MemberId member, job::LeaseId lease, std::uint32_t pass, tally::Node node,
                        tally::Tally tally, Duration computing, Instant now, Actions& out);
  // The worker has the result of a node that it was lent in an earlier stay; ignored if that is of
  // another job than the one it has.
  void offer(MemberId member, const Hash256& fingerprint, std::uint32_t pass, tally::Node node,
             Actions& out);
  // The worker can't compute the job of this fingerprint; ignored if that isn't the one it has.
  void refuse(MemberId member, const Hash256& fingerprint, const std::string& why, Instant now,
              Actions& out);
  // The worker gets nothing more, and is dismissed when it has delivered what it has.
  std::optional<Declined> drain(const std::string& worker, Instant now, Actions& out);

  void tick(Instant now, Actions& out);
  // Takes no more jobs; those of which nobody has computed anything are cancelled.
  void stop(Instant now, Actions& out);
  // Ends every job with what it has.
  void interrupt(Instant now, Actions& out);
  // There will be no answer: the memory ran out, or the like.
  void fail(JobNumber job, const std::string& why, Instant now, Actions& out);

  // When tick() is wanted next at the latest.
  std::optional<Instant> next_tick() const;

  // ---- What there is ----

  struct Entry {
    std::string client;
    std::string text;                     // what is estimated, its beginning
    std::shared_ptr<const job::Job> job;  // until it is over
    job::StopRule rule;
    int priority = 0;
    JobState state = JobState::queued;
    std::string failure;
    std::unique_ptr<job::Dispatcher> dispatcher;  // until it is over
    std::shared_ptr<const EndedJob> ended;        // of a job that is done or cancelled
    std::size_t bytes = 0;
    std::map<job::WorkerId, MemberId> members;  // by their names in the dispatcher
    std::set<MemberId> refused;
  };
  struct Member {
    std::string name;
    unsigned depth = 1;
    Duration lease_target{};
    bool draining = false;
    bool dismissed = false;
    Instant came;
    std::uint64_t chunks = 0;      // accepted, of all jobs
    std::optional<JobNumber> job;  // that it is with
    job::WorkerId worker{};        // its name in that job's dispatcher
    job::ProcessId process{};
    job::LeaseId newest{};
    // Owed, of that job: our number and the dispatcher's, and back.
    std::map<job::LeaseId, job::LeaseId> leases, numbers;
  };

  const std::map<JobNumber, Entry>& jobs() const { return jobs_; }
  const std::map<MemberId, Member>& members() const { return members_; }
  // Nothing if there never was such a job, or it is no longer kept.
  const Entry* find(JobNumber job) const;
  // Jobs that wait or run and come before this one.
  std::size_t ahead_of(JobNumber job) const;
  std::size_t open_jobs() const { return open_.size(); }
  // In bytes: what the jobs that wait or run occupy, and those that are over.
  std::size_t open_bytes() const { return open_bytes_; }
  std::size_t kept_bytes() const { return kept_bytes_; }
  // Jobs that are over and whose answers are kept.
  std::size_t kept_jobs() const { return kept_.size(); }
  const QueueCounts& counts() const { return counts_; }
  // The job whose lease this is; nothing if it isn't awaited any more, or never was lent.
  const job::Job* job_of(MemberId member, job::LeaseId lease) const;

 private:
  // Sorts as jobs do.
  struct Place {
    int priority = 0;
    JobNumber job{};
    std::strong_ordering operator<=>(const Place& other) const {
      if (priority != other.priority) return other.priority <=> priority;
      return job <=> other.job;
    }
    bool operator==(const Place&) const = default;
  };

  std::optional<Declined> judge(const Submission& submission, std::size_t data_bytes) const;
  Place place_of(JobNumber job) const { return {jobs_.at(job).priority, job}; }
  void attach(MemberId id, JobNumber number, Instant now, Actions& out);
  void detach(MemberId id, Instant now, Actions& out, job::Departure how = job::Departure::left);
  void set_free(MemberId id, Member& member, Actions& out);
  void deliver(JobNumber number, const job::Actions& actions, Actions& out);
  void close(JobNumber number, JobState state, Instant now, Actions& out);
  void keep(JobNumber number, std::size_t bytes);
  void cancel(JobNumber number, Instant now, Actions& out);
  void settle(Instant now, Actions& out);
  bool is_settled(MemberId id) const;
  bool somebody_is_idle() const;
  std::optional<MemberId> best_for(const Place& place) const;
  bool is_idle(const Member& member) const;
  void dismiss_if_empty(MemberId id, Instant now, Actions& out);

  const QueueLimits limits_;
  const Duration lease_duration_;
  bool stopping_ = false;
  QueueCounts counts_;

  std::map<JobNumber, Entry> jobs_;
  std::set<Place> open_;        // that wait or run
  std::size_t open_bytes_ = 0;  // of those
  std::map<std::string, std::size_t> open_by_client_;
  std::deque<JobNumber> kept_;  // that are over, oldest first
  std::size_t kept_bytes_ = 0;
  std::uint64_t last_job_ = 0;

  std::map<MemberId, Member> members_;
  std::set<MemberId> free_;  // with no job, and not to be drained
  std::set<Place> crewed_;   // open jobs that somebody is with
  std::uint64_t last_member_ = 0;
};

}  // namespace oche::host

#endif  // OCHE_HOST_JOB_QUEUE_H_

// The leases that wait for a computing thread, each with its pass, and which of them are withdrawn.
//
// Between whoever receives leases (a manager's lock, a network loop) and the threads that compute.
// Thread-safe.
#ifndef OCHE_CREW_LEASE_QUEUE_H_
#define OCHE_CREW_LEASE_QUEUE_H_

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <limits>
#include <memory>
#include <mutex>
#include <optional>
#include <set>

#include "job/dispatcher.h"

namespace oche::crew {

struct Work {
  job::Lease lease;
  std::shared_ptr<const sampling::PassContext> pass;
  // Keeps alive what the pass points to.
  std::shared_ptr<const job::Job> job;
  std::shared_ptr<std::atomic<bool>> cancelled;
  std::uint64_t session = 0;  // in which it was lent
};

enum class Pushed {
  queued,
  full,   // as many leases wait as may
  known,  // a lease of that identity and session waits or is being computed
};

class LeaseQueue {
 public:
  // At most so many leases wait, for where a peer lends them; who lends to its own threads knows.
  explicit LeaseQueue(std::size_t most_waiting = std::numeric_limits<std::size_t>::max())
      : most_waiting_(most_waiting) {}

  Pushed push(Work work);
  // Drops the lease if it waits, and cancels it if it is being computed.
  void withdraw(job::LeaseId lease);
  // The session is over, and identities begin anew. What waits is dropped; what is being computed
  // goes on, and is known by its session.
  void end_session();
  // Cancels what is left of sessions that are over.
  void cancel_earlier_sessions();
  // The one that there is now. Changes only by end_session().
  std::uint64_t session() const;
  // No more work: pop() returns nothing from now on.
  void close();

  // Waits for work. The caller says done() when it has computed it.
  std::optional<Work> pop();
  void done(const Work& work);

 private:
  const std::size_t most_waiting_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Work> waiting_;
  std::deque<Work> running_;
  std::uint64_t session_ = 0;
  bool closed_ = false;
};

// One finished lease. An empty tally means that it was cancelled.
struct Computed {
  tally::Tally tally;
  Duration computing{};
};
// Sets the thread's floating-point environment and computes the node.
Computed compute(const Work& work, sampling::Workspace& workspace);

}  // namespace oche::crew

#endif  // OCHE_CREW_LEASE_QUEUE_H_

// The shell around the dispatcher: a lock, the clock, and the delivery of its actions to the
// workers.
#ifndef OCHE_CREW_MANAGER_H_
#define OCHE_CREW_MANAGER_H_

#include <condition_variable>
#include <exception>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>

#include "job/dispatcher.h"

namespace oche::crew {

// Where the actions for one worker go. Called under the manager's lock: must not block, not throw
// and not call the manager.
class WorkerSink {
 public:
  virtual ~WorkerSink() = default;
  // Before its first pass; a worker of one job needn't be told.
  virtual void begin_job(std::shared_ptr<const job::Job>) {}
  virtual void begin_pass(std::shared_ptr<const sampling::PassContext> pass) = 0;
  virtual void grant(const job::Lease& lease) = 0;
  virtual void withdraw(job::LeaseId lease) = 0;
};

// Thread-safe. All events may come from any thread.
class Manager {
 public:
  using OnEvent = std::function<void(const std::string& line)>;

  Manager(std::shared_ptr<const job::Job> job, const job::StopRule& rule,
          const job::DispatcherOptions& options, OnEvent on_event, job::Standing standing = {});

  // The sink must live until leave() or until the manager is gone.
  job::WorkerId join(const std::string& name, unsigned depth, Duration lease_target,
                     WorkerSink& sink, job::ProcessId process = {});
  void leave(job::WorkerId worker, const std::string& why,
             job::Departure how = job::Departure::left);
  job::Verdict complete(job::WorkerId worker, job::LeaseId lease, std::uint32_t pass,
                        tally::Node node, tally::Tally tally, Duration computing);
  void offer(job::WorkerId worker, std::uint32_t pass, tally::Node node);
  // See Dispatcher.
  job::Changes take_changes();
  void interrupt();
  // A thread of the crew can't go on: the run ends, and wait_until() throws this.
  void fail(std::exception_ptr why);

  // Waits until the run is finished or `until` is reached; keeps the dispatcher's clock meanwhile.
  // Returns whether it is finished.
  bool wait_until(Instant until);
  bool finished();

  // Runs f on the dispatcher under the lock.
  template <class F>
  auto inspect(F f) {
    const std::scoped_lock lock(mutex_);
    return f(static_cast<const job::Dispatcher&>(dispatcher_));
  }

 private:
  struct Member {
    WorkerSink* sink;
    std::string name;
  };
  void deliver(const job::Actions& actions);
  void say(const std::string& line) const;

  std::mutex mutex_;
  std::condition_variable changed_;
  job::Dispatcher dispatcher_;
  std::map<job::WorkerId, Member> members_;
  OnEvent on_event_;
  std::exception_ptr failure_;
};

}  // namespace oche::crew

#endif  // OCHE_CREW_MANAGER_H_

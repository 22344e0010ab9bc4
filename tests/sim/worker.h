// A simulated worker: its process, its session with the manager, its cores.
#ifndef OCHE_SIM_WORKER_H_
#define OCHE_SIM_WORKER_H_

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <set>

#include "crew/kept_results.h"
#include "sim/network.h"
#include "sim/scenario.h"

namespace oche::sim {

class Worker {
 public:
  // What a lying or broken machine does to a tally before it is sent.
  using Tamper = std::function<void(const std::string& worker, tally::Tally&)>;

  Worker(World& world, const Scenario& scenario, const WorkerProfile& profile, Network& network,
         const Tamper& tamper);

  const WorkerProfile& profile() const { return profile_; }
  Process& process() { return process_; }
  bool running() const { return running_; }
  // The manager said that all is done.
  bool ended_well() const { return ended_well_; }

  void start();
  enum class Crash { loud, silent };
  void crash(Crash how);
  // With a goodbye.
  void leave();

 private:
  void dial();
  void end_session();
  void end_process();
  void ended(const wire::Closed& closed);
  void receive(const wire::Message& message);
  void take(const wire::Job& message);
  void take(const wire::Plan& message);
  void take(const wire::Lease& message);
  void take(const wire::Revoke& message);
  void take(const wire::Accepted& message);
  void compute();
  void finish(const job::Lease& lease, Instant begun);
  void deliver(const wire::Result& result);
  void watch();
  // An event of this session: nothing happens if it is over by then.
  void later(Duration delay, std::function<void()> event);

  World& world_;
  const Scenario& scenario_;
  const WorkerProfile& profile_;
  Network& network_;
  const Tamper& tamper_;
  Process process_;
  bool running_ = false;
  bool ended_well_ = false;

  // Of the session.
  std::shared_ptr<Channel> channel_;
  std::uint64_t session_ = 0;
  std::shared_ptr<const job::Job> job_;
  std::map<std::uint32_t, std::shared_ptr<const sampling::PassContext>> passes_;
  std::deque<job::Lease> waiting_;
  std::set<job::LeaseId> seen_;
  std::set<job::LeaseId> revoked_;
  std::map<job::LeaseId, wire::Result> unanswered_;
  // Of the process.
  std::unique_ptr<crew::KeptResults> results_;
  unsigned busy_ = 0;
  Instant last_progress_{};
};

}  // namespace oche::sim

#endif  // OCHE_SIM_WORKER_H_

// The service work of a host: the workers that are connected, and the queue that lends to them.
#ifndef OCHE_HOST_WORK_SERVICE_H_
#define OCHE_HOST_WORK_SERVICE_H_

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include "crew/worker_session.h"
#include "host/job_queue.h"
#include "host/present_names.h"

namespace oche::host {

// On the loop's thread only.
class WorkService final : public crew::Lender {
 public:
  // `deliver` takes the queue's actions, and brings back to take() those that are for workers.
  // `note` is for each result; may be empty.
  WorkService(wire::Loop& loop, JobQueue& queue, std::function<void(const Actions&)> deliver,
              Log note);

  // The name for a worker that wishes this one: no other that is here has it.
  std::string name_for(const std::string& wished) const { return names_.free_name(wished); }
  void open(std::shared_ptr<wire::Connection> connection);
  // True if the action was for a worker.
  bool take(const Action& action);

  struct Worker {
    std::shared_ptr<crew::WorkerSession> session;
    std::string address;
    std::uint32_t cores = 0;
  };
  // Of the members of the queue.
  const std::map<MemberId, Worker>& workers() const { return workers_; }
  // Results so far, by verdict.
  const std::array<std::uint64_t, 3>& results() const { return results_; }

 private:
  job::WorkerId join(const wire::Connection& connection, unsigned depth, Duration lease_target,
                     crew::WorkerSink& sink) override;
  void leave(job::WorkerId worker, const std::string& why, job::Departure how) override;
  job::Verdict complete(job::WorkerId worker, const wire::Result& result) override;
  void offered(job::WorkerId worker, const wire::Offer& offer) override;
  void answered(job::Verdict verdict) override { ++results_[static_cast<std::size_t>(verdict)]; }
  crew::AfterRefusal refused(job::WorkerId worker, const wire::JobRefused& refused) override;
  crew::WorkerSession* session_of(MemberId id);

  wire::Loop& loop_;
  JobQueue& queue_;
  std::function<void(const Actions&)> deliver_;
  Log note_;
  std::map<MemberId, Worker> workers_;
  PresentNames names_;
  std::array<std::uint64_t, 3> results_{};
};

}  // namespace oche::host

#endif  // OCHE_HOST_WORK_SERVICE_H_

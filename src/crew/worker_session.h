// One worker that is connected over TCP, as those see it who lend to it: a job's manager, or a host
// of many jobs.
#ifndef OCHE_CREW_WORKER_SESSION_H_
#define OCHE_CREW_WORKER_SESSION_H_

#include <functional>
#include <memory>
#include <string>

#include "crew/manager.h"
#include "wire/connection.h"

namespace oche::crew {

enum class AfterRefusal {
  stay,  // there may be other jobs for it
  go,
};

// Who lends. Called on the loop's thread only.
class Lender {
 public:
  virtual ~Lender() = default;
  // The sink lives until leave(). A worker may have `depth` leases at a time, each about
  // `lease_target` of computing.
  virtual job::WorkerId join(const wire::Connection& connection, unsigned depth,
                             Duration lease_target, WorkerSink& sink) = 0;
  virtual void leave(job::WorkerId worker, const std::string& why, job::Departure how) = 0;
  // Of a lease that was lent in this session, as it came: nothing of it is checked.
  virtual job::Verdict complete(job::WorkerId worker, const wire::Result& result) = 0;
  // It has that result, of an earlier session.
  virtual void offered(job::WorkerId worker, const wire::Offer& offer) = 0;
  // What each result came to, those that were never lent included.
  virtual void answered(job::Verdict) {}
  virtual AfterRefusal refused(job::WorkerId worker, const wire::JobRefused& refused) = 0;
};

// Its connection is touched on the loop's thread only; the sink's verbs may be called from any
// thread, and post.
class WorkerSession final : public WorkerSink, public std::enable_shared_from_this<WorkerSession> {
 public:
  WorkerSession(Lender& lender, wire::Loop& loop, std::shared_ptr<wire::Connection> connection)
      : lender_(lender), loop_(loop), connection_(std::move(connection)) {}

  // On the loop's thread, once. on_gone is called there, once, when the session has ended.
  void start(std::function<void()> on_gone);

  void begin_job(std::shared_ptr<const job::Job> job) override;
  void begin_pass(std::shared_ptr<const sampling::PassContext> pass) override;
  void grant(const job::Lease& lease) override;
  void withdraw(job::LeaseId lease) override;
  // After all that was said before.
  void close(wire::GoodbyeReason reason, const std::string& text);

 private:
  void post(wire::Message message);
  void receive(const wire::Message& message);
  void receive(const wire::Result& result);

  Lender& lender_;
  wire::Loop& loop_;
  std::shared_ptr<wire::Connection> connection_;
  job::WorkerId id_{};
  std::shared_ptr<const job::Job> job_;  // that is lent now
  std::uint64_t newest_lent_ = 0;        // leases are numbered upwards; on the loop's thread
};

}  // namespace oche::crew

#endif  // OCHE_CREW_WORKER_SESSION_H_

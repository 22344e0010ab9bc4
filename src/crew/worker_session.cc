#include "crew/worker_session.h"

#include <algorithm>
#include <utility>

#include "crew/messages.h"

namespace oche::crew {
namespace {

// Computing per lease of one core: a round trip and a frame are small beside it, and little is lost
// with a worker.
constexpr Duration kLeaseTarget = std::chrono::milliseconds(100);
// Leases per core of a worker: one to compute, one that waits, so that no core waits for the
// network.
constexpr unsigned kLeasesPerSlot = 2;

}  // namespace

void WorkerSession::start(std::function<void()> on_gone) {
  const auto self = shared_from_this();
  connection_->on_message = [self](wire::Message&& message) { self->receive(message); };
  connection_->on_closed = [self, on_gone = std::move(on_gone)](const wire::Closed& closed) {
    self->lender_.leave(self->id_, closed.text, departure_of(closed.reason));
    on_gone();
  };
  id_ = lender_.join(*connection_, kLeasesPerSlot * connection_->peer().slots, kLeaseTarget, *this);
}

void WorkerSession::post(wire::Message message) {
  loop_.post([self = shared_from_this(), message = std::move(message)] {
    self->connection_->send(message);
  });
}

void WorkerSession::begin_job(std::shared_ptr<const job::Job> job) {
  job_ = std::move(job);
  post(to_message(*job_));
}

void WorkerSession::begin_pass(std::shared_ptr<const sampling::PassContext> pass) {
  post(to_message(*job_, pass->plan));
}

void WorkerSession::grant(const job::Lease& lease) {
  loop_.post([self = shared_from_this(), message = to_message(*job_, lease)] {
    self->newest_lent_ = std::max(self->newest_lent_, message.lease());
    self->connection_->send(message);
  });
}

void WorkerSession::withdraw(job::LeaseId lease) {
  wire::Revoke message;
  message.set_lease(static_cast<std::uint64_t>(lease));
  post(message);
}

void WorkerSession::close(wire::GoodbyeReason reason, const std::string& text) {
  loop_.post([self = shared_from_this(), reason, text] { self->connection_->close(reason, text); });
}

void WorkerSession::receive(const wire::Message& message) {
  if (const auto* result = std::get_if<wire::Result>(&message)) return receive(*result);
  if (const auto* offer = std::get_if<wire::Offer>(&message)) return lender_.offered(id_, *offer);
  if (const auto* refused = std::get_if<wire::JobRefused>(&message)) {
    if (lender_.refused(id_, *refused) == AfterRefusal::stay) return;
    connection_->close(wire::GoodbyeReason::turned_away,
                       "it can't compute the job: " + wire::printable(refused->text(), 200));
  }
}

void WorkerSession::receive(const wire::Result& result) {
  const job::Verdict verdict =
      result.lease() <= newest_lent_ ? lender_.complete(id_, result) : job::Verdict::rejected;
  lender_.answered(verdict);
  const wire::Accepted answer = answer_to(result, verdict);
  connection_->send(answer);
  if (verdict == job::Verdict::rejected) {
    connection_->close(wire::GoodbyeReason::turned_away, "a result was rejected: " + answer.text());
  }
}

}  // namespace oche::crew

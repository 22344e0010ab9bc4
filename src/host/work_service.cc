#include "host/work_service.h"

#include <algorithm>
#include <new>
#include <utility>

#include "crew/messages.h"

namespace oche::host {
namespace {

// A session knows its worker by the number of its stay.
MemberId member_of(job::WorkerId worker) { return MemberId{static_cast<std::uint64_t>(worker)}; }
job::WorkerId worker_of(MemberId member) {
  return job::WorkerId{static_cast<std::uint64_t>(member)};
}

}  // namespace

WorkService::WorkService(wire::Loop& loop, JobQueue& queue,
                         std::function<void(const Actions&)> deliver, Log note)
    : loop_(loop), queue_(queue), deliver_(std::move(deliver)), note_(std::move(note)) {}

void WorkService::open(std::shared_ptr<wire::Connection> connection) {
  std::make_shared<crew::WorkerSession>(*this, loop_, std::move(connection))->start([] {});
}

crew::WorkerSession* WorkService::session_of(MemberId id) {
  const auto worker = workers_.find(id);
  return worker == workers_.end() ? nullptr : worker->second.session.get();
}

bool WorkService::take(const Action& action) {
  if (const auto* job = std::get_if<BeginJob>(&action)) {
    if (auto* const session = session_of(job->member)) session->begin_job(job->job);
  } else if (const auto* pass = std::get_if<BeginPass>(&action)) {
    if (auto* const session = session_of(pass->member)) session->begin_pass(pass->pass);
  } else if (const auto* grant = std::get_if<Grant>(&action)) {
    if (auto* const session = session_of(grant->member)) session->grant(grant->lease);
  } else if (const auto* withdraw = std::get_if<Withdraw>(&action)) {
    if (auto* const session = session_of(withdraw->member)) session->withdraw(withdraw->lease);
  } else if (const auto* dismiss = std::get_if<Dismiss>(&action)) {
    if (auto* const session = session_of(dismiss->member)) {
      session->close(wire::GoodbyeReason::finished, "this worker was drained");
    }
  } else {
    return false;
  }
  return true;
}

job::WorkerId WorkService::join(const wire::Connection& connection, unsigned depth,
                                Duration lease_target, crew::WorkerSink& sink) {
  const wire::Peer& peer = connection.peer();
  Actions actions;
  const MemberId id = queue_.join(peer.name, depth, lease_target, monotonic_now(), actions,
                                  job::ProcessId{peer.process});
  names_.add(peer.name);
  auto& session = static_cast<crew::WorkerSession&>(sink);
  workers_.emplace(id, Worker{session.shared_from_this(), connection.remote(), peer.slots});
  deliver_(actions);
  return worker_of(id);
}

void WorkService::leave(job::WorkerId worker, const std::string&, job::Departure how) {
  const MemberId id = member_of(worker);
  const auto member = queue_.members().find(id);
  if (member == queue_.members().end()) return;
  Actions actions;
  names_.remove(member->second.name);
  queue_.leave(id, monotonic_now(), actions, how);
  workers_.erase(id);
  deliver_(actions);
}

job::Verdict WorkService::complete(job::WorkerId worker, const wire::Result& result) {
  const MemberId id = member_of(worker);
  const job::LeaseId lease{result.lease()};
  const job::Job* const job = queue_.job_of(id, lease);
  if (job == nullptr) return job::Verdict::repeat;  // of a job or pass that is over
  const auto node = crew::node_from(result.level(), result.index());
  if (!node || !crew::is_result_of(result, *job)) return job::Verdict::rejected;
  Actions actions;
  job::Verdict verdict = job::Verdict::repeat;
  const auto number = queue_.members().at(id).job;
  try {
    verdict = queue_.complete(id, lease, result.pass(), *node, crew::tally_from(result.tally()),
                              crew::computing_from(result), monotonic_now(), actions);
  } catch (const std::bad_alloc&) {
    // The dispatcher may have done half of it: no answer may come of that.
    queue_.fail(*number, "the host's memory ran out", monotonic_now(), actions);
  }
  if (note_) {
    const char* const words[] = {"accepted", "repeated", "rejected"};
    note_(
        LogEntry(Event::result)
            .with("name", queue_.members().at(id).name)
            .with("job", static_cast<std::uint64_t>(*number))
            .with("chunks", std::to_string(node->first()) + ".." + std::to_string(node->end() - 1))
            .with("verdict", words[static_cast<int>(verdict)]));
  }
  deliver_(actions);
  return verdict;
}

void WorkService::offered(job::WorkerId worker, const wire::Offer& offer) {
  const auto node = crew::node_from(offer.level(), offer.index());
  const std::optional<Hash256> fingerprint = crew::hash_from(offer.fingerprint());
  if (!node || !fingerprint) return;
  Actions actions;
  queue_.offer(member_of(worker), *fingerprint, offer.pass(), *node, actions);
  deliver_(actions);
}

crew::AfterRefusal WorkService::refused(job::WorkerId worker, const wire::JobRefused& refused) {
  if (const auto fingerprint = crew::hash_from(refused.fingerprint())) {
    Actions actions;
    queue_.refuse(member_of(worker), *fingerprint, wire::printable(refused.text(), 200),
                  monotonic_now(), actions);
    deliver_(actions);
  }
  return crew::AfterRefusal::stay;
}

}  // namespace oche::host

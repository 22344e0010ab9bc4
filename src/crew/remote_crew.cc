#include "crew/remote_crew.h"

#include <new>
#include <set>
#include <thread>

#include "crew/messages.h"
#include "crew/names.h"
#include "crew/worker_session.h"
#include "math/numerics.h"
#include "wire/listener.h"

namespace oche::crew {

struct RemoteCrew::Impl final : Lender {
  Manager& manager;
  Manager::OnEvent on_event;
  std::shared_ptr<const job::Job> job;
  wire::Loop loop;
  Names names;
  std::set<std::shared_ptr<WorkerSession>> workers;  // the manager knows their addresses
  std::unique_ptr<wire::Listener> listener;
  std::thread thread;

  Impl(Manager& m, Manager::OnEvent e)
      : manager(m),
        on_event(std::move(e)),
        job(m.inspect([](const job::Dispatcher& d) { return d.shared_job(); })) {}

  std::optional<wire::Refused> admit(wire::Peer& peer) {
    if (manager.finished()) {
      return wire::Refused{wire::RefusalReason::finished, "the job is finished; there is no work"};
    }
    peer.name = names.give(peer.name);
    return std::nullopt;
  }

  // ---- Lender ----

  job::WorkerId join(const wire::Connection& connection, unsigned depth, Duration lease_target,
                     WorkerSink& sink) override {
    sink.begin_job(job);
    return manager.join(connection.peer().name, depth, lease_target, sink,
                        job::ProcessId{connection.peer().process});
  }

  void leave(job::WorkerId worker, const std::string& why, job::Departure how) override {
    manager.leave(worker, why, how);
  }

  job::Verdict complete(job::WorkerId worker, const wire::Result& result) override try {
    const auto node = node_from(result.level(), result.index());
    if (!node || !is_result_of(result, *job)) return job::Verdict::rejected;
    return manager.complete(worker, job::LeaseId{result.lease()}, result.pass(), *node,
                            tally_from(result.tally()), computing_from(result));
  } catch (const std::bad_alloc&) {
    // The dispatcher may have done half of it: no result may come of that.
    manager.fail(std::current_exception());
    throw;
  }

  void offered(job::WorkerId worker, const wire::Offer& offer) override {
    const auto node = node_from(offer.level(), offer.index());
    if (!node || offer.fingerprint() != to_bytes(job->fingerprint())) return;
    manager.offer(worker, offer.pass(), *node);
  }

  AfterRefusal refused(job::WorkerId, const wire::JobRefused&) override { return AfterRefusal::go; }

  void open(const std::string& address, wire::Admission admission) {
    wire::ListenTerms terms;
    terms.admission = std::move(admission);
    terms.services = {wire::Service::work};
    terms.numerics = kNumerics;
    terms.build = "oche";
    terms.admit = [this](wire::Peer& peer) { return admit(peer); };
    wire::ListenCallbacks callbacks;
    callbacks.on_open = [this](std::shared_ptr<wire::Connection> connection) {
      const auto worker = std::make_shared<WorkerSession>(*this, loop, std::move(connection));
      workers.insert(worker);
      worker->start([this, gone = worker.get()] {
        std::erase_if(workers, [&](const auto& w) { return w.get() == gone; });
      });
    };
    callbacks.on_failed = [this](const std::string& remote, const wire::Closed& closed) {
      if (on_event) on_event("a connection from " + remote + " came to nothing: " + closed.text);
    };
    callbacks.on_trouble = [this](const std::string& text) {
      if (on_event) on_event(text);
    };
    listener = std::make_unique<wire::Listener>(
        loop, wire::parse_address(address, wire::AddressUse::listen), std::move(terms),
        std::move(callbacks));
  }
};

RemoteCrew::RemoteCrew(Manager& manager, const std::string& address, wire::Admission admission,
                       Manager::OnEvent on_event)
    : impl_(std::make_unique<Impl>(manager, std::move(on_event))) {
  impl_->open(address, std::move(admission));
  impl_->thread = std::thread([this] {
    try {
      impl_->loop.run();
    } catch (...) {
      impl_->manager.fail(std::current_exception());
    }
  });
}

RemoteCrew::~RemoteCrew() {
  impl_->loop.post([this] {
    impl_->listener->close_all(wire::GoodbyeReason::finished, "the job is finished",
                               [this] { impl_->loop.stop(); });
  });
  impl_->thread.join();
  impl_->listener.reset();
}

const std::string& RemoteCrew::endpoint() const { return impl_->listener->endpoint(); }

}  // namespace oche::crew

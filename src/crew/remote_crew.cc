#include "crew/remote_crew.h"

#include <algorithm>
#include <functional>
#include <new>
#include <set>
#include <thread>

#include "crew/messages.h"
#include "crew/names.h"
#include "math/numerics.h"
#include "wire/listener.h"

namespace oche::crew {
namespace {

// Computing per lease of one core: a round trip and a frame are small beside it, and little is lost
// with a worker.
constexpr Duration kLeaseTarget = std::chrono::milliseconds(100);
// Leases per core of a worker: one to compute, one that waits, so that no core waits for the
// network.
constexpr unsigned kLeasesPerSlot = 2;

// One connected worker. Its connection is touched on the loop's thread only; the manager calls the
// sink's verbs from any thread, which post.
class RemoteWorker final : public WorkerSink, public std::enable_shared_from_this<RemoteWorker> {
 public:
  RemoteWorker(Manager& manager, wire::Loop& loop, std::shared_ptr<const job::Job> job,
               std::shared_ptr<wire::Connection> connection)
      : manager_(manager), loop_(loop), job_(std::move(job)), connection_(std::move(connection)) {}

  // On the loop's thread, once. on_gone is called there, once, when the session has ended.
  void start(std::function<void()> on_gone) {
    const auto self = shared_from_this();
    connection_->on_message = [self](wire::Message&& message) {
      self->receive(std::move(message));
    };
    connection_->on_closed = [self, on_gone = std::move(on_gone)](const wire::Closed& closed) {
      self->manager_.leave(self->id_, closed.text);
      on_gone();
    };
    connection_->send(to_message(*job_));
    const wire::Peer& peer = connection_->peer();
    id_ = manager_.join(peer.name, kLeasesPerSlot * peer.slots, kLeaseTarget, *this);
  }

  void begin_pass(std::shared_ptr<const sampling::PassContext> pass) override {
    post(to_message(*job_, pass->plan));
  }
  void grant(const job::Lease& lease) override {
    loop_.post([self = shared_from_this(), message = to_message(*job_, lease)] {
      self->newest_lent_ = std::max(self->newest_lent_, message.lease());
      self->connection_->send(message);
    });
  }
  void withdraw(job::LeaseId lease) override {
    wire::Revoke message;
    message.set_lease(static_cast<std::uint64_t>(lease));
    post(message);
  }

 private:
  void post(const wire::Message& message) {
    loop_.post([self = shared_from_this(), message] { self->connection_->send(message); });
  }

  void receive(wire::Message&& message) {
    if (const auto* result = std::get_if<wire::Result>(&message)) return receive(*result);
    if (const auto* refused = std::get_if<wire::JobRefused>(&message)) {
      connection_->close(wire::GoodbyeReason::turned_away,
                         "it can't compute the job: " + wire::printable(refused->text(), 200));
    }
  }

  void receive(const wire::Result& result) {
    const auto node = node_from(result.level(), result.index());
    job::Verdict verdict = job::Verdict::rejected;
    if (node && result.lease() <= newest_lent_ && is_result_of(result, *job_)) {
      verdict = complete(result, *node, tally_from(result.tally()));
    }
    const wire::Accepted answer = answer_to(result, verdict);
    connection_->send(answer);
    if (verdict == job::Verdict::rejected) {
      connection_->close(wire::GoodbyeReason::turned_away,
                         "a result was rejected: " + answer.text());
    }
  }

  job::Verdict complete(const wire::Result& result, tally::Node node, tally::Tally tally) try {
    return manager_.complete(id_, job::LeaseId{result.lease()}, result.pass(), node,
                             std::move(tally), computing_from(result));
  } catch (const std::bad_alloc&) {
    // The dispatcher may have done half of it: no result may come of that.
    manager_.fail(std::current_exception());
    throw;
  }

  Manager& manager_;
  wire::Loop& loop_;
  std::shared_ptr<const job::Job> job_;
  std::shared_ptr<wire::Connection> connection_;
  job::WorkerId id_{};
  std::uint64_t newest_lent_ = 0;  // leases are numbered upwards; on the loop's thread
};

}  // namespace

struct RemoteCrew::Impl {
  Manager& manager;
  Manager::OnEvent on_event;
  std::shared_ptr<const job::Job> job;
  wire::Loop loop;
  Names names;
  std::set<std::shared_ptr<RemoteWorker>> workers;  // in session: the manager knows their addresses
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

  void open(const std::string& address, wire::Admission admission) {
    wire::ListenTerms terms;
    terms.admission = std::move(admission);
    terms.services = {wire::Service::work};
    terms.numerics = kNumerics;
    terms.build = "oche";
    terms.admit = [this](wire::Peer& peer) { return admit(peer); };
    wire::ListenCallbacks callbacks;
    callbacks.on_open = [this](std::shared_ptr<wire::Connection> connection) {
      const auto worker = std::make_shared<RemoteWorker>(manager, loop, job, std::move(connection));
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

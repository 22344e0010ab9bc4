#include "sim/worker.h"

#include <algorithm>

#include "crew/messages.h"

namespace oche::sim {
namespace {

using namespace std::chrono_literals;

// Without sessions, a worker takes care of its messages itself.
constexpr Duration kDeliverAgainAfter = 700ms;
constexpr Duration kIdleLimit = 4s;
constexpr std::size_t kMostKept = 20;

}  // namespace

Worker::Worker(World& world, const Scenario& scenario, const WorkerProfile& profile,
               Network& network, const Tamper& tamper)
    : world_(world), scenario_(scenario), profile_(profile), network_(network), tamper_(tamper) {
  end_process();
}

void Worker::start() {
  if (running_ || ended_well_) return;
  running_ = true;
  process_.awake_at = {};
  process_.run = ++world_.runs;
  world_.trace.add(profile_.name + " starts");
  dial();
}

void Worker::crash(Crash how) {
  if (!running_) return;
  running_ = false;
  world_.trace.add(profile_.name + (how == Crash::silent ? " crashes silently" : " crashes"));
  if (channel_) {
    how == Crash::silent ? channel_->crash_silently() : channel_->crash_loudly();
  }
  end_process();
}

void Worker::leave() {
  if (!running_) return;
  running_ = false;
  world_.trace.add(profile_.name + " says goodbye");
  if (channel_) channel_->close(wire::GoodbyeReason::stopping);
  end_process();
}

void Worker::end_process() {
  if (results_) end_session();
  results_ = std::make_unique<crew::KeptResults>(kMostKept, 1 << 20);
}

void Worker::end_session() {
  results_->end_session();
  ++session_;
  channel_.reset();
  job_.reset();
  passes_.clear();
  waiting_.clear();
  seen_.clear();
  revoked_.clear();
  unanswered_.clear();
  busy_ = 0;
}

void Worker::later(Duration delay, std::function<void()> event) {
  world_.timeline.after(delay, [this, session = session_, event = std::move(event)] {
    if (session != session_) return;
    world_.timeline.when_awake(process_, [this, session, event] {
      if (session == session_) event();
    });
  });
}

void Worker::dial() {
  last_progress_ = world_.timeline.now();
  channel_ = network_.dial(process_, profile_.name, profile_.slots);
  channel_->on_message = [this](wire::Message&& message) { receive(message); };
  channel_->on_closed = [this](const wire::Closed& closed) { ended(closed); };
  if (scenario_.faults.transport == Transport::datagrams) watch();
}

void Worker::ended(const wire::Closed& closed) {
  end_session();
  require(closed.goodbye != wire::GoodbyeReason::turned_away, profile_.name + " is turned away");
  if (closed.goodbye == wire::GoodbyeReason::finished) {
    running_ = false;
    ended_well_ = true;
    world_.trace.add(profile_.name + " ends well");
    return;
  }
  later(world_.random.between(Duration(50ms), 1s), [this] { dial(); });
}

// Datagrams: who hears nothing for long begins anew, as nobody tells it that something was lost.
void Worker::watch() {
  later(1s, [this] {
    const bool idle = busy_ == 0 && world_.timeline.now() - last_progress_ > kIdleLimit;
    if (!idle) return watch();
    world_.trace.add(profile_.name + " begins anew");
    channel_->crash_silently();
    end_session();
    dial();
  });
}

void Worker::receive(const wire::Message& message) {
  if (const auto* job = std::get_if<wire::Job>(&message)) return take(*job);
  if (const auto* plan = std::get_if<wire::Plan>(&message)) return take(*plan);
  if (const auto* lease = std::get_if<wire::Lease>(&message)) return take(*lease);
  if (const auto* revoke = std::get_if<wire::Revoke>(&message)) return take(*revoke);
  if (const auto* accepted = std::get_if<wire::Accepted>(&message)) return take(*accepted);
  throw Violation(profile_.name + " received what isn't for a worker");
}

void Worker::take(const wire::Job& message) {
  job_ = oracle().job(message.canonical());
  require(crew::to_bytes(job_->fingerprint()) == message.fingerprint(),
          "a job's fingerprint differs");
}

void Worker::take(const wire::Plan& message) {
  if (!job_) {  // overtaken by its plan: without the one, the other is of no use
    require(scenario_.faults.transport == Transport::datagrams, "a plan before its job");
    return;
  }
  auto plan = sampling::Plan::from_bytes(message.plan(), job_->dimensions());
  require(plan && plan->pass == message.pass() && crew::to_bytes(plan->hash()) == message.hash(),
          "a plan that isn't what its hash says");
  passes_[message.pass()] = std::make_shared<const sampling::PassContext>(
      job_->integrand(), job_->seed(), job_->chunk_samples(), std::move(*plan));
  for (const wire::Offer& offer : results_->offers(message.fingerprint(), message.pass())) {
    channel_->send(offer);
  }
  compute();
}

void Worker::take(const wire::Lease& message) {
  const std::optional<job::Lease> lease = crew::lease_from(message);
  require(lease.has_value(), "a lease out of every range");
  const bool streams = scenario_.faults.transport == Transport::streams;
  require(!streams || passes_.count(lease->pass) != 0, "a lease before its plan");
  const bool fresh = seen_.insert(lease->id).second;
  require(!streams || fresh, "a lease comes twice");
  if (!fresh || revoked_.count(lease->id) != 0) return;
  last_progress_ = world_.timeline.now();
  if (std::optional<wire::Result> kept = results_->take(message)) {
    unanswered_.emplace(lease->id, *kept);
    return deliver(results_->send(*std::move(kept)));
  }
  waiting_.push_back(*lease);
  compute();
}

void Worker::take(const wire::Revoke& message) { revoked_.insert(job::LeaseId{message.lease()}); }

void Worker::take(const wire::Accepted& message) {
  require(message.verdict() != wire::Accepted::REJECTED, profile_.name + "'s result is rejected");
  last_progress_ = world_.timeline.now();
  unanswered_.erase(job::LeaseId{message.lease()});
  results_->answered(message.lease());
}

void Worker::compute() {
  std::erase_if(waiting_, [&](const job::Lease& l) { return revoked_.count(l.id) != 0; });
  while (busy_ < profile_.slots) {
    const auto next = std::find_if(waiting_.begin(), waiting_.end(),
                                   [&](const job::Lease& l) { return passes_.count(l.pass) != 0; });
    if (next == waiting_.end()) return;
    const job::Lease lease = *next;
    waiting_.erase(next);
    ++busy_;
    const Duration whole = static_cast<std::int64_t>(lease.node.chunks()) * profile_.per_chunk;
    later(world_.random.between(whole - whole / 5, whole + whole / 5),
          [this, lease, begun = world_.timeline.now()] { finish(lease, begun); });
  }
}

void Worker::finish(const job::Lease& lease, Instant begun) {
  const std::optional<std::uint64_t> deadly = scenario_.faults.deadly_chunk;
  if (deadly && lease.node.first() <= *deadly && *deadly < lease.node.end()) {
    ++world_.counters.killed;
    crash(Crash::loud);
    world_.timeline.after(1s, [this] { start(); });
    return;
  }
  --busy_;
  last_progress_ = world_.timeline.now();
  if (revoked_.count(lease.id) == 0) {
    tally::Tally tally =
        oracle().node(*job_, *passes_.at(lease.pass), lease.node, lease.end_sample);
    if (tamper_) tamper_(profile_.name, tally);
    const wire::Result result = crew::to_result(*job_, lease, tally, world_.timeline.now() - begun);
    unanswered_.emplace(lease.id, result);
    deliver(results_->send(result));
  }
  compute();
}

void Worker::deliver(const wire::Result& result) {
  channel_->send(result);
  if (scenario_.faults.transport == Transport::streams) return;
  later(kDeliverAgainAfter, [this, id = job::LeaseId{result.lease()}] {
    const auto place = unanswered_.find(id);
    if (place != unanswered_.end()) deliver(wire::Result(place->second));
  });
}

}  // namespace oche::sim

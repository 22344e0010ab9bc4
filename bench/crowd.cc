#include "bench/crowd.h"

#include <algorithm>
#include <map>
#include <stdexcept>
#include <utility>

#include "crew/messages.h"
#include "math/numerics.h"

namespace oche::bench {
namespace {

using namespace std::chrono_literals;

// Of a worker that is told that there is no place, or whose dial came to nothing.
constexpr Duration kPause = 100ms;
constexpr Duration kDialDeadline = 30s;
// Handshakes at once: a host has room for 64 (wire::kMaxPendingHandshakes).
constexpr unsigned kAtOnce = 32;

}  // namespace

std::vector<tally::Tally> tallies_of(const sampling::PassContext& pass) {
  sampling::Workspace workspace;
  std::vector<tally::Tally> tallies;
  tallies.push_back(sampling::compute_chunk(pass, 0, pass.chunk_samples, workspace));
  if (!identical(tallies[0], sampling::compute_chunk(pass, 1, pass.chunk_samples, workspace))) {
    throw std::logic_error("the chunks of this job have different tallies");
  }
  while (tallies.size() <= tally::kMaxLevel) {
    tallies.push_back(merge(tallies.back(), tallies.back()));
  }
  return tallies;
}

struct Crowd::Worker {
  std::shared_ptr<wire::Connection> connection;
  bool joined = false, served = false;  // once
  std::uint64_t session = 0;            // so many ended before this one
  std::deque<job::Lease> waiting;
  std::deque<Instant> running;                    // since when; the first ends first
  std::map<std::uint64_t, std::uint64_t> chunks;  // of leases that were answered
};

Crowd::Crowd(wire::Loop& loop, CrowdOptions options, std::function<void()> on_change)
    : loop_(loop), options_(std::move(options)), on_change_(std::move(on_change)) {}

Crowd::~Crowd() {
  for (const auto& worker : workers_) {
    if (worker->connection) worker->connection->drop();
  }
}

// Not all at once: this one process would connect them all before it had said a word on any.
void Crowd::dial() {
  for (unsigned i = 0; i < options_.workers; ++i) workers_.push_back(std::make_unique<Worker>());
  for (unsigned i = 0; i < kAtOnce; ++i) dial_next();
}

void Crowd::dial_next() {
  if (dialled_ < workers_.size()) dial(*workers_[dialled_++]);
}

void Crowd::dial(Worker& worker) {
  wire::DialTerms terms;
  terms.numerics = kNumerics;
  terms.name = "crowd";
  terms.slots = options_.cores;
  terms.build = "oche";
  terms.credential = {options_.key, nullptr};
  const auto again = [this, &worker] { loop_.after(kPause, [this, &worker] { dial(worker); }); };
  wire::DialCallbacks callbacks;
  callbacks.on_failed = [this, again](const wire::Closed& closed) {
    ++counts_.redials;
    counts_.why = closed.text;
    again();
  };
  callbacks.on_open = [this, &worker, again](std::shared_ptr<wire::Connection> connection) {
    worker.connection = std::move(connection);
    worker.connection->on_message = [this, &worker](wire::Message&& message) {
      take(worker, message);
    };
    worker.connection->on_closed = [this, &worker, again](const wire::Closed& closed) {
      worker.connection.reset();
      ++worker.session;
      worker.waiting.clear();
      worker.running.clear();
      --counts_.open;
      if (closed.goodbye == wire::GoodbyeReason::finished) return;
      ++counts_.lost;
      counts_.why = closed.text;
      again();
    };
    ++counts_.open;
    if (!std::exchange(worker.joined, true)) dial_next();
    on_change_();
  };
  wire::dial(loop_, options_.host, std::move(terms), kDialDeadline, std::move(callbacks));
}

void Crowd::take(Worker& worker, const wire::Message& message) {
  if (const auto* job = std::get_if<wire::Job>(&message)) {
    if (!job_) job_ = job::Job::from_canonical(job->canonical(), job->data());
  } else if (const auto* plan = std::get_if<wire::Plan>(&message)) {
    if (results_.empty()) take_plan(*plan);
  } else if (const auto* lent = std::get_if<wire::Lease>(&message)) {
    const auto lease = crew::lease_from(*lent);
    if (!lease) throw std::logic_error("a lease that can't be one");
    if (options_.computing == Duration::zero()) return answer(worker, *lease);
    worker.waiting.push_back(*lease);
    begin(worker);
  } else if (const auto* accepted = std::get_if<wire::Accepted>(&message)) {
    take_accepted(worker, *accepted);
  }
}

void Crowd::take_plan(const wire::Plan& message) {
  auto plan = sampling::Plan::from_bytes(message.plan(), job_->dimensions());
  if (!plan) throw std::logic_error("a plan that can't be one");
  const sampling::PassContext pass(job_->integrand(), job_->seed(), job_->chunk_samples(),
                                   *std::move(plan));
  Duration claim = options_.claim;
  for (const tally::Tally& tally : tallies_of(pass)) {
    results_.emplace_back(crew::to_result(*job_, {}, tally, claim));
    claim = std::min<Duration>(2 * claim, 100s);
  }
}

void Crowd::take_accepted(Worker& worker, const wire::Accepted& accepted) {
  const auto chunks = worker.chunks.extract(accepted.lease());
  if (chunks.empty()) return;
  if (accepted.verdict() != wire::Accepted::ACCEPTED) {
    ++counts_.refused;
    return;
  }
  ++counts_.leases;
  counts_.chunks += chunks.mapped();
  if (!std::exchange(worker.served, true)) {
    ++counts_.served;
    on_change_();
  }
}

void Crowd::begin(Worker& worker) {
  if (worker.waiting.empty() || worker.running.size() >= options_.cores) return;
  const job::Lease lease = worker.waiting.front();
  worker.waiting.pop_front();
  worker.running.push_back(monotonic_now());
  loop_.after(options_.computing, [this, &worker, lease, session = worker.session] {
    if (session != worker.session) return;
    worker.running.pop_front();
    busy_ += options_.computing;
    answer(worker, lease);
    begin(worker);
  });
}

void Crowd::answer(Worker& worker, const job::Lease& lease) {
  wire::Message& message = results_.at(lease.node.level);
  auto& result = std::get<wire::Result>(message);
  result.set_lease(static_cast<std::uint64_t>(lease.id));
  result.set_index(lease.node.index);
  result.set_level(lease.node.level);
  worker.chunks.emplace(result.lease(), lease.node.chunks());
  worker.connection->send(message);
}

Duration Crowd::busy(Instant now) const {
  Duration all = busy_;
  for (const auto& worker : workers_) {
    for (const Instant since : worker->running) all += std::min(now - since, options_.computing);
  }
  return all;
}

}  // namespace oche::bench

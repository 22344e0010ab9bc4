// Who is lent what, and for how long: the part of the dispatcher that gives out leases.
#include <algorithm>
#include <bit>

#include "job/dispatcher.h"

namespace oche::job {
namespace {

constexpr std::uint64_t kMostChunksPerLease = std::uint64_t{1} << 20;

}  // namespace

// Leases that the worker may be given now.
std::size_t Dispatcher::room(const Worker& worker) const {
  if (worker.stalled || worker.retired || worker.alone) return 0;
  const std::size_t depth = std::min<std::size_t>(worker.depth, kFirstLeases + worker.results);
  // What it still owes counts: else a worker on a slow line, each of whose results is late, would
  // owe ever more, and none would come in time.
  const std::size_t owed = worker.leases.size() + worker.expired.size();
  return owed < depth ? depth - owed : 0;
}

// Lends in turns, one lease to each worker with room, until nobody has room or nothing is left.
void Dispatcher::fill(Instant now, Actions& out) {
  if (!begun_) return;
  const std::optional<WorkerId> held_back = tester();
  for (bool lent = true; lent && !finished();) {
    lent = false;
    for (auto next = wanting_.begin(); next != wanting_.end();) {
      if (all_is_lent()) return;
      const auto place = workers_.find(*next);
      if (place == workers_.end() || room(place->second) == 0) {
        next = wanting_.erase(next);
        continue;
      }
      auto& [id, worker] = *place;
      const bool waits = id == held_back && !worker.leases.empty();
      if (!waits && grant_one(id, worker, now, out)) lent = true;
      ++next;
    }
  }
}

bool Dispatcher::all_is_lent() const {
  return end_chunk_ != 0 && next_chunk_ >= end_chunk_ && pool_.empty();
}

bool Dispatcher::grant_one(WorkerId id, Worker& worker, Instant now, Actions& out) {
  const std::optional<tally::Node> node = take_node(worker);
  if (!node) return false;
  lend(id, worker, *node, now, out);
  return true;
}

std::uint64_t Dispatcher::wanted_chunks(const Worker& worker) const {
  if (worker.seconds_per_chunk <= 0) return 1;
  double wanted = seconds(worker.lease_target) / worker.seconds_per_chunk;
  if (end_chunk_ != 0) {
    // Towards a known end leases shrink, so that all workers end together.
    const auto left = static_cast<double>(end_chunk_ - next_chunk_);
    const double share = total_depth_ > 1 ? left / (2.0 * static_cast<double>(total_depth_)) : left;
    wanted = std::min(wanted, share);
  }
  return std::bit_floor(static_cast<std::uint64_t>(
      std::clamp(wanted, 1.0, static_cast<double>(kMostChunksPerLease))));
}

// Its late result is still welcome: it needn't compute the same chunks twice. But when it has
// answered a later lease, the earlier one may never be answered.
bool Dispatcher::owes(const Worker& worker, tally::Node node) const {
  return std::any_of(worker.expired.begin(), worker.expired.end(), [&](const auto& owed) {
    const auto& [lease, late] = owed;
    return lease > worker.newest_answered && late.pass == pass_->plan.pass &&
           late.node.first() < node.end() && node.first() < late.node.end();
  });
}

// Seconds per chunk of those that have answered and may be lent more; nothing if there are none.
std::optional<double> Dispatcher::slowest_of_the_proven() const {
  std::optional<double> slowest;
  for (const auto& [id, worker] : workers_) {
    if (worker.results == 0 || worker.stalled || worker.retired) continue;
    slowest = std::max(slowest.value_or(0.0), worker.seconds_per_chunk);
  }
  return slowest;
}

// When a lease runs out where nobody is idle. `slowest` is slowest_of_the_proven().
Instant Dispatcher::end_of(const Loan& loan, std::optional<double> slowest) const {
  if (!slowest || workers_.at(loan.worker).results > 0) return loan.deadline;
  const double longest = 4.0 * *slowest * static_cast<double>(loan.node.chunks());
  const Duration fair = std::chrono::duration_cast<Duration>(
      std::chrono::duration<double>(std::min(longest, seconds(loan.deadline - loan.granted))));
  return std::max(loan.straggles_from(), loan.granted + fair);
}

// Who is to have a chunk that must be lent alone: the worker that is done first with what it has.
std::optional<WorkerId> Dispatcher::tester() const {
  const bool wanted = !suspects_.empty() && std::ranges::any_of(pool_, [this](tally::Node node) {
    return suspects_.lent_alone(node) && !ledger_.covers(node);
  });
  if (!wanted) return std::nullopt;
  std::optional<WorkerId> best;
  for (const auto& [id, worker] : workers_) {
    if (worker.alone) return std::nullopt;  // one at a time
    if (worker.stalled || worker.retired || !worker.expired.empty() || !may_take_again(worker)) {
      continue;
    }
    if (!best || worker.leases.size() < workers_.at(*best).leases.size()) best = id;
  }
  return best;
}

// The lowest node that it may be lent. To who has nothing, first what must be lent alone.
std::set<tally::Node, ByFirstChunk>::iterator Dispatcher::next_of_pool(const Worker& worker) {
  const bool has_nothing = worker.leases.empty() && worker.expired.empty();
  if (has_nothing && !suspects_.empty()) {
    const auto first =
        std::ranges::find_if(pool_, [&](tally::Node node) { return suspects_.lent_alone(node); });
    if (first != pool_.end()) return first;
  }
  return std::ranges::find_if(
      pool_, [&](tally::Node node) { return !owes(worker, node) && !suspects_.lent_alone(node); });
}

// Whether it may be lent what was given back. From one to the next of those who never answer, a
// chunk would be kept from the answer for ever.
bool Dispatcher::may_take_again(const Worker& worker) const {
  return worker.results > 0 || !slowest_of_the_proven();
}

std::optional<tally::Node> Dispatcher::take_node(const Worker& worker) {
  const std::uint64_t wanted = wanted_chunks(worker);
  while (!pool_.empty() && may_take_again(worker)) {
    const auto next = next_of_pool(worker);
    if (next == pool_.end()) break;
    tally::Node node = *next;
    pool_.erase(next);
    if (ledger_.covers(node)) continue;
    while (node.chunks() > std::min(wanted, suspects_.most_chunks(node))) {
      pool_.insert(node.right());
      node = node.left();
    }
    if (!ledger_.covers(node)) return node;
  }
  if (end_chunk_ != 0 && next_chunk_ >= end_chunk_) return std::nullopt;
  const tally::Node node =
      tally::largest_node(next_chunk_, lease_end(next_chunk_, next_chunk_ + wanted));
  next_chunk_ = node.end();
  return node;
}

// Where a lease that begins there ends at the latest: no stop point lies inside, nor the begin of a
// chunk that is kept apart.
std::uint64_t Dispatcher::lease_end(std::uint64_t first, std::uint64_t upto) const {
  if (!pass_->plan.stratified() && !options_.range) upto = std::min(upto, next_stop_point(first));
  if (end_chunk_ != 0) upto = std::min(upto, end_chunk_);
  if (first < ledger_.apart()) upto = std::min(upto, ledger_.apart());
  return upto;
}

void Dispatcher::lend(WorkerId id, Worker& worker, tally::Node node, Instant now, Actions& out) {
  if (worker.told_pass != pass_->plan.pass) {
    worker.told_pass = pass_->plan.pass;
    out.push_back(BeginPass{id, pass_});
  }
  const LeaseId lease{++last_lease_};
  // A slow worker has longer: four times what its speed so far lets expect.
  const double expected =
      4.0 * worker.seconds_per_chunk * static_cast<double>(node.chunks()) * worker.depth;
  const double longest = seconds(kLongestLease * options_.lease_duration);
  const Duration extra = std::chrono::duration_cast<Duration>(
      std::chrono::duration<double>(std::min(expected, longest)));
  leases_.emplace(lease, Loan{id, node, now, now + std::max(options_.lease_duration, extra)});
  worker.leases.insert(lease);
  worker.alone = suspects_.lent_alone(node);
  out.push_back(Grant{id, Lease{lease, pass_->plan.pass, node, end_sample_}});
}

}  // namespace oche::job

#include "job/dispatcher.h"

#include <algorithm>
#include <bit>
#include <cmath>

#include "base/assert.h"
#include "job/target.h"
#include "oche/error.h"
#include "sampling/plausible.h"
#include "sampling/stratified.h"

namespace oche::job {
namespace {

constexpr std::uint64_t kMostChunksPerLease = std::uint64_t{1} << 20;
// A slow worker's lease may last so many times as long as others'; its speed is its own word.
constexpr int kLongestLease = 100;

// A run without an estimate goes on after its --time to the first stop point, but for no more than
// so many lease durations: workers that never answer would hold it up for ever.
constexpr int kGraceAfterTime = 3;

void add(CrewMember& line, const CrewMember& record) {
  line.chunks_accepted += record.chunks_accepted;
  line.repeats += record.repeats;
  line.leases_lost += record.leases_lost;
  line.computing += record.computing;
}

}  // namespace

const char* to_string(StopReason reason) {
  switch (reason) {
    case StopReason::target:
      return "target";
    case StopReason::samples:
      return "samples";
    case StopReason::time:
      return "time";
    case StopReason::interrupted:
      return "interrupted";
    case StopReason::non_finite:
      return "non_finite";
    case StopReason::mismatch:
      return "mismatch";
  }
  return "";
}

Dispatcher::Dispatcher(std::shared_ptr<const Job> job, const StopRule& rule,
                       const DispatcherOptions& options)
    : job_(std::move(job)), rule_(rule), options_(options) {
  const std::uint64_t least = sampling::least_samples(job_->method(), job_->dimensions());
  if (rule_.samples && *rule_.samples < least) {
    throw Error(ErrorKind::usage,
                "--samples " + std::to_string(*rule_.samples) + " is too few (the method '" +
                    sampling::to_string(job_->method()) + "' needs at least " +
                    std::to_string(least) + "); give more, or use --method plain");
  }
  begin_pass(sampling::first_plan(job_->method(), job_->dimensions()));
}

void Dispatcher::begin_pass(sampling::Plan plan) {
  pass_ = std::make_shared<const sampling::PassContext>(job_->integrand(), job_->seed(),
                                                        job_->chunk_samples(), std::move(plan));
  ledger_ = Ledger();
  pool_.clear();
  next_chunk_ = 0;
  end_sample_ = pass_->plan.stratified() ? pass_->plan.samples() : rule_.samples.value_or(0);
  end_chunk_ = (end_sample_ + job_->chunk_samples() - 1) / job_->chunk_samples();
  // Nothing is decided inside a pass of the stratified method: only whole ones count.
  if (pass_->plan.stratified()) ledger_.decide(end_chunk_);
}

WorkerId Dispatcher::join(const std::string& name, unsigned depth, Duration lease_target,
                          Instant now, Actions& out) {
  const WorkerId id{++last_worker_};
  Worker& worker = workers_[id];
  worker.record.name = name;
  worker.depth = std::max(depth, 1u);
  worker.lease_target = lease_target;
  total_depth_ += worker.depth;
  if (!begun_ && workers_present() >= options_.wait_for_workers) begun_ = now;
  fill(now, out);
  return id;
}

void Dispatcher::leave(WorkerId id, Instant now, Actions& out) {
  const auto place = workers_.find(id);
  if (place == workers_.end()) return;
  Worker& worker = place->second;
  for (const LeaseId lease : std::set<LeaseId>(worker.leases)) {
    ++worker.record.leases_lost;
    give_back(lease);
  }
  total_depth_ -= worker.depth;
  remember(id, std::move(worker.record));
  workers_.erase(place);
  fill(now, out);
}

void Dispatcher::remember(WorkerId id, CrewMember record) {
  if (options_.crew_line == CrewLine::name) {
    const auto earlier = names_.find(record.name);
    if (earlier != names_.end()) return add(departed_.at(earlier->second), record);
    if (names_.size() >= kMostNames && record.chunks_accepted == 0) return;
    names_.emplace(record.name, id);
  }
  departed_.emplace(id, std::move(record));
}

void Dispatcher::retire(WorkerId id) {
  const auto place = workers_.find(id);
  if (place != workers_.end()) place->second.retired = true;
}

// Ends a loan; what is still missing of its node goes back to the pool.
void Dispatcher::give_back(LeaseId lease) {
  const auto loan = leases_.find(lease);
  OCHE_ASSERT(loan != leases_.end());
  workers_.at(loan->second.worker).leases.erase(lease);
  if (!ledger_.covers(loan->second.node)) pool_.insert(loan->second.node);
  leases_.erase(loan);
}

Verdict Dispatcher::complete(WorkerId id, LeaseId lease, std::uint32_t pass, tally::Node node,
                             tally::Tally tally, Duration computing, Instant now, Actions& out) {
  const auto place = workers_.find(id);
  if (place == workers_.end()) return Verdict::rejected;
  Worker& worker = place->second;
  if (finished() || pass < pass_->plan.pass) {
    if (lease > LeaseId{last_lease_}) return Verdict::rejected;
    worker.expired.erase(lease);
    worker.newest_answered = std::max(worker.newest_answered, lease);
    worker.stalled = false;  // it answers again, if too late for its pass
    fill(now, out);
    return Verdict::repeat;
  }
  const auto loan = leases_.find(lease);
  const auto late = worker.expired.find(lease);
  const bool is_current = loan != leases_.end() && loan->second.worker == id;
  const bool is_late = late != worker.expired.end() && late->second.pass == pass;
  if (pass != pass_->plan.pass) return Verdict::rejected;
  if (!is_current && !is_late) {
    // A result of this worker that was there before, as after a message sent twice, is no lie.
    const bool there =
        lease <= LeaseId{last_lease_} && node.level <= tally::kMaxLevel && ledger_.covers(node);
    return there ? Verdict::repeat : Verdict::rejected;
  }
  if (node != (is_current ? loan->second.node : late->second.node)) return Verdict::rejected;
  if (computing < Duration::zero() || !sampling::plausible(*pass_, node, end_sample_, tally)) {
    return Verdict::rejected;
  }
  worker.stalled = false;
  ++worker.results;
  worker.newest_answered = std::max(worker.newest_answered, lease);
  // Its own word, but no worker has computed for longer than its lease was out; the tenth of a
  // lease's duration is room for a clock that stands still.
  if (is_current) {
    computing =
        std::min(computing, std::max(now - loan->second.granted, options_.lease_duration / 10));
  } else {
    computing = std::min(computing, kLongestLease * options_.lease_duration);
  }
  worker.record.computing += computing;
  record_rate(worker, node.chunks(), computing);
  const Ledger::Outcome outcome = ledger_.add(node, std::move(tally));
  worker.record.chunks_accepted += outcome.new_chunks;
  worker.record.repeats += node.chunks() - outcome.new_chunks;
  if (is_late) worker.expired.erase(late);
  if (is_current) {
    worker.leases.erase(lease);
    leases_.erase(loan);
  }
  if (outcome.added == Ledger::Added::conflict) {
    mismatch_ = worker.record.name;
    finish(StopReason::mismatch, out);
    return Verdict::rejected;
  }
  advance(out);
  fill(now, out);
  return outcome.new_chunks > 0 ? Verdict::accepted : Verdict::repeat;
}

void Dispatcher::offer(WorkerId id, std::uint32_t pass, tally::Node node, Actions& out) {
  const auto place = workers_.find(id);
  if (place == workers_.end() || finished()) return;
  Worker& worker = place->second;
  if (worker.retired || pass != pass_->plan.pass || worker.told_pass != pass) return;
  if (worker.expired.size() >= worker.depth) return;
  const bool was_lent = node.level <= tally::kMaxLevel &&
                        node.index < (next_chunk_ >> node.level) &&
                        (pass_->plan.stratified() || node.end() <= next_stop_point(node.first()));
  const bool is_lent = std::ranges::any_of(
      worker.leases, [&](LeaseId lease) { return leases_.at(lease).node == node; });
  if (!was_lent || is_lent || ledger_.covers(node) || owes(worker, node)) return;
  const LeaseId lease{++last_lease_};
  worker.expired.emplace(lease, Late{pass, node});
  out.push_back(Grant{id, Lease{lease, pass, node, end_sample_}});
}

void Dispatcher::record_rate(Worker& worker, std::uint64_t chunks, Duration computing) {
  const double now = std::max(seconds(computing), 1e-9) / static_cast<double>(chunks);
  const bool known = worker.seconds_per_chunk > 0;
  worker.seconds_per_chunk = known ? 0.5 * worker.seconds_per_chunk + 0.5 * now : now;
}

void Dispatcher::tick(Instant now, Actions& out) {
  if (finished()) return;
  std::vector<LeaseId> over;
  const std::optional<double> slowest = slowest_of_the_proven();
  for (const auto& [lease, loan] : leases_) {
    if (end_of(loan, slowest) <= now) over.push_back(lease);
  }
  for (const LeaseId lease : over) expire(lease, out);
  if (begun_ && rule_.time && now >= *begun_ + *rule_.time) {
    time_over_ = true;
    const bool grace_over =
        now >= *begun_ + *rule_.time + kGraceAfterTime * options_.lease_duration;
    if (!answer_.empty() || grace_over) finish(StopReason::time, out);
  }
  if (!finished()) fill(now, out);
  while (const std::optional<LeaseId> lease = straggler(now)) {
    expire(*lease, out);
    fill(now, out);
  }
}

void Dispatcher::expire(LeaseId lease, Actions& out) {
  const Loan loan = leases_.at(lease);
  Worker& worker = workers_.at(loan.worker);
  ++worker.record.leases_lost;
  worker.stalled = true;
  worker.expired.emplace(lease, Late{pass_->plan.pass, loan.node});
  out.push_back(Expired{loan.worker, loan.node});
  give_back(lease);
}

// After fill(): there is nothing left that it could be lent.
bool Dispatcher::somebody_is_idle() const {
  return begun_ && !finished() && std::ranges::any_of(workers_, [this](const auto& entry) {
           const Worker& worker = entry.second;
           return worker.leases.empty() && worker.expired.empty() && room(worker) > 0;
         });
}

// The lease that ended its part of its time first.
std::optional<LeaseId> Dispatcher::straggler(Instant now) const {
  if (!somebody_is_idle()) return std::nullopt;
  std::optional<LeaseId> first;
  Instant end = now;
  for (const auto& [lease, loan] : leases_) {
    if (loan.straggles_from() > end || (first && loan.straggles_from() == end)) continue;
    first = lease;
    end = loan.straggles_from();
  }
  return first;
}

void Dispatcher::interrupt(Instant, Actions& out) {
  if (!finished()) finish(StopReason::interrupted, out);
}

std::optional<Instant> Dispatcher::next_tick() const {
  if (finished()) return std::nullopt;
  std::optional<Instant> next;
  const auto consider = [&](Instant t) { next = next ? std::min(*next, t) : t; };
  const bool idle = somebody_is_idle();
  const std::optional<double> slowest = slowest_of_the_proven();
  for (const auto& [lease, loan] : leases_) {
    consider(idle ? loan.straggles_from() : end_of(loan, slowest));
  }
  if (begun_ && rule_.time) {
    const Instant over = *begun_ + *rule_.time;
    consider(time_over_ ? over + kGraceAfterTime * options_.lease_duration : over);
  }
  return next;
}

// Leases that the worker may be given now.
std::size_t Dispatcher::room(const Worker& worker) const {
  if (worker.stalled || worker.retired) return 0;
  const std::size_t depth = std::min<std::size_t>(worker.depth, kFirstLeases + worker.results);
  // What it still owes counts: else a worker on a slow line, each of whose results is late, would
  // owe ever more, and none would come in time.
  const std::size_t owed = worker.leases.size() + worker.expired.size();
  return owed < depth ? depth - owed : 0;
}

// Lends in turns, one lease to each worker with room, until nobody has room or nothing is left.
void Dispatcher::fill(Instant now, Actions& out) {
  if (!begun_) return;
  for (bool lent = true; lent && !finished();) {
    lent = false;
    for (auto& [id, worker] : workers_) {
      if (room(worker) > 0 && grant_one(id, worker, now, out)) lent = true;
    }
  }
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

// Whether it may be lent what was given back. From one to the next of those who never answer, a
// chunk would be kept from the answer for ever.
bool Dispatcher::may_take_again(const Worker& worker) const {
  return worker.results > 0 || !slowest_of_the_proven();
}

std::optional<tally::Node> Dispatcher::take_node(const Worker& worker) {
  const std::uint64_t wanted = wanted_chunks(worker);
  while (!pool_.empty() && may_take_again(worker)) {
    const auto lowest = std::find_if(pool_.begin(), pool_.end(),
                                     [&](tally::Node node) { return !owes(worker, node); });
    if (lowest == pool_.end()) break;
    tally::Node node = *lowest;
    pool_.erase(lowest);
    if (ledger_.covers(node)) continue;
    while (node.chunks() > wanted) {
      pool_.insert(node.right());
      node = node.left();
    }
    if (!ledger_.covers(node)) return node;
  }
  if (end_chunk_ != 0 && next_chunk_ >= end_chunk_) return std::nullopt;
  std::uint64_t upto = next_chunk_ + wanted;
  if (!pass_->plan.stratified()) upto = std::min(upto, next_stop_point(next_chunk_));
  if (end_chunk_ != 0) upto = std::min(upto, end_chunk_);
  const tally::Node node = tally::largest_node(next_chunk_, upto);
  next_chunk_ = node.end();
  return node;
}

bool Dispatcher::has_work() const {
  if (finished()) return false;
  if (end_chunk_ == 0 || next_chunk_ < end_chunk_) return true;
  const bool left =
      std::ranges::any_of(pool_, [this](tally::Node node) { return !ledger_.covers(node); });
  return left && !slowest_of_the_proven();  // who has answered takes it
}

std::size_t Dispatcher::leases_of(WorkerId id) const {
  const auto place = workers_.find(id);
  return place == workers_.end() ? 0 : place->second.leases.size();
}

bool Dispatcher::is_stalled(WorkerId id) const {
  const auto place = workers_.find(id);
  return place != workers_.end() && place->second.stalled;
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
  out.push_back(Grant{id, Lease{lease, pass_->plan.pass, node, end_sample_}});
}

void Dispatcher::advance(Actions& out) {
  if (pass_->plan.stratified()) {
    advance_stratified(out);
  } else {
    advance_plain(out);
  }
  if (!finished() && time_over_ && !answer_.empty()) finish(StopReason::time, out);
}

void Dispatcher::settle_prefix(std::uint64_t chunks) {
  std::uint64_t samples = chunks * job_->chunk_samples();
  if (end_sample_ != 0) samples = std::min(samples, end_sample_);
  answer_ = {sampling::PassResult{pass_->plan, samples, ledger_.light_prefix(chunks)}};
  settled_ = chunks;
}

void Dispatcher::advance_plain(Actions& out) {
  // Stop points are looked at in order, each exactly once, whatever arrived when.
  for (;;) {
    const std::uint64_t last =
        answer_.empty() ? 0 : answer_.front().samples / job_->chunk_samples();
    const std::uint64_t next = next_stop_point(last);
    const std::uint64_t prefix = ledger_.prefix_chunks();
    if (end_chunk_ != 0 && next >= end_chunk_) {
      if (prefix < end_chunk_) return;
      settle_prefix(end_chunk_);
    } else {
      if (prefix < next) return;
      settle_prefix(next);
    }
    const std::vector<sampling::Estimate> estimates = job_->estimates(answer_);
    if (fails(*job_, estimates)) return finish(StopReason::non_finite, out);
    if (at_target(*job_, rule_, answer_, estimates)) return finish(StopReason::target, out);
    if (is_whole_plain_pass(rule_, answer_)) return finish(StopReason::samples, out);
    // Not `next`: its prefix is wanted whole if the run ends before another stop point.
    ledger_.decide(last);
  }
}

void Dispatcher::advance_stratified(Actions& out) {
  if (ledger_.prefix_chunks() < end_chunk_) return;
  const tally::Tally root = ledger_.prefix(end_chunk_);
  whole_passes_.push_back({pass_->plan, end_sample_, root});
  answer_ = whole_passes_;
  const std::vector<sampling::Estimate> estimates = job_->estimates(answer_);
  if (fails(*job_, estimates)) return finish(StopReason::non_finite, out);
  if (at_target(*job_, rule_, answer_, estimates)) return finish(StopReason::target, out);
  const bool capped = rule_.samples.has_value();
  const std::uint64_t remaining = capped ? *rule_.samples - estimates.front().samples : 0;
  std::optional<sampling::Plan> next = sampling::next_plan(pass_->plan, root, remaining, capped);
  if (!next) return finish(StopReason::samples, out);
  withdraw_all(out);
  begin_pass(std::move(*next));
}

// Not those that ran past their deadline: only an answer shows that such a worker is alive, and so
// fit for another lease.
void Dispatcher::withdraw_all(Actions& out) {
  for (auto& [id, worker] : workers_) {
    for (const LeaseId lease : worker.leases) out.push_back(Withdraw{id, lease});
    worker.leases.clear();
  }
  leases_.clear();
}

void Dispatcher::finish(StopReason reason, Actions& out) {
  reason_ = reason;
  if (settled_ > 0) answer_.front().tally = ledger_.take_prefix(settled_);
  withdraw_all(out);
  for (auto& [id, worker] : workers_) worker.expired.clear();
  pool_.clear();
  out.emplace_back(Finished{});  // g++ 12 with sanitizers warns wrongly of push_back
}

std::uint64_t Dispatcher::samples_done() const {
  std::uint64_t n = 0;
  for (const sampling::PassResult& pass : finished() ? answer_ : whole_passes_) n += pass.samples;
  if (finished()) return n;
  std::uint64_t current = ledger_.prefix_chunks() * job_->chunk_samples();
  if (end_sample_ != 0) current = std::min(current, end_sample_);
  return n + current;
}

std::vector<CrewMember> Dispatcher::crew() const {
  std::map<WorkerId, CrewMember> members = departed_;
  for (const auto& [id, worker] : workers_) {
    const auto earlier = names_.find(worker.record.name);
    if (earlier != names_.end()) {
      add(members.at(earlier->second), worker.record);
    } else {
      members.emplace(id, worker.record);
    }
  }
  std::vector<CrewMember> crew;
  for (auto& [id, member] : members) crew.push_back(std::move(member));
  return crew;
}

}  // namespace oche::job

#include "job/dispatcher.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <utility>

#include "base/assert.h"
#include "oche/error.h"
#include "sampling/plausible.h"
#include "sampling/stratified.h"

namespace oche::job {
namespace {

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
    case StopReason::deadly_chunk:
      return "deadly_chunk";
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

Dispatcher::Dispatcher(std::shared_ptr<const Job> job, const StopRule& rule,
                       const DispatcherOptions& options, Standing standing)
    : Dispatcher(std::move(job), rule, options) {
  restore(std::move(standing));
}

void Dispatcher::begin_pass(sampling::Plan plan) {
  pass_ = std::make_shared<const sampling::PassContext>(job_->integrand(), job_->seed(),
                                                        job_->chunk_samples(), std::move(plan));
  const ChunkRange range = options_.range.value_or(ChunkRange{});
  ledger_ = Ledger(range.first);
  pool_.clear();
  suspects_.clear();
  condemned_.reset();
  next_chunk_ = range.first;
  end_sample_ = pass_->plan.stratified() ? pass_->plan.samples() : rule_.samples.value_or(0);
  end_chunk_ = (end_sample_ + job_->chunk_samples() - 1) / job_->chunk_samples();
  // Nothing is decided inside a pass of the stratified method: only whole ones count; nor in a
  // shard.
  if (pass_->plan.stratified() || options_.range) ledger_.decide(end_chunk_);
  if (options_.keep_nodes) {
    ledger_.keep_journal();
    const bool cut = end_sample_ % job_->chunk_samples() != 0;
    if (cut && !pass_->plan.stratified()) ledger_.keep_apart(end_chunk_ - 1);
  }
  if (options_.range) end_chunk_ = range.end;
}

WorkerId Dispatcher::join(const std::string& name, unsigned depth, Duration lease_target,
                          Instant now, Actions& out, ProcessId process) {
  acquit(process);
  const WorkerId id{++last_worker_};
  Worker& worker = workers_[id];
  worker.record.name = name;
  worker.depth = std::max(depth, 1u);
  worker.lease_target = lease_target;
  worker.process = process;
  total_depth_ += worker.depth;
  wanting_.insert(id);
  if (!begun_ && workers_present() >= options_.wait_for_workers) begun_ = now;
  fill(now, out);
  return id;
}

void Dispatcher::leave(WorkerId id, Instant now, Actions& out, Departure why) {
  const auto place = workers_.find(id);
  if (place == workers_.end()) return;
  Worker& worker = place->second;
  const bool lost = why == Departure::lost && !finished();
  const std::optional<tally::Node> alone = lost ? accuse(id, worker) : std::nullopt;
  for (const LeaseId lease : std::set<LeaseId>(worker.leases)) {
    ++worker.record.leases_lost;
    give_back(lease);
  }
  total_depth_ -= worker.depth;
  remember(id, std::move(worker.record));
  workers_.erase(place);
  // It may be with another worker as well, who is the next to tell.
  if (alone && !condemned_ && suspects_.deadly(alone->index) && pool_.erase(*alone) > 0) {
    condemned_ = Condemned{*alone, now + options_.lease_duration};
  }
  fill(now, out);
}

void Dispatcher::acquit(ProcessId process) {
  if (suspects_.empty()) return;
  suspects_.acquit(process);
  for (auto& [id, worker] : workers_) {
    worker.alone = worker.alone && std::ranges::any_of(worker.leases, [this](LeaseId lease) {
                     return suspects_.lent_alone(leases_.at(lease).node);
                   });
    wanting_.insert(id);
  }
  if (condemned_ && !suspects_.deadly(condemned_->node.index)) {
    pool_.insert(condemned_->node);
    condemned_.reset();
  }
}

// Of all that it had to compute. The chunk, if it had just that one.
std::optional<tally::Node> Dispatcher::accuse(WorkerId id, const Worker& worker) {
  // It is here already, by another line.
  const bool is_back = std::ranges::any_of(workers_, [&](const auto& other) {
    return other.first != id && worker.process != ProcessId{} &&
           other.second.process == worker.process;
  });
  if (is_back) return std::nullopt;
  std::vector<tally::Node> nodes;
  for (const LeaseId lease : worker.leases) nodes.push_back(leases_.at(lease).node);
  for (const auto& [lease, late] : worker.expired) {
    if (late.pass == pass_->plan.pass) nodes.push_back(late.node);
  }
  for (const tally::Node node : nodes) {
    if (!ledger_.covers(node)) suspects_.blame(node, worker.process, worker.record.name);
  }
  const bool alone = nodes.size() == 1 && nodes[0].level == 0 && !ledger_.covers(nodes[0]);
  if (!alone) return std::nullopt;
  suspects_.blame_alone(nodes[0].index, worker.process, worker.record.name);
  return nodes[0];
}

void Dispatcher::judge(Instant now, Actions& out) {
  if (!condemned_ || now < condemned_->until) return;
  const tally::Node node = std::exchange(condemned_, std::nullopt)->node;
  if (ledger_.covers(node)) return;  // somebody had a late result
  deadly_chunk_ = DeadlyChunk{pass_->plan.pass, node.index, suspects_.workers(node.index)};
  finish(StopReason::deadly_chunk, out);
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
  Worker& worker = workers_.at(loan->second.worker);
  worker.leases.erase(lease);
  if (worker.leases.empty()) worker.alone = false;
  wanting_.insert(loan->second.worker);
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
    wanting_.insert(id);
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
  wanting_.insert(id);
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
  std::optional<Delivery> delivery;
  if (options_.keep_nodes) {
    delivery = Delivery{pass, node, worker.record.name, computing, tally::hash_of(tally)};
  }
  const Ledger::Outcome outcome = ledger_.add(node, std::move(tally));
  if (delivery && outcome.new_chunks > 0) deliveries_.push_back(*std::move(delivery));
  worker.record.chunks_accepted += outcome.new_chunks;
  worker.record.repeats += node.chunks() - outcome.new_chunks;
  if (is_late) worker.expired.erase(late);
  if (is_current) {
    worker.leases.erase(lease);
    if (worker.leases.empty()) worker.alone = false;
    leases_.erase(loan);
  }
  if (!suspects_.empty()) suspects_.forget_done(ledger_);
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
  if (begun_ && rule_.time && now >= *begun_ + *rule_.time) {
    time_over_ = true;
    const bool grace_over =
        now >= *begun_ + *rule_.time + kGraceAfterTime * options_.lease_duration;
    const bool may_end = !answer_.empty() || grace_over || options_.range;
    if (may_end) return finish(StopReason::time, out);
  }
  judge(now, out);
  // Who lets a lease run out counts no more among those that others are measured by.
  for (bool again = !finished(); again;) {
    again = expire_overdue(now, out);
    fill(now, out);
    if (const std::optional<LeaseId> lease = straggler(now)) {
      expire(*lease, out);
      again = true;
    }
  }
}

bool Dispatcher::expire_overdue(Instant now, Actions& out) {
  std::vector<LeaseId> over;
  const std::optional<double> slowest = slowest_of_the_proven();
  for (const auto& [lease, loan] : leases_) {
    if (end_of(loan, slowest) <= now) over.push_back(lease);
  }
  for (const LeaseId lease : over) expire(lease, out);
  return !over.empty();
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
  if (condemned_) consider(condemned_->until);
  if (begun_ && rule_.time) {
    const Instant over = *begun_ + *rule_.time;
    consider(time_over_ ? over + kGraceAfterTime * options_.lease_duration : over);
  }
  return next;
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

// Not those that ran past their deadline: only an answer shows that such a worker is alive, and so
// fit for another lease.
void Dispatcher::withdraw_all(Actions& out) {
  for (auto& [id, worker] : workers_) {
    for (const LeaseId lease : worker.leases) out.push_back(Withdraw{id, lease});
    worker.leases.clear();
    worker.alone = false;
    wanting_.insert(id);
  }
  leases_.clear();
}

void Dispatcher::finish(StopReason reason, Actions& out) {
  reason_ = reason;
  if (settled_ > 0) {
    answer_.front().tally =
        options_.keep_nodes ? ledger_.prefix(settled_) : ledger_.take_prefix(settled_);
  }
  withdraw_all(out);
  for (auto& [id, worker] : workers_) worker.expired.clear();
  pool_.clear();
  condemned_.reset();
  out.emplace_back(Finished{});  // g++ 12 with sanitizers warns wrongly of push_back
}

std::uint64_t Dispatcher::samples_done() const {
  std::uint64_t n = 0;
  for (const sampling::PassResult& pass : finished() ? answer_ : whole_passes_) n += pass.samples;
  if (finished()) return n;
  std::uint64_t current = ledger_.prefix_chunks() * job_->chunk_samples();
  if (options_.range) current -= options_.range->first * job_->chunk_samples();
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

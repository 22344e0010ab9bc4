#include "sim/checker.h"

#include <algorithm>
#include <bit>

#include "job/digest.h"
#include "job/stop_rule.h"
#include "sampling/stratified.h"
#include "sim/trace.h"

namespace oche::sim {
namespace {

// Over ten times what the busiest of 4000 seeds had: sessions that never last are a fault as well.
constexpr std::size_t kMostJoins = 3000;

std::string text(tally::Node node) {
  std::string out = "[" + std::to_string(node.first());
  return out + "," + std::to_string(node.end()) + ")";
}

bool overlap(tally::Node a, tally::Node b) { return a.first() < b.end() && b.first() < a.end(); }

}  // namespace

Checker::Checker(Subject& subject, const Scenario& scenario, Counters& counters)
    : subject_(subject), scenario_(scenario), counters_(counters) {}

// ---- Events ----

job::WorkerId Checker::join(const std::string& name, unsigned depth, job::ProcessId process,
                            Instant now, job::Actions& out) {
  job::Actions actions;
  now_ = now;
  const job::WorkerId id =
      subject_.join(name, depth, scenario_.lease_target, now, actions, process);
  require(members_.size() < kMostJoins, "workers come and go without end");
  require(members_.count(id) == 0, "two workers have one number");
  members_[id].depth = depth;
  take(actions);
  out.insert(out.end(), actions.begin(), actions.end());
  return id;
}

void Checker::leave(job::WorkerId worker, job::Departure why, Instant now, job::Actions& out) {
  job::Actions actions;
  now_ = now;
  Member& member = members_.at(worker);
  if (member.present) member.lost += member.leases.size();
  returned_ += member.leases.size();
  member.present = false;
  member.leases.clear();
  member.expired.clear();
  subject_.leave(worker, now, actions, why);
  take(actions);
  out.insert(out.end(), actions.begin(), actions.end());
}

// What the dispatcher must answer to this result of an honest worker; enters it in the books.
job::Verdict Checker::expect(job::WorkerId worker, const job::Lease& lease) {
  Member& member = members_.at(worker);
  if (!member.present) {
    ++counters_.absent;
    return job::Verdict::rejected;
  }
  const bool current = member.leases.count(lease.id) != 0;
  const bool late = member.expired.count(lease.id) != 0;
  member.expired.erase(lease.id);
  if (finished_ || lease.pass < pass_) {
    ++counters_.stale;
    return job::Verdict::repeat;
  }
  if (!current && !late) {
    ++counters_.doubled;
    return job::Verdict::repeat;
  }
  member.leases.erase(lease.id);
  ++member.results;
  const std::uint64_t fresh = missing(lease.node);
  member.accepted += fresh;
  member.repeats += lease.node.chunks() - fresh;
  accept(lease.node);
  ++(fresh > 0 ? (late ? counters_.accepted_late : counters_.accepted) : counters_.repeats);
  return fresh > 0 ? job::Verdict::accepted : job::Verdict::repeat;
}

job::Verdict Checker::complete(job::WorkerId worker, const job::Lease& lease, tally::Tally tally,
                               Duration computing, Instant now, job::Actions& out) {
  now_ = now;
  const job::Verdict expected = expect(worker, lease);
  job::Actions actions;
  const job::Verdict verdict = subject_.complete(worker, lease.id, lease.pass, lease.node,
                                                 std::move(tally), computing, now, actions);
  require(subject_.reason() != job::StopReason::mismatch,
          "honest workers' results differ in their bits");
  require(verdict == expected, "the verdict on " + text(lease.node) + " is " +
                                   std::to_string(static_cast<int>(verdict)) + ", not " +
                                   std::to_string(static_cast<int>(expected)));
  follow_passes();
  take(actions);
  out.insert(out.end(), actions.begin(), actions.end());
  return verdict;
}

void Checker::offer(job::WorkerId worker, std::uint32_t pass, tally::Node node, Instant now,
                    job::Actions& out) {
  now_ = now;
  ++counters_.offered;
  job::Actions actions;
  subject_.offer(worker, pass, node, actions);
  out.insert(out.end(), actions.begin(), actions.end());
  require(actions.size() <= 1, "an offer has more than one answer");
  if (actions.empty()) return check_state();
  ++counters_.wanted;
  Member& member = members_.at(worker);
  const auto* grant = std::get_if<job::Grant>(&actions.front());
  require(grant != nullptr && grant->worker == worker && grant->lease.node == node &&
              grant->lease.pass == pass && grant->lease.end_sample == end_sample_,
          "what is lent isn't what was offered");
  require(member.present && !finished_ && pass == pass_ && member.told_pass == pass,
          "an offer is taken from who isn't there, or of another pass");
  require(grant->lease.id > last_lease_, "the number of a lease is used again");
  require(missing(node) > 0, text(node) + " is wanted though it is done");
  require(node.end() <= frontier_, text(node) + " is wanted though it was never lent");
  last_lease_ = grant->lease.id;
  granted_.emplace(grant->lease.id, now_);
  member.expired.emplace(grant->lease.id, node);
  require(member.expired.size() <= member.depth, "more is wanted than the worker takes");
  check_state();
}

void Checker::tick(Instant now, job::Actions& out) {
  now_ = now;
  job::Actions actions;
  subject_.tick(now, actions);
  take(actions);
  require(!subject_.next_tick() || *subject_.next_tick() > now,
          "a tick is wanted at once, for ever");
  out.insert(out.end(), actions.begin(), actions.end());
}

void Checker::interrupt(Instant now, job::Actions& out) {
  job::Actions actions;
  subject_.interrupt(now, actions);
  take(actions);
  require(subject_.finished(), "an interrupt doesn't end the run");
  out.insert(out.end(), actions.begin(), actions.end());
}

// ---- Actions ----

void Checker::take(const job::Actions& actions) {
  for (const job::Action& action : actions) {
    require(!finished_, "an action after the end");
    if (const auto* begin = std::get_if<job::BeginPass>(&action)) take(*begin);
    if (const auto* grant = std::get_if<job::Grant>(&action)) take(*grant);
    if (const auto* withdraw = std::get_if<job::Withdraw>(&action)) take(*withdraw);
    if (const auto* expired = std::get_if<job::Expired>(&action)) take(*expired);
    if (std::holds_alternative<job::Finished>(action)) finished_ = true;
  }
  require(finished_ == subject_.finished(), "the end isn't told, or told too early");
  check_state();
}

void Checker::take(const job::BeginPass& begin) {
  Member& member = members_.at(begin.worker);
  require(member.present, "a pass is told to a worker that has left");
  require(begin.pass->plan.pass == pass_, "the plan of another pass is told");
  require(member.told_pass != pass_, "a plan is told twice");
  member.told_pass = pass_;
  if (context_) {
    require(context_ == begin.pass, "two plans for one pass");
    return;
  }
  context_ = begin.pass;
  const bool stratified = context_->plan.stratified();
  end_sample_ = stratified ? context_->plan.samples() : scenario_.rule.samples.value_or(0);
  end_chunk_ = (end_sample_ + context_->chunk_samples - 1) / context_->chunk_samples;
  if (stratified) decided_ = end_chunk_;
  ++counters_.passes;
}

void Checker::take(const job::Grant& grant) {
  ++counters_.grants;
  Member& member = members_.at(grant.worker);
  const job::Lease& lease = grant.lease;
  require(member.present, "a lease for a worker that has left");
  require(subject_.begun().has_value(), "a lease before the run has begun");
  require(member.told_pass == lease.pass && lease.pass == pass_,
          "a lease before the plan of its pass, or of another pass");
  require(lease.id > last_lease_, "the number of a lease is used again");
  last_lease_ = lease.id;
  check_grant(lease);
  member.leases.emplace(lease.id, lease.node);
  granted_.emplace(lease.id, now_);
  require(member.leases.size() + member.expired.size() <= member.most_leases(),
          "more leases than the worker takes");
  highest_level_ = std::max(highest_level_, lease.node.level);
  frontier_ = std::max(frontier_, lease.node.end());
}

void Checker::check_grant(const job::Lease& lease) const {
  const tally::Node node = lease.node;
  require(lease.end_sample == end_sample_, "a lease with another end of the pass");
  require(end_chunk_ == 0 || node.end() <= end_chunk_, text(node) + " is past the end");
  require(missing(node) > 0, text(node) + " is lent though it is done");
  for (const auto& [id, member] : members_) {
    for (const auto& [other, held] : member.leases) {
      require(!overlap(node, held), text(node) + " overlaps the running lease of " + text(held));
    }
  }
  for (std::uint64_t c = node.first() + 1; c < node.end(); ++c) {
    require(!barrier(c), text(node) + " straddles a stop point");
  }
}

void Checker::take(const job::Withdraw& withdraw) {
  ++counters_.withdrawn;
  require(members_.at(withdraw.worker).leases.erase(withdraw.lease) == 1,
          "a lease is withdrawn from who doesn't hold it");
}

void Checker::take(const job::Expired& expired) {
  ++counters_.expired;
  Member& member = members_.at(expired.worker);
  const auto lease = std::find_if(member.leases.begin(), member.leases.end(),
                                  [&](const auto& l) { return l.second == expired.node; });
  require(lease != member.leases.end(), "a lease expires that nobody holds");
  const Duration held = now_ - granted_.at(lease->first);
  if (held < scenario_.options.lease_duration) {
    ++counters_.hurried;
    require(held >= scenario_.options.lease_duration / 4,
            "a lease ends before a fourth of its time");
    const bool idle = std::ranges::any_of(members_, [](const auto& entry) {
      const Member& m = entry.second;
      return m.present && m.leases.empty() && m.expired.empty();
    });
    require(idle || (member.results == 0 && others_have_answered(member)),
            "a lease ends before its time, though nobody is idle, and its holder not new");
  }
  ++member.lost;
  ++returned_;
  member.expired.insert(*lease);
  member.leases.erase(lease);
}

bool Checker::others_have_answered(const Member& but) const {
  return std::ranges::any_of(members_, [&](const auto& entry) {
    return &entry.second != &but && entry.second.present && entry.second.results > 0;
  });
}

// ---- The books ----

std::uint64_t Checker::missing(tally::Node node) const {
  std::uint64_t n = 0;
  for (std::uint64_t c = node.first(); c < node.end(); ++c) n += c >= done_.size() || !done_[c];
  return n;
}

void Checker::accept(tally::Node node) {
  if (done_.size() < node.end()) done_.resize(node.end());
  done_count_ += missing(node);
  std::fill_n(done_.begin() + static_cast<std::ptrdiff_t>(node.first()), node.chunks(), true);
  while (prefix_ < done_.size() && done_[prefix_]) ++prefix_;
}

// After a result: stop points that are decided, passes that are whole.
void Checker::follow_passes() {
  const std::vector<sampling::PassResult>& answer = subject_.real_answer();
  if (answer.empty() || !context_) return;
  if (!context_->plan.stratified()) {
    const std::uint64_t chunk = context_->chunk_samples;
    const std::uint64_t chunks = (answer.front().samples + chunk - 1) / chunk;
    require(chunks >= decided_, "the answer goes back");
    require(chunks <= prefix_, "the answer has chunks that nobody delivered");
    require(job::is_stop_point(chunks) || chunks == end_chunk_, "the answer isn't at a stop point");
    decided_ = chunks;
    return;
  }
  if (answer.size() == pass_) return;
  require(answer.size() == pass_ + 1 && done_count_ == end_chunk_,
          "a pass ends before it is whole");
  if (subject_.finished()) return;
  earlier_samples_ += end_sample_;
  earlier_chunks_ += done_count_;
  ++pass_;
  context_.reset();
  done_.clear();
  done_count_ = prefix_ = decided_ = end_chunk_ = end_sample_ = frontier_ = 0;
  returned_ = 0;
}

bool Checker::barrier(std::uint64_t chunk) const {
  return !context_->plan.stratified() && chunk >= decided_ && job::is_stop_point(chunk);
}

// How many nodes the ledger needs: the largest ones that are whole and have no undecided stop point
// inside. O(log n) for each run of neighbouring chunks, and 8 more per octave.
std::uint64_t Checker::ledger_nodes() const {
  std::uint64_t nodes = 0;
  for (std::uint64_t c = 0; c < done_.size();) {
    if (!done_[c]) {
      ++c;
      continue;
    }
    tally::Node node{0, c};
    while (node.is_left()) {
      const tally::Node wider = node.parent();
      if (barrier(node.end()) || wider.end() > done_.size() || missing(wider) > 0) break;
      // The other half may have a stop point inside.
      bool whole = true;
      for (std::uint64_t i = node.end() + 1; i < wider.end(); ++i) whole &= !barrier(i);
      if (!whole) break;
      node = wider;
    }
    ++nodes;
    c = node.end();
  }
  return nodes;
}

// ---- After every event ----

void Checker::check_state() {
  std::size_t out = 0;
  for (const auto& [id, member] : members_) out += member.leases.size();
  require(subject_.leases_out() == out, "another number of leases is out");
  require(out == 0 || subject_.next_tick(), "nobody will look after the deadlines");
  check_crew();
  if (finished_) {
    require(out == 0, "leases are out after the end");
    require(!subject_.next_tick(), "a tick is wanted after the end");
    return;
  }
  const std::uint64_t chunk = scenario_.job->chunk_samples();
  std::uint64_t samples = prefix_ * chunk;
  if (end_sample_ != 0) samples = std::min(samples, end_sample_);
  samples += earlier_samples_;
  require(subject_.samples_done() == samples, "another number of samples is done");
  require(samples >= samples_seen_, "samples go back");
  samples_seen_ = samples;
  check_memory();
  check_nobody_idle();
}

void Checker::check_crew() const {
  std::uint64_t accepted = 0;
  const std::vector<job::CrewMember> crew = subject_.crew();
  require(crew.size() == members_.size(), "somebody is missing in the crew");
  auto line = crew.begin();
  for (const auto& [id, member] : members_) {
    require(line->chunks_accepted == member.accepted, line->name + " has another number accepted");
    require(line->repeats == member.repeats, line->name + " has another number of repeats");
    require(line->leases_lost == member.lost, line->name + " lost another number of leases");
    accepted += line->chunks_accepted;
    ++line;
  }
  require(accepted == earlier_chunks_ + done_count_, "a chunk is counted twice, or not at all");
  require(end_chunk_ == 0 || done_count_ <= end_chunk_, "more chunks than the pass has");
}

void Checker::check_memory() {
  const std::uint64_t ledger = context_ ? ledger_nodes() : 0;
  const std::uint64_t held = subject_.nodes_held();
  require(held >= ledger, "the ledger lost a node");
  // What was given back and not lent again, each in pieces. Who is new, or may be with a deadly
  // chunk, isn't lent what is there, so that more may come meanwhile.
  const std::uint64_t pool = returned_ * (1 + highest_level_);
  require(held <= ledger + pool, std::to_string(held) + " nodes are held, not " +
                                     std::to_string(ledger) + " and " + std::to_string(pool));
}

// Whoever owes nothing and has room works, while there is something to do: for who has answered
// nothing, beside others that have, only what was never lent.
void Checker::check_nobody_idle() const {
  if (!subject_.begun()) return;
  if (subject_.has_suspects()) return;  // somebody may wait for a chunk that is lent alone
  std::uint64_t taken = done_count_;
  bool idle = false, idle_and_new = false;
  for (const auto& [id, member] : members_) {
    for (const auto& [lease, node] : member.leases) taken += missing(node);
    if (member.present && member.expired.empty() && member.leases.size() < member.most_leases()) {
      const bool is_new = member.results == 0 && others_have_answered(member);
      (is_new ? idle_and_new : idle) = true;
    }
  }
  const bool endless = context_ && end_chunk_ == 0;
  const bool left = !context_ || endless || taken < end_chunk_;
  require(!idle || !left, "a worker is idle though chunks are to be had");
  require(!idle_and_new || !(endless || frontier_ < end_chunk_),
          "a new worker is idle though there are chunks that were never lent");
}

void Checker::check_answer() const {
  const std::shared_ptr<const job::Job>& job = scenario_.job;
  const std::vector<sampling::PassResult> answer = subject_.answer();
  std::vector<sampling::PassResult> expected;
  std::uint64_t samples = 0;
  for (const sampling::PassResult& pass : answer) {
    const sampling::PassContext context(job->integrand(), job->seed(), job->chunk_samples(),
                                        pass.plan);
    expected.push_back({pass.plan, pass.samples, oracle().prefix(*job, context, pass.samples)});
    samples += pass.samples;
  }
  require(job::digest(*job, answer) == job::digest(*job, expected),
          "the answer has other bits than its samples, added in their order");
  job::StopRule rule = scenario_.rule;
  const auto reason = *subject_.reason();
  if (reason == job::StopReason::time || reason == job::StopReason::interrupted ||
      reason == job::StopReason::deadly_chunk) {
    // A run that was ended at n samples is the run that was asked for n.
    if (samples < sampling::least_samples(job->method(), job->dimensions())) return;
    rule = {};
    rule.samples = samples;
  }
  rule.time.reset();
  const Oracle::Answer& undisturbed = oracle().undisturbed(job, rule);
  require(rule.samples == samples || undisturbed.reason == reason,
          std::string("the reason is ") + job::to_string(reason));
  require(job::digest(*job, answer) == job::digest(*job, undisturbed.passes),
          "the digest isn't that of the undisturbed run");
}

}  // namespace oche::sim

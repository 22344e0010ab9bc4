#include "crew/manager.h"

#include <algorithm>

namespace oche::crew {
namespace {

std::string chunks_text(tally::Node node) {
  return "chunks " + std::to_string(node.first()) + ".." + std::to_string(node.end() - 1);
}

}  // namespace

Manager::Manager(std::shared_ptr<const job::Job> job, const job::StopRule& rule,
                 const job::DispatcherOptions& options, OnEvent on_event, job::Standing standing)
    : dispatcher_(std::move(job), rule, options, std::move(standing)),
      on_event_(std::move(on_event)) {}

job::Changes Manager::take_changes() {
  const std::scoped_lock lock(mutex_);
  return dispatcher_.take_changes();
}

void Manager::say(const std::string& line) const {
  if (on_event_) on_event_(line);
}

job::WorkerId Manager::join(const std::string& name, unsigned depth, Duration lease_target,
                            WorkerSink& sink, job::ProcessId process) {
  const std::scoped_lock lock(mutex_);
  // The first grants come out of join() itself, when the identity is not known to members_ yet.
  job::Actions actions;
  const job::WorkerId id =
      dispatcher_.join(name, depth, lease_target, monotonic_now(), actions, process);
  members_.emplace(id, Member{&sink, name});
  say("worker " + name + " joined");
  deliver(actions);
  return id;
}

void Manager::leave(job::WorkerId worker, const std::string& why, job::Departure how) {
  const std::scoped_lock lock(mutex_);
  const auto member = members_.find(worker);
  if (member == members_.end()) return;
  say("worker " + member->second.name + " left: " + why);
  members_.erase(member);
  job::Actions actions;
  dispatcher_.leave(worker, monotonic_now(), actions, how);
  deliver(actions);
}

job::Verdict Manager::complete(job::WorkerId worker, job::LeaseId lease, std::uint32_t pass,
                               tally::Node node, tally::Tally tally, Duration computing) {
  const std::scoped_lock lock(mutex_);
  job::Actions actions;
  const job::Verdict verdict = dispatcher_.complete(worker, lease, pass, node, std::move(tally),
                                                    computing, monotonic_now(), actions);
  const auto member = members_.find(worker);
  if (on_event_ && member != members_.end()) {
    const char* const words[] = {" accepted", " repeated", " rejected"};
    say("worker " + member->second.name + ": " + chunks_text(node) +
        words[static_cast<int>(verdict)]);
  }
  deliver(actions);
  return verdict;
}

void Manager::offer(job::WorkerId worker, std::uint32_t pass, tally::Node node) {
  const std::scoped_lock lock(mutex_);
  job::Actions actions;
  dispatcher_.offer(worker, pass, node, actions);
  deliver(actions);
}

void Manager::interrupt() {
  const std::scoped_lock lock(mutex_);
  job::Actions actions;
  dispatcher_.interrupt(monotonic_now(), actions);
  deliver(actions);
}

void Manager::fail(std::exception_ptr why) {
  {
    const std::scoped_lock lock(mutex_);
    if (!failure_) failure_ = why;
  }
  interrupt();
}

bool Manager::wait_until(Instant until) {
  std::unique_lock lock(mutex_);
  while (!dispatcher_.finished()) {
    const Instant now = monotonic_now();
    if (now >= until) break;
    const Instant tick = dispatcher_.next_tick().value_or(until);
    if (tick <= now) {
      job::Actions actions;
      dispatcher_.tick(now, actions);
      deliver(actions);
      continue;
    }
    changed_.wait_until(lock, std::min(until, tick));
  }
  if (failure_) std::rethrow_exception(failure_);
  return dispatcher_.finished();
}

bool Manager::finished() {
  const std::scoped_lock lock(mutex_);
  return dispatcher_.finished();
}

void Manager::deliver(const job::Actions& actions) {
  const auto sink = [&](job::WorkerId id) -> WorkerSink* {
    const auto member = members_.find(id);
    return member == members_.end() ? nullptr : member->second.sink;
  };
  for (const job::Action& action : actions) {
    if (const auto* begin = std::get_if<job::BeginPass>(&action)) {
      if (WorkerSink* s = sink(begin->worker)) s->begin_pass(begin->pass);
    } else if (const auto* grant = std::get_if<job::Grant>(&action)) {
      if (WorkerSink* s = sink(grant->worker)) s->grant(grant->lease);
    } else if (const auto* withdraw = std::get_if<job::Withdraw>(&action)) {
      if (WorkerSink* s = sink(withdraw->worker)) s->withdraw(withdraw->lease);
    } else if (const auto* expired = std::get_if<job::Expired>(&action)) {
      const auto member = members_.find(expired->worker);
      if (member != members_.end()) {
        say("worker " + member->second.name + ": lease of " + chunks_text(expired->node) +
            " ran past its deadline");
      }
    } else {
      changed_.notify_all();
    }
  }
}

}  // namespace oche::crew

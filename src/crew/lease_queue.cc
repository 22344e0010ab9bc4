#include "crew/lease_queue.h"

#include <algorithm>

#include "math/float_environment.h"

namespace oche::crew {

Pushed LeaseQueue::push(Work work) {
  work.cancelled = std::make_shared<std::atomic<bool>>(false);
  const std::scoped_lock lock(mutex_);
  work.session = session_;
  const auto same = [&](const Work& w) {
    return w.session == session_ && w.lease.id == work.lease.id && !*w.cancelled;
  };
  if (std::ranges::any_of(waiting_, same) || std::ranges::any_of(running_, same)) {
    return Pushed::known;
  }
  if (waiting_.size() >= most_waiting_) return Pushed::full;
  waiting_.push_back(std::move(work));
  changed_.notify_one();
  return Pushed::queued;
}

void LeaseQueue::withdraw(job::LeaseId lease) {
  const std::scoped_lock lock(mutex_);
  std::erase_if(waiting_, [&](const Work& w) { return w.lease.id == lease; });
  for (const Work& w : running_) {
    if (w.session == session_ && w.lease.id == lease) *w.cancelled = true;
  }
}

void LeaseQueue::end_session() {
  const std::scoped_lock lock(mutex_);
  waiting_.clear();
  ++session_;
}

void LeaseQueue::cancel_earlier_sessions() {
  const std::scoped_lock lock(mutex_);
  for (const Work& w : running_) {
    if (w.session != session_) *w.cancelled = true;
  }
}

std::uint64_t LeaseQueue::session() const {
  const std::scoped_lock lock(mutex_);
  return session_;
}

void LeaseQueue::close() {
  const std::scoped_lock lock(mutex_);
  waiting_.clear();
  for (const Work& w : running_) *w.cancelled = true;
  closed_ = true;
  changed_.notify_all();
}

std::optional<Work> LeaseQueue::pop() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return closed_ || !waiting_.empty(); });
  if (closed_) return std::nullopt;
  Work work = std::move(waiting_.front());
  waiting_.pop_front();
  running_.push_back(work);
  return work;
}

void LeaseQueue::done(const Work& work) {
  const std::scoped_lock lock(mutex_);
  std::erase_if(running_, [&](const Work& w) { return w.cancelled == work.cancelled; });
}

Computed compute(const Work& work, sampling::Workspace& workspace) {
  math::set_float_environment();
  const Instant start = monotonic_now();
  Computed computed;
  computed.tally =
      sampling::compute_node(*work.pass, work.lease.node, work.lease.end_sample, workspace,
                             [&] { return work.cancelled->load(std::memory_order_relaxed); });
  computed.computing = monotonic_now() - start;
  return computed;
}

}  // namespace oche::crew

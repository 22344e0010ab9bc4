// From nodes that are done to the answer: stop points and passes, and whether the run is over.
#include <algorithm>
#include <utility>

#include "job/dispatcher.h"
#include "job/target.h"
#include "sampling/stratified.h"

namespace oche::job {

void Dispatcher::advance(Actions& out) {
  if (options_.range) {
    if (ledger_.prefix_chunks() >= end_chunk_) finish(StopReason::samples, out);
    return;
  }
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
    const std::uint64_t last = looked_at_;
    const std::uint64_t next = next_stop_point(last);
    const std::uint64_t prefix = ledger_.prefix_chunks();
    if (end_chunk_ != 0 && next >= end_chunk_) {
      if (prefix < end_chunk_) return;
      settle_prefix(end_chunk_);
    } else {
      if (prefix < next) return;
      settle_prefix(next);
      looked_at_ = next;
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
  whole_passes_.push_back({pass_->plan, end_sample_, ledger_.prefix(end_chunk_)});
  after_whole_pass(out);
}

void Dispatcher::after_whole_pass(Actions& out) {
  const sampling::PassResult& last = whole_passes_.back();
  answer_ = whole_passes_;
  const std::vector<sampling::Estimate> estimates = job_->estimates(answer_);
  if (fails(*job_, estimates)) return finish(StopReason::non_finite, out);
  if (at_target(*job_, rule_, answer_, estimates)) return finish(StopReason::target, out);
  const bool capped = rule_.samples.has_value();
  const std::uint64_t remaining = capped ? *rule_.samples - estimates.front().samples : 0;
  std::optional<sampling::Plan> next =
      sampling::next_plan(last.plan, last.tally, remaining, capped);
  if (!next) return finish(StopReason::samples, out);
  withdraw_all(out);
  begin_pass(std::move(*next));
}

}  // namespace oche::job

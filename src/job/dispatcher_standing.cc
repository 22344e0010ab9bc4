// How a dispatcher goes on from where another stood, and tells where it stands.
#include <algorithm>
#include <utility>

#include "job/dispatcher.h"
#include "oche/error.h"
#include "sampling/plausible.h"

namespace oche::job {
namespace {

[[noreturn]] void fail(const std::string& why) {
  throw Error(ErrorKind::file,
              "the run can't go on from there (" + why +
                  "); the file is damaged or of another program: run the job anew");
}

std::string chunks_text(tally::Node node) {
  return "chunks " + std::to_string(node.first()) + " to " + std::to_string(node.end() - 1);
}

}  // namespace

void Dispatcher::restore(Standing standing) {
  Actions nobody_is_here_yet;
  whole_passes_ = std::move(standing.whole_passes);
  if (!whole_passes_.empty() && !pass_->plan.stratified()) {
    fail("the method has one pass, and it has whole ones");
  }
  for (std::size_t i = 0; i < whole_passes_.size(); ++i) {
    const sampling::PassResult& pass = whole_passes_[i];
    const sampling::PassContext context(job_->integrand(), job_->seed(), job_->chunk_samples(),
                                        pass.plan);
    if (pass.plan.pass != i || !pass.plan.stratified() || pass.samples != pass.plan.samples() ||
        !sampling::plausible_prefix(context, pass.samples, pass.tally)) {
      fail("pass " + std::to_string(i) + " isn't one of such a job");
    }
  }
  if (!whole_passes_.empty()) after_whole_pass(nobody_is_here_yet);
  if (finished()) return;
  if (!pass_->plan.stratified() && !options_.range) {
    if (standing.decided > (end_chunk_ != 0 ? end_chunk_ : sampling::kMaxSamples)) {
      fail("it says that it has been looked at beyond its end");
    }
    ledger_.decide(standing.decided);
    looked_at_ = standing.decided;
  }
  restore_nodes(std::move(standing.nodes));
  advance(nobody_is_here_yet);
}

void Dispatcher::restore_nodes(std::vector<Ledger::Entry> nodes) {
  std::ranges::sort(nodes, {}, [](const Ledger::Entry& entry) { return entry.node.first(); });
  for (Ledger::Entry& entry : nodes) {
    const tally::Node node = entry.node;
    const bool fits = node.level <= tally::kMaxLevel &&
                      node.index <= (sampling::kMaxSamples >> node.level) &&
                      node.first() >= next_chunk_ && (end_chunk_ == 0 || node.end() <= end_chunk_);
    if (!fits) fail("it has " + chunks_text(node) + ", which are none of it, or twice");
    // The prefix up to a stop point that is still to be decided must be there.
    const std::uint64_t from = std::max(node.first(), ledger_.decided());
    if (from < node.end() && next_stop_point(from) < node.end()) {
      fail("it has " + chunks_text(node) + " as one, and the run may have to stop inside");
    }
    if (!sampling::plausible(*pass_, node, end_sample_, entry.tally)) {
      fail("what it has of " + chunks_text(node) + " can't be true");
    }
    add_to_pool(next_chunk_, node.first());
    next_chunk_ = node.end();
    ledger_.add(node, std::move(entry.tally));
  }
}

// Chunks that nobody has.
void Dispatcher::add_to_pool(std::uint64_t first, std::uint64_t end) {
  while (first < end) {
    const tally::Node node = tally::largest_node(first, lease_end(first, end));
    pool_.insert(node);
    first = node.end();
  }
}

Changes Dispatcher::take_changes() {
  Changes changes;
  changes.whole_passes.assign(
      whole_passes_.begin() + static_cast<std::ptrdiff_t>(whole_passes_told_), whole_passes_.end());
  whole_passes_told_ = whole_passes_.size();
  changes.pass = pass_->plan.pass;
  changes.decided = ledger_.decided();
  for (const std::uint64_t first : ledger_.take_journal()) {
    const auto entry = ledger_.entries().find(first);
    const bool there = entry != ledger_.entries().end();
    changes.nodes.emplace(first, there ? std::optional(entry->second) : std::nullopt);
  }
  changes.deliveries = std::exchange(deliveries_, {});
  return changes;
}

}  // namespace oche::job

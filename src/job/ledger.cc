#include "job/ledger.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "base/assert.h"
#include "job/stop_rule.h"

namespace oche::job {

Ledger::Outcome Ledger::add(tally::Node node, tally::Tally tally) {
  auto at = done_.upper_bound(node.first());
  if (at != done_.begin() && std::prev(at)->second.node.end() > node.first()) --at;
  // `at` is now the first entry that ends after node.first().
  if (at != done_.end() && at->second.node.first() <= node.first() &&
      at->second.node.end() >= node.end()) {
    const bool same_node = at->second.node == node;
    const bool differs = same_node && !tally::identical(at->second.tally, tally);
    return {differs ? Added::conflict : Added::repeat, 0};
  }
  std::uint64_t known = 0;
  const auto begin = at;
  for (; at != done_.end() && at->first < node.end(); ++at) {
    OCHE_ASSERT(at->second.node.end() <= node.end());
    known += at->second.node.chunks();
  }
  if (known == node.chunks()) {  // its parts wait at an undecided stop point
    tally::PairwiseMerger<tally::Tally> there;
    for (auto part = begin; part != at; ++part)
      there.add_node(part->second.node.level, part->second.tally);
    return {tally::identical(std::move(there).result(), tally) ? Added::repeat : Added::conflict,
            0};
  }
  if (journal_) {
    for (auto part = begin; part != at; ++part) journal_->insert(part->first);
    journal_->insert(node.first());
  }
  done_.erase(begin, at);
  const auto entry = done_.emplace(node.first(), Entry{node, std::move(tally)}).first;
  merge_up(entry);
  advance_prefix();
  return {Added::accepted, node.chunks() - known};
}

bool Ledger::may_merge_at(std::uint64_t boundary) const {
  return boundary != apart_ && (boundary <= decided_ || !is_stop_point(boundary));
}

void Ledger::merge_up(Entries::iterator entry) {
  for (;;) {
    const tally::Node node = entry->second.node;
    if (node.level >= tally::kMaxLevel) return;
    const tally::Node parent = node.parent();
    const std::uint64_t middle = parent.left().end();
    if (!may_merge_at(middle)) return;
    const auto left = node.is_left() ? entry : done_.find(parent.first());
    const auto right = node.is_left() ? done_.find(middle) : entry;
    if (left == done_.end() || right == done_.end()) return;
    if (left->second.node != parent.left() || right->second.node != parent.right()) return;
    left->second.tally = tally::merge(std::move(left->second.tally), right->second.tally);
    left->second.node = parent;
    if (journal_) journal_->insert({left->first, right->first});
    done_.erase(right);
    entry = left;
  }
}

void Ledger::advance_prefix() {
  auto at = done_.upper_bound(prefix_);
  if (at != done_.begin()) --at;
  for (; at != done_.end() && at->first <= prefix_; ++at) {
    prefix_ = std::max(prefix_, at->second.node.end());
  }
}

bool Ledger::covers(tally::Node node) const {
  std::uint64_t reached = node.first();
  auto at = done_.upper_bound(reached);
  if (at != done_.begin()) --at;
  for (; at != done_.end() && at->first <= reached && reached < node.end(); ++at) {
    reached = std::max(reached, at->second.node.end());
  }
  return reached >= node.end();
}

bool Ledger::misses(tally::Node node) const {
  auto at = done_.upper_bound(node.first());
  if (at != done_.begin() && std::prev(at)->second.node.end() > node.first()) return false;
  return at == done_.end() || at->first >= node.end();
}

tally::Tally Ledger::prefix(std::uint64_t n) const { return Ledger(*this).take_prefix(n); }

tally::Tally Ledger::light_prefix(std::uint64_t n) const {
  return merged_prefix(n, [](const Entry& entry) { return tally::without_bins(entry.tally); });
}

tally::Tally Ledger::take_prefix(std::uint64_t n) {
  return merged_prefix(
      n, [this](const Entry& entry) { return std::move(done_.at(entry.node.first()).tally); });
}

template <class TallyOf>
tally::Tally Ledger::merged_prefix(std::uint64_t n, TallyOf tally_of) const {
  OCHE_ASSERT(n <= prefix_);
  tally::PairwiseMerger<tally::Tally> merger;
  std::uint64_t reached = 0;  // of a whole run: a shard has no prefix
  for (auto at = done_.begin(); reached < n; ++at) {
    OCHE_ASSERT(at != done_.end() && at->first == reached && at->second.node.end() <= n);
    merger.add_node(at->second.node.level, tally_of(at->second));
    reached = at->second.node.end();
  }
  return std::move(merger).result();
}

std::set<std::uint64_t> Ledger::take_journal() {
  OCHE_ASSERT(journal_);
  return std::exchange(*journal_, {});
}

void Ledger::decide(std::uint64_t n) {
  OCHE_ASSERT(n >= decided_);
  decided_ = n;
  // Only what ends at n can have waited for this decision.
  auto at = done_.lower_bound(n);
  if (at == done_.begin()) return;
  merge_up(std::prev(at));
}

}  // namespace oche::job

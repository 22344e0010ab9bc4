#include "job/suspects.h"

#include <algorithm>
#include <limits>

namespace oche::job {
namespace {

// Of what one worker was lost with, a part so small is lent at once.
constexpr std::uint64_t kParts = 32;

}  // namespace

void Suspects::blame(tally::Node node, ProcessId process, const std::string& worker) {
  // One that isn't known can't come back either. From above: what is known is drawn by chance.
  if (process == ProcessId{})
    process = ProcessId{std::numeric_limits<std::uint64_t>::max() - unknown_++};
  records_[node].emplace(process, worker);
}

void Suspects::acquit(ProcessId process) {
  for (auto& [node, losses] : records_) losses.erase(process);
  std::erase_if(records_, [](const auto& record) { return record.second.empty(); });
}

void Suspects::forget_done(const Ledger& ledger) {
  std::erase_if(records_, [&](const auto& record) { return ledger.covers(record.first); });
}

Suspects::Losses Suspects::losses(tally::Node node) const {
  Losses all;
  for (tally::Node above = node; above.level <= tally::kMaxLevel; above = above.parent()) {
    const auto record = records_.find(above);
    if (record != records_.end()) all.insert(record->second.begin(), record->second.end());
  }
  for (auto below = records_.lower_bound({0, node.first()});
       below != records_.end() && below->first.first() < node.end(); ++below) {
    if (below->first.level < node.level) all.insert(below->second.begin(), below->second.end());
  }
  return all;
}

std::vector<std::string> Suspects::workers(tally::Node node) const {
  std::vector<std::string> names;
  for (const auto& [process, worker] : losses(node)) names.push_back(worker);
  std::ranges::sort(names);
  return names;
}

std::uint64_t Suspects::most_chunks(tally::Node node) const {
  constexpr std::uint64_t kAll = std::numeric_limits<std::uint64_t>::max();
  if (empty()) return kAll;
  const std::size_t n = count(node);
  if (n == 0) return kAll;
  if (n >= kAloneAfter) return 1;
  for (tally::Node above = node; above.level <= tally::kMaxLevel; above = above.parent()) {
    if (records_.contains(above)) return std::max<std::uint64_t>(above.chunks() / kParts, 1);
  }
  return std::max<std::uint64_t>(node.chunks() / 2, 1);  // some part of it
}

}  // namespace oche::job

#include "job/suspects.h"

#include <algorithm>
#include <limits>

namespace oche::job {
namespace {

// Of what one worker was lost with, a part so small is lent at once.
constexpr std::uint64_t kParts = 32;

}  // namespace

void Suspects::blame(tally::Node node, ProcessId process, const std::string& worker) {
  if (process != ProcessId{}) records_[node].emplace(process, worker);
}

void Suspects::blame_alone(std::uint64_t chunk, ProcessId process, const std::string& worker) {
  blame({0, chunk}, process, worker);
  if (process != ProcessId{}) alone_[chunk].emplace(process, worker);
}

void Suspects::acquit(ProcessId process) {
  const auto acquit_in = [&](auto& all) {
    for (auto& [what, losses] : all) losses.erase(process);
    std::erase_if(all, [](const auto& record) { return record.second.empty(); });
  };
  acquit_in(records_);
  acquit_in(alone_);
}

void Suspects::forget_done(const Ledger& ledger) {
  std::erase_if(records_, [&](const auto& record) { return ledger.covers(record.first); });
  std::erase_if(alone_, [&](const auto& record) { return ledger.covers({0, record.first}); });
}

void Suspects::clear() {
  records_.clear();
  alone_.clear();
}

bool Suspects::deadly(std::uint64_t chunk) const {
  const auto losses = alone_.find(chunk);
  return losses != alone_.end() && losses->second.size() >= kDeadlyAfter;
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

std::vector<std::string> Suspects::workers(std::uint64_t chunk) const {
  std::vector<std::string> names;
  const auto losses = alone_.find(chunk);
  if (losses == alone_.end()) return names;
  for (const auto& [process, worker] : losses->second) names.push_back(worker);
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

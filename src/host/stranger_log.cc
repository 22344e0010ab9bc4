#include "host/stranger_log.h"

#include <utility>

namespace oche::host {

std::vector<LogEntry> StrangerLog::take(const std::string& source, LogEntry entry, Instant now) {
  std::vector<LogEntry> lines = tick(now);
  const bool known = minutes_.contains(source) || minutes_.size() < kLoggedSources;
  Minute& minute = minutes_.try_emplace(known ? source : kOthers, Minute{now}).first->second;
  if (minute.shown < kShownFailures) {
    ++minute.shown;
    lines.push_back(std::move(entry));
  } else {
    ++minute.counted;
  }
  return lines;
}

std::vector<LogEntry> StrangerLog::tick(Instant now) {
  std::vector<LogEntry> lines;
  std::erase_if(minutes_, [&](const auto& one) {
    if (now - one.second.begun < kSummaryPeriod) return false;
    summarize(one.first, one.second, lines);
    return true;
  });
  return lines;
}

std::vector<LogEntry> StrangerLog::end() {
  std::vector<LogEntry> lines;
  for (const auto& [source, minute] : std::exchange(minutes_, {})) {
    summarize(source, minute, lines);
  }
  return lines;
}

void StrangerLog::summarize(const std::string& source, const Minute& minute,
                            std::vector<LogEntry>& lines) {
  if (minute.counted == 0) return;
  const std::string who = source.empty() ? "others" : source;
  lines.push_back(LogEntry(Event::more_failed)
                      .with("source", who)
                      .with("count", std::uint64_t{minute.counted})
                      .with("text", "and " + std::to_string(minute.counted) + " more from " + who +
                                        " in the last minute"));
}

}  // namespace oche::host

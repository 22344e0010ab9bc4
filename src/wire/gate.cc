#include "wire/gate.h"

#include <algorithm>

namespace oche::wire {

std::optional<std::string> Gate::knock(const std::string& source, Instant now) {
  if (sources_.size() >= kMaxSources && !sources_.contains(source)) make_room(now);
  Source& from = sources_[source];
  if (now - from.window >= kFailureWindow) from.failures = 0;
  const auto over = [&](const char* what, std::size_t most) {
    return source + " has " + std::to_string(most) + " " + what + " (that is the limit)";
  };
  if (from.failures >= limits_.failures) {
    return over("failed handshakes within a minute", limits_.failures);
  }
  if (from.pending >= limits_.pending) return over("handshakes at once", limits_.pending);
  if (from.sessions >= limits_.sessions) return over("sessions", limits_.sessions);
  ++from.pending;
  return std::nullopt;
}

void Gate::opened(const std::string& source) {
  Source& from = sources_[source];
  if (from.pending > 0) --from.pending;
  ++from.sessions;
}

void Gate::failed(const std::string& source, bool by_its_fault, Instant now) {
  Source& from = sources_[source];
  if (from.pending > 0) --from.pending;
  if (by_its_fault) {
    if (now - from.window >= kFailureWindow) {
      from.failures = 0;
      from.window = now;
    }
    ++from.failures;
  }
  forget_if_idle(source, now);
}

void Gate::closed(const std::string& source) {
  const auto from = sources_.find(source);
  if (from == sources_.end()) return;
  if (from->second.sessions > 0) --from->second.sessions;
  if (from->second.sessions + from->second.pending + from->second.failures == 0) {
    sources_.erase(from);
  }
}

void Gate::forget_if_idle(const std::string& source, Instant now) {
  const auto from = sources_.find(source);
  const bool counts = from->second.failures > 0 && now - from->second.window < kFailureWindow;
  if (from->second.sessions + from->second.pending == 0 && !counts) sources_.erase(from);
}

// Those whose failures are of long ago go; if there are none, the one of the longest ago that has
// no connection.
void Gate::make_room(Instant now) {
  const auto busy = [](const Source& source) { return source.pending + source.sessions > 0; };
  std::erase_if(sources_, [&](const auto& entry) {
    return !busy(entry.second) && now - entry.second.window >= kFailureWindow;
  });
  if (sources_.size() < kMaxSources) return;
  auto oldest = sources_.end();
  for (auto it = sources_.begin(); it != sources_.end(); ++it) {
    if (busy(it->second)) continue;
    if (oldest == sources_.end() || it->second.window < oldest->second.window) oldest = it;
  }
  if (oldest != sources_.end()) sources_.erase(oldest);
}

}  // namespace oche::wire

// What a host tells of itself: events with names from one table and fields (docs/host.md). Where
// and how they are written is for others (log_line.h, stranger_log.h, src/cli).
#ifndef OCHE_HOST_LOG_H_
#define OCHE_HOST_LOG_H_

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace oche::host {

enum class Level : std::uint8_t { debug, info, warning };
std::string_view to_string(Level level);

// In the order of docs/host.md.
enum class Event : std::uint8_t {
  listening,
  hint,
  // Connections.
  connected,
  left,
  refused,
  handshake_failed,
  more_failed,
  probed,
  revoked,
  // Jobs.
  job_submitted,
  job_declined,
  limit_met,
  job_begun,
  job_ended,
  // Workers.
  result,
  lease_expired,
  job_refused,
  worker_draining,
  // Rings and messages.
  ring_joined,
  ring_left,
  ring_full,
  ring_ended,
  ring_broken,
  turned_away,
  receiver_waiting,
  message_received,
  message_failed,
  // The host itself.
  trouble,
  lines_lost,
  draining,
  stopped,
};

std::string_view to_string(Event event);
Level level_of(Event event);
// Every event, in order.
std::span<const Event> all_events();

struct LogEntry {
  using Value = std::variant<std::string, std::uint64_t>;

  explicit LogEntry(Event of) : event(of), level(level_of(of)) {}
  // Adds a field to a temporary; key is a literal. (An entry that has a name: fields.emplace_back.)
  LogEntry&& with(std::string_view key, std::string value) && {
    fields.emplace_back(key, std::move(value));
    return std::move(*this);
  }
  LogEntry&& with(std::string_view key, std::uint64_t value) && {
    fields.emplace_back(key, value);
    return std::move(*this);
  }
  bool operator==(const LogEntry&) const = default;

  Event event;
  Level level;
  std::vector<std::pair<std::string_view, Value>> fields;
};

// Must not block, and not throw.
using Log = std::function<void(const LogEntry& entry)>;

}  // namespace oche::host

#endif  // OCHE_HOST_LOG_H_

#include "host/log.h"

#include <array>

namespace oche::host {
namespace {

struct Row {
  Event event;
  std::string_view name;
  Level level;
};

constexpr Row kTable[] = {
    {Event::listening, "listening", Level::info},
    {Event::hint, "hint", Level::info},
    {Event::connected, "connected", Level::info},
    {Event::left, "left", Level::info},
    {Event::refused, "refused", Level::info},
    {Event::handshake_failed, "handshake_failed", Level::info},
    {Event::more_failed, "more_failed", Level::warning},
    {Event::probed, "probed", Level::info},
    {Event::revoked, "revoked", Level::info},
    {Event::job_submitted, "job_submitted", Level::info},
    {Event::job_declined, "job_declined", Level::info},
    {Event::limit_met, "limit_met", Level::warning},
    {Event::job_begun, "job_begun", Level::info},
    {Event::job_ended, "job_ended", Level::info},
    {Event::result, "result", Level::debug},
    {Event::lease_expired, "lease_expired", Level::warning},
    {Event::job_refused, "job_refused", Level::warning},
    {Event::worker_draining, "worker_draining", Level::info},
    {Event::ring_joined, "ring_joined", Level::info},
    {Event::ring_left, "ring_left", Level::info},
    {Event::ring_full, "ring_full", Level::info},
    {Event::ring_ended, "ring_ended", Level::info},
    {Event::ring_broken, "ring_broken", Level::warning},
    {Event::turned_away, "turned_away", Level::info},
    {Event::receiver_waiting, "receiver_waiting", Level::info},
    {Event::message_received, "message_received", Level::info},
    {Event::message_failed, "message_failed", Level::info},
    {Event::trouble, "trouble", Level::warning},
    {Event::lines_lost, "lines_lost", Level::warning},
    {Event::draining, "draining", Level::info},
    {Event::stopped, "stopped", Level::info},
};
constexpr std::size_t kEvents = std::size(kTable);

constexpr bool is_in_order() {
  for (std::size_t i = 0; i < kEvents; ++i) {
    if (static_cast<std::size_t>(kTable[i].event) != i) return false;
  }
  return static_cast<std::size_t>(Event::stopped) + 1 == kEvents;
}
static_assert(is_in_order());

constexpr std::array<Event, kEvents> events_of_the_table() {
  std::array<Event, kEvents> events{};
  for (std::size_t i = 0; i < kEvents; ++i) events[i] = kTable[i].event;
  return events;
}
constexpr std::array<Event, kEvents> kAllEvents = events_of_the_table();

const Row& row_of(Event event) { return kTable[static_cast<std::size_t>(event)]; }

}  // namespace

std::string_view to_string(Level level) {
  switch (level) {
    case Level::debug:
      return "debug";
    case Level::info:
      return "info";
    case Level::warning:
      return "warning";
  }
  return {};
}

std::string_view to_string(Event event) { return row_of(event).name; }
Level level_of(Event event) { return row_of(event).level; }
std::span<const Event> all_events() { return kAllEvents; }

}  // namespace oche::host

// Simulated time: events in the order of their time, those of the same time in the order in which
// they were put there. Nothing here waits for anything.
#ifndef OCHE_SIM_TIMELINE_H_
#define OCHE_SIM_TIMELINE_H_

#include <cstdint>
#include <functional>
#include <map>
#include <utility>

#include "base/clock.h"

namespace oche::sim {

// What a stop signal halts: while it sleeps, nothing that is meant for it happens.
struct Process {
  Instant awake_at{};
  std::uint64_t run = 0;  // another one each time that it starts
};

class Timeline {
 public:
  using Event = std::function<void()>;

  Instant now() const { return now_; }
  void at(Instant when, Event event) {
    events_.emplace(std::pair(std::max(when, now_), ++last_), std::move(event));
  }
  void after(Duration delay, Event event) { at(now_ + delay, std::move(event)); }
  // As soon as the process is awake: at once if it is.
  void when_awake(const Process& process, Event event) {
    if (process.awake_at <= now_) return event();
    at(process.awake_at,
       [this, &process, event = std::move(event)] { when_awake(process, event); });
  }
  // Runs the next event; false if there is none.
  bool step() {
    if (events_.empty()) return false;
    auto next = events_.extract(events_.begin());
    now_ = next.key().first;
    next.mapped()();
    return true;
  }
  // Drops all that is to come, and with it whatever the events hold.
  void clear() { events_.clear(); }

 private:
  // It begins away from zero, so that a default Instant is in the past.
  Instant now_{std::chrono::seconds(1000)};
  std::uint64_t last_ = 0;
  std::map<std::pair<Instant, std::uint64_t>, Event> events_;
};

}  // namespace oche::sim

#endif  // OCHE_SIM_TIMELINE_H_

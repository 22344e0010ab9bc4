// A clock that stands still while this process does: a host that was stopped for a minute must not
// blame its talkers for it.
#ifndef OCHE_TALK_AWAKE_CLOCK_H_
#define OCHE_TALK_AWAKE_CLOCK_H_

#include <algorithm>

#include "base/clock.h"
#include "talk/limits.h"

namespace oche::talk {

// To be asked at least each kServiceTick. Not thread-safe.
class AwakeClock {
 public:
  explicit AwakeClock(Instant now) : last_(now), awake_(now) {}

  // The time on this clock at `now`, which must not go back. A gap of more than four ticks was a
  // stall, and counts as one tick.
  Instant at(Instant now) {
    const Duration gap = std::max(now - last_, Duration::zero());
    awake_ += gap > 4 * kServiceTick ? kServiceTick : gap;
    last_ = std::max(now, last_);
    return awake_;
  }

 private:
  Instant last_;
  Instant awake_;
};

}  // namespace oche::talk

#endif  // OCHE_TALK_AWAKE_CLOCK_H_

// Whether this computer is in use by others: by other processes, or by somebody who types.
#ifndef OCHE_CREW_IDLE_WATCH_H_
#define OCHE_CREW_IDLE_WATCH_H_

#include <deque>
#include <optional>

#include "base/clock.h"

namespace oche::crew {

// What can be seen of others at one moment.
struct OthersUse {
  double core_seconds = 0.0;            // that all other processes have computed up to now
  std::optional<Duration> since_input;  // since somebody typed at a terminal; nothing: not known
};

// Reads /proc/stat and the times of terminals. Nothing where they can't be read.
std::optional<OthersUse> look_at_others();

// Pure: it is told what is seen, about once a second.
class IdleWatch {
 public:
  // Idle once others have used fewer cores than `cores` and nobody has typed, for `idle_after`. Not
  // any more as soon as either isn't so over the last few seconds.
  IdleWatch(double cores, Duration idle_after) : cores_(cores), idle_after_(idle_after) {}

  void see(const OthersUse& use, Instant now);
  bool idle() const { return idle_; }
  // Cores that others have used over the last seconds.
  double others() const { return others_; }

 private:
  struct Sample {
    Instant at;
    double core_seconds = 0.0;
  };
  const double cores_;
  const Duration idle_after_;
  std::deque<Sample> samples_;
  std::optional<Instant> quiet_since_;
  double others_ = 0.0;
  bool idle_ = false;
};

}  // namespace oche::crew

#endif  // OCHE_CREW_IDLE_WATCH_H_

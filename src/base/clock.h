// Time as the pure parts see it: a value that is handed in. Only shells call monotonic_now().
#ifndef OCHE_BASE_CLOCK_H_
#define OCHE_BASE_CLOCK_H_

#include <chrono>

namespace oche {

using Duration = std::chrono::nanoseconds;
// Nanoseconds since an arbitrary start; never goes back.
using Instant = std::chrono::time_point<std::chrono::steady_clock, Duration>;

inline Instant monotonic_now() {
  return std::chrono::time_point_cast<Duration>(std::chrono::steady_clock::now());
}

inline double seconds(Duration d) { return std::chrono::duration<double>(d).count(); }

}  // namespace oche

#endif  // OCHE_BASE_CLOCK_H_

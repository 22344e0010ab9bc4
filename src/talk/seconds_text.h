// A time for people.
#ifndef OCHE_TALK_SECONDS_TEXT_H_
#define OCHE_TALK_SECONDS_TEXT_H_

#include <chrono>
#include <string>

#include "base/clock.h"

namespace oche::talk {

// "60 s", "250 ms".
inline std::string seconds_text(Duration duration) {
  const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(duration).count();
  return ms % 1000 == 0 ? std::to_string(ms / 1000) + " s" : std::to_string(ms) + " ms";
}

}  // namespace oche::talk

#endif  // OCHE_TALK_SECONDS_TEXT_H_

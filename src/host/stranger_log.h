// Failed handshakes in the log: a flood of them must not drown it, nor fill a disk.
//
// Of one source (an address, or of IPv6 the network of its first 64 bits) the first kShownFailures
// within a minute are told; then the rest of that minute is counted, and told by one line at its
// end. Sources beyond kLoggedSources at a time are counted together, as one. So at most
// (kLoggedSources + 1) · (kShownFailures + 1) lines a minute come of strangers. Pure.
#ifndef OCHE_HOST_STRANGER_LOG_H_
#define OCHE_HOST_STRANGER_LOG_H_

#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "base/clock.h"
#include "host/log.h"

namespace oche::host {

inline constexpr std::size_t kShownFailures = 5;
inline constexpr std::size_t kLoggedSources = 32;
inline constexpr Duration kSummaryPeriod = std::chrono::minutes(1);

class StrangerLog {
 public:
  // The lines that come of it: those of a minute that is over, then perhaps this one.
  std::vector<LogEntry> take(const std::string& source, LogEntry entry, Instant now);
  // Those of the minutes that are over by now.
  std::vector<LogEntry> tick(Instant now);
  // Those of all minutes that have begun.
  std::vector<LogEntry> end();

 private:
  struct Minute {
    Instant begun;
    std::size_t shown = 0;
    std::size_t counted = 0;
  };
  // The key of all that are one too many; no address is empty.
  static constexpr char kOthers[] = "";
  static void summarize(const std::string& source, const Minute& minute,
                        std::vector<LogEntry>& lines);

  std::map<std::string, Minute> minutes_;
};

}  // namespace oche::host

#endif  // OCHE_HOST_STRANGER_LOG_H_

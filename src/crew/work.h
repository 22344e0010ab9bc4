// Lends this computer's cores to a manager: the worker's side of remote_crew.h.
#ifndef OCHE_CREW_WORK_H_
#define OCHE_CREW_WORK_H_

#include <atomic>
#include <chrono>
#include <functional>
#include <optional>
#include <string>

#include "base/clock.h"
#include "wire/handshake.h"

namespace oche::crew {

struct WorkOptions {
  std::string address;          // "HOST:PORT"
  unsigned cores = 1;           // 1 to wire::kMaxSlots
  std::string name;             // empty: the manager gives one
  wire::Credential credential;  // none: no key and no encryption
  // A line for each event; called on the caller's thread.
  std::function<void(const std::string&)> on_event;
  const std::atomic<bool>* interrupt = nullptr;
  // The worker leaves then.
  std::optional<std::chrono::system_clock::time_point> until;
  // It is at the manager's only while others don't use this computer, and came to be so this long
  // before (idle_watch.h).
  std::optional<Duration> idle_after;
};

enum class WorkEnd {
  finished,     // the manager said goodbye: all is done
  interrupted,  // by options.interrupt
  time_over,    // options.until
};

// Works until the manager says that all is done. A lost line is dialled again, with growing pauses,
// until it was lost for a minute in all since a result was accepted or a session lasted that long;
// so is a manager that has no place. Throws Error (network) when the manager can't be reached,
// refuses or turns away this worker, and Error (usage) for a wrong address.
WorkEnd work(const WorkOptions& options);

}  // namespace oche::crew

#endif  // OCHE_CREW_WORK_H_

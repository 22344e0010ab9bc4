// The names that a manager gives to its workers: each once, so that a line of the crew in the
// result is one session.
#ifndef OCHE_CREW_NAMES_H_
#define OCHE_CREW_NAMES_H_

#include <map>
#include <set>
#include <string>

namespace oche::crew {

// Not thread-safe.
class Names {
 public:
  // The name for a worker that wishes this one, which has at most wire::kMaxNameBytes: a second
  // "lab" becomes "lab-2". Names of local threads ("thread 1") become "remote thread 1". At most
  // wire::kMaxNameBytes. However many wish the same, each costs a few look-ups.
  std::string give(std::string wished);

 private:
  std::set<std::string> given_;
  std::map<std::string, unsigned> next_;  // by stem: the first suffix that may be free
};

}  // namespace oche::crew

#endif  // OCHE_CREW_NAMES_H_

// Something that a peer is to do, and since when: what a stall is measured by.
#ifndef OCHE_TALK_OBLIGATION_H_
#define OCHE_TALK_OBLIGATION_H_

#include <optional>

#include "base/clock.h"

namespace oche::talk {

// Not thread-safe; pure.
class Obligation {
 public:
  // It can do it now, or can't.
  void update(bool can, Instant now) {
    if (!can) {
      since_.reset();
    } else if (!since_) {
      since_ = now;
    }
  }
  // It has done some of it.
  void moved(Instant now) {
    if (since_) since_ = now;
  }
  bool overdue(Instant now, Duration deadline) const { return since_ && now - *since_ >= deadline; }

 private:
  std::optional<Instant> since_;
};

}  // namespace oche::talk

#endif  // OCHE_TALK_OBLIGATION_H_

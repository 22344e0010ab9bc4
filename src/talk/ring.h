// The chapter's ring: N talkers, the i-th one's message goes to the (i+1)-st, the last one's to the
// first. Messages are whole and short, one of each talker. (streaming_ring.h is the ring of oche's
// own protocol.)
//
// A pure state machine: the shell that owns the connections reports what happened and carries out
// the actions that come back, in their order. It knows no socket, clock or byte format, so that a
// test can play any order of events.
//
// Life of a ring: it gathers until every seat is taken (Ready), listens until every talker has sent
// one message, and delivers all of them (Deliver for seats 1 to N). A talker that leaves while the
// ring gathers only vacates its seat; one that leaves later, with nobody's message delivered yet,
// breaks the ring. Deterministic; not thread-safe.
#ifndef OCHE_TALK_RING_H_
#define OCHE_TALK_RING_H_

#include <cstddef>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "talk/seats.h"

namespace oche::talk {

struct Deliver {
  TalkerId talker;  // who gets it
  std::size_t seat;
  std::string text;
};
struct Broken {
  std::size_t seat;  // whose leaving broke it
};
using Action = std::variant<Seated, Refuse, Ready, Deliver, Vacated, Broken>;
using Actions = std::vector<Action>;

class Ring {
 public:
  // `size` from 1 to kMostTalkers.
  Ring(std::size_t size, Order order);

  // A talker asks for a seat, for a certain one with `number`. Yields Seated, and Ready with the
  // last seat; or Refuse.
  Actions join(TalkerId talker, std::optional<std::size_t> number = std::nullopt);

  // A talker's message arrived. The last one yields Deliver for seats 1 to N; else nothing or
  // Refuse.
  Actions message(TalkerId talker, std::string text);

  // A connection ended. Yields Vacated, Broken, or nothing where it no longer matters.
  Actions leave(TalkerId talker);

  std::size_t size() const { return seats_.size(); }
  bool full() const { return phase_ != Phase::gathering; }
  bool complete() const { return phase_ == Phase::complete; }
  bool broken() const { return phase_ == Phase::broken; }

  // The seats from 1 to N that are free; with order of arrival the next talker gets the lowest.
  std::vector<std::size_t> free_seats() const { return seats_.free(); }

 private:
  enum class Phase { gathering, listening, complete, broken };

  Phase phase_ = Phase::gathering;
  Seats seats_;
  std::vector<std::optional<std::string>> texts_;  // by seat - 1
};

}  // namespace oche::talk

#endif  // OCHE_TALK_RING_H_

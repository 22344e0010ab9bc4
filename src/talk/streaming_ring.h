// The ring of oche's own protocol: N talkers, what the i-th one sends goes to the (i+1)-st as it
// comes, what the last one sends to the first.
//
// A pure state machine: the shell that owns the connections reports what happened, and the time,
// and carries out the actions that come back, in their order. It holds no byte of a message: an
// item that may pass is handed on at once (Forward), and each pair's Channel keeps what waits on
// the way below wire::kWindow, so that all may send before any receives.
//
//   gathering ──every seat taken: Ready──> talking ──all have finished──> done
//                                             └──one leaves or stalls──> broken
//
// A talker has finished when it has sent the end of its input, got that of the talker before, all
// credit is given back both ways, and it said goodbye: so one that ends with success knows that its
// messages were written out. One that leaves while the ring gathers only vacates its seat. What
// counts as a stall stands in docs/PROTOCOL.md, "Talk". Deterministic; not thread-safe.
#ifndef OCHE_TALK_STREAMING_RING_H_
#define OCHE_TALK_STREAMING_RING_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/clock.h"
#include "talk/channel.h"
#include "talk/obligation.h"
#include "talk/seats.h"

namespace oche::talk {

struct Forward {
  TalkerId to;  // gets the very item, or the very credit, that was reported
};
struct RingBroken {
  std::size_t seat;  // of the talker that is to blame
  std::string text;  // what it did: "left (…)", "stalled: …"
};
struct RingDone {};
using RingAction = std::variant<Seated, Refuse, Ready, Vacated, Forward, RingBroken, RingDone>;
using RingActions = std::vector<RingAction>;

// How a talker goes.
enum class Leaving {
  finished,  // it said so
  early,     // in any other way
};

class StreamingRing {
 public:
  // `size` from 1 to kMostTalkers.
  StreamingRing(std::size_t size, Order order, const MessageLimits& limits);

  // A talker asks for a seat. Yields Seated, and Ready with the last seat; or Refuse.
  RingActions join(TalkerId talker, std::optional<std::size_t> number, Instant now);
  // A talker's next item. Yields Forward; or Refuse while the ring gathers; or RingBroken.
  RingActions take(TalkerId talker, const Item& item, Instant now);
  // A talker gives credit back, for the talker before it. The same.
  RingActions give_back(TalkerId talker, std::uint64_t credit, Instant now);
  // A connection ended; text says why. Yields Vacated, RingBroken, RingDone or nothing.
  RingActions leave(TalkerId talker, Leaving how, const std::string& text, Instant now);
  // Time passes. Yields RingBroken or nothing.
  RingActions tick(Instant now);

  std::size_t size() const { return seats_.size(); }
  bool gathering() const { return phase_ == Phase::gathering; }
  bool over() const { return phase_ == Phase::done || phase_ == Phase::broken; }
  // Talkers that have a seat.
  bool empty() const { return seats_.free().size() == seats_.size(); }
  // What waits on the way from that seat to the next, in credit.
  std::uint64_t held(std::size_t seat) const { return members_[seat - 1].sent.held(); }

 private:
  enum class Phase { gathering, talking, done, broken };
  struct Member {
    explicit Member(std::uint64_t limit) : sent(limit) {}
    Channel sent;  // to the next
    bool left = false;
    Obligation go_on;      // with its message
    Obligation begin;      // its message, when another has begun that round or has no more
    Obligation give_back;  // credit to the talker before
    Obligation say_goodbye;
  };

  Member& member(std::size_t seat) { return members_[seat - 1]; }
  // Sets what the talker in that seat is to do now.
  void oblige(std::size_t seat, Instant now);
  void oblige_all(Instant now);
  bool finished(std::size_t seat);
  RingActions break_at(std::size_t seat, std::string text);

  MessageLimits limits_;
  Phase phase_ = Phase::gathering;
  Seats seats_;
  std::vector<Member> members_;  // by seat - 1
  std::uint64_t round_ = 0;      // the latest that anybody has begun, from 1
  std::size_t ended_ = 0;        // talkers that send nothing more
  std::size_t left_ = 0;
};

}  // namespace oche::talk

#endif  // OCHE_TALK_STREAMING_RING_H_

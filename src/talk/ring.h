// The ring: N talkers, the i-th one's message goes to the (i+1)-st, the last one's to the first.
//
// A pure state machine: the shell that owns the connections reports what happened and carries out
// the actions that come back, in their order. It knows no socket, clock or byte format, so the
// plain-text host and the framed one share it, and a test can play any order of events.
//
// Life of a ring: it gathers until every seat is taken (Ready), listens until every talker has sent
// one message, and delivers all of them (Deliver for seats 1 to N). A talker that leaves while the
// ring gathers only vacates its seat; one that leaves later, with nobody's message delivered yet,
// breaks the ring. Deterministic; not thread-safe.
#ifndef OCHE_TALK_RING_H_
#define OCHE_TALK_RING_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace oche::talk {

// The most seats of a ring: each costs its host one open connection, and the usual limit is 1024.
inline constexpr std::size_t kMostTalkers = 1000;

// How seats are given out.
enum class Order {
  arrival,   // the first free seat, unless the talker asks for a certain one
  numbered,  // the seat that the talker asks for, and every talker must
};

// A name that the shell gives to a connection; never used twice for one ring.
using TalkerId = std::uint64_t;

// Why a talker or its message is turned away. The others' seats and messages are not
// harmed, but whoever is turned away after it got a seat leaves it.
enum class Refusal {
  full,            // every seat is taken
  no_number,       // a numbered ring, and the talker has none
  no_such_number,  // not from 1 to N
  number_taken,    // somebody else sits there
  not_seated,      // a message from somebody who has no seat
  second_message,  // each talker has one
};

// Half a sentence for an error message, e.g. "its number is taken".
std::string_view explain(Refusal refusal);

struct Seated {
  TalkerId talker;
  std::size_t seat;  // from 1 to N
};
struct Refuse {
  TalkerId talker;
  Refusal why;
};
struct Ready {};  // every seat is taken: messages may be asked for
struct Deliver {
  TalkerId talker;  // who gets it
  std::size_t seat;
  std::string text;
};
struct Vacated {
  std::size_t seat;
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
  std::vector<std::size_t> free_seats() const;

 private:
  enum class Phase { gathering, listening, complete, broken };
  struct Seat {
    std::optional<TalkerId> talker;
    std::optional<std::string> text;
  };

  std::variant<std::size_t, Refusal> choose_seat(std::optional<std::size_t> number) const;
  Seat* seat_of(TalkerId talker);
  std::size_t number_of(const Seat& seat) const;

  Order order_;
  Phase phase_ = Phase::gathering;
  std::vector<Seat> seats_;
};

// "first" to "tenth", then "11th", "12th", "21st", and so on.
std::string ordinal(std::size_t n);

}  // namespace oche::talk

#endif  // OCHE_TALK_RING_H_

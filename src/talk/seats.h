// The seats of a ring: who sits where, and who may. Pure; not thread-safe.
#ifndef OCHE_TALK_SEATS_H_
#define OCHE_TALK_SEATS_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <variant>
#include <vector>

#include "talk/limits.h"

namespace oche::talk {

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
  too_early,       // a message before the ring is full
  second_message,  // each talker has one
};

// Half a sentence for an error message, e.g. "its number is taken".
std::string_view explain(Refusal refusal);

// What rings of every kind have to say of their seats.
struct Seated {
  TalkerId talker;
  std::size_t seat;  // from 1 to N
};
struct Refuse {
  TalkerId talker;
  Refusal why;
};
struct Ready {};  // every seat is taken: messages may be asked for
struct Vacated {
  std::size_t seat;
};

class Seats {
 public:
  // `size` from 1 to kMostTalkers.
  Seats(std::size_t size, Order order);

  // A talker that has no seat (asserted) takes one; yields it, or why there is none for it.
  std::variant<std::size_t, Refusal> take(TalkerId talker, std::optional<std::size_t> number);
  void vacate(std::size_t seat);

  std::size_t size() const { return talkers_.size(); }
  bool all_taken() const { return seats_.size() == talkers_.size(); }
  std::optional<std::size_t> seat_of(TalkerId talker) const;
  // Of a seat that is taken (asserted).
  TalkerId talker_in(std::size_t seat) const;
  // The seats that are free, ascending.
  std::vector<std::size_t> free() const;
  // Around the ring.
  std::size_t after(std::size_t seat) const { return seat == size() ? 1 : seat + 1; }
  std::size_t before(std::size_t seat) const { return seat == 1 ? size() : seat - 1; }

 private:
  std::variant<std::size_t, Refusal> choose(std::optional<std::size_t> number) const;

  Order order_;
  std::vector<std::optional<TalkerId>> talkers_;  // by seat - 1
  std::unordered_map<TalkerId, std::size_t> seats_;
};

// "first" to "tenth", then "11th", "12th", "21st", and so on.
std::string ordinal(std::size_t n);

}  // namespace oche::talk

#endif  // OCHE_TALK_SEATS_H_

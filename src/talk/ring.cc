#include "talk/ring.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/assert.h"

namespace oche::talk {

std::string_view explain(Refusal refusal) {
  switch (refusal) {
    case Refusal::full:
      return "every seat of the ring is taken";
    case Refusal::no_number:
      return "it sent no number";
    case Refusal::no_such_number:
      return "the ring has no such number";
    case Refusal::number_taken:
      return "its number is taken";
    case Refusal::not_seated:
      return "it has no seat in the ring";
    case Refusal::second_message:
      return "each talker sends one message";
  }
  return "";
}

Ring::Ring(std::size_t size, Order order) : order_(order), seats_(size) {
  OCHE_ASSERT(size >= 1 && size <= kMostTalkers);
}

Actions Ring::join(TalkerId talker, std::optional<std::size_t> number) {
  OCHE_ASSERT(seat_of(talker) == nullptr);
  const auto choice = choose_seat(number);
  if (const Refusal* why = std::get_if<Refusal>(&choice)) return {Refuse{talker, *why}};
  const std::size_t seat = std::get<std::size_t>(choice);
  seats_[seat - 1].talker = talker;
  Actions actions{Seated{talker, seat}};
  if (free_seats().empty()) {
    phase_ = Phase::listening;
    actions.emplace_back(Ready{});
  }
  return actions;
}

Actions Ring::message(TalkerId talker, std::string text) {
  Seat* const seat = seat_of(talker);
  if (seat == nullptr) return {Refuse{talker, Refusal::not_seated}};
  if (seat->text) return {Refuse{talker, Refusal::second_message}};
  seat->text = std::move(text);
  const bool all_sent =
      std::all_of(seats_.begin(), seats_.end(), [](const Seat& s) { return s.text.has_value(); });
  if (phase_ != Phase::listening || !all_sent) return {};
  phase_ = Phase::complete;
  Actions actions;
  for (std::size_t i = 0; i < seats_.size(); ++i) {
    const std::size_t from = i == 0 ? seats_.size() - 1 : i - 1;
    actions.emplace_back(Deliver{*seats_[i].talker, i + 1, *seats_[from].text});
  }
  return actions;
}

Actions Ring::leave(TalkerId talker) {
  Seat* const seat = seat_of(talker);
  if (seat == nullptr) return {};
  switch (phase_) {
    case Phase::gathering:
      *seat = Seat{};
      return {Vacated{number_of(*seat)}};
    case Phase::listening:
      phase_ = Phase::broken;
      return {Broken{number_of(*seat)}};
    case Phase::complete:
    case Phase::broken:
      return {};
  }
  return {};
}

std::vector<std::size_t> Ring::free_seats() const {
  std::vector<std::size_t> free;
  for (const Seat& seat : seats_) {
    if (!seat.talker) free.push_back(number_of(seat));
  }
  return free;
}

std::variant<std::size_t, Refusal> Ring::choose_seat(std::optional<std::size_t> number) const {
  if (full()) return Refusal::full;
  if (!number) {
    if (order_ == Order::numbered) return Refusal::no_number;
    return free_seats().front();
  }
  if (*number < 1 || *number > size()) return Refusal::no_such_number;
  if (seats_[*number - 1].talker) return Refusal::number_taken;
  return *number;
}

Ring::Seat* Ring::seat_of(TalkerId talker) {
  const auto seat =
      std::find_if(seats_.begin(), seats_.end(), [&](const Seat& s) { return s.talker == talker; });
  return seat == seats_.end() ? nullptr : &*seat;
}

std::size_t Ring::number_of(const Seat& seat) const {
  return static_cast<std::size_t>(&seat - seats_.data()) + 1;
}

std::string ordinal(std::size_t n) {
  static constexpr std::array<std::string_view, 10> kWords = {
      "first", "second",  "third",  "fourth", "fifth",
      "sixth", "seventh", "eighth", "ninth",  "tenth"};
  if (n >= 1 && n <= kWords.size()) return std::string(kWords[n - 1]);
  const bool teen = n % 100 >= 11 && n % 100 <= 13;
  const std::string_view suffix = teen          ? "th"
                                  : n % 10 == 1 ? "st"
                                  : n % 10 == 2 ? "nd"
                                  : n % 10 == 3 ? "rd"
                                                : "th";
  return std::to_string(n).append(suffix);
}

}  // namespace oche::talk

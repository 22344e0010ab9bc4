#include "talk/seats.h"

#include <algorithm>
#include <array>

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
    case Refusal::too_early:
      return "the ring isn't full yet";
    case Refusal::second_message:
      return "each talker sends one message";
  }
  return "";
}

Seats::Seats(std::size_t size, Order order) : order_(order), talkers_(size) {
  OCHE_ASSERT(size >= 1 && size <= kMostTalkers);
}

std::variant<std::size_t, Refusal> Seats::take(TalkerId talker, std::optional<std::size_t> number) {
  OCHE_ASSERT(!seats_.contains(talker));
  const auto choice = choose(number);
  if (const std::size_t* seat = std::get_if<std::size_t>(&choice)) {
    talkers_[*seat - 1] = talker;
    seats_.emplace(talker, *seat);
  }
  return choice;
}

void Seats::vacate(std::size_t seat) {
  seats_.erase(talker_in(seat));
  talkers_[seat - 1].reset();
}

std::optional<std::size_t> Seats::seat_of(TalkerId talker) const {
  const auto entry = seats_.find(talker);
  return entry == seats_.end() ? std::nullopt : std::optional<std::size_t>(entry->second);
}

TalkerId Seats::talker_in(std::size_t seat) const {
  OCHE_ASSERT(seat >= 1 && seat <= size() && talkers_[seat - 1]);
  return *talkers_[seat - 1];
}

std::vector<std::size_t> Seats::free() const {
  std::vector<std::size_t> free;
  for (std::size_t seat = 1; seat <= size(); ++seat) {
    if (!talkers_[seat - 1]) free.push_back(seat);
  }
  return free;
}

std::variant<std::size_t, Refusal> Seats::choose(std::optional<std::size_t> number) const {
  if (all_taken()) return Refusal::full;
  if (!number) {
    if (order_ == Order::numbered) return Refusal::no_number;
    const auto first = std::find(talkers_.begin(), talkers_.end(), std::nullopt);
    return static_cast<std::size_t>(first - talkers_.begin()) + 1;
  }
  if (*number < 1 || *number > size()) return Refusal::no_such_number;
  if (talkers_[*number - 1]) return Refusal::number_taken;
  return *number;
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

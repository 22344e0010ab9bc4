#include "talk/ring.h"

#include <algorithm>
#include <utility>

namespace oche::talk {

Ring::Ring(std::size_t size, Order order) : seats_(size, order), texts_(size) {}

Actions Ring::join(TalkerId talker, std::optional<std::size_t> number) {
  const auto choice = seats_.take(talker, number);
  if (const Refusal* why = std::get_if<Refusal>(&choice)) return {Refuse{talker, *why}};
  Actions actions{Seated{talker, std::get<std::size_t>(choice)}};
  if (seats_.all_taken()) {
    phase_ = Phase::listening;
    actions.emplace_back(Ready{});
  }
  return actions;
}

Actions Ring::message(TalkerId talker, std::string text) {
  const std::optional<std::size_t> seat = seats_.seat_of(talker);
  if (!seat) return {Refuse{talker, Refusal::not_seated}};
  std::optional<std::string>& held = texts_[*seat - 1];
  if (held) return {Refuse{talker, Refusal::second_message}};
  held = std::move(text);
  const bool all_sent =
      std::all_of(texts_.begin(), texts_.end(), [](const auto& t) { return t.has_value(); });
  if (phase_ != Phase::listening || !all_sent) return {};
  phase_ = Phase::complete;
  Actions actions;
  for (std::size_t to = 1; to <= size(); ++to) {
    actions.emplace_back(Deliver{seats_.talker_in(to), to, *texts_[seats_.before(to) - 1]});
  }
  return actions;
}

Actions Ring::leave(TalkerId talker) {
  const std::optional<std::size_t> seat = seats_.seat_of(talker);
  if (!seat) return {};
  switch (phase_) {
    case Phase::gathering:
      seats_.vacate(*seat);
      texts_[*seat - 1].reset();
      return {Vacated{*seat}};
    case Phase::listening:
      phase_ = Phase::broken;
      return {Broken{*seat}};
    case Phase::complete:
    case Phase::broken:
      return {};
  }
  return {};
}

}  // namespace oche::talk

#include "talk/streaming_ring.h"

#include <algorithm>
#include <utility>

#include "talk/seconds_text.h"

namespace oche::talk {

StreamingRing::StreamingRing(std::size_t size, Order order, const MessageLimits& limits)
    : limits_(limits), seats_(size, order), members_(size, Member(limits.message_bytes)) {}

RingActions StreamingRing::join(TalkerId talker, std::optional<std::size_t> number, Instant now) {
  const auto choice = seats_.take(talker, number);
  if (const Refusal* why = std::get_if<Refusal>(&choice)) return {Refuse{talker, *why}};
  RingActions actions{Seated{talker, std::get<std::size_t>(choice)}};
  if (seats_.all_taken()) {
    phase_ = Phase::talking;
    oblige_all(now);
    actions.emplace_back(Ready{});
  }
  return actions;
}

RingActions StreamingRing::take(TalkerId talker, const Item& item, Instant now) {
  const std::optional<std::size_t> seat = seats_.seat_of(talker);
  if (!seat) return {Refuse{talker, Refusal::not_seated}};
  if (gathering()) return {Refuse{talker, Refusal::too_early}};
  if (over()) return {};
  Member& from = member(*seat);
  if (const auto fault = from.sent.take(item)) {
    return break_at(*seat, std::string(explain(*fault)));
  }
  from.go_on.moved(now);
  from.begin.moved(now);
  const bool first_in_round = from.sent.begun() > round_;
  const bool first_to_end = from.sent.ended() && ++ended_ == 1;
  round_ = std::max(round_, from.sent.begun());
  if (first_in_round || first_to_end) oblige_all(now);
  const std::size_t to = seats_.after(*seat);
  oblige(*seat, now);
  oblige(to, now);
  return {Forward{seats_.talker_in(to)}};
}

RingActions StreamingRing::give_back(TalkerId talker, std::uint64_t credit, Instant now) {
  const std::optional<std::size_t> seat = seats_.seat_of(talker);
  if (!seat) return {Refuse{talker, Refusal::not_seated}};
  if (gathering()) return {Refuse{talker, Refusal::too_early}};
  if (over()) return {};
  const std::size_t from = seats_.before(*seat);
  if (const auto fault = member(from).sent.give_back(credit)) {
    return break_at(*seat, std::string(explain(*fault)));
  }
  member(*seat).give_back.moved(now);
  oblige(*seat, now);
  oblige(from, now);
  return {Forward{seats_.talker_in(from)}};
}

RingActions StreamingRing::leave(TalkerId talker, Leaving how, const std::string& text,
                                 Instant now) {
  const std::optional<std::size_t> seat = seats_.seat_of(talker);
  if (!seat || over()) return {};
  if (gathering()) {
    seats_.vacate(*seat);
    return {Vacated{*seat}};
  }
  Member& leaver = member(*seat);
  if (leaver.left) return {};
  if (how == Leaving::early || !finished(*seat)) return break_at(*seat, "left (" + text + ")");
  leaver.left = true;
  oblige(*seat, now);
  if (++left_ < size()) return {};
  phase_ = Phase::done;
  return {RingDone{}};
}

RingActions StreamingRing::tick(Instant now) {
  if (phase_ != Phase::talking) return {};
  for (std::size_t seat = 1; seat <= size(); ++seat) {
    const Member& m = member(seat);
    std::string what;
    // Whoever doesn't take what comes may for that reason not send either.
    if (m.give_back.overdue(now, limits_.stall)) {
      what = "took nothing of what waits for it for " + seconds_text(limits_.stall);
    } else if (m.go_on.overdue(now, limits_.stall)) {
      what = "sent nothing more of its message for " + seconds_text(limits_.stall);
    } else if (m.say_goodbye.overdue(now, limits_.stall)) {
      what = "was done and said no goodbye for " + seconds_text(limits_.stall);
    } else if (m.begin.overdue(now, limits_.turn)) {
      what = "didn't begin its message for " + seconds_text(limits_.turn);
    }
    if (!what.empty()) return break_at(seat, "stalled: it " + what);
  }
  return {};
}

void StreamingRing::oblige(std::size_t seat, Instant now) {
  Member& m = member(seat);
  const Channel& received = member(seats_.before(seat)).sent;
  const bool here = phase_ == Phase::talking && !m.left;
  m.go_on.update(here && m.sent.can_go_on(), now);
  const bool awaited = m.sent.begun() < round_ || ended_ > 0;
  m.begin.update(here && awaited && !m.sent.ended() && !m.sent.in_message(), now);
  m.give_back.update(here && received.owes_credit(), now);
  m.say_goodbye.update(here && finished(seat), now);
}

void StreamingRing::oblige_all(Instant now) {
  for (std::size_t seat = 1; seat <= size(); ++seat) oblige(seat, now);
}

bool StreamingRing::finished(std::size_t seat) {
  const Channel& sent = member(seat).sent;
  const Channel& received = member(seats_.before(seat)).sent;
  return sent.ended() && received.ended() && sent.held() == 0 && received.held() == 0;
}

RingActions StreamingRing::break_at(std::size_t seat, std::string text) {
  phase_ = Phase::broken;
  return {RingBroken{seat, std::move(text)}};
}

}  // namespace oche::talk

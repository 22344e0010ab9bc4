#include "talk/streaming_ring.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace oche::talk {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;

template <class T>
const T* only(const RingActions& actions) {
  return actions.size() == 1 ? std::get_if<T>(&actions.front()) : nullptr;
}

// A ring of talkers 1 to n in the seats of those numbers, full.
struct Full {
  explicit Full(std::size_t n, MessageLimits limits = {}) : ring(n, Order::arrival, limits) {
    for (TalkerId id = 1; id <= n; ++id) ring.join(id, {}, now);
  }
  // Where the item goes; 0: nowhere.
  TalkerId take(TalkerId from, const Item& item) {
    const RingActions actions = ring.take(from, item, now);
    const auto* forward = only<Forward>(actions);
    return forward == nullptr ? 0 : forward->to;
  }
  TalkerId give_back(TalkerId from, std::uint64_t credit) {
    const RingActions actions = ring.give_back(from, credit, now);
    const auto* forward = only<Forward>(actions);
    return forward == nullptr ? 0 : forward->to;
  }
  // What happens when so much time passes in small steps.
  std::optional<RingBroken> pass(Duration duration) {
    for (const Instant end = now + duration; now < end;) {
      now += 250ms;
      const RingActions actions = ring.tick(now);
      if (const auto* broken = only<RingBroken>(actions)) return *broken;
      EXPECT_TRUE(actions.empty());
    }
    return std::nullopt;
  }

  Instant now{};
  StreamingRing ring;
};

TEST(StreamingRing, sends_each_item_to_the_next_and_the_last_ones_to_the_first) {
  Full full(3);
  EXPECT_EQ(full.take(1, Begin{}), 2U);
  EXPECT_EQ(full.take(3, Begin{}), 1U);
  EXPECT_EQ(full.take(3, Piece{5}), 1U);
  EXPECT_EQ(full.take(2, Begin{}), 3U);
  EXPECT_EQ(full.give_back(1, 5), 3U);
  EXPECT_EQ(full.ring.held(3), 2 * wire::kFrameCost);
}

TEST(StreamingRing, lets_one_talk_to_itself) {
  Full full(1);
  EXPECT_EQ(full.take(1, Begin{0}), 1U);
  EXPECT_EQ(full.take(1, End{}), 1U);
  EXPECT_EQ(full.take(1, InputEnd{}), 1U);
  EXPECT_EQ(full.give_back(1, 3 * wire::kFrameCost), 1U);
  EXPECT_TRUE(only<RingDone>(full.ring.leave(1, Leaving::finished, "", full.now)));
}

TEST(StreamingRing, lets_all_send_before_any_receives) {
  Full full(5);
  for (TalkerId id = 1; id <= 5; ++id) {
    full.take(id, Begin{});
    while (full.take(id, Piece{1000}) != 0 && full.ring.held(id) < wire::kWindow - 2000) {
    }
    EXPECT_FALSE(full.ring.over());
  }
}

TEST(StreamingRing, seats_by_arrival_and_by_number) {
  StreamingRing ring(3, Order::arrival, {});
  EXPECT_EQ(only<Seated>(ring.join(1, 2, {}))->seat, 2U);
  EXPECT_EQ(only<Refuse>(ring.join(2, 2, {}))->why, Refusal::number_taken);
  EXPECT_EQ(only<Refuse>(ring.join(2, 4, {}))->why, Refusal::no_such_number);
  EXPECT_EQ(only<Seated>(ring.join(2, {}, {}))->seat, 1U);
  const RingActions last = ring.join(3, {}, {});
  ASSERT_EQ(last.size(), 2U);
  EXPECT_TRUE(std::holds_alternative<Ready>(last[1]));
  EXPECT_EQ(only<Refuse>(ring.join(4, {}, {}))->why, Refusal::full);
  StreamingRing numbered(2, Order::numbered, {});
  EXPECT_EQ(only<Refuse>(numbered.join(1, {}, {}))->why, Refusal::no_number);
}

TEST(StreamingRing, gives_an_early_leavers_seat_to_another) {
  StreamingRing ring(2, Order::arrival, {});
  ring.join(1, {}, {});
  EXPECT_EQ(only<Refuse>(ring.take(1, Begin{}, {}))->why, Refusal::too_early);
  EXPECT_EQ(only<Refuse>(ring.take(9, Begin{}, {}))->why, Refusal::not_seated);
  EXPECT_EQ(only<Vacated>(ring.leave(1, Leaving::early, "", {}))->seat, 1U);
  EXPECT_TRUE(ring.empty());
  EXPECT_EQ(only<Seated>(ring.join(2, {}, {}))->seat, 1U);
}

TEST(StreamingRing, is_broken_by_one_that_leaves_and_names_it) {
  Full full(3);
  full.take(2, Begin{});
  const RingActions actions = full.ring.leave(2, Leaving::early, "it crashed", full.now);
  ASSERT_TRUE(only<RingBroken>(actions));
  EXPECT_EQ(only<RingBroken>(actions)->seat, 2U);
  EXPECT_EQ(only<RingBroken>(actions)->text, "left (it crashed)");
  EXPECT_TRUE(full.ring.take(1, Begin{}, full.now).empty());
  EXPECT_TRUE(full.ring.leave(1, Leaving::early, "", full.now).empty());
}

TEST(StreamingRing, takes_a_goodbye_for_the_end_only_when_both_ends_were_said) {
  Full full(2);
  full.take(1, InputEnd{});
  full.give_back(2, wire::kFrameCost);
  // What talker 2 sends is still to come.
  EXPECT_TRUE(only<RingBroken>(full.ring.leave(1, Leaving::finished, "", full.now)));
}

TEST(StreamingRing, takes_no_goodbye_for_the_end_before_all_is_written_out) {
  for (const TalkerId behind : {1, 2}) {
    Full full(2);
    for (const TalkerId id : {1, 2}) full.take(id, InputEnd{});
    full.give_back(behind == 1 ? 2 : 1, wire::kFrameCost);
    EXPECT_TRUE(only<RingBroken>(full.ring.leave(1, Leaving::finished, "", full.now)));
  }
}

TEST(StreamingRing, goes_on_when_one_has_finished_before_the_others) {
  Full full(3);
  for (const TalkerId id : {1, 3}) full.take(id, InputEnd{});
  full.give_back(1, wire::kFrameCost);
  full.give_back(2, wire::kFrameCost);
  EXPECT_TRUE(full.ring.leave(1, Leaving::finished, "", full.now).empty());
  EXPECT_EQ(full.take(2, Begin{}), 3U);
  full.take(2, End{});
  full.take(2, InputEnd{});
  full.give_back(3, 3 * wire::kFrameCost);
  EXPECT_TRUE(full.ring.leave(2, Leaving::finished, "", full.now).empty());
  EXPECT_TRUE(only<RingDone>(full.ring.leave(3, Leaving::finished, "", full.now)));
  EXPECT_TRUE(full.ring.over());
}

TEST(StreamingRing, is_broken_by_one_that_breaks_the_protocol) {
  Full items(2);
  const RingActions piece = items.ring.take(2, Piece{1}, items.now);
  EXPECT_EQ(only<RingBroken>(piece)->seat, 2U);
  Full credit(2);
  const RingActions back = credit.ring.give_back(1, 1, credit.now);
  EXPECT_EQ(only<RingBroken>(back)->seat, 1U);
  EXPECT_THAT(only<RingBroken>(back)->text, HasSubstr("credit"));
}

TEST(StreamingRing, names_one_that_stalls_in_its_message) {
  Full full(2);
  full.take(2, Begin{});
  EXPECT_FALSE(full.pass(30s));
  full.take(2, Piece{1});
  EXPECT_FALSE(full.pass(59s));
  const auto broken = full.pass(1s);
  ASSERT_TRUE(broken);
  EXPECT_EQ(broken->seat, 2U);
  EXPECT_EQ(broken->text, "stalled: it sent nothing more of its message for 60 s");
}

TEST(StreamingRing, names_one_that_takes_nothing_and_not_the_one_that_waits_for_it) {
  Full full(2);
  full.take(1, Begin{});
  while (full.ring.held(1) + 2 * wire::kFrameCost < wire::kWindow) {
    const std::uint64_t room = wire::kWindow - full.ring.held(1) - wire::kFrameCost;
    full.take(1, Piece{std::min<std::uint64_t>(room, wire::kMaxPieceBytes)});
  }
  full.take(2, Begin{});
  full.take(2, End{});
  full.give_back(1, 2 * wire::kFrameCost);
  const auto broken = full.pass(61s);
  ASSERT_TRUE(broken);
  EXPECT_EQ(broken->seat, 2U);
  EXPECT_THAT(broken->text, HasSubstr("took nothing"));
}

TEST(StreamingRing, names_one_that_does_not_begin_its_message_in_a_round_of_others) {
  Full full(2);
  EXPECT_FALSE(full.pass(1h));  // nobody has begun: nobody waits
  full.take(1, Begin{});
  full.take(1, End{});
  full.give_back(2, 2 * wire::kFrameCost);
  EXPECT_FALSE(full.pass(10min - 1s));
  const auto broken = full.pass(1s);
  ASSERT_TRUE(broken);
  EXPECT_EQ(broken->seat, 2U);
  EXPECT_EQ(broken->text, "stalled: it didn't begin its message for 600 s");
}

TEST(StreamingRing, waits_no_longer_for_one_when_another_has_no_more) {
  Full full(2);
  full.take(1, Begin{});
  full.take(1, End{});
  full.give_back(2, 2 * wire::kFrameCost);
  full.take(2, InputEnd{});
  full.give_back(1, wire::kFrameCost);
  // Talker 1 is ahead, and talker 2 has no message for its round: it waits for talker 1's end.
  const auto broken = full.pass(10min);
  ASSERT_TRUE(broken);
  EXPECT_EQ(broken->seat, 1U);
  EXPECT_THAT(broken->text, HasSubstr("didn't begin"));
}

TEST(StreamingRing, names_one_that_is_done_and_does_not_go) {
  Full full(2);
  for (const TalkerId id : {1, 2}) full.take(id, InputEnd{});
  for (const TalkerId id : {1, 2}) full.give_back(id, wire::kFrameCost);
  full.ring.leave(2, Leaving::finished, "", full.now);
  const auto broken = full.pass(61s);
  ASSERT_TRUE(broken);
  EXPECT_EQ(broken->seat, 1U);
  EXPECT_THAT(broken->text, HasSubstr("no goodbye"));
}

TEST(StreamingRing, keeps_messages_to_the_limit) {
  MessageLimits limits;
  limits.message_bytes = 10;
  Full full(2, limits);
  EXPECT_NE(full.take(1, Begin{10}), 0U);
  const RingActions actions = full.ring.take(2, Begin{11}, full.now);
  EXPECT_EQ(only<RingBroken>(actions)->text, "sent a message above the limit");
}

}  // namespace
}  // namespace oche::talk

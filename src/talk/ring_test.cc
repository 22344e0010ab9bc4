#include "talk/ring.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace oche::talk {
namespace {

template <class T>
const T* only(const Actions& actions) {
  return actions.size() == 1 ? std::get_if<T>(&actions.front()) : nullptr;
}

Refusal refusal_of(const Actions& actions) {
  const Refuse* refuse = only<Refuse>(actions);
  EXPECT_NE(refuse, nullptr);
  return refuse == nullptr ? Refusal::not_seated : refuse->why;
}

// (talker, text) of each delivery, in order.
std::vector<std::pair<TalkerId, std::string>> deliveries(const Actions& actions) {
  std::vector<std::pair<TalkerId, std::string>> list;
  for (const Action& action : actions) {
    const Deliver& deliver = std::get<Deliver>(action);
    list.emplace_back(deliver.talker, deliver.text);
  }
  return list;
}

TEST(Ring, swaps_the_messages_of_two) {
  Ring ring(2, Order::arrival);
  EXPECT_EQ(only<Seated>(ring.join(70))->seat, 1u);
  const Actions last = ring.join(30);
  ASSERT_EQ(last.size(), 2u);
  EXPECT_EQ(std::get<Seated>(last[0]).seat, 2u);
  EXPECT_TRUE(std::holds_alternative<Ready>(last[1]));
  EXPECT_TRUE(ring.message(70, "alpha").empty());
  using Expected = std::vector<std::pair<TalkerId, std::string>>;
  EXPECT_EQ(deliveries(ring.message(30, "beta")), (Expected{{70, "beta"}, {30, "alpha"}}));
  EXPECT_TRUE(ring.complete());
}

TEST(Ring, passes_each_message_to_the_next_and_the_last_to_the_first) {
  Ring ring(4, Order::arrival);
  for (TalkerId id = 1; id <= 4; ++id) ring.join(id);
  // Sent in another order than seated.
  ring.message(3, "c");
  ring.message(1, "a");
  ring.message(4, "d");
  using Expected = std::vector<std::pair<TalkerId, std::string>>;
  EXPECT_EQ(deliveries(ring.message(2, "b")), (Expected{{1, "d"}, {2, "a"}, {3, "b"}, {4, "c"}}));
}

TEST(Ring, gives_one_talker_its_own_message) {
  Ring ring(1, Order::arrival);
  ring.join(9);
  using Expected = std::vector<std::pair<TalkerId, std::string>>;
  EXPECT_EQ(deliveries(ring.message(9, "echo")), (Expected{{9, "echo"}}));
}

TEST(Ring, seats_by_number_whatever_the_arrival) {
  Ring ring(3, Order::numbered);
  EXPECT_EQ(only<Seated>(ring.join(10, 3))->seat, 3u);
  EXPECT_EQ(only<Seated>(ring.join(11, 1))->seat, 1u);
  EXPECT_EQ(ring.free_seats(), std::vector<std::size_t>{2});
  EXPECT_EQ(ring.join(12, 2).size(), 2u);
  ring.message(10, "three");
  ring.message(11, "one");
  using Expected = std::vector<std::pair<TalkerId, std::string>>;
  EXPECT_EQ(deliveries(ring.message(12, "two")),
            (Expected{{11, "three"}, {12, "one"}, {10, "two"}}));
}

TEST(Ring, seats_those_without_a_number_around_those_with_one) {
  Ring ring(3, Order::arrival);
  EXPECT_EQ(only<Seated>(ring.join(10, 2))->seat, 2u);
  EXPECT_EQ(only<Seated>(ring.join(11))->seat, 1u);
  EXPECT_EQ(std::get<Seated>(ring.join(12).front()).seat, 3u);
}

TEST(Ring, refuses_bad_numbers_and_goes_on) {
  Ring ring(2, Order::numbered);
  EXPECT_EQ(refusal_of(ring.join(1)), Refusal::no_number);
  EXPECT_EQ(refusal_of(ring.join(2, 0)), Refusal::no_such_number);
  EXPECT_EQ(refusal_of(ring.join(3, 3)), Refusal::no_such_number);
  ring.join(4, 2);
  EXPECT_EQ(refusal_of(ring.join(5, 2)), Refusal::number_taken);
  EXPECT_TRUE(ring.leave(5).empty());
  EXPECT_EQ(ring.join(6, 1).size(), 2u);
  EXPECT_TRUE(ring.full());
  EXPECT_EQ(refusal_of(ring.join(7, 1)), Refusal::full);
}

TEST(Ring, refuses_strangers_and_second_messages) {
  Ring ring(2, Order::arrival);
  ring.join(1);
  ring.join(2);
  EXPECT_EQ(refusal_of(ring.message(3, "who?")), Refusal::not_seated);
  ring.message(1, "a");
  EXPECT_EQ(refusal_of(ring.message(1, "again")), Refusal::second_message);
  using Expected = std::vector<std::pair<TalkerId, std::string>>;
  EXPECT_EQ(deliveries(ring.message(2, "b")), (Expected{{1, "b"}, {2, "a"}}));
}

TEST(Ring, refills_a_seat_that_is_left_while_it_gathers) {
  Ring ring(2, Order::arrival);
  ring.join(1);
  ring.message(1, "lost");
  EXPECT_EQ(only<Vacated>(ring.leave(1))->seat, 1u);
  EXPECT_EQ(only<Seated>(ring.join(2))->seat, 1u);
  ring.join(3);
  ring.message(2, "kept");
  using Expected = std::vector<std::pair<TalkerId, std::string>>;
  EXPECT_EQ(deliveries(ring.message(3, "too")), (Expected{{2, "too"}, {3, "kept"}}));
}

TEST(Ring, breaks_when_somebody_leaves_a_full_ring) {
  Ring ring(2, Order::arrival);
  ring.join(1);
  ring.join(2);
  ring.message(1, "a");
  EXPECT_EQ(only<Broken>(ring.leave(2))->seat, 2u);
  EXPECT_TRUE(ring.broken());
  EXPECT_TRUE(ring.leave(1).empty());
}

TEST(Ring, is_not_harmed_by_leaving_after_the_delivery) {
  Ring ring(1, Order::arrival);
  ring.join(1);
  ring.message(1, "a");
  EXPECT_TRUE(ring.leave(1).empty());
  EXPECT_TRUE(ring.complete());
}

TEST(Ordinal, is_a_word_up_to_ten_and_then_a_number) {
  EXPECT_EQ(ordinal(1), "first");
  EXPECT_EQ(ordinal(3), "third");
  EXPECT_EQ(ordinal(10), "tenth");
  EXPECT_EQ(ordinal(11), "11th");
  EXPECT_EQ(ordinal(13), "13th");
  EXPECT_EQ(ordinal(21), "21st");
  EXPECT_EQ(ordinal(102), "102nd");
  EXPECT_EQ(ordinal(112), "112th");
  EXPECT_EQ(ordinal(123), "123rd");
}

}  // namespace
}  // namespace oche::talk

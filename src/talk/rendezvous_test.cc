#include "talk/rendezvous.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace oche::talk {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;

constexpr PartyId kSender = 1;
constexpr PartyId kReceiver = 2;
constexpr Instant kNow{};

template <class T>
const T* only(const SendActions& actions) {
  return actions.size() == 1 ? std::get_if<T>(&actions.front()) : nullptr;
}

// A sender and the receiver 'lab7', brought together.
struct Pair {
  explicit Pair(SendLimits limits = {}) : rendezvous(limits) {
    EXPECT_TRUE(rendezvous.wait(kReceiver, "lab7").empty());
    EXPECT_TRUE(only<Paired>(rendezvous.send(kSender, "lab7", kNow)));
  }
  // A TurnAway of one and a Failed for the other.
  static void expect_both_end(const SendActions& actions, PartyId to_blame, PartyId other) {
    ASSERT_EQ(actions.size(), 2U);
    EXPECT_EQ(std::get<TurnAway>(actions[0]).party, to_blame);
    EXPECT_EQ(std::get<Failed>(actions[1]).party, other);
  }
  Rendezvous rendezvous;
};

TEST(Rendezvous, passes_a_message_on_and_hands_the_receipt_back) {
  Pair pair;
  const SendActions first = pair.rendezvous.take(kSender, Begin{5}, kNow);
  ASSERT_EQ(first.size(), 2U);
  EXPECT_EQ(std::get<Introduce>(first[0]).receiver, kReceiver);
  EXPECT_EQ(std::get<PassOn>(first[1]).to, kReceiver);
  EXPECT_EQ(only<PassOn>(pair.rendezvous.take(kSender, Piece{5}, kNow))->to, kReceiver);
  EXPECT_EQ(only<PassOn>(pair.rendezvous.take(kSender, End{}, kNow))->to, kReceiver);
  EXPECT_EQ(pair.rendezvous.held(kSender), 5 + 3 * wire::kFrameCost);
  EXPECT_EQ(only<PassOn>(pair.rendezvous.give_back(kReceiver, 5, kNow))->to, kSender);
  const SendActions receipt = pair.rendezvous.receipt(kReceiver);
  EXPECT_EQ(only<Received>(receipt)->sender, kSender);
  EXPECT_EQ(pair.rendezvous.receivers(), 0U);
  // Whoever is done leaves without harm.
  EXPECT_TRUE(pair.rendezvous.leave(kSender, "").empty());
  EXPECT_TRUE(pair.rendezvous.leave(kReceiver, "").empty());
}

TEST(Rendezvous, says_that_nobody_of_a_name_waits) {
  Rendezvous rendezvous({});
  EXPECT_THAT(only<TurnAway>(rendezvous.send(kSender, "lab7", kNow))->why, HasSubstr("nobody"));
  rendezvous.wait(kReceiver, "lab7");
  EXPECT_THAT(only<TurnAway>(rendezvous.send(kSender, "lab8", kNow))->why, HasSubstr("nobody"));
  EXPECT_TRUE(rendezvous.leave(kReceiver, "").empty());
  EXPECT_THAT(only<TurnAway>(rendezvous.send(kSender, "lab7", kNow))->why, HasSubstr("nobody"));
}

TEST(Rendezvous, gives_a_name_to_one_receiver_and_a_receiver_to_one_sender) {
  Pair pair;
  EXPECT_TRUE(only<TurnAway>(pair.rendezvous.wait(3, "lab7")));
  EXPECT_THAT(only<TurnAway>(pair.rendezvous.send(4, "lab7", kNow))->why, HasSubstr("another"));
  EXPECT_TRUE(only<TurnAway>(pair.rendezvous.wait(kSender, "lab8")));
  EXPECT_TRUE(only<TurnAway>(pair.rendezvous.send(kReceiver, "lab7", kNow)));
}

TEST(Rendezvous, limits_the_receivers) {
  SendLimits limits;
  limits.receivers = 2;
  Rendezvous rendezvous(limits);
  EXPECT_TRUE(rendezvous.wait(1, "a").empty());
  EXPECT_TRUE(rendezvous.wait(2, "b").empty());
  EXPECT_THAT(only<TurnAway>(rendezvous.wait(3, "c"))->why, HasSubstr("limit"));
}

TEST(Rendezvous, lets_the_receiver_wait_on_if_no_message_has_begun) {
  Pair pair;
  EXPECT_TRUE(pair.rendezvous.leave(kSender, "gone").empty());
  EXPECT_TRUE(only<Paired>(pair.rendezvous.send(3, "lab7", kNow)));
  // Nor does it notice one that breaks the protocol or the limit at once.
  EXPECT_EQ(only<TurnAway>(pair.rendezvous.take(3, End{}, kNow))->party, 3U);
  EXPECT_TRUE(only<Paired>(pair.rendezvous.send(4, "lab7", kNow)));
  EXPECT_EQ(only<TurnAway>(pair.rendezvous.take(4, Begin{kMaxMessageBytes + 1}, kNow))->party, 4U);
  EXPECT_TRUE(only<Paired>(pair.rendezvous.send(5, "lab7", kNow)));
}

TEST(Rendezvous, ends_it_for_both_once_a_message_has_begun) {
  Pair left;
  left.rendezvous.take(kSender, Begin{}, kNow);
  const SendActions sender_left = left.rendezvous.leave(kSender, "gone");
  EXPECT_EQ(only<Failed>(sender_left)->party, kReceiver);
  EXPECT_EQ(only<Failed>(sender_left)->why, "the sender left (gone)");
  Pair deserted;
  deserted.rendezvous.take(kSender, Begin{}, kNow);
  const SendActions receiver_left = deserted.rendezvous.leave(kReceiver, "gone");
  EXPECT_EQ(only<Failed>(receiver_left)->party, kSender);
  Pair broken;
  broken.rendezvous.take(kSender, Begin{}, kNow);
  Pair::expect_both_end(broken.rendezvous.take(kSender, Begin{}, kNow), kSender, kReceiver);
  Pair early;
  early.rendezvous.take(kSender, Begin{}, kNow);
  Pair::expect_both_end(early.rendezvous.receipt(kReceiver), kReceiver, kSender);
  Pair credit;
  credit.rendezvous.take(kSender, Begin{}, kNow);
  Pair::expect_both_end(credit.rendezvous.give_back(kReceiver, 17, kNow), kReceiver, kSender);
}

TEST(Rendezvous, tells_a_sender_that_its_receiver_left_before_the_message) {
  Pair pair;
  EXPECT_EQ(only<Failed>(pair.rendezvous.leave(kReceiver, "gone"))->party, kSender);
  EXPECT_EQ(pair.rendezvous.receivers(), 0U);
}

TEST(Rendezvous, names_the_end_that_stalls) {
  Pair sender;
  sender.rendezvous.take(kSender, Begin{}, kNow);
  EXPECT_TRUE(sender.rendezvous.tick(kNow + 59s).empty());
  Pair::expect_both_end(sender.rendezvous.tick(kNow + 60s), kSender, kReceiver);
  Pair receiver;
  receiver.rendezvous.take(kSender, Begin{}, kNow);
  receiver.rendezvous.take(kSender, End{}, kNow);
  Pair::expect_both_end(receiver.rendezvous.tick(kNow + 60s), kReceiver, kSender);
  Pair receipt;
  receipt.rendezvous.take(kSender, Begin{}, kNow);
  receipt.rendezvous.take(kSender, End{}, kNow);
  receipt.rendezvous.give_back(kReceiver, 2 * wire::kFrameCost, kNow + 50s);
  EXPECT_TRUE(receipt.rendezvous.tick(kNow + 109s).empty());
  const SendActions actions = receipt.rendezvous.tick(kNow + 110s);
  Pair::expect_both_end(actions, kReceiver, kSender);
  EXPECT_THAT(std::get<Failed>(actions[1]).why, HasSubstr("no receipt"));
  Pair silent;
  EXPECT_TRUE(silent.rendezvous.tick(kNow + 599s).empty());
  EXPECT_EQ(only<TurnAway>(silent.rendezvous.tick(kNow + 600s))->party, kSender);
  EXPECT_TRUE(only<Paired>(silent.rendezvous.send(3, "lab7", kNow)));
}

TEST(Rendezvous, turns_away_who_speaks_before_it_has_said_what_it_wants) {
  Rendezvous rendezvous({});
  EXPECT_TRUE(only<TurnAway>(rendezvous.take(9, Begin{}, kNow)));
  EXPECT_TRUE(only<TurnAway>(rendezvous.give_back(9, 1, kNow)));
  EXPECT_TRUE(only<TurnAway>(rendezvous.receipt(9)));
}

}  // namespace
}  // namespace oche::talk

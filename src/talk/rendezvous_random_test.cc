// Messages from many senders to many receivers in random order, from fixed seeds; some leave in the
// middle. Checked: no sender's bytes on the way cost more than the window; whoever gets a receipt
// had its whole message read, in order, by one receiver; every party hears how it ended for it,
// once.
#include <gtest/gtest.h>

#include <algorithm>
#include <deque>
#include <map>
#include <random>
#include <utility>

#include "talk/rendezvous.h"

namespace oche::talk {
namespace {

constexpr std::size_t kPairs = 4;
constexpr Instant kNow{};

// One end: sender i has the id i, its receiver the id kPairs + i.
struct Party {
  Channel channel{kMaxMessageBytes, Messages::one};
  std::deque<Item> down;     // items for a receiver
  std::uint64_t credit = 0;  // for a sender, on its way
  std::uint64_t size = 0, bytes = 0;
  int ended = 0;
  bool received = false;
};

class Play {
 public:
  explicit Play(std::uint64_t seed) : random_(seed) {
    for (PartyId i = 0; i < kPairs; ++i) {
      sender(i).size = below(3) == 0 ? below(2) : below(300'000);
      EXPECT_TRUE(rendezvous_.wait(kPairs + i, name(i)).empty());
      EXPECT_EQ(rendezvous_.send(i, name(i), kNow).size(), 1U);
    }
  }
  std::uint64_t below(std::uint64_t n) {
    return std::uniform_int_distribution<std::uint64_t>(0, n - 1)(random_);
  }
  Party& sender(PartyId i) { return parties_[i]; }
  Party& receiver(PartyId i) { return parties_[kPairs + i]; }

  void step() {
    const PartyId i = below(kPairs);
    below(2) == 0 ? say(i) : hear(i);
    EXPECT_LE(rendezvous_.held(i), wire::kWindow);
  }
  void leave(PartyId party) {
    if (parties_[party].ended > 0) return;
    ++parties_[party].ended;
    carry_out(rendezvous_.leave(party, "gone"), {});
  }

 private:
  static std::string name(PartyId i) { return "receiver " + std::to_string(i); }

  void say(PartyId i) {
    Party& s = sender(i);
    if (s.ended > 0) return;
    if (const std::uint64_t credit = std::exchange(s.credit, 0)) {
      EXPECT_FALSE(s.channel.give_back(credit));
    }
    Item item = End{};
    if (s.channel.begun() == 0) {
      item = Begin{};
    } else if (s.bytes < s.size) {
      if (s.channel.credit() <= wire::kFrameCost) return;
      const std::uint64_t most = s.channel.credit() - wire::kFrameCost;
      item =
          Piece{1 + below(std::min({most, s.size - s.bytes, std::uint64_t{wire::kMaxPieceBytes}}))};
    }
    if (s.channel.ended() || s.channel.credit() < cost_of(item)) return;
    EXPECT_FALSE(s.channel.take(item));
    if (const auto* piece = std::get_if<Piece>(&item)) s.bytes += piece->bytes;
    carry_out(rendezvous_.take(i, item, kNow), item);
  }

  void hear(PartyId i) {
    Party& r = receiver(i);
    if (r.ended > 0 || r.down.empty()) return;
    const Item item = r.down.front();
    r.down.pop_front();
    EXPECT_FALSE(r.channel.take(item));
    if (const auto* piece = std::get_if<Piece>(&item)) r.bytes += piece->bytes;
    EXPECT_FALSE(r.channel.give_back(cost_of(item)));
    sender(i).credit += cost_of(item);
    EXPECT_EQ(rendezvous_.give_back(kPairs + i, cost_of(item), kNow).size(), 1U);
    if (r.channel.ended()) carry_out(rendezvous_.receipt(kPairs + i), {});
  }

  void carry_out(const SendActions& actions, const Item& item) {
    for (const SendAction& action : actions) {
      if (const auto* pass = std::get_if<PassOn>(&action)) {
        parties_[pass->to].down.push_back(item);
      } else if (const auto* received = std::get_if<Received>(&action)) {
        EXPECT_EQ(received->receiver, received->sender + kPairs);
        EXPECT_EQ(parties_[received->receiver].bytes, parties_[received->sender].size);
        for (const PartyId party : {received->sender, received->receiver}) {
          parties_[party].received = true;
          ++parties_[party].ended;
        }
      } else if (const auto* failed = std::get_if<Failed>(&action)) {
        ++parties_[failed->party].ended;
      } else {
        EXPECT_TRUE(std::holds_alternative<Introduce>(action));
      }
    }
  }

  std::mt19937_64 random_;
  Rendezvous rendezvous_{SendLimits{}};
  std::map<PartyId, Party> parties_;
};

TEST(RendezvousAtRandom, brings_each_message_to_its_receiver) {
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    Play play(seed);
    for (int steps = 0; steps < 4000; ++steps) play.step();
    for (PartyId i = 0; i < kPairs; ++i) {
      EXPECT_TRUE(play.sender(i).received && play.receiver(i).received) << seed;
      EXPECT_EQ(play.sender(i).ended, 1);
      EXPECT_EQ(play.receiver(i).ended, 1);
    }
  }
}

TEST(RendezvousAtRandom, harms_only_the_other_end_of_who_leaves) {
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    Play play(seed);
    for (std::uint64_t steps = play.below(400); steps > 0; --steps) play.step();
    const PartyId leaver = play.below(2 * kPairs);
    play.leave(leaver);
    for (int steps = 0; steps < 4000; ++steps) play.step();
    for (PartyId i = 0; i < kPairs; ++i) {
      EXPECT_EQ(play.sender(i).received, play.receiver(i).received) << seed;
      if (leaver % kPairs != i) {
        EXPECT_TRUE(play.sender(i).received) << seed;
      }
      EXPECT_EQ(play.sender(i).ended, 1) << seed;
      // A receiver whose message hadn't begun waits for another.
      EXPECT_LE(play.receiver(i).ended, 1) << seed;
    }
  }
}

}  // namespace
}  // namespace oche::talk

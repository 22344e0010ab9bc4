// Rings played in random order, from fixed seeds: talkers that keep to the protocol, on a network
// that delays each of its directions as it likes. Checked at every step: no pair's bytes on the way
// cost more than the window. At the end: what each talker got is what the one before it sent.
#include <gtest/gtest.h>

#include <deque>
#include <random>

#include "talk/streaming_ring.h"

namespace oche::talk {
namespace {

using namespace std::chrono_literals;

struct CreditBack {
  std::uint64_t bytes;
};
// A piece's bytes are told by where they stand in all that its talker sends.
struct Said {
  std::variant<Begin, Piece, End, InputEnd, CreditBack> what;
  std::uint64_t at = 0;
};

std::optional<Item> item_in(const Said& said) {
  return std::visit(
      [](const auto& what) -> std::optional<Item> {
        if constexpr (std::is_same_v<std::decay_t<decltype(what)>, CreditBack>) {
          return std::nullopt;
        } else {
          return what;
        }
      },
      said.what);
}

struct Talker {
  std::deque<std::uint64_t> messages;  // sizes; still to be sent
  std::uint64_t left = 0;              // of the one that has begun
  Channel out{kMaxMessageBytes}, in{kMaxMessageBytes};
  std::uint64_t sent = 0, got = 0, withheld = 0;  // bytes; credit
  std::vector<std::uint64_t> sizes_sent, sizes_got;
  std::deque<Said> up, down;  // on the way to the host, and from it
  bool gone = false;
  bool frozen = false;
};

class Play {
 public:
  Play(std::uint64_t seed, std::size_t n)
      : random_(seed), talkers_(n), ring_(n, Order::arrival, {}) {
    for (Talker& talker : talkers_) {
      for (std::uint64_t rounds = below(5); rounds > 0; --rounds) {
        talker.messages.push_back(below(3) == 0 ? below(3) : below(200'000));
      }
    }
    for (std::size_t i = 0; i < n; ++i) ring_.join(i, {}, now_);
  }

  std::uint64_t below(std::uint64_t n) {
    return std::uniform_int_distribution<std::uint64_t>(0, n - 1)(random_);
  }
  StreamingRing& ring() { return ring_; }
  Talker& talker(std::size_t i) { return talkers_[i]; }
  const std::optional<RingBroken>& broken() const { return broken_; }
  bool done() const { return done_; }

  // One random step of somebody. False if it couldn't do anything.
  bool step() {
    const std::size_t i = below(talkers_.size());
    const std::uint64_t which = below(3);
    const bool moved = which == 0 ? say(i) : which == 1 ? hear(i) : host(i);
    for (std::size_t seat = 1; seat <= talkers_.size(); ++seat) {
      EXPECT_LE(ring_.held(seat), wire::kWindow);
    }
    return moved;
  }

  // Until nobody can do anything.
  void play() {
    for (int idle = 0; idle < 200 * static_cast<int>(talkers_.size());)
      idle = step() ? 0 : idle + 1;
  }

  void pass(Duration duration) {
    for (const Instant end = now_ + duration; now_ < end && !broken_;) {
      now_ += 250ms;
      carry_out(ring_.tick(now_), {});
    }
  }

 private:
  // A talker says its next.
  bool say(std::size_t i) {
    Talker& t = talkers_[i];
    if (t.gone || t.frozen || t.out.ended()) return false;
    Said said{InputEnd{}, t.sent};
    if (t.out.in_message() && t.left == 0) {
      said.what = End{};
    } else if (t.out.in_message()) {
      if (t.out.credit() <= wire::kFrameCost) return false;
      const std::uint64_t most = std::min(
          {t.left, t.out.credit() - wire::kFrameCost, std::uint64_t{wire::kMaxPieceBytes}});
      said.what = Piece{1 + below(most)};
    } else if (!t.messages.empty()) {
      said.what =
          Begin{below(2) == 0 ? std::optional<std::uint64_t>(t.messages.front()) : std::nullopt};
    }
    const Item item = *item_in(said);
    if (t.out.credit() < cost_of(item)) return false;
    EXPECT_FALSE(t.out.take(item));
    if (const auto* piece = std::get_if<Piece>(&item)) {
      t.left -= piece->bytes;
      t.sent += piece->bytes;
    } else if (std::holds_alternative<Begin>(item)) {
      t.left = t.messages.front();
      t.sizes_sent.push_back(t.left);
      t.messages.pop_front();
    }
    t.up.push_back(said);
    return true;
  }

  // A talker takes what came for it, writes it out and gives back as late as it may.
  bool hear(std::size_t i) {
    Talker& t = talkers_[i];
    if (t.gone || t.frozen || t.down.empty()) return false;
    const Said said = t.down.front();
    t.down.pop_front();
    if (const auto* credit = std::get_if<CreditBack>(&said.what)) {
      EXPECT_FALSE(t.out.give_back(credit->bytes));
    } else {
      const Item item = *item_in(said);
      EXPECT_FALSE(t.in.take(item));
      if (const auto* piece = std::get_if<Piece>(&item)) {
        EXPECT_EQ(said.at, t.got);
        t.got += piece->bytes;
        t.sizes_got.back() += piece->bytes;
      } else if (std::holds_alternative<Begin>(item)) {
        t.sizes_got.push_back(0);
      }
      t.withheld += cost_of(item);
      if (!t.in.in_message() || t.withheld >= kMostWithheld) {
        EXPECT_FALSE(t.in.give_back(t.withheld));
        t.up.push_back({CreditBack{std::exchange(t.withheld, 0)}, 0});
      }
    }
    return true;
  }

  // The host takes what a talker said, or sees that it has gone.
  bool host(std::size_t i) {
    Talker& t = talkers_[i];
    if (t.up.empty()) {
      if (t.gone || t.frozen || !t.out.ended() || !t.in.ended() || t.in.held() > 0 ||
          t.out.held() > 0) {
        return false;
      }
      t.gone = true;
      carry_out(ring_.leave(i, Leaving::finished, "", now_), {});
      return true;
    }
    const Said said = t.up.front();
    t.up.pop_front();
    if (const auto* credit = std::get_if<CreditBack>(&said.what)) {
      carry_out(ring_.give_back(i, credit->bytes, now_), said);
    } else {
      carry_out(ring_.take(i, *item_in(said), now_), said);
    }
    return true;
  }

  void carry_out(const RingActions& actions, const Said& said) {
    for (const RingAction& action : actions) {
      EXPECT_FALSE(broken_ || done_);
      if (const auto* forward = std::get_if<Forward>(&action)) {
        talkers_[forward->to].down.push_back(said);
      } else if (const auto* broken = std::get_if<RingBroken>(&action)) {
        broken_ = *broken;
      } else {
        EXPECT_TRUE(std::holds_alternative<RingDone>(action));
        done_ = true;
      }
    }
  }

  std::mt19937_64 random_;
  std::vector<Talker> talkers_;
  StreamingRing ring_;
  Instant now_{};
  std::optional<RingBroken> broken_;
  bool done_ = false;
};

TEST(StreamingRingAtRandom, brings_everything_in_order) {
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    const std::size_t n = 1 + seed % 6;
    Play play(seed, n);
    play.play();
    ASSERT_TRUE(play.done()) << seed;
    for (std::size_t i = 0; i < n; ++i) {
      const Talker& before = play.talker((i + n - 1) % n);
      EXPECT_EQ(play.talker(i).got, before.sent) << seed;
      EXPECT_EQ(play.talker(i).sizes_got, before.sizes_sent) << seed;
    }
  }
}

TEST(StreamingRingAtRandom, is_broken_once_by_who_leaves) {
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    const std::size_t n = 2 + seed % 5;
    Play play(seed, n);
    for (std::uint64_t steps = play.below(300); steps > 0; --steps) play.step();
    const std::size_t leaver = play.below(n);
    if (play.talker(leaver).gone) continue;
    const RingActions actions = play.ring().leave(leaver, Leaving::early, "gone", {});
    ASSERT_EQ(actions.size(), 1U) << seed;
    EXPECT_EQ(std::get<RingBroken>(actions.front()).seat, leaver + 1);
    play.talker(leaver).gone = true;
    play.play();  // nobody gets anything any more
    EXPECT_FALSE(play.broken() || play.done());
  }
}

TEST(StreamingRingAtRandom, blames_who_freezes_and_nobody_else) {
  int blamed = 0;
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    const std::size_t n = 2 + seed % 5;
    Play play(seed, n);
    for (std::uint64_t steps = play.below(1000); steps > 0; --steps) play.step();
    const std::size_t frozen = play.below(n);
    play.talker(frozen).frozen = true;
    play.play();
    play.pass(11min);
    if (!play.broken()) {
      EXPECT_TRUE(play.talker(frozen).gone || play.done()) << seed;
      continue;
    }
    ++blamed;
    EXPECT_EQ(play.broken()->seat, frozen + 1) << seed << ": " << play.broken()->text;
  }
  EXPECT_GT(blamed, 50);
}

}  // namespace
}  // namespace oche::talk

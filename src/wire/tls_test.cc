#include "wire/tls.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

namespace oche::wire {
namespace {

using ::testing::HasSubstr;

// Both ends of a session, and the bytes between them.
struct Pair {
  explicit Pair(const Key& dialled, std::vector<Key> known)
      : dialler(Tls::dial(dialled)),
        listener(Tls::accept([known = std::move(known)](std::string_view identity) {
          std::optional<Key> found;
          for (const Key& key : known) {
            if (identity_text(key.id) == identity) found = key;
          }
          return found;
        })) {}

  // Until neither has anything to say.
  void run() {
    for (;;) {
      const std::string there = dialler.take_output();
      const std::string back = listener.take_output();
      if (there.empty() && back.empty()) return;
      listener.receive(there, [&](std::string_view plain) { at_listener += plain; });
      dialler.receive(back, [&](std::string_view plain) { at_dialler += plain; });
    }
  }

  Tls dialler, listener;
  std::string at_listener, at_dialler;
};

std::string bytes(std::size_t n) {
  std::mt19937 random(1);
  std::string text(n, '\0');
  for (char& c : text) c = static_cast<char>(random());
  return text;
}

const Key& lab() {
  static const Key key = make_key(KeyRole::work, "lab");
  return key;
}

TEST(Tls, opens_between_two_that_have_the_key) {
  Pair pair(lab(), {make_key(KeyRole::work, "other"), lab()});
  pair.run();
  ASSERT_TRUE(pair.dialler.open());
  ASSERT_TRUE(pair.listener.open());
  ASSERT_NE(pair.listener.key(), nullptr);
  EXPECT_EQ(*pair.listener.key(), lab());
}

TEST(Tls, carries_bytes_both_ways) {
  Pair pair(lab(), {lab()});
  pair.run();
  const std::string large = bytes(1'000'000);
  pair.dialler.send(large);
  pair.listener.send("short");
  pair.run();
  EXPECT_EQ(pair.at_listener, large);
  EXPECT_EQ(pair.at_dialler, "short");
}

TEST(Tls, may_be_cut_anywhere) {
  Pair pair(lab(), {lab()});
  const auto step = [](Tls& from, Tls& to, std::string& plain) {
    for (const char c : from.take_output()) {
      to.receive({&c, 1}, [&](std::string_view more) { plain += more; });
    }
  };
  for (int i = 0; i < 4; ++i) {
    step(pair.dialler, pair.listener, pair.at_listener);
    step(pair.listener, pair.dialler, pair.at_dialler);
  }
  ASSERT_TRUE(pair.listener.open());
  pair.dialler.send("hello");
  step(pair.dialler, pair.listener, pair.at_listener);
  EXPECT_EQ(pair.at_listener, "hello");
}

TEST(Tls, hides_what_it_carries) {
  Pair pair(lab(), {lab()});
  pair.run();
  pair.dialler.send("the secret of the lab");
  EXPECT_THAT(pair.dialler.take_output(), ::testing::Not(HasSubstr("secret")));
}

// The two ends' words for a handshake that fails.
std::pair<std::string, std::string> failures(const Key& dialled, std::vector<Key> known) {
  Pair pair(dialled, std::move(known));
  pair.run();
  EXPECT_FALSE(pair.dialler.open());
  EXPECT_FALSE(pair.listener.open());
  EXPECT_TRUE(pair.dialler.problem() && pair.listener.problem());
  if (!pair.dialler.problem() || !pair.listener.problem()) return {};
  EXPECT_EQ(pair.dialler.problem()->fault, TlsFault::wrong_key);
  EXPECT_EQ(pair.listener.problem()->fault, TlsFault::wrong_key);
  EXPECT_EQ(pair.at_listener, "");
  return {pair.dialler.problem()->text, pair.listener.problem()->text};
}

TEST(Tls, is_refused_with_another_secret_just_as_with_another_name) {
  Key wrong = lab();
  wrong.secret[31] ^= 1;
  const auto of_secret = failures(wrong, {lab()});
  const auto of_name = failures(make_key(KeyRole::work, "lab"), {});
  EXPECT_THAT(of_secret.first, HasSubstr("doesn't take the key 'oche1.work.lab'"));
  EXPECT_EQ(of_secret, of_name) << "or one could ask which names there are";
}

TEST(Tls, binds_the_role_into_the_proof) {
  Key other_role = lab();
  other_role.id.role = KeyRole::estimate;
  failures(other_role, {lab()});
}

TEST(Tls, is_not_taken_in_by_its_own_reflection) {
  Tls dialler = Tls::dial(lab());
  for (int i = 0; i < 4 && !dialler.problem(); ++i) {
    dialler.receive(dialler.take_output(), [](std::string_view) {});
  }
  EXPECT_TRUE(dialler.problem());
  EXPECT_FALSE(dialler.open());
}

TEST(Tls, does_not_take_a_first_flight_again) {
  Pair pair(lab(), {lab()});
  const std::string hello = pair.dialler.take_output();
  pair.listener.receive(hello, [](std::string_view) {});
  const std::string answer = pair.listener.take_output();
  pair.dialler.receive(answer, [](std::string_view) {});
  const std::string finished = pair.dialler.take_output();

  // The same bytes at another session of the listener: it answers with keys of its own, which the
  // recorded end of the handshake doesn't fit.
  Pair again(lab(), {lab()});
  again.listener.receive(hello, [](std::string_view) {});
  EXPECT_NE(again.listener.take_output(), answer);
  again.listener.receive(finished, [&](std::string_view plain) { again.at_listener += plain; });
  EXPECT_FALSE(again.listener.open());
  EXPECT_TRUE(again.listener.problem());
}

TEST(Tls, ends_when_a_bit_is_changed_on_the_way) {
  for (std::size_t at = 5; at < 40; ++at) {
    Pair pair(lab(), {lab()});
    pair.run();
    pair.dialler.send("a message that is long enough");
    std::string changed = pair.dialler.take_output();
    ASSERT_LT(at, changed.size());
    changed[at] ^= 1;
    pair.listener.receive(changed, [&](std::string_view plain) { pair.at_listener += plain; });
    ASSERT_TRUE(pair.listener.problem()) << at;
    EXPECT_EQ(pair.listener.problem()->fault, TlsFault::broken);
    EXPECT_EQ(pair.at_listener, "");
  }
}

TEST(Tls, does_not_take_records_twice) {
  Pair pair(lab(), {lab()});
  pair.run();
  pair.dialler.send("once");
  const std::string record = pair.dialler.take_output();
  const auto take = [&](std::string_view plain) { pair.at_listener += plain; };
  pair.listener.receive(record, take);
  pair.listener.receive(record, take);
  EXPECT_EQ(pair.at_listener, "once");
  EXPECT_TRUE(pair.listener.problem());
}

TEST(Tls, survives_noise) {
  std::mt19937 random(7);
  for (int i = 0; i < 300; ++i) {
    Tls listener = Tls::accept([](std::string_view) { return std::optional<Key>(lab()); });
    std::string noise = Tls::dial(lab()).take_output();
    for (int n = 0; n < 4; ++n) noise[random() % noise.size()] = static_cast<char>(random());
    listener.receive(noise, [](std::string_view) { FAIL(); });
    EXPECT_FALSE(listener.open());
  }
}

TEST(Opening, is_a_whole_record_of_ours) {
  const std::string hello =
      Tls::dial(make_key(KeyRole::estimate, std::string(32, 'n'))).take_output();
  ASSERT_LE(hello.size(), kMaxOpeningBytes);
  for (std::size_t n = 0; n < hello.size(); ++n) {
    EXPECT_EQ(judge_opening(hello.substr(0, n)), Opening::more) << n;
  }
  EXPECT_EQ(judge_opening(hello), Opening::hello);
  EXPECT_EQ(judge_opening(hello + "more"), Opening::hello);
}

TEST(Opening, knows_other_languages_by_their_first_bytes) {
  EXPECT_EQ(judge_opening("G"), Opening::other);
  EXPECT_EQ(judge_opening("GET / HTTP/1.1"), Opening::other);
  EXPECT_EQ(judge_opening("SSH-2.0"), Opening::other);
  EXPECT_EQ(judge_opening(std::string("\x16\x02", 2)), Opening::other);
  // A record of another length than any of ours.
  EXPECT_EQ(judge_opening(std::string("\x16\x03\x01\x40\x00", 5)), Opening::other);
}

}  // namespace
}  // namespace oche::wire

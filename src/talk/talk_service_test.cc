// Rings by name on one service, over real connections: talkers are join_ring()s on threads.
#include "talk/talk_service.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdio>
#include <future>
#include <memory>

#include "oche/error.h"
#include "talk/talker.h"
#include "wire/listener.h"
#include "wire/testing.h"

namespace oche::talk {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;

struct RingEnd {
  std::string ring;
  std::optional<std::string> failure;
};

// A host with one listener for the service, as the exchange has it.
class Host {
 public:
  explicit Host(const TalkLimits& limits = {}) {
    thread_.call([&] {
      service_ =
          std::make_unique<TalkService>(thread_.loop(), limits, lines_of([](std::string_view) {}));
      service_->on_ring_end = [this](const std::string& ring,
                                     const std::optional<std::string>& failure) {
        ends_.put({ring, failure});
      };
      wire::ListenTerms terms;
      terms.services = {wire::Service::talk};
      wire::ListenCallbacks callbacks;
      callbacks.on_open = [this](std::shared_ptr<wire::Connection> connection) {
        service_->take(std::move(connection));
        taken_.put(0);
      };
      listener_ = std::make_unique<wire::Listener>(thread_.loop(), wire::Address{"127.0.0.1", 0},
                                                   std::move(terms), std::move(callbacks));
    });
  }
  ~Host() {
    thread_.call([this] {
      listener_.reset();
      service_.reset();
    });
  }
  RingEnd end() { return ends_.take(); }
  std::size_t rings() {
    return thread_.call([this] { return service_->rings(); });
  }
  void close_all() {
    thread_.call([this] { service_->close_all(wire::GoodbyeReason::stopping, "the host stops"); });
  }
  void wait_for_a_talker() { taken_.take(); }

  // What a talker that says `text` gets, or the error.
  std::future<std::string> talk(TalkerOptions options, const std::string& text) {
    options.host = {"127.0.0.1", listener_->port()};
    return std::async(std::launch::async, [options, text]() -> std::string {
      std::FILE* const file = std::tmpfile();
      std::string got;
      try {
        join_ring(options, {text, 0, Cut::whole}, {fileno(file), false}, [](std::string_view) {});
        got.resize(static_cast<std::size_t>(::lseek(fileno(file), 0, SEEK_END)));
        EXPECT_EQ(::pread(fileno(file), got.data(), got.size(), 0),
                  static_cast<ssize_t>(got.size()));
      } catch (const Error& error) {
        got = error.what();
      }
      std::fclose(file);
      return got;
    });
  }

 private:
  wire::testing::Mailbox<RingEnd> ends_;
  wire::testing::Mailbox<int> taken_;
  wire::testing::LoopThread thread_;
  std::unique_ptr<TalkService> service_;
  std::unique_ptr<wire::Listener> listener_;
};

TalkerOptions in(const std::string& ring, std::uint32_t of, std::uint32_t as = 0) {
  TalkerOptions options;
  options.ring = ring;
  options.of = of;
  options.as = as;
  return options;
}

TEST(TalkService, hosts_rings_by_name_at_once) {
  Host host;
  auto a1 = host.talk(in("a", 2, 1), "a1");
  auto b1 = host.talk(in("b", 3, 1), "b1");
  auto b3 = host.talk(in("b", 3, 3), "b3");
  auto b2 = host.talk(in("b", 3, 2), "b2");
  auto a2 = host.talk(in("a", 2, 2), std::string(300'000, 'a'));
  EXPECT_EQ(a1.get(), std::string(300'000, 'a'));
  EXPECT_EQ(a2.get(), "a1");
  EXPECT_EQ(b1.get(), "b3");
  EXPECT_EQ(b2.get(), "b1");
  EXPECT_EQ(b3.get(), "b2");
  EXPECT_FALSE(host.end().failure);
  EXPECT_FALSE(host.end().failure);
  EXPECT_EQ(host.rings(), 0U);
}

TEST(TalkService, makes_a_ring_of_the_same_name_again) {
  Host host;
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(host.talk(in("a", 1), "echo").get(), "echo");
    EXPECT_EQ(host.end().ring, "a");
  }
}

TEST(TalkService, says_what_is_wrong_with_a_join) {
  TalkLimits limits;
  limits.rings = 1;
  limits.talkers = 5;
  Host host(limits);
  EXPECT_THAT(host.talk(in("a", 0), "").get(), HasSubstr("nobody has made that ring yet"));
  EXPECT_THAT(host.talk(in("a", 6), "").get(), HasSubstr("at most 5 talkers"));
  EXPECT_THAT(host.talk(in("a\x07", 2), "").get(), HasSubstr("a ring's name"));
  EXPECT_THAT(host.talk(in(std::string(65, 'a'), 2), "").get(), HasSubstr("at most 64 bytes"));
  EXPECT_THAT(host.talk(in("a", 2, 3), "").get(), HasSubstr("no such number"));
  EXPECT_EQ(host.rings(), 0U);  // one that nobody sits in is none
  auto first = host.talk(in("a", 2), "first");
  for (int i = 0; i < 6; ++i) host.wait_for_a_talker();
  while (host.rings() == 0) std::this_thread::yield();
  EXPECT_THAT(host.talk(in("b", 2), "").get(), HasSubstr("1 rings already"));
  EXPECT_THAT(host.talk(in("a", 3), "").get(), HasSubstr("a ring of 2"));
  EXPECT_EQ(host.talk(in("a", 0), "second").get(), "first");
  EXPECT_EQ(first.get(), "second");
}

TEST(TalkService, says_goodbye_to_all) {
  Host host;
  auto first = host.talk(in("a", 2), "first");
  host.wait_for_a_talker();
  host.close_all();
  EXPECT_THAT(first.get(), HasSubstr("the host stops"));
  EXPECT_EQ(host.rings(), 0U);
}

TEST(TalkService, tells_a_limit_of_the_message_and_who_broke_it) {
  TalkLimits limits;
  limits.messages.message_bytes = 5;
  Host host(limits);
  TalkerOptions options = in("a", 2, 2);
  options.name = "windbag";
  auto other = host.talk(in("a", 2, 1), "12345");
  EXPECT_THAT(host.talk(options, "123456").get(), HasSubstr("too long (the limit there is 5"));
  EXPECT_THAT(other.get(), HasSubstr("its second talker, windbag, left ("));
  EXPECT_THAT(host.end().failure.value(), HasSubstr("second talker, windbag"));
}

}  // namespace
}  // namespace oche::talk

// Listener against strangers, limits and shortages, over real sockets of this computer.
#include "wire/listener.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <functional>
#include <memory>
#include <vector>

#include "oche/error.h"
#include "wire/dial.h"
#include "wire/testing.h"

namespace oche::wire {
namespace {

using namespace std::chrono_literals;
using namespace std::string_literals;
using ::testing::HasSubstr;
using testing::LoopThread;
using testing::Mailbox;
using testing::RawClient;

std::string hello(std::uint32_t numerics = 3) {
  DialTerms terms;
  terms.numerics = numerics;
  terms.name = "raw";
  return encode(make_hello(terms));
}

ListenTerms listen_terms() {
  ListenTerms terms;
  terms.services = {Service::work};
  terms.numerics = 3;
  return terms;
}

// The next frame of a raw client.
std::optional<Frame> read_frame(RawClient& client) {
  FrameDecoder decoder(kMaxFrame);
  while (!decoder.problem()) {
    const std::string byte = client.receive(1);
    if (byte.empty()) return std::nullopt;
    decoder.feed(byte);
    if (auto frame = decoder.next()) return frame;
  }
  return std::nullopt;
}

struct Host {
  explicit Host(ListenTerms terms = listen_terms(), ListenLimits limits = {}) {
    thread.call([&] {
      ListenCallbacks callbacks;
      callbacks.on_open = [this](std::shared_ptr<Connection> connection) {
        connection->on_message = [this](Message&& message) { messages.put(std::move(message)); };
        connection->on_closed = [this](const Closed& why) { closed.put(why); };
        opened.put(std::move(connection));
      };
      callbacks.on_failed = [this](const std::string& remote, const Closed& why) {
        EXPECT_THAT(remote, HasSubstr("127.0.0.1:"));
        failed.put(why);
      };
      callbacks.on_trouble = [this](const std::string& text) { trouble.put(text); };
      listener = std::make_unique<Listener>(thread.loop(), Address{"127.0.0.1", 0},
                                            std::move(terms), std::move(callbacks), limits);
    });
  }
  ~Host() {
    thread.call([this] { listener.reset(); });
  }
  std::uint16_t port() const { return listener->port(); }

  // Before the loop, which puts things there to its end.
  Mailbox<std::shared_ptr<Connection>> opened;
  Mailbox<Message> messages;
  Mailbox<Closed> closed;
  Mailbox<Closed> failed;
  Mailbox<std::string> trouble;
  LoopThread thread;
  std::unique_ptr<Listener> listener;
};

Error listen_error(const Address& address) {
  Loop loop;
  try {
    const Listener listener(loop, address, listen_terms(), {});
  } catch (const Error& error) {
    return error;
  }
  ADD_FAILURE() << "listens at " << to_string(address);
  return Error(ErrorKind::file, "");
}

TEST(Listener, names_its_real_port) {
  const Host host;
  EXPECT_GT(host.port(), 0);
  EXPECT_EQ(host.listener->endpoint(), "127.0.0.1:" + std::to_string(host.port()));
}

// Whether this machine has the IPv6 loopback address at all; some containers don't.
bool has_ipv6_loopback() {
  const int fd = ::socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in6 at{};
  at.sin6_family = AF_INET6;
  at.sin6_addr = in6addr_loopback;
  const bool has = fd >= 0 && ::bind(fd, reinterpret_cast<const sockaddr*>(&at), sizeof at) == 0;
  if (fd >= 0) ::close(fd);
  return has;
}

TEST(Listener, listens_at_the_ipv6_loopback_address_or_says_why_not) {
  if (!has_ipv6_loopback()) {
    EXPECT_THAT(listen_error({"::1", 0}).what(), HasSubstr("port 0 on ::1 can't be had ("));
    return;
  }
  LoopThread thread;
  Mailbox<std::string> opened;
  auto listener = thread.call([&] {
    return std::make_unique<Listener>(thread.loop(), Address{"::1", 0}, listen_terms(),
                                      ListenCallbacks{});
  });
  EXPECT_EQ(listener->endpoint(), "[::1]:" + std::to_string(listener->port()));
  thread.call([&] {
    DialCallbacks callbacks;
    callbacks.on_open = [&](const std::shared_ptr<Connection>& connection) {
      opened.put(connection->remote());
    };
    DialTerms terms;
    terms.numerics = 3;
    dial(thread.loop(), {"::1", listener->port()}, terms, 30s, std::move(callbacks));
  });
  EXPECT_EQ(opened.take(), listener->endpoint());
  thread.call([&] { listener.reset(); });
}

TEST(Listener, says_that_a_port_is_in_use) {
  const Host host;
  const Error error = listen_error({"127.0.0.1", host.port()});
  EXPECT_EQ(error.kind(), ErrorKind::network);
  EXPECT_EQ(error.what(), "port " + std::to_string(host.port()) +
                              " on 127.0.0.1 is in use (another program listens there); choose "
                              "another with --listen ADDR:PORT");
}

TEST(Listener, listens_at_numeric_addresses_of_this_computer_only) {
  // RFC 5737: an address for documentation, nobody's.
  const Error error = listen_error({"192.0.2.1", 0});
  EXPECT_EQ(error.kind(), ErrorKind::network);
  EXPECT_THAT(error.what(), HasSubstr("port 0 on 192.0.2.1 can't be had ("));
  EXPECT_THAT(listen_error({"lab7", 0}).what(), HasSubstr("isn't a numeric address"));
}

TEST(Listener, refuses_or_hangs_up_on_whatever_is_not_a_hello_and_serves_the_next) {
  Host host;
  struct Case {
    std::string bytes;
    CloseReason reason;
    bool answered;
  };
  for (const Case& c :
       {Case{"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n", CloseReason::stranger, false},
        Case{"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"s, CloseReason::stranger, false},
        Case{"\xff\xff\xff\xff\x01"s, CloseReason::frame_too_long, true},
        Case{"\x02\x00\x00\x00\xee!"s, CloseReason::unknown_frame, true},
        Case{encode_frame(FrameType::hello, "\xff\xff"), CloseReason::malformed_message, true},
        Case{"\x01\x10\x00\x00\x01"s + std::string(5000, 'h'), CloseReason::frame_too_long, true},
        Case{hello(4), CloseReason::refused_here, true}}) {
    RawClient client(host.port());
    client.send(c.bytes);
    const std::optional<Frame> answer = read_frame(client);
    EXPECT_EQ(answer.has_value(), c.answered) << to_string(c.reason);
    if (answer) {
      EXPECT_EQ(answer->type, FrameType::refusal);
    }
    client.close();
    EXPECT_EQ(to_string(host.failed.take().reason), to_string(c.reason));
  }
  RawClient good(host.port());
  good.send(hello());
  EXPECT_EQ(read_frame(good).value().type, FrameType::welcome);
}

TEST(Listener, reports_a_handshake_that_is_cut) {
  Host host;
  RawClient half(host.port());
  half.send(hello().substr(0, 9));
  half.close();
  const Closed cut = host.failed.take();
  EXPECT_EQ(cut.reason, CloseReason::peer_gone);
  EXPECT_THAT(cut.text, HasSubstr("in the middle of a frame"));
  RawClient rude(host.port());
  rude.send(hello().substr(0, 9));
  rude.reset();
  EXPECT_EQ(host.failed.take().reason, CloseReason::peer_gone);
}

TEST(Listener, answers_a_refused_peer_that_has_ended_its_writing) {
  Host host;
  RawClient client(host.port());
  client.send(hello(99));
  client.end_writing();
  EXPECT_EQ(read_frame(client).value().type, FrameType::refusal);
  EXPECT_EQ(client.receive_all(), "");
}

TEST(Listener, sends_all_to_a_peer_that_has_ended_its_writing_after_the_goodbye) {
  Host host;
  RawClient client(host.port());
  client.send(hello());
  EXPECT_EQ(read_frame(client).value().type, FrameType::welcome);
  const std::shared_ptr<Connection> connection = host.opened.take();
  // More than the system's buffers take, so that most of it waits while the client ends its
  // writing.
  constexpr int kJobs = 32;
  Job job;
  job.set_canonical(std::string(kMaxFrame - 64, 'j'));
  host.thread.call([&] {
    for (int i = 0; i < kJobs; ++i) EXPECT_EQ(connection->send(job), SendResult::queued);
    connection->close(GoodbyeReason::finished, "done");
  });
  client.end_writing();
  host.thread.call([] {});
  host.thread.call([] {});
  const std::string bytes = client.receive_all();
  FrameDecoder decoder(kMaxFrame);
  decoder.feed(bytes);
  for (int i = 0; i < kJobs; ++i) EXPECT_EQ(decoder.next().value().type, FrameType::job);
  EXPECT_EQ(decoder.next().value().type, FrameType::goodbye);
  EXPECT_EQ(host.closed.take().reason, CloseReason::closed_here);
}

TEST(Listener, tells_a_worker_that_sends_garbage_and_keeps_the_others) {
  Host host;
  RawClient good(host.port());
  good.send(hello());
  host.opened.take();
  EXPECT_EQ(read_frame(good).value().type, FrameType::welcome);
  for (const auto& [bytes, reason] : std::vector<std::pair<std::string, CloseReason>>{
           {"\xff\xff\xff\xff\x14"s, CloseReason::frame_too_long},
           {encode_frame(FrameType::result, "\xff\xff"), CloseReason::malformed_message},
           {encode_frame(FrameType::lease, ""), CloseReason::wrong_frame}}) {
    RawClient bad(host.port());
    bad.send(hello() + bytes);
    EXPECT_EQ(read_frame(bad).value().type, FrameType::welcome);
    EXPECT_EQ(read_frame(bad).value().type, FrameType::goodbye);
    EXPECT_EQ(bad.receive_all(), "");
    bad.close();
    EXPECT_EQ(to_string(host.closed.take().reason), to_string(reason));
    host.opened.take();
  }
  good.send(encode(Message(Result{})).value());
  EXPECT_TRUE(std::holds_alternative<Result>(host.messages.take()));
}

TEST(Listener, pushes_out_the_oldest_of_too_many_that_say_nothing) {
  ListenLimits limits;
  limits.silent_connections = 2;
  Host host(listen_terms(), limits);
  std::vector<std::unique_ptr<RawClient>> idle;
  // The third makes the first go; only then comes the fourth, so that the order is sure.
  for (int i = 0; i < 3; ++i) idle.push_back(std::make_unique<RawClient>(host.port()));
  EXPECT_EQ(idle[0]->receive_all(), "");
  const Closed first = host.failed.take();
  EXPECT_EQ(first.reason, CloseReason::crowded_out);
  RawClient good(host.port());
  good.send(hello());
  EXPECT_EQ(read_frame(good).value().type, FrameType::welcome);
  EXPECT_EQ(host.failed.take().reason, CloseReason::crowded_out);
  idle[2]->send(hello());
  EXPECT_EQ(read_frame(*idle[2]).value().type, FrameType::welcome);
}

TEST(Listener, refuses_more_than_its_sessions_and_has_room_again_after_one_ends) {
  ListenLimits limits;
  limits.sessions = 1;
  Host host(listen_terms(), limits);
  RawClient first(host.port());
  first.send(hello());
  EXPECT_EQ(read_frame(first).value().type, FrameType::welcome);
  {
    RawClient second(host.port());
    second.send(hello());
    const Frame answer = read_frame(second).value();
    EXPECT_EQ(answer.type, FrameType::refusal);
    Refusal refusal;
    ASSERT_TRUE(refusal.ParseFromString(answer.payload));
    EXPECT_EQ(refusal.reason(), Refusal::FULL);
  }
  EXPECT_EQ(host.failed.take().refusal, RefusalReason::full);
  first.close();
  EXPECT_EQ(host.closed.take().reason, CloseReason::peer_gone);
  RawClient third(host.port());
  third.send(hello());
  EXPECT_EQ(read_frame(third).value().type, FrameType::welcome);
}

TEST(Listener, loses_a_peer_that_goes_silent_and_heartbeats_until_then) {
  ListenTerms terms = listen_terms();
  terms.heartbeat = 50ms;
  Host host(std::move(terms));
  RawClient silent(host.port());
  silent.send(hello());
  EXPECT_EQ(read_frame(silent).value().type, FrameType::welcome);
  EXPECT_EQ(read_frame(silent).value().type, FrameType::heartbeat);
  EXPECT_EQ(host.closed.take().reason, CloseReason::lost);
}

TEST(Listener, says_goodbye_to_all_and_tells_when_they_are_gone) {
  Host host;
  Mailbox<Closed> ended;
  LoopThread diallers;
  diallers.call([&] {
    for (int i = 0; i < 5; ++i) {
      DialCallbacks callbacks;
      callbacks.on_open = [&ended](const std::shared_ptr<Connection>& connection) {
        connection->on_closed = [&ended](const Closed& why) { ended.put(why); };
      };
      DialTerms terms;
      terms.numerics = 3;
      dial(diallers.loop(), {"127.0.0.1", host.port()}, terms, 30s, std::move(callbacks));
    }
  });
  for (int i = 0; i < 5; ++i) host.opened.take();
  Mailbox<std::size_t> done;
  host.thread.call([&] {
    host.listener->close_all(GoodbyeReason::finished, "done",
                             [&] { done.put(host.listener->sessions()); });
  });
  EXPECT_EQ(done.take(), 0U);
  for (int i = 0; i < 5; ++i) {
    EXPECT_EQ(host.closed.take().reason, CloseReason::closed_here);
    EXPECT_EQ(ended.take().goodbye, GoodbyeReason::finished);
  }
}

TEST(Listener, tells_whoever_is_about_to_shake_hands_that_all_is_done) {
  Host host;
  RawClient early(host.port());
  RawClient late;
  Mailbox<bool> done;
  host.thread.call([&] {
    // Its connection is with the system only, for this is the loop's thread.
    late.connect(host.port());
    host.listener->close_all(GoodbyeReason::finished, "all is done", [&] { done.put(true); });
  });
  for (RawClient* client : {&early, &late}) {
    client->send(hello());
    const Frame answer = read_frame(*client).value();
    EXPECT_EQ(answer.type, FrameType::refusal);
    Refusal refusal;
    ASSERT_TRUE(refusal.ParseFromString(answer.payload));
    EXPECT_EQ(refusal.reason(), Refusal::FINISHED);
    client->close();
    EXPECT_EQ(host.failed.take().reason, CloseReason::closed_here);
  }
  EXPECT_TRUE(done.take());
}

TEST(Listener, without_sessions_is_done_closing_them) {
  Host host;
  Mailbox<bool> done;
  host.thread.call(
      [&] { host.listener->close_all(GoodbyeReason::finished, "done", [&] { done.put(true); }); });
  EXPECT_TRUE(done.take());
}

// Takes all descriptors of the process for a while.
class Shortage {
 public:
  Shortage() {
    ::getrlimit(RLIMIT_NOFILE, &before_);
    // The lowest free descriptor would be the next; none may be as high as that.
    const int next = ::fcntl(0, F_DUPFD_CLOEXEC, 3);
    ::close(next);
    rlimit now = before_;
    now.rlim_cur = static_cast<rlim_t>(next);
    ::setrlimit(RLIMIT_NOFILE, &now);
  }
  ~Shortage() { ::setrlimit(RLIMIT_NOFILE, &before_); }
  Shortage(const Shortage&) = delete;
  Shortage& operator=(const Shortage&) = delete;

 private:
  rlimit before_{};
};

TEST(Listener, lets_the_oldest_handshake_go_when_descriptors_are_short) {
  Host host;
  RawClient idle(host.port());
  RawClient idle_too(host.port());
  while (host.thread.call([&] { return host.listener->pending_handshakes(); }) < 2) {
  }
  RawClient client;  // has its descriptor already
  const Shortage shortage;
  client.connect(host.port());
  EXPECT_EQ(host.failed.take().reason, CloseReason::crowded_out);
  EXPECT_EQ(idle.receive_all(), "");
  client.send(hello());
  EXPECT_EQ(read_frame(client).value().type, FrameType::welcome);
  EXPECT_TRUE(host.trouble.empty());
}

TEST(Listener, takes_no_more_sessions_than_the_process_may_have_descriptors_for) {
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &before), 0);
  rlimit low = before;
  low.rlim_cur = kReservedDescriptors + 1;
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &low), 0);
  Host host;
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &before), 0);
  RawClient first(host.port());
  first.send(hello());
  EXPECT_EQ(read_frame(first).value().type, FrameType::welcome);
  RawClient second(host.port());
  second.send(hello());
  EXPECT_EQ(read_frame(second).value().type, FrameType::refusal);
  EXPECT_EQ(host.failed.take().refusal, RefusalReason::full);
}

TEST(Listener, survives_a_shortage_of_descriptors_and_accepts_after_it) {
  Host host;
  RawClient client;  // has its descriptor already
  {
    const Shortage shortage;
    client.connect(host.port());  // the system queues it; accept() can't have a descriptor
    EXPECT_THAT(host.trouble.take(), HasSubstr("Too many open files"));
  }
  client.send(hello());
  EXPECT_EQ(read_frame(client).value().type, FrameType::welcome);
  EXPECT_TRUE(host.trouble.empty());
}

}  // namespace
}  // namespace oche::wire

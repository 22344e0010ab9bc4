// Loop, dial() and Connection over real sockets of this computer: port 0, events instead of times.
#include "wire/connection.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <new>

#include <memory>
#include <stdexcept>
#include <thread>
#include <vector>

#include "wire/dial.h"
#include "wire/listener.h"
#include "wire/testing.h"

namespace oche::wire {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;
using testing::LoopThread;
using testing::Mailbox;
using testing::RawClient;

DialTerms dial_terms(Service service = Service::work) {
  DialTerms terms;
  terms.service = service;
  terms.numerics = 3;
  terms.name = "lab7";
  terms.slots = 2;
  return terms;
}

ListenTerms listen_terms() {
  ListenTerms terms;
  terms.services = {Service::work, Service::talk};
  terms.numerics = 3;
  return terms;
}

// One end of a session, with its events. Touched on the loop's thread, but for the mailboxes.
struct End {
  std::shared_ptr<Connection> connection;
  Mailbox<Message> messages;
  Mailbox<Closed> closed;

  void take(std::shared_ptr<Connection> opened) {
    connection = std::move(opened);
    connection->on_message = [this](Message&& message) { messages.put(std::move(message)); };
    connection->on_closed = [this](const Closed& why) { closed.put(why); };
  }
};

// A listener and one dialler, on two threads, as two programs are.
struct Line {
  Line() {
    listening.call([this] {
      ListenCallbacks callbacks;
      callbacks.on_open = [this](std::shared_ptr<Connection> connection) {
        manager.take(std::move(connection));
        manager_open.put(true);
      };
      callbacks.on_failed = [this](const std::string&, const Closed& why) { failed.put(why); };
      listener = std::make_unique<Listener>(listening.loop(), Address{"127.0.0.1", 0},
                                            listen_terms(), std::move(callbacks));
    });
  }
  ~Line() {
    dialling.call([this] {
      if (worker.connection) worker.connection->drop();
    });
    listening.call([this] { listener.reset(); });
  }
  void dial_with(DialTerms terms) {
    dialling.call([this, &terms] {
      DialCallbacks callbacks;
      callbacks.on_open = [this](std::shared_ptr<Connection> connection) {
        worker.take(std::move(connection));
        worker_open.put(true);
      };
      callbacks.on_failed = [this](const Closed& why) { worker.closed.put(why); };
      dial(dialling.loop(), {"127.0.0.1", listener->port()}, std::move(terms), 30s,
           std::move(callbacks));
    });
  }
  void open() {
    dial_with(dial_terms());
    worker_open.take();
    manager_open.take();
  }

  // Before the loops, which put things there to their end.
  Mailbox<bool> manager_open;
  Mailbox<bool> worker_open;
  Mailbox<Closed> failed;  // handshakes, as the listener saw it
  End manager;
  End worker;
  LoopThread listening;
  LoopThread dialling;
  std::unique_ptr<Listener> listener;
};

TEST(Loop, runs_posted_functions_in_order_on_its_own_thread) {
  LoopThread thread;
  std::vector<int> order;
  std::thread::id where;
  for (int i = 0; i < 100; ++i) thread.loop().post([&order, i] { order.push_back(i); });
  thread.call([&] { where = std::this_thread::get_id(); });
  ASSERT_EQ(order.size(), 100U);
  for (int i = 0; i < 100; ++i) EXPECT_EQ(order[static_cast<std::size_t>(i)], i);
  EXPECT_NE(where, std::this_thread::get_id());
}

TEST(Loop, runs_timers_in_their_order_and_no_cancelled_one) {
  Loop loop;
  std::vector<int> order;
  loop.after(30ms, [&] {
    order.push_back(3);
    loop.stop();
  });
  loop.after(1ms, [&] { order.push_back(1); });
  const Loop::TimerId cancelled = loop.after(2ms, [&] { order.push_back(2); });
  loop.cancel(cancelled);
  loop.run();
  EXPECT_EQ(order, (std::vector<int>{1, 3}));
  loop.cancel(cancelled);
}

TEST(Loop, throws_from_run_what_a_callback_threw_and_goes_on_if_run_again) {
  Loop loop;
  bool ran = false;
  loop.post([] { throw std::runtime_error("from a callback"); });
  loop.post([&] {
    ran = true;
    loop.stop();
  });
  try {
    loop.run();
    FAIL();
  } catch (const std::runtime_error& error) {
    EXPECT_STREQ(error.what(), "from a callback");
  }
  loop.run();
  EXPECT_TRUE(ran);
}

TEST(Loop, stopped_before_it_runs_returns_at_once) {
  Loop loop;
  loop.stop();
  loop.run();
  loop.post([&] { loop.stop(); });
  loop.run();
}

TEST(Connection, carries_messages_both_ways_in_order) {
  Line line;
  line.open();
  EXPECT_EQ(line.listening.call([&] { return line.manager.connection->peer().name; }), "lab7");
  line.listening.call([&] {
    for (std::uint64_t i = 0; i < 1000; ++i) {
      Lease lease;
      lease.set_lease(i);
      ASSERT_EQ(line.manager.connection->send(lease), SendResult::queued);
    }
  });
  for (std::uint64_t i = 0; i < 1000; ++i) {
    ASSERT_EQ(std::get<Lease>(line.worker.messages.take()).lease(), i);
  }
  line.dialling.call([&] {
    Result result;
    result.set_lease(9);
    line.worker.connection->send(result);
  });
  EXPECT_EQ(std::get<Result>(line.manager.messages.take()).lease(), 9U);
}

TEST(Connection, carries_the_largest_message) {
  Line line;
  line.open();
  std::string bytes(kMaxJobFrame - 64, '\0');
  for (std::size_t i = 0; i < bytes.size(); ++i)
    bytes[i] = static_cast<char>((i * 2654435761U >> 24) & 0x7F);  // text is UTF-8
  Job job;
  job.set_canonical(bytes);
  line.listening.call([&] {
    EXPECT_EQ(line.manager.connection->send(job), SendResult::queued);
    EXPECT_EQ(line.manager.connection->send(job), SendResult::queued);
  });
  EXPECT_EQ(std::get<Job>(line.worker.messages.take()).canonical(), bytes);
  EXPECT_EQ(std::get<Job>(line.worker.messages.take()).canonical(), bytes);
}

TEST(Connection, whose_message_there_is_no_memory_for_ends_and_its_loop_goes_on) {
  Line line;
  line.open();
  line.listening.call(
      [&] { line.manager.connection->on_message = [](Message&&) { throw std::bad_alloc(); }; });
  line.dialling.call([&] { line.worker.connection->send(Result()); });
  const Closed closed = line.manager.closed.take();
  EXPECT_EQ(closed.reason, CloseReason::no_memory);
  EXPECT_FALSE(closed.text.empty());
  EXPECT_EQ(line.worker.closed.take().reason, CloseReason::peer_gone);
  line.listening.call([] {});
}

TEST(Connection, tells_both_ends_of_a_goodbye_after_all_messages) {
  Line line;
  line.open();
  line.listening.call([&] {
    Job job;
    job.set_canonical(std::string(500'000, 'j'));
    for (int i = 0; i < 10; ++i) line.manager.connection->send(job);
    line.manager.connection->close(GoodbyeReason::finished, "all done");
    EXPECT_FALSE(line.manager.connection->open());
    EXPECT_EQ(line.manager.connection->send(job), SendResult::not_open);
  });
  const Closed there = line.worker.closed.take();
  EXPECT_EQ(there.reason, CloseReason::goodbye);
  EXPECT_EQ(there.goodbye, GoodbyeReason::finished);
  EXPECT_THAT(there.text, HasSubstr("all done"));
  for (int i = 0; i < 10; ++i) {
    EXPECT_EQ(std::get<Job>(line.worker.messages.take()).canonical().size(), 500'000U);
  }
  EXPECT_EQ(line.manager.closed.take().reason, CloseReason::closed_here);
  EXPECT_EQ(line.listening.call([&] { return line.listener->sessions(); }), 0U);
}

TEST(Connection, tells_both_ends_of_a_refusal) {
  Line line;
  DialTerms other = dial_terms();
  other.numerics = 41;
  line.dial_with(other);
  const Closed there = line.worker.closed.take();
  EXPECT_EQ(there.reason, CloseReason::refused_by_peer);
  EXPECT_EQ(there.refusal, RefusalReason::numerics_differ);
  EXPECT_THAT(there.text, HasSubstr(line.listener->endpoint()));
  const Closed here = line.failed.take();
  EXPECT_EQ(here.reason, CloseReason::refused_here);
  for (const Closed& closed : {here, there}) {
    EXPECT_THAT(closed.text, HasSubstr("numerics number 41"));
    EXPECT_THAT(closed.text, HasSubstr("listening end 3"));
  }
}

TEST(Connection, reports_a_peer_that_vanishes) {
  Line line;
  line.open();
  line.dialling.call([&] { line.worker.connection->drop(); });
  EXPECT_EQ(line.manager.closed.take().reason, CloseReason::peer_gone);
  EXPECT_TRUE(line.worker.closed.empty());
}

TEST(Connection, survives_writing_to_a_peer_that_is_gone) {
  // Without MSG_NOSIGNAL the second write after a reset ends the process by SIGPIPE.
  Line line;
  line.open();
  line.listening.call([&] {
    // Nothing is read meanwhile, so that only the writes meet the reset.
    line.dialling.call([&] { line.worker.connection->drop(); });
    Plan plan;
    plan.set_plan(std::string(1'000'000, 'p'));
    for (int i = 0; i < 10; ++i) line.manager.connection->send(plan);
  });
  EXPECT_EQ(line.manager.closed.take().reason, CloseReason::peer_gone);
}

TEST(Connection, may_be_closed_or_dropped_in_its_own_callbacks) {
  Line line;
  line.open();
  line.listening.call([&] {
    const std::weak_ptr<Connection> weak = line.manager.connection;
    line.manager.connection->on_message = [&, weak](Message&&) {
      line.manager.connection.reset();
      weak.lock()->drop();
      line.manager.closed.put({});
    };
  });
  line.dialling.call([&] {
    line.worker.connection->send(Result{});
    line.worker.connection->send(Result{});
  });
  line.manager.closed.take();
  EXPECT_EQ(line.worker.closed.take().reason, CloseReason::peer_gone);
  EXPECT_TRUE(line.manager.messages.empty());
}

TEST(Connection, may_outlive_its_loop_when_it_is_only_held) {
  Mailbox<bool> open;
  std::shared_ptr<Connection> kept;
  {
    LoopThread listening;
    ListenCallbacks callbacks;
    callbacks.on_open = [&](std::shared_ptr<Connection> connection) {
      kept = connection;
      // A cycle, as real callbacks make them.
      kept->on_message = [connection](Message&&) {};
      open.put(true);
    };
    auto listener = listening.call([&] {
      return std::make_unique<Listener>(listening.loop(), Address{"127.0.0.1", 0}, listen_terms(),
                                        std::move(callbacks));
    });
    LoopThread dialling;
    dialling.call(
        [&] { dial(dialling.loop(), {"127.0.0.1", listener->port()}, dial_terms(), 30s, {}); });
    open.take();
    listening.call([&] { listener.reset(); });
  }
  EXPECT_FALSE(kept->open());
  EXPECT_EQ(kept->send(Lease{}), SendResult::not_open);
}

// ---- Dialling ----

Closed dial_and_fail(const Address& address, Duration deadline = 30s) {
  Mailbox<Closed> failed;
  LoopThread thread;
  thread.call([&] {
    DialCallbacks callbacks;
    callbacks.on_open = [](std::shared_ptr<Connection>) { ADD_FAILURE() << "opened"; };
    callbacks.on_failed = [&](const Closed& why) { failed.put(why); };
    dial(thread.loop(), address, dial_terms(), deadline, std::move(callbacks));
  });
  return failed.take();
}

TEST(Dial, says_that_nobody_listens) {
  // A port that was free a moment ago.
  std::uint16_t port = 0;
  {
    Loop loop;
    port = Listener(loop, {"127.0.0.1", 0}, listen_terms(), {}).port();
  }
  const Closed why = dial_and_fail({"127.0.0.1", port});
  EXPECT_EQ(why.reason, CloseReason::cannot_connect);
  EXPECT_THAT(why.text, HasSubstr("can't connect to 127.0.0.1:" + std::to_string(port)));
  EXPECT_THAT(why.text, HasSubstr("Connection refused"));
}

TEST(Dial, says_that_a_host_cannot_be_found) {
  // RFC 6761, section 6.4: "invalid" never resolves.
  const Closed why = dial_and_fail({"no-such-host.invalid", 11267});
  EXPECT_EQ(why.reason, CloseReason::host_not_found);
  EXPECT_THAT(why.text, HasSubstr("the host 'no-such-host.invalid' can't be found ("));
}

TEST(Dial, finds_a_host_by_name) {
  Mailbox<bool> open;
  LoopThread thread;
  auto listener = thread.call([&] {
    return std::make_unique<Listener>(thread.loop(), Address{"localhost", 0}, listen_terms(),
                                      ListenCallbacks{});
  });
  thread.call([&] {
    DialCallbacks callbacks;
    callbacks.on_open = [&](std::shared_ptr<Connection>) { open.put(true); };
    callbacks.on_failed = [&](const Closed& why) {
      ADD_FAILURE() << why.text;
      open.put(false);
    };
    dial(thread.loop(), {"localhost", listener->port()}, dial_terms(), 30s, std::move(callbacks));
  });
  EXPECT_TRUE(open.take());
  thread.call([&] { listener.reset(); });
}

TEST(Dial, gives_up_on_a_listener_that_never_accepts) {
  // A full queue of connections swallows the next one: Linux drops its first packet.
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in at{};
  at.sin_family = AF_INET;
  at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  ASSERT_EQ(::bind(fd, reinterpret_cast<const sockaddr*>(&at), sizeof at), 0);
  ASSERT_EQ(::listen(fd, 0), 0);
  socklen_t length = sizeof at;
  ASSERT_EQ(::getsockname(fd, reinterpret_cast<sockaddr*>(&at), &length), 0);
  const std::uint16_t port = ntohs(at.sin_port);
  const RawClient first(port);
  const Closed why = dial_and_fail({"127.0.0.1", port}, 50ms);
  EXPECT_EQ(why.reason, CloseReason::connect_timeout);
  EXPECT_THAT(why.text, HasSubstr("no answer in time"));
  ::close(fd);
}

}  // namespace
}  // namespace oche::wire

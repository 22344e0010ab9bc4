// long: one list of what a session does, on one simulated clock; its helpers are shared by all of
// it. Sessions on a simulated clock: no socket, no thread.
#include "wire/session.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

namespace oche::wire {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;
using namespace std::string_literals;

DialTerms dial_terms(Service service = Service::work) {
  DialTerms terms;
  terms.service = service;
  terms.numerics = 3;
  terms.name = "lab7";
  terms.slots = 2;
  return terms;
}

std::shared_ptr<ListenTerms> listen_terms() {
  auto terms = std::make_shared<ListenTerms>();
  terms->services = {Service::work, Service::talk, Service::send};
  terms->numerics = 3;
  return terms;
}

Message lease(std::uint64_t number) {
  Lease message;
  message.set_lease(number);
  return message;
}

Message result(std::uint64_t number) {
  Result message;
  message.set_lease(number);
  return message;
}

// A frame of the session's own messages, as one of a peer that says what it likes.
template <class M>
std::string framed(FrameType type, const M& message) {
  return encode_frame(type, message.SerializeAsString());
}

// Two sessions with a perfect line between them and one clock.
struct Pair {
  explicit Pair(DialTerms d = dial_terms(), std::shared_ptr<ListenTerms> l = listen_terms())
      : worker(Session::dial(std::move(d), now)), manager(Session::accept(std::move(l), now)) {}

  static bool carry_one_way(Session& from, Session& to, Instant at) {
    const std::string bytes = from.take_output(kWriteBytes);
    if (bytes.empty()) return false;
    from.written(bytes.size(), at);
    to.receive(bytes, at);
    return true;
  }
  void carry() {
    while (carry_one_way(worker, manager, now) || carry_one_way(manager, worker, now)) {
    }
  }
  // Time passes in ticks, for both.
  void pass(Duration duration, bool line_works = true) {
    for (const Instant end = now + duration; now < end;) {
      now += 50ms;
      worker.tick(now);
      manager.tick(now);
      if (line_works) carry();
    }
  }

  Instant now{};
  Session worker;
  Session manager;
};

TEST(Session, opens_and_carries_messages_both_ways) {
  Pair pair;
  EXPECT_FALSE(pair.worker.open());
  pair.carry();
  ASSERT_TRUE(pair.worker.open());
  ASSERT_TRUE(pair.manager.open());
  EXPECT_EQ(pair.manager.peer()->name, "lab7");
  EXPECT_EQ(pair.manager.send(lease(1), pair.now), SendResult::queued);
  EXPECT_EQ(pair.manager.send(lease(2), pair.now), SendResult::queued);
  EXPECT_EQ(pair.worker.send(result(3), pair.now), SendResult::queued);
  pair.carry();
  EXPECT_EQ(std::get<Lease>(pair.worker.next_message().value()).lease(), 1U);
  EXPECT_EQ(std::get<Lease>(pair.worker.next_message().value()).lease(), 2U);
  EXPECT_FALSE(pair.worker.next_message());
  EXPECT_EQ(std::get<Result>(pair.manager.next_message().value()).lease(), 3U);
}

TEST(Session, sends_nothing_before_it_is_open_or_after_its_end) {
  Pair pair;
  EXPECT_EQ(pair.worker.send(result(1), pair.now), SendResult::not_open);
  pair.carry();
  pair.worker.close(GoodbyeReason::stopping, "", pair.now);
  EXPECT_EQ(pair.worker.send(result(1), pair.now), SendResult::not_open);
}

TEST(Session, carries_a_message_as_large_as_a_frame_after_the_handshake) {
  Pair pair;
  pair.carry();
  Job job;
  job.set_data(std::string(kMaxJobFrame - 100, 'j'));
  EXPECT_EQ(pair.manager.send(job, pair.now), SendResult::queued);
  pair.carry();
  EXPECT_EQ(std::get<Job>(pair.worker.next_message().value()).data().size(), kMaxJobFrame - 100);
  job.set_data(std::string(kMaxJobFrame, 'j'));
  EXPECT_EQ(pair.manager.send(job, pair.now), SendResult::too_long);
  EXPECT_TRUE(pair.manager.open());
}

TEST(Session, takes_no_frame_of_a_jobs_size_from_a_worker) {
  Pair pair;
  pair.carry();
  // The header of a job's frame: whoever dials can make a listener hold no more than kMaxFrame.
  std::string header;
  for (unsigned i = 0; i < 4; ++i) header += static_cast<char>((kMaxFrame + 1) >> (8 * i));
  pair.manager.receive(header, pair.now);
  ASSERT_TRUE(pair.manager.closed());
  EXPECT_EQ(pair.manager.closed()->reason, CloseReason::frame_too_long);
}

TEST(Session, tells_both_ends_why_it_was_refused) {
  DialTerms other = dial_terms();
  other.numerics = 41;
  Pair pair(other);
  pair.carry();
  ASSERT_TRUE(pair.manager.closed());
  EXPECT_EQ(pair.manager.closed()->reason, CloseReason::refused_here);
  EXPECT_EQ(pair.manager.closed()->refusal, RefusalReason::numerics_differ);
  ASSERT_TRUE(pair.worker.closed());
  EXPECT_EQ(pair.worker.closed()->reason, CloseReason::refused_by_peer);
  EXPECT_EQ(pair.worker.closed()->refusal, RefusalReason::numerics_differ);
  for (const Session* end : {&pair.worker, &pair.manager}) {
    EXPECT_THAT(end->closed()->text, HasSubstr("41"));
    EXPECT_THAT(end->closed()->text, HasSubstr("listening end 3"));
    EXPECT_FALSE(end->peer());
  }
}

TEST(Session, tells_the_listener_when_its_welcome_is_refused) {
  Session manager = Session::accept(listen_terms(), Instant{});
  Session worker = Session::dial(dial_terms(), Instant{});
  manager.receive(worker.take_output(kWriteBytes), Instant{});
  Welcome welcome = make_welcome(*manager.peer(), *listen_terms());
  welcome.set_version(9);
  worker.receive(framed(FrameType::welcome, welcome), Instant{});
  EXPECT_EQ(worker.closed()->reason, CloseReason::refused_here);
  manager.receive(worker.take_output(kWriteBytes), Instant{});
  EXPECT_EQ(manager.closed()->reason, CloseReason::refused_by_peer);
  EXPECT_EQ(manager.closed()->refusal, RefusalReason::no_common_version);
}

// What a listener makes of the first bytes of a connection.
struct Opening {
  std::string bytes;
  CloseReason reason;
  bool answered;  // with a Refusal
};

TEST(Session, ends_with_a_clear_reason_whatever_a_stranger_says_first) {
  const std::string hello = framed(FrameType::hello, make_hello(dial_terms()));
  const std::vector<Opening> openings{
      {"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n", CloseReason::stranger, false},
      {"SSH-2.0-OpenSSH_9.2\r\n", CloseReason::stranger, false},
      {"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"s, CloseReason::stranger, false},
      {"Hello, host!", CloseReason::stranger, false},
      {"\xff\xff\xff\xff\x01"s, CloseReason::frame_too_long, true},
      {"\x01\x10\x00\x00\x01"s, CloseReason::frame_too_long, true},  // 4097
      {"\x00\x00\x00\x00"s, CloseReason::empty_frame, true},
      {"\x05\x00\x00\x00\xeezzzz"s, CloseReason::unknown_frame, true},
      {encode_frame(FrameType::result, "x"), CloseReason::wrong_frame, true},
      {encode_frame(FrameType::heartbeat, ""), CloseReason::wrong_frame, true},
      {encode_frame(FrameType::hello, "\xff\xff\xff"), CloseReason::malformed_message, true},
      {encode_frame(FrameType::hello, ""), CloseReason::refused_here, true},
  };
  for (const Opening& opening : openings) {
    Session session = Session::accept(listen_terms(), Instant{});
    session.receive(opening.bytes, Instant{});
    ASSERT_TRUE(session.closed()) << ::testing::PrintToString(opening.bytes);
    EXPECT_EQ(to_string(session.closed()->reason), to_string(opening.reason));
    EXPECT_FALSE(session.closed()->text.empty());
    const std::string answer = session.take_output(kWriteBytes);
    if (opening.answered) {
      FrameDecoder decoder(kMaxOpeningFrame);
      decoder.feed(answer);
      EXPECT_EQ(decoder.next().value().type, FrameType::refusal);
    } else {
      EXPECT_EQ(answer, "");
    }
    session.receive(hello, Instant{});
    EXPECT_FALSE(session.peer());
  }
}

TEST(Session, ends_with_a_clear_reason_whatever_is_dialled) {
  const std::vector<Opening> answers{
      {"HTTP/1.1 400 Bad Request\r\n", CloseReason::stranger, false},
      {"Waiting for the other talker", CloseReason::stranger, false},
      {encode_frame(FrameType::lease, ""), CloseReason::wrong_frame, true},
      {encode_frame(FrameType::hello, ""), CloseReason::wrong_frame, true},
      {encode_frame(FrameType::welcome, ""), CloseReason::refused_here, true},
      {encode_frame(FrameType::welcome, "\xff"), CloseReason::malformed_message, true},
      {encode_frame(FrameType::refusal, ""), CloseReason::refused_by_peer, false},
      {encode_frame(FrameType::goodbye, "\x08\x01"), CloseReason::wrong_frame, true},  // finished
      {"\xff\xff\xff\xff"s, CloseReason::frame_too_long, true},
  };
  for (const Opening& answer : answers) {
    Session session = Session::dial(dial_terms(), Instant{});
    session.take_output(kWriteBytes);
    session.receive(answer.bytes, Instant{});
    ASSERT_TRUE(session.closed()) << ::testing::PrintToString(answer.bytes);
    EXPECT_EQ(to_string(session.closed()->reason), to_string(answer.reason));
    EXPECT_EQ(!session.take_output(kWriteBytes).empty(), answer.answered);
  }
}

TEST(Session, ends_a_handshake_at_its_absolute_deadline_even_if_bytes_trickle) {
  const std::string hello = framed(FrameType::hello, make_hello(dial_terms()));
  ASSERT_GT(hello.size(), 22U);
  Session session = Session::accept(listen_terms(), Instant{});
  Instant now{};
  std::size_t sent = 0;
  while (!session.closed()) {
    ASSERT_LT(sent + 1, hello.size());
    ASSERT_LE(now - Instant{}, kHandshakeDeadline + 250ms);
    now += 250ms;
    session.receive(hello.substr(sent++, 1), now);
    session.tick(now);
  }
  EXPECT_GE(now - Instant{}, kHandshakeDeadline);
  EXPECT_EQ(session.closed()->reason, CloseReason::handshake_timeout);
  // The dialler hears it too.
  Session worker = Session::dial(dial_terms(), Instant{});
  worker.receive(session.take_output(kWriteBytes), Instant{});
  EXPECT_EQ(worker.closed()->refusal, RefusalReason::too_slow);
}

TEST(Session, ends_a_dial_that_nobody_answers) {
  Pair pair;
  pair.pass(kHandshakeDeadline, false);
  ASSERT_TRUE(pair.worker.closed());
  EXPECT_EQ(pair.worker.closed()->reason, CloseReason::handshake_timeout);
  EXPECT_EQ(pair.manager.closed()->reason, CloseReason::handshake_timeout);
}

TEST(Session, stays_open_on_heartbeats_alone) {
  Pair pair;
  pair.carry();
  pair.pass(10 * 60s);
  EXPECT_TRUE(pair.worker.open());
  EXPECT_TRUE(pair.manager.open());
  EXPECT_FALSE(pair.worker.next_message());
}

TEST(Session, sends_a_heartbeat_after_a_period_without_another_message_and_not_before) {
  Pair pair;
  pair.carry();
  Instant now{};
  const auto silent_until = [&](Instant end) {
    for (; now < end; now += 250ms) {
      pair.manager.tick(now);
      ASSERT_FALSE(pair.manager.has_output());
    }
  };
  silent_until(Instant{} + 1750ms);
  pair.manager.send(lease(1), now);
  pair.manager.written(pair.manager.take_output(kWriteBytes).size(), now);
  silent_until(now + kHeartbeatPeriod);
  pair.manager.tick(now);
  EXPECT_EQ(pair.manager.take_output(kWriteBytes), encode(Heartbeat{}));
}

TEST(Session, is_lost_after_three_silent_periods_and_not_before) {
  Pair pair;
  pair.carry();
  pair.pass(3 * kHeartbeatPeriod - 50ms, false);
  EXPECT_TRUE(pair.manager.open());
  pair.pass(50ms, false);
  ASSERT_TRUE(pair.manager.closed());
  EXPECT_EQ(pair.manager.closed()->reason, CloseReason::lost);
  EXPECT_THAT(pair.manager.closed()->text, HasSubstr("6 s"));
  EXPECT_FALSE(pair.manager.has_output());
}

TEST(Session, takes_the_listeners_heartbeat_period) {
  auto terms = listen_terms();
  terms->heartbeat = 200ms;
  Pair pair(dial_terms(), terms);
  pair.carry();
  EXPECT_EQ(pair.worker.peer()->heartbeat, 200ms);
  EXPECT_EQ(pair.worker.tick_period(), 50ms);
  pair.pass(10s);
  EXPECT_TRUE(pair.worker.open());
  pair.pass(600ms, false);
  EXPECT_EQ(pair.worker.closed()->reason, CloseReason::lost);
}

TEST(Session, loses_nobody_because_it_was_stalled_itself) {
  Pair pair;
  pair.carry();
  // Almost too long already, by the peer's fault; then we are stopped for an hour.
  pair.pass(3 * kHeartbeatPeriod - 100ms, false);
  pair.now += 3600s;
  pair.manager.tick(pair.now);
  EXPECT_TRUE(pair.manager.open());
  // The first thing after it is to read what came meanwhile.
  pair.manager.receive(encode(Heartbeat{}), pair.now);
  for (int i = 0; i < 20; ++i) {
    pair.now += 250ms;
    pair.manager.tick(pair.now);
    EXPECT_TRUE(pair.manager.open());
  }
}

TEST(Session, still_loses_a_silent_peer_after_a_stall) {
  Pair pair;
  pair.carry();
  pair.now += 3600s;
  pair.manager.tick(pair.now);
  EXPECT_TRUE(pair.manager.open());
  pair.pass(3 * kHeartbeatPeriod, false);
  ASSERT_TRUE(pair.manager.closed());
  EXPECT_EQ(pair.manager.closed()->reason, CloseReason::lost);
}

TEST(Session, still_loses_a_silent_peer_where_every_tick_is_late) {
  Pair pair;
  pair.carry();
  int ticks = 0;
  while (!pair.manager.closed()) {
    ASSERT_LT(++ticks, 100);
    pair.now += 5s;
    pair.manager.tick(pair.now);
  }
  EXPECT_EQ(pair.manager.closed()->reason, CloseReason::lost);
  // 6 s of patience, of which each late tick counts a quarter of a second.
  EXPECT_GE(ticks, 24);
}

TEST(Session, does_not_end_a_handshake_because_it_was_stalled_itself) {
  Pair pair;
  pair.now += 60s;
  pair.manager.tick(pair.now);
  EXPECT_FALSE(pair.manager.closed());
  pair.carry();
  EXPECT_TRUE(pair.manager.open());
}

TEST(Session, ends_with_a_peer_that_takes_no_bytes_though_it_sends_some) {
  Pair pair;
  pair.carry();
  pair.manager.send(lease(1), pair.now);
  const Instant start = pair.now;
  while (!pair.manager.closed() && pair.now - start < 100s) {
    pair.now += 250ms;
    pair.manager.receive(encode(Heartbeat{}), pair.now);
    pair.manager.tick(pair.now);
  }
  ASSERT_TRUE(pair.manager.closed());
  EXPECT_EQ(pair.manager.closed()->reason, CloseReason::write_timeout);
  EXPECT_EQ(pair.now - start, kWriteDeadline);
}

TEST(Session, does_not_end_with_a_peer_that_takes_bytes_slowly) {
  Pair pair;
  pair.carry();
  Plan plan;
  plan.set_plan(std::string(1000, 'p'));
  pair.manager.send(plan, pair.now);
  for (int i = 0; i < 500; ++i) {
    pair.now += 250ms;
    pair.manager.receive(encode(Heartbeat{}), pair.now);
    if (i % 50 == 0) pair.manager.written(pair.manager.take_output(1).size(), pair.now);
    pair.manager.tick(pair.now);
    ASSERT_TRUE(pair.manager.open()) << i;
  }
}

TEST(Session, ends_when_more_waits_than_its_queue_may_hold) {
  Pair pair;
  pair.carry();
  Job job;
  job.set_canonical(std::string(kMaxFrame - 100, 'j'));
  const std::size_t frame = encode(Message(job)).value().size();
  for (std::size_t i = 0; i < kMaxQueuedBytes / frame; ++i) {
    ASSERT_EQ(pair.manager.send(job, pair.now), SendResult::queued);
    ASSERT_LE(pair.manager.queued_bytes(), kMaxQueuedBytes);
  }
  // Taken by the shell, but not by the system: it still counts.
  pair.manager.take_output(kWriteBytes);
  EXPECT_EQ(pair.manager.send(job, pair.now), SendResult::queue_full);
  ASSERT_TRUE(pair.manager.closed());
  EXPECT_EQ(pair.manager.closed()->reason, CloseReason::queue_full);
}

TEST(Session, says_goodbye_to_the_other_end) {
  Pair pair;
  pair.carry();
  pair.manager.send(lease(5), pair.now);
  pair.manager.close(GoodbyeReason::finished, "all is done\x1b", pair.now);
  pair.carry();
  ASSERT_TRUE(pair.worker.closed());
  EXPECT_EQ(pair.worker.closed()->reason, CloseReason::goodbye);
  EXPECT_EQ(pair.worker.closed()->goodbye, GoodbyeReason::finished);
  EXPECT_THAT(pair.worker.closed()->text, HasSubstr("all is done?"));
  EXPECT_EQ(pair.manager.closed()->reason, CloseReason::closed_here);
  // What came before the goodbye isn't lost.
  EXPECT_EQ(std::get<Lease>(pair.worker.next_message().value()).lease(), 5U);
}

TEST(Session, gives_no_message_after_its_own_close) {
  Pair pair;
  pair.carry();
  pair.worker.send(result(1), pair.now);
  pair.worker.send(result(2), pair.now);
  pair.carry();
  EXPECT_TRUE(pair.manager.next_message());
  pair.manager.close(GoodbyeReason::stopping, "", pair.now);
  EXPECT_FALSE(pair.manager.next_message());
}

TEST(Session, does_not_take_an_unknown_goodbye_for_success) {
  Pair pair;
  pair.carry();
  pair.worker.receive(encode_frame(FrameType::goodbye, "\x08\x63"), pair.now);
  EXPECT_EQ(pair.worker.closed()->goodbye, GoodbyeReason::stopping);
}

TEST(Session, tells_a_peer_that_breaks_the_protocol) {
  struct Case {
    std::string bytes;
    CloseReason reason;
  };
  const std::string good = encode(result(1)).value();
  for (const Case& c : {
           Case{encode_frame(FrameType::result, "\xff\xff"), CloseReason::malformed_message},
           Case{encode_frame(FrameType::goodbye, "\xff\xff"), CloseReason::malformed_message},
           Case{encode(lease(1)).value(), CloseReason::wrong_frame},
           Case{encode(Message(TalkJoin{})).value(), CloseReason::wrong_frame},
           Case{framed(FrameType::hello, make_hello(dial_terms())), CloseReason::wrong_frame},
           Case{encode_frame(FrameType::welcome, ""), CloseReason::wrong_frame},
           Case{"\xff\xff\xff\xff"s, CloseReason::frame_too_long},
           Case{"\x02\x00\x10\x00\x14"s, CloseReason::frame_too_long},  // above every type's limit
           Case{"\x02\xfc\x0f\x00\x14"s, CloseReason::frame_too_long},  // above a result's
           Case{encode_frame(FrameType::heartbeat, "\xff"), CloseReason::malformed_message},
           Case{"\x00\x00\x00\x00"s, CloseReason::empty_frame},
           Case{"\x01\x00\x00\x00\x63"s, CloseReason::unknown_frame},
           Case{"GET / HTTP/1.1\r\n", CloseReason::frame_too_long},
       }) {
    Pair pair;
    pair.carry();
    pair.manager.receive(good + c.bytes + good, pair.now);
    ASSERT_TRUE(pair.manager.closed()) << ::testing::PrintToString(c.bytes);
    EXPECT_EQ(to_string(pair.manager.closed()->reason), to_string(c.reason));
    EXPECT_TRUE(pair.manager.next_message());   // before it
    EXPECT_FALSE(pair.manager.next_message());  // after it
    pair.carry();
    ASSERT_TRUE(pair.worker.closed());
    EXPECT_EQ(pair.worker.closed()->goodbye, GoodbyeReason::protocol_error);
  }
}

TEST(Session, keeps_each_service_and_direction_to_its_own_frames) {
  // docs/PROTOCOL.md, "Who sends what".
  const std::vector<std::pair<Message, std::string>> table{
      {Job{}, "work<"},
      {Plan{}, "work<"},
      {Lease{}, "work<"},
      {Revoke{}, "work<"},
      {Accepted{}, "work<"},
      {Result{}, "work>"},
      {JobRefused{}, "work>"},
      {Offer{}, "work>"},
      {TalkJoin{}, "talk>"},
      {TalkReady{}, "talk<"},
      {TalkBroken{}, "talk<"},
      {InputEnd{}, "talk<>"},
      {MessageBegin{}, "talk<> send<>"},
      {MessagePiece{}, "talk<> send<>"},
      {MessageEnd{}, "talk<> send<>"},
      {Credit{}, "talk<> send<>"},
      {SendTo{}, "send>"},
      {ReceiveAs{}, "send>"},
      {SendReady{}, "send<"},
      {Receipt{}, "send<>"},
      {Submit{}, "estimate>"},
      {SubmitData{}, "estimate>"},
      {Submitted{}, "estimate<"},
      {Declined{}, "estimate<"},
      {Fetch{}, "estimate>"},
      {Progress{}, "estimate<"},
      {AnswerPart{}, "estimate<"},
      {Cancel{}, "estimate>"},
      {ListJobs{}, "estimate>"},
      {JobList{}, "estimate<"},
      {ListWorkers{}, "estimate>"},
      {WorkerList{}, "estimate<"},
      {Drain{}, "estimate>"},
      {Done{}, "estimate<"},
  };
  for (const auto& [message, where] : table) {
    for (const Service service : {Service::work, Service::talk, Service::send}) {
      for (const char direction : {'<', '>'}) {
        Pair pair(dial_terms(service));
        pair.carry();
        Session& receiver = direction == '>' ? pair.manager : pair.worker;
        receiver.receive(encode(message).value(), pair.now);
        const bool allowed = where.find(to_string(service)) != std::string::npos &&
                             where.find(direction) != std::string::npos;
        EXPECT_EQ(receiver.open(), allowed) << where << ' ' << to_string(service) << direction;
        EXPECT_EQ(receiver.next_message().has_value(), allowed);
      }
    }
  }
}

TEST(Session, says_where_the_stream_was_cut) {
  Pair pair;
  pair.carry();
  Session copy = pair.manager;
  copy.end_of_stream(pair.now);
  EXPECT_EQ(copy.closed()->reason, CloseReason::peer_gone);
  EXPECT_EQ(copy.closed()->text.find("in the middle"), std::string::npos);
  pair.manager.receive("\x40\x00\x00"s, pair.now);
  pair.manager.end_of_stream(pair.now);
  EXPECT_EQ(pair.manager.closed()->reason, CloseReason::peer_gone);
  EXPECT_THAT(pair.manager.closed()->text, HasSubstr("in the middle of a frame"));
}

TEST(Session, works_whatever_the_pieces_of_the_stream) {
  for (const std::size_t piece : {1U, 2U, 3U, 7U, 64U}) {
    Pair pair;
    const auto trickle = [&](Session& from, Session& to) {
      while (from.has_output()) {
        const std::string bytes = from.take_output(piece);
        ASSERT_LE(bytes.size(), piece);
        from.written(bytes.size(), pair.now);
        to.receive(bytes, pair.now);
      }
    };
    trickle(pair.worker, pair.manager);
    trickle(pair.manager, pair.worker);
    ASSERT_TRUE(pair.worker.open());
    for (std::uint64_t i = 0; i < 100; ++i) pair.manager.send(lease(i), pair.now);
    trickle(pair.manager, pair.worker);
    EXPECT_EQ(pair.manager.queued_bytes(), 0U);
    for (std::uint64_t i = 0; i < 100; ++i) {
      ASSERT_EQ(std::get<Lease>(pair.worker.next_message().value()).lease(), i);
    }
  }
}

TEST(Session, refuses_the_dialler_when_it_is_closed_during_the_handshake) {
  Pair pair;
  pair.manager.close(GoodbyeReason::stopping, "closing down", pair.now);
  pair.carry();
  EXPECT_EQ(pair.worker.closed()->reason, CloseReason::refused_by_peer);
  EXPECT_THAT(pair.worker.closed()->text, HasSubstr("closing down"));
  EXPECT_EQ(pair.worker.closed()->refusal, RefusalReason::not_admitted);
  EXPECT_EQ(pair.manager.closed()->reason, CloseReason::closed_here);
}

TEST(Session, tells_the_dialler_that_all_is_done_when_it_is_finished_during_the_handshake) {
  Pair pair;
  pair.manager.close(GoodbyeReason::finished, "the job is finished", pair.now);
  pair.carry();
  EXPECT_EQ(pair.worker.closed()->reason, CloseReason::refused_by_peer);
  EXPECT_EQ(pair.worker.closed()->refusal, RefusalReason::finished);
}

}  // namespace
}  // namespace oche::wire

// Connections with keys, over real sockets: who gets in, and what both ends say when one doesn't.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <memory>
#include <vector>

#include "wire/address_range.h"
#include "wire/dial.h"
#include "wire/key_file.h"
#include "wire/listener.h"
#include "wire/testing.h"
#include "wire/tls.h"

namespace oche::wire {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;
using testing::LoopThread;
using testing::Mailbox;
using testing::RawClient;

// A host that knows one key for work, and who dials it.
class Keyed : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string name = ::testing::TempDir() + "keyedXXXXXX";
    ASSERT_NE(mkdtemp(name.data()), nullptr);
    folder = name;
    path = host_keys_path(folder);
    lab = make_key(KeyRole::work, "lab7");
    add_host_key(path, lab);
    ListenTerms terms;
    terms.services = {Service::work, Service::talk};
    terms.numerics = 3;
    terms.admission.keys = std::make_shared<KeyTable>(path);
    terms.admission.allow = allow;
    listen(std::move(terms));
  }
  void TearDown() override {
    dialling.call([this] {
      if (dialled) dialled->drop();
    });
    listening.call([this] { listener.reset(); });
    std::filesystem::remove_all(folder);
  }

  void listen(ListenTerms terms, const ListenLimits& limits = {}) {
    listening.call([&] {
      ListenCallbacks callbacks;
      callbacks.on_open = [this](std::shared_ptr<Connection> connection) {
        connection->on_message = [this](Message&& message) { messages.put(std::move(message)); };
        connection->on_closed = [this](const Closed& why) { host_closed.put(why); };
        opened.put(std::move(connection));
      };
      callbacks.on_failed = [this](const std::string&, const Closed& why) { failed.put(why); };
      listener = std::make_unique<Listener>(listening.loop(), Address{"127.0.0.1", 0},
                                            std::move(terms), std::move(callbacks), limits);
    });
  }

  // As many, at once, that have said hello, and as many that have said nothing yet.
  void listen_for(std::size_t number) {
    listening.call([this] { listener.reset(); });
    ListenTerms terms;
    terms.services = {Service::work};
    terms.numerics = 3;
    terms.admission.keys = std::make_shared<KeyTable>(path);
    ListenLimits limits;
    limits.silent_connections = number;
    limits.pending_handshakes = number;
    listen(std::move(terms), limits);
  }

  void dial_with(const Key* key, Service service = Service::work) {
    DialTerms terms;
    terms.service = service;
    terms.numerics = 3;
    if (key != nullptr) terms.credential.key = std::make_shared<const Key>(*key);
    dialling.call([&] {
      DialCallbacks callbacks;
      callbacks.on_open = [this](std::shared_ptr<Connection> connection) {
        dialled = std::move(connection);
        dialled->on_closed = [this](const Closed& why) { closed.put(why); };
        open.put(true);
      };
      callbacks.on_failed = [this](const Closed& why) { closed.put(why); };
      dial(dialling.loop(), {"127.0.0.1", listener->port()}, std::move(terms), 30s,
           std::move(callbacks));
    });
  }

  std::string folder, path;
  Key lab;
  std::shared_ptr<AllowList> allow = std::make_shared<AllowList>();
  // Before the loops, which put things there to their end.
  Mailbox<std::shared_ptr<Connection>> opened;
  Mailbox<bool> open;
  Mailbox<Message> messages;
  Mailbox<Closed> host_closed, failed, closed;
  LoopThread listening, dialling;
  std::unique_ptr<Listener> listener;
  std::shared_ptr<Connection> dialled;
};

TEST_F(Keyed, lets_in_who_has_a_key_and_knows_whose) {
  dial_with(&lab);
  const std::shared_ptr<Connection> connection = opened.take();
  EXPECT_EQ(connection->peer().key, lab.id);
  EXPECT_EQ(connection->peer().name, "lab7") << "a key's name stands in for a name";
  EXPECT_EQ(connection->peer().source, "127.0.0.1");
  open.take();
  JobRefused message;
  message.set_text(std::string(1000, 'x'));
  dialling.call([&] { dialled->send(message); });
  EXPECT_EQ(std::get<JobRefused>(messages.take()).text(), message.text());
  dialling.call([&] { dialled->close(GoodbyeReason::stopping, "enough"); });
  EXPECT_THAT(host_closed.take().text, HasSubstr("enough"));
  EXPECT_EQ(closed.take().reason, CloseReason::closed_here);
}

TEST_F(Keyed, carries_what_is_larger_than_a_record_and_a_socket) {
  dial_with(&lab);
  const std::shared_ptr<Connection> connection = opened.take();
  open.take();
  Result message;
  message.set_fingerprint(std::string(900'000, 'f'));
  dialling.call([&] {
    for (int i = 0; i < 20; ++i) {
      message.set_lease(static_cast<std::uint64_t>(i));
      ASSERT_EQ(dialled->send(message), SendResult::queued);
    }
  });
  for (std::uint64_t i = 0; i < 20; ++i) {
    const Message got = messages.take();
    EXPECT_EQ(std::get<Result>(got).lease(), i);
    EXPECT_EQ(std::get<Result>(got).fingerprint(), message.fingerprint());
  }
}

TEST_F(Keyed, takes_the_own_key_for_every_service) {
  const Key own = own_key(path);
  dial_with(&own, Service::talk);
  EXPECT_EQ(opened.take()->peer().key, own.id);
}

TEST_F(Keyed, refuses_a_secret_that_is_another) {
  Key wrong = lab;
  wrong.secret[0] ^= 1;
  dial_with(&wrong);
  const Closed here = closed.take();
  EXPECT_EQ(here.reason, CloseReason::wrong_key);
  EXPECT_THAT(here.text, HasSubstr("doesn't take the key 'oche1.work.lab7'"));
  const Closed there = failed.take();
  EXPECT_EQ(there.reason, CloseReason::wrong_key);
  EXPECT_THAT(there.text, HasSubstr("no key of this host"));
}

TEST_F(Keyed, refuses_a_name_that_it_does_not_know) {
  const Key stranger = make_key(KeyRole::work, "stranger");
  dial_with(&stranger);
  EXPECT_EQ(closed.take().reason, CloseReason::wrong_key);
  EXPECT_EQ(failed.take().reason, CloseReason::wrong_key);
}

TEST_F(Keyed, refuses_a_key_of_another_service_and_says_so) {
  dial_with(&lab, Service::talk);
  const Closed here = closed.take();
  EXPECT_EQ(here.reason, CloseReason::refused_by_peer);
  EXPECT_EQ(here.refusal, RefusalReason::not_admitted);
  EXPECT_THAT(here.text, HasSubstr("the key 'lab7' isn't one for the service 'talk'"));
  EXPECT_EQ(failed.take().reason, CloseReason::refused_here);
}

TEST_F(Keyed, tells_who_has_no_key_at_all) {
  dial_with(nullptr);
  const Closed here = closed.take();
  EXPECT_EQ(here.reason, CloseReason::refused_by_peer);
  EXPECT_THAT(here.text, HasSubstr("this host wants a key (the dialling end has --insecure)"));
  failed.take();
}

TEST_F(Keyed, ends_the_sessions_of_a_key_that_is_taken_back) {
  dial_with(&lab);
  opened.take();
  open.take();
  ASSERT_TRUE(remove_host_key(path, lab.id));
  const Closed here = closed.take();
  EXPECT_EQ(here.goodbye, GoodbyeReason::turned_away);
  EXPECT_THAT(here.text, HasSubstr("taken back"));
  dial_with(&lab);
  EXPECT_EQ(closed.take().reason, CloseReason::wrong_key);
}

TEST_F(Keyed, hangs_up_on_other_languages) {
  for (const char* words : {"GET / HTTP/1.1\r\n\r\n", "SSH-2.0-OpenSSH_9.2\r\n", "hello\n"}) {
    RawClient client(listener->port());
    client.send(words);
    EXPECT_EQ(client.receive_all(), "");
    EXPECT_EQ(failed.take().reason, CloseReason::stranger) << words;
  }
}

TEST_F(Keyed, gives_an_alert_to_a_browser_and_no_more) {
  // A ClientHello with no pre-shared key: of TLS 1.3, X25519, without any certificate that would
  // do.
  RawClient client(listener->port());
  Tls hello = Tls::dial(make_key(KeyRole::own, "x"));
  std::string first = hello.take_output();
  // The last extension is the offer of the key; its type becomes one that nobody knows.
  const std::size_t offer = first.rfind(std::string("\x00\x29", 2));
  ASSERT_NE(offer, std::string::npos);
  first[offer] = '\x7a';
  client.send(first);
  const std::string answer = client.receive_all();
  ASSERT_GE(answer.size(), 7u);
  EXPECT_EQ(answer[0], '\x15') << "an alert";
  EXPECT_EQ(failed.take().reason, CloseReason::wrong_key);
}

TEST_F(Keyed, holds_silent_peers_no_longer_than_others) {
  RawClient silent(listener->port());
  silent.send("\x16\x03");
  EXPECT_EQ(failed.take().reason, CloseReason::handshake_timeout);
}

// Says what a dialler says first; the host answers it, and waits.
std::unique_ptr<RawClient> says_hello(const Listener& listener, const Key& key) {
  auto client = std::make_unique<RawClient>(listener.port());
  client->send(Tls::dial(key).take_output());
  EXPECT_EQ(client->receive(1), "\x16");
  return client;
}

TEST_F(Keyed, pushes_out_the_oldest_of_too_many_handshakes) {
  listen_for(2);
  const auto first = says_hello(*listener, lab);
  const auto second = says_hello(*listener, lab);
  const auto third = says_hello(*listener, lab);
  const Closed pushed = failed.take();
  EXPECT_EQ(pushed.reason, CloseReason::crowded_out);
  EXPECT_THAT(pushed.text, HasSubstr("more than 2 handshakes at once"));
  first->receive_all();  // to its end
}

TEST_F(Keyed, pushes_out_who_was_refused_before_who_still_tries) {
  listen_for(2);
  const auto first = says_hello(*listener, lab);
  RawClient refused(listener->port());
  refused.send(Tls::dial(make_key(KeyRole::work, "lab8")).take_output());
  EXPECT_EQ(failed.take().reason, CloseReason::wrong_key);
  const auto third = says_hello(*listener, lab);
  EXPECT_EQ(listening.call([this] { return listener->pending_handshakes(); }), 2u);
  EXPECT_EQ(failed.take().reason, CloseReason::handshake_timeout);  // no other was pushed out
}

TEST_F(Keyed, has_room_for_a_handshake_among_those_that_say_nothing) {
  listen_for(2);
  const auto honest = says_hello(*listener, lab);
  std::vector<std::unique_ptr<RawClient>> silent;
  for (int i = 0; i < 5; ++i) silent.push_back(std::make_unique<RawClient>(listener->port()));
  for (int i = 0; i < 3; ++i) {
    const Closed pushed = failed.take();
    EXPECT_EQ(pushed.reason, CloseReason::crowded_out);
    EXPECT_THAT(pushed.text, HasSubstr("more than 2 connections that say nothing"));
    silent[static_cast<std::size_t>(i)]->receive_all();
  }
}

TEST_F(Keyed, is_told_when_the_host_has_no_keys) {
  listening.call([this] { listener.reset(); });
  ListenTerms terms;
  terms.services = {Service::work};
  terms.numerics = 3;
  listen(std::move(terms));
  dial_with(&lab);
  const Closed here = closed.take();
  EXPECT_EQ(here.reason, CloseReason::peer_gone);
  EXPECT_THAT(here.text, HasSubstr("it may run with --insecure"));
  const Closed there = failed.take();
  EXPECT_EQ(there.reason, CloseReason::stranger);
  EXPECT_THAT(there.text, HasSubstr("TLS"));
}

TEST_F(Keyed, answers_to_addresses_that_are_allowed) {
  listening.call([this] { listener.reset(); });
  ListenTerms terms;
  terms.services = {Service::work};
  terms.numerics = 3;
  terms.admission.keys = std::make_shared<KeyTable>(path);
  const auto list = std::make_shared<AllowList>();
  list->add("work=10.0.0.0/8");
  terms.admission.allow = list;
  listen(std::move(terms));
  dial_with(&lab);
  const Closed here = closed.take();
  EXPECT_EQ(here.reason, CloseReason::refused_by_peer);
  EXPECT_THAT(here.text, HasSubstr("isn't offered to 127.0.0.1"));
}

}  // namespace
}  // namespace oche::wire

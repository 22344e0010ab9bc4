#include "wire/handshake.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

namespace oche::wire {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using namespace std::string_literals;

DialTerms worker() {
  DialTerms terms;
  terms.service = Service::work;
  terms.numerics = 3;
  terms.name = "lab7";
  terms.slots = 8;
  terms.build = "oche 0.1.0";
  return terms;
}

ListenTerms manager() {
  ListenTerms terms;
  terms.services = {Service::work, Service::talk};
  terms.numerics = 3;
  terms.build = "oche 0.1.0";
  return terms;
}

Refused refused(const Hello& hello, const ListenTerms& terms) {
  const auto verdict = judge_hello(hello, terms);
  if (const auto* peer = std::get_if<Peer>(&verdict)) {
    ADD_FAILURE() << "accepted " << peer->name;
    return {};
  }
  return std::get<Refused>(verdict);
}

TEST(Handshake, accepts_what_fits) {
  const auto verdict = judge_hello(make_hello(worker()), manager());
  const Peer& peer = std::get<Peer>(verdict);
  EXPECT_EQ(peer.version, 1U);
  EXPECT_EQ(peer.numerics, 3U);
  EXPECT_EQ(peer.role, Role::worker);
  EXPECT_EQ(peer.service, Service::work);
  EXPECT_EQ(peer.name, "lab7");
  EXPECT_EQ(peer.slots, 8U);
  EXPECT_EQ(peer.build, "oche 0.1.0");
  const auto answer = judge_welcome(make_welcome(peer, manager()), worker());
  const Peer& other = std::get<Peer>(answer);
  EXPECT_EQ(other.version, 1U);
  EXPECT_EQ(other.name, "lab7");
  EXPECT_EQ(other.heartbeat, kHeartbeatPeriod);
}

TEST(Handshake, keeps_names_of_certificates_and_others_apart) {
  Caller caller;
  caller.certificate = CertificateId{std::string(kMaxCertificateNameBytes, 'n'), {Service::work}};
  DialTerms terms = worker();
  terms.name = std::string(kMaxNameBytes, 'w');
  const Peer certified = std::get<Peer>(judge_hello(make_hello(terms), manager(), caller));
  EXPECT_EQ(certified.name.substr(0, certified.given_name.size() + 1), certified.given_name + "/");
  for (const char* name : {"cert:lab7", "  cert:", "cert:/x"}) {
    terms.name = name;
    EXPECT_EQ(refused(make_hello(terms), manager()).reason, RefusalReason::bad_hello) << name;
  }
  caller = {};
  caller.key = KeyId{KeyRole::work, "cert"};
  terms.name = ":lab7";
  EXPECT_EQ(std::get<Peer>(judge_hello(make_hello(terms), manager(), caller)).name, "cert/:lab7");
}

TEST(Handshake, speaks_the_highest_common_version) {
  struct Case {
    VersionRange dialler, listener;
    std::uint32_t spoken;  // 0: none
  };
  for (const Case& c : {Case{{1, 1}, {1, 1}, 1}, Case{{1, 3}, {1, 2}, 2}, Case{{2, 5}, {1, 9}, 5},
                        Case{{1, 4}, {4, 9}, 4}, Case{{1, 1}, {2, 3}, 0}, Case{{4, 5}, {2, 3}, 0},
                        Case{{0, 0}, {1, 1}, 0}, Case{{3, 1}, {1, 3}, 0}, Case{{0, 9}, {1, 1}, 0},
                        Case{{1, 4294967295}, {1, 1}, 1}}) {
    DialTerms dialler = worker();
    dialler.versions = c.dialler;
    ListenTerms listener = manager();
    listener.versions = c.listener;
    const auto verdict = judge_hello(make_hello(dialler), listener);
    if (c.spoken > 0) {
      EXPECT_EQ(std::get<Peer>(verdict).version, c.spoken);
    } else {
      EXPECT_EQ(std::get<Refused>(verdict).reason, RefusalReason::no_common_version);
    }
  }
}

TEST(Handshake, names_both_ranges_of_versions_when_they_do_not_overlap) {
  ListenTerms listener = manager();
  listener.versions = {7, 9};
  EXPECT_THAT(refused(make_hello(worker()), listener).text,
              AllOf(HasSubstr("dialling end speaks protocol version 1,"), HasSubstr("7 to 9")));
}

TEST(Handshake, refuses_other_numerics_at_either_end_with_both_numbers) {
  DialTerms dialler = worker();
  dialler.numerics = 41;
  const Refused here = refused(make_hello(dialler), manager());
  EXPECT_EQ(here.reason, RefusalReason::numerics_differ);
  EXPECT_THAT(here.text, AllOf(HasSubstr("dialling end has numerics number 41"),
                               HasSubstr("listening end 3")));
  // A listener that doesn't check, as one of another make may not.
  const auto answer = judge_welcome(
      make_welcome(std::get<Peer>(judge_hello(make_hello(worker()), manager())), manager()),
      dialler);
  const Refused& there = std::get<Refused>(answer);
  EXPECT_EQ(there.reason, RefusalReason::numerics_differ);
  EXPECT_EQ(there.text, here.text);
}

TEST(Handshake, needs_equal_numerics_only_for_services_that_compute) {
  DialTerms talker = worker();
  talker.service = Service::talk;
  talker.numerics = 41;
  const auto verdict = judge_hello(make_hello(talker), manager());
  ASSERT_TRUE(std::holds_alternative<Peer>(verdict));
  const Welcome welcome = make_welcome(std::get<Peer>(verdict), manager());
  EXPECT_TRUE(std::holds_alternative<Peer>(judge_welcome(welcome, talker)));
}

TEST(Handshake, refuses_a_hello_that_is_wrong_in_one_field) {
  struct Case {
    std::function<void(Hello&)> spoil;
    RefusalReason reason;
  };
  for (const Case& c : {
           Case{[](Hello& h) { h.set_magic("ocha"); }, RefusalReason::bad_magic},
           Case{[](Hello& h) { h.clear_magic(); }, RefusalReason::bad_magic},
           Case{[](Hello& h) { h.set_service(Hello::SERVICE_ESTIMATE); },
                RefusalReason::service_not_offered},
           Case{[](Hello& h) { h.clear_service(); }, RefusalReason::service_not_offered},
           Case{[](Hello& h) { h.set_service(static_cast<Hello::Service>(99)); },
                RefusalReason::service_not_offered},
           Case{[](Hello& h) { h.set_service(static_cast<Hello::Service>(-1)); },
                RefusalReason::service_not_offered},
           Case{[](Hello& h) { h.set_role(Hello::ROLE_CLIENT); }, RefusalReason::bad_role},
           Case{[](Hello& h) { h.clear_role(); }, RefusalReason::bad_role},
           Case{[](Hello& h) { h.set_role(static_cast<Hello::Role>(99)); },
                RefusalReason::bad_role},
           Case{[](Hello& h) { h.clear_slots(); }, RefusalReason::bad_hello},
           Case{[](Hello& h) { h.set_slots(4097); }, RefusalReason::bad_hello},
           Case{[](Hello& h) { h.set_slots(4294967295U); }, RefusalReason::bad_hello},
       }) {
    Hello hello = make_hello(worker());
    c.spoil(hello);
    EXPECT_EQ(refused(hello, manager()).reason, c.reason) << to_string(c.reason);
  }
}

TEST(Handshake, accepts_the_ends_of_the_range_of_slots) {
  for (const std::uint32_t slots : {1U, 4096U}) {
    DialTerms terms = worker();
    terms.slots = slots;
    EXPECT_TRUE(std::holds_alternative<Peer>(judge_hello(make_hello(terms), manager())));
  }
}

TEST(Handshake, makes_a_name_fit) {
  const auto given = [](const std::string& name) {
    Hello hello = make_hello(worker());
    hello.set_name(name);
    return std::get<Peer>(judge_hello(hello, manager())).name;
  };
  EXPECT_EQ(given("lab 7"), "lab 7");
  EXPECT_EQ(given("\x1b[31mred\n"), "?[31mred");
  EXPECT_EQ(given(std::string(1000, 'n')), std::string(64, 'n'));
  EXPECT_EQ(given("J\xc3\xbcrg"), "J??rg");
  EXPECT_EQ(given("   "), "nameless");
  EXPECT_EQ(given("a\0b"s), "a?b");
}

TEST(Handshake, lets_the_service_rename_or_turn_away_last) {
  ListenTerms terms = manager();
  int asked = 0;
  terms.admit = [&](Peer& peer) -> std::optional<Refused> {
    ++asked;
    if (peer.slots > 100) return Refused{RefusalReason::not_admitted, "too strong"};
    peer.name += " 2";
    return std::nullopt;
  };
  EXPECT_EQ(std::get<Peer>(judge_hello(make_hello(worker()), terms)).name, "lab7 2");
  DialTerms strong = worker();
  strong.slots = 101;
  EXPECT_EQ(refused(make_hello(strong), terms).text, "too strong");
  EXPECT_EQ(asked, 2);
  strong.numerics = 4;
  EXPECT_EQ(refused(make_hello(strong), terms).reason, RefusalReason::numerics_differ);
  EXPECT_EQ(asked, 2);
}

TEST(Handshake, refuses_a_welcome_that_is_wrong) {
  const Peer peer = std::get<Peer>(judge_hello(make_hello(worker()), manager()));
  const auto reason_of = [&](const std::function<void(Welcome&)>& spoil) {
    Welcome welcome = make_welcome(peer, manager());
    spoil(welcome);
    return std::get<Refused>(judge_welcome(welcome, worker())).reason;
  };
  EXPECT_EQ(reason_of([](Welcome& w) { w.set_magic("http"); }), RefusalReason::bad_magic);
  EXPECT_EQ(reason_of([](Welcome& w) { w.set_version(2); }), RefusalReason::no_common_version);
  EXPECT_EQ(reason_of([](Welcome& w) { w.set_version(0); }), RefusalReason::no_common_version);
  EXPECT_EQ(reason_of([](Welcome& w) { w.set_numerics(2); }), RefusalReason::numerics_differ);
  EXPECT_EQ(reason_of([](Welcome& w) { w.set_heartbeat_period_ms(0); }), RefusalReason::bad_hello);
  EXPECT_EQ(reason_of([](Welcome& w) { w.set_heartbeat_period_ms(4294967295U); }),
            RefusalReason::bad_hello);
}

TEST(Handshake, keeps_the_heartbeat_within_its_limits) {
  ListenTerms terms = manager();
  for (const int ms : {0, 1, 1'000'000}) {
    terms.heartbeat = std::chrono::milliseconds(ms);
    const Peer peer = std::get<Peer>(judge_hello(make_hello(worker()), terms));
    EXPECT_TRUE(std::holds_alternative<Peer>(judge_welcome(make_welcome(peer, terms), worker())));
  }
}

TEST(Handshake, makes_the_text_of_a_refusal_fit) {
  Refusal refusal;
  refusal.set_reason(static_cast<Refusal::Reason>(77));
  refusal.set_text("\x1b]0;gotcha\x07" + std::string(5000, 'x'));
  const Refused read = read_refusal(refusal);
  EXPECT_EQ(read.reason, RefusalReason::not_admitted);
  EXPECT_EQ(read.text.size(), kMaxTextBytes);
  EXPECT_EQ(read.text.find('\x1b'), std::string::npos);
  EXPECT_EQ(read_refusal(make_refusal({RefusalReason::full, "full"})).reason, RefusalReason::full);
}

TEST(Handshake, guesses_what_a_stranger_speaks) {
  EXPECT_THAT(guess_stranger("GET / HT").value(), HasSubstr("browser"));
  EXPECT_THAT(guess_stranger("POST").value(), HasSubstr("HTTP"));
  EXPECT_THAT(guess_stranger("HTTP/1.1").value(), HasSubstr("server"));
  EXPECT_THAT(guess_stranger("SSH-2.0-").value(), HasSubstr("SSH"));
  EXPECT_THAT(guess_stranger("\x16\x03\x01\x02\x00"s).value(), HasSubstr("TLS"));
  EXPECT_THAT(guess_stranger("hello wo").value(), HasSubstr("plain text"));
  EXPECT_FALSE(guess_stranger("\xff\xff\xff\xff\x01"s));
}

}  // namespace
}  // namespace oche::wire

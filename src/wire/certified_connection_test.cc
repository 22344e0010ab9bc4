// Connections with certificates, over real sockets: what a host knows of who dials, and how a
// session ends.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <memory>

#include "oche/error.h"
#include "wire/dial.h"
#include "wire/key_file.h"
#include "wire/listener.h"
#include "wire/testing.h"
#include "wire/testing_authority.h"

namespace oche::wire {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;
using testing::kHost;
using testing::kWorker;
using testing::LoopThread;
using testing::Mailbox;
using testing::TestAuthority;
using testing::Wish;

// A host with keys and a certificate, and who dials it.
class Certified : public ::testing::Test {
 protected:
  void SetUp() override {
    host = lab.issue("host", kHost);
    host.revoked = lab.list_revoked();
    ListenTerms terms;
    terms.services = {Service::work, Service::talk};
    terms.numerics = 3;
    terms.admission.keys = std::make_shared<KeyTable>(lab.path("host.keys"));
    terms.admission.certificate = std::make_shared<Certificate>(host, CertificateUse::listen);
    listening.call([&] {
      ListenCallbacks callbacks;
      callbacks.on_open = [this](std::shared_ptr<Connection> connection) {
        connection->on_closed = [this](const Closed& why) { host_closed.put(why); };
        opened.put(std::move(connection));
      };
      callbacks.on_failed = [this](const std::string&, const Closed& why) { failed.put(why); };
      callbacks.on_trouble = [this](const std::string& text) { trouble.put(text); };
      listener = std::make_unique<Listener>(listening.loop(), Address{"127.0.0.1", 0},
                                            std::move(terms), std::move(callbacks));
    });
  }
  void TearDown() override {
    dialling.call([this] {
      if (dialled) dialled->drop();
    });
    listening.call([this] { listener.reset(); });
  }

  void dial_with(Credential credential, Service service = Service::work, std::string name = {}) {
    DialTerms terms;
    terms.service = service;
    terms.numerics = 3;
    terms.name = std::move(name);
    terms.credential = std::move(credential);
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
  static Credential certificate(const CertificateFiles& files) {
    return {nullptr, std::make_shared<Certificate>(files, CertificateUse::dial)};
  }

  const TestAuthority lab;
  CertificateFiles host;
  // Before the loops, which put things there to their end.
  Mailbox<std::shared_ptr<Connection>> opened;
  Mailbox<bool> open;
  Mailbox<Closed> host_closed, failed, closed;
  Mailbox<std::string> trouble;
  LoopThread listening, dialling;
  std::unique_ptr<Listener> listener;
  std::shared_ptr<Connection> dialled;
};

TEST_F(Certified, is_known_by_the_name_in_its_certificate_which_no_key_can_have) {
  dial_with(certificate(lab.issue("w", kWorker)));
  const std::shared_ptr<Connection> connection = opened.take();
  EXPECT_EQ(connection->peer().certificate, (CertificateId{"lab7", {Service::work}}));
  EXPECT_EQ(connection->peer().key, std::nullopt);
  EXPECT_EQ(connection->peer().name, "cert:lab7");
  EXPECT_EQ(connection->peer().given_name, "cert:lab7");
}

TEST_F(Certified, dials_with_a_key_as_well) {
  const Key key = make_key(KeyRole::work, "lab7");
  add_host_key(lab.path("host.keys"), key);
  dial_with({std::make_shared<const Key>(key), nullptr});
  const std::shared_ptr<Connection> connection = opened.take();
  EXPECT_EQ(connection->peer().key, key.id);
  EXPECT_EQ(connection->peer().name, "lab7");
}

TEST_F(Certified, can_not_take_a_certificates_name_with_the_own_key) {
  const Key own = own_key(lab.path("host.keys"));
  dial_with({std::make_shared<const Key>(own), nullptr}, Service::talk, "cert:lab7");
  const Closed here = closed.take();
  EXPECT_EQ(here.refusal, RefusalReason::bad_hello);
  EXPECT_THAT(here.text, HasSubstr("one of those that certificates have"));
}

TEST_F(Certified, is_refused_with_the_reason_for_a_service_that_is_not_in_it) {
  dial_with(certificate(lab.issue("w", kWorker)), Service::talk);
  const Closed here = closed.take();
  EXPECT_EQ(here.refusal, RefusalReason::not_admitted);
  EXPECT_THAT(here.text, HasSubstr("'lab7' isn't one for the service 'talk'"));
  EXPECT_THAT(here.text, HasSubstr("URI oche:talk"));
  EXPECT_EQ(failed.take().reason, CloseReason::refused_here);
}

TEST_F(Certified, is_refused_without_any_service) {
  dial_with(certificate(lab.issue("w", {"/CN=web", "DNS:web.lab", "clientAuth", {}, {}})));
  EXPECT_EQ(closed.take().refusal, RefusalReason::not_admitted);
}

TEST_F(Certified, hears_that_the_host_does_not_take_it) {
  const CertificateFiles files = lab.issue("w", kWorker);
  lab.revoke("w");
  lab.list_revoked();
  const auto dialled_once = [&] {
    dial_with(certificate(files));
    return closed.take();
  };
  Closed here = dialled_once();
  // Until the listener has read the list, within a second, there are sessions, which end then.
  while (here.reason == CloseReason::goodbye) here = dialled_once();
  EXPECT_EQ(here.reason, CloseReason::wrong_key);
  EXPECT_THAT(here.text, HasSubstr("doesn't take the certificate"));
  const Closed there = failed.take();
  EXPECT_EQ(there.reason, CloseReason::wrong_key);
  EXPECT_THAT(there.text, HasSubstr("was revoked"));
}

TEST_F(Certified, loses_its_session_when_its_certificate_is_revoked) {
  dial_with(certificate(lab.issue("w", kWorker)));
  opened.take();
  open.take();
  lab.revoke("w");
  lab.list_revoked();
  const Closed here = closed.take();
  EXPECT_EQ(here.goodbye, GoodbyeReason::turned_away);
  EXPECT_THAT(here.text, HasSubstr("revoked"));
}

TEST_F(Certified, keeps_its_session_when_another_certificate_is_revoked) {
  dial_with(certificate(lab.issue("w", kWorker)));
  opened.take();
  open.take();
  lab.issue("x", kWorker);
  lab.revoke("x");
  lab.list_revoked();
  // The list was read when the next one to come is told so.
  lab.write("revoked.pem", "nothing");
  EXPECT_THAT(trouble.take(), HasSubstr("stay as they were"));
  EXPECT_TRUE(dialling.call([this] { return dialled->open(); }));
}

TEST_F(Certified, loses_its_session_when_its_certificate_expires_and_has_none_after_that) {
  // Where the computer is so slow that it expires before there is a session, it is given longer.
  for (int seconds = 3;; seconds *= 2) {
    ASSERT_LT(seconds, 100);
    Wish wish = kWorker;
    wish.end = testing::utc(std::time(nullptr) + seconds);
    const CertificateFiles files = lab.issue("short", wish);
    try {
      const Credential credential = certificate(files);
      dial_with(credential);
      const Closed here = closed.take();
      if (here.reason != CloseReason::goodbye) continue;
      EXPECT_EQ(here.goodbye, GoodbyeReason::stopping) << "it may have another by now";
      EXPECT_THAT(here.text, HasSubstr("its certificate has expired"));
      dial_with(credential);
      EXPECT_THAT(closed.take().text, HasSubstr("short.pem' of this end has expired"));
      return;
    } catch (const Error&) {
    }
  }
}

TEST_F(Certified, is_told_where_the_hosts_certificate_does_not_name_it) {
  lab.issue("host", {"/CN=h", "URI:oche:host,DNS:elsewhere", "serverAuth", {}, {}});
  // Until the listener has read its file again, within a second, there are sessions.
  for (;;) {
    const Credential credential = certificate(lab.issue("w", kWorker));
    dial_with(credential, Service::talk);
    const Closed here = closed.take();
    if (here.reason == CloseReason::refused_by_peer) continue;
    EXPECT_EQ(here.reason, CloseReason::wrong_key);
    EXPECT_THAT(here.text, HasSubstr("doesn't name the host that was dialled"));
    return;
  }
}

}  // namespace
}  // namespace oche::wire

#include "wire/certificate.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <memory>
#include <vector>

#include "oche/error.h"
#include "wire/testing_authority.h"
#include "wire/tls.h"

namespace oche::wire {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using testing::kHost;
using testing::kWorker;
using testing::TestAuthority;
using testing::utc;
using testing::Wish;

// One for all tests: each makes certificates of its own.
const TestAuthority& lab() {
  static const TestAuthority authority;
  return authority;
}
const TestAuthority& other() {
  static const TestAuthority authority("other authority");
  return authority;
}

CertificateFiles named(CertificateFiles files, const std::string& authority) {
  files.authority = authority;
  return files;
}
CertificateFiles with_list(CertificateFiles files, const std::string& list) {
  files.revoked = list;
  return files;
}

std::optional<Key> no_key(std::string_view) { return std::nullopt; }

// A dialler, a host, and the bytes between them.
struct Pair {
  Pair(Tls dials, Tls listens) : dialler(std::move(dials)), listener(std::move(listens)) {
    for (;;) {
      const std::string there = dialler.take_output();
      const std::string back = listener.take_output();
      if (there.empty() && back.empty()) break;
      listener.receive(there, [](std::string_view) {});
      dialler.receive(back, [](std::string_view) {});
    }
  }
  // Of two certificates, the host dialled by a name that it has.
  Pair(const CertificateFiles& dials, const CertificateFiles& listens,
       const std::string& name = "host.lab")
      : Pair(Tls::dial(Certificate(dials, CertificateUse::dial), name), accept(listens)) {}

  static Tls accept(const CertificateFiles& files) {
    const Certificate own(files, CertificateUse::listen);
    return Tls::accept(no_key, &own);
  }
  std::string at_dialler() const { return dialler.problem() ? dialler.problem()->text : "none"; }
  std::string at_listener() const { return listener.problem() ? listener.problem()->text : "none"; }

  Tls dialler, listener;
};

TEST(Certificate, opens_a_session_and_says_who_dials_and_for_what) {
  Pair pair(
      lab().issue("w", {"/CN=ann@lab.org", "URI:oche:talk,URI:oche:send", "clientAuth", {}, {}}),
      lab().issue("h", kHost));
  ASSERT_TRUE(pair.dialler.open()) << pair.at_dialler();
  ASSERT_TRUE(pair.listener.open()) << pair.at_listener();
  EXPECT_EQ(pair.listener.key(), nullptr);
  ASSERT_NE(pair.listener.certificate(), nullptr);
  EXPECT_EQ(*pair.listener.certificate(),
            (CertificateId{"ann@lab.org", {Service::talk, Service::send}}));
  std::string read;
  pair.dialler.send("hello");
  pair.listener.receive(pair.dialler.take_output(), [&](std::string_view plain) { read += plain; });
  EXPECT_EQ(read, "hello");
}

TEST(Certificate, stands_beside_keys) {
  const Certificate own(lab().issue("h", kHost), CertificateUse::listen);
  const Key key = make_key(KeyRole::work, "lab7");
  const auto find = [&](std::string_view) { return std::optional<Key>(key); };
  const Pair pair(Tls::dial(key), Tls::accept(find, &own));
  ASSERT_TRUE(pair.dialler.open()) << pair.at_dialler();
  ASSERT_NE(pair.listener.key(), nullptr);
  EXPECT_EQ(*pair.listener.key(), key);
  EXPECT_EQ(pair.listener.certificate(), nullptr);
  EXPECT_FALSE(pair.listener.wrong_by(own));
  EXPECT_FALSE(pair.listener.expired(WallTime::max()));
}

TEST(Certificate, does_not_stand_in_for_a_key_that_is_wrong) {
  const Certificate own(lab().issue("h", kHost), CertificateUse::listen);
  const Pair pair(Tls::dial(make_key(KeyRole::work, "lab7")), Tls::accept(no_key, &own));
  EXPECT_FALSE(pair.dialler.open());
  EXPECT_FALSE(pair.listener.open());
  EXPECT_THAT(pair.at_dialler(), HasSubstr("doesn't take the key 'oche1.work.lab7'"));
}

TEST(Certificate, is_of_no_use_where_there_are_only_keys) {
  const Certificate own(lab().issue("w", kWorker), CertificateUse::dial);
  const Pair pair(Tls::dial(own, "host.lab"), Tls::accept(no_key));
  EXPECT_FALSE(pair.dialler.open());
  EXPECT_FALSE(pair.listener.open());
  EXPECT_THAT(pair.at_dialler(), HasSubstr("takes no certificates"));
}

TEST(Certificate, of_another_authority_lets_nobody_in) {
  // A dialler that takes the host's all the same, and one that shows its own.
  lab().write("both.pem", lab().read("authority.pem") + other().read("authority.pem"));
  const CertificateFiles stranger = named(other().issue("w", kWorker), lab().path("both.pem"));
  const Pair pair(stranger, lab().issue("h", kHost));
  EXPECT_FALSE(pair.listener.open());
  EXPECT_THAT(pair.at_listener(), HasSubstr("isn't of the authority"));
  EXPECT_THAT(pair.at_dialler(),
              AllOf(HasSubstr("doesn't take the certificate"), HasSubstr("unknown ca")));
}

TEST(Certificate, of_another_authority_makes_no_host) {
  lab().write("both.pem", lab().read("authority.pem") + other().read("authority.pem"));
  const CertificateFiles host = named(other().issue("h", kHost), lab().path("both.pem"));
  const Pair pair(lab().issue("w", kWorker), host);
  EXPECT_FALSE(pair.dialler.open());
  EXPECT_FALSE(pair.listener.open());
  EXPECT_THAT(pair.at_dialler(), HasSubstr("isn't of the authority"));
  EXPECT_THAT(pair.at_listener(), HasSubstr("doesn't take this host's certificate"));
}

TEST(Certificate, of_a_host_names_what_was_dialled) {
  const CertificateFiles worker = lab().issue("w", kWorker);
  const CertificateFiles host =
      lab().issue("h", {"/CN=cn.lab",
                        "URI:oche:host,DNS:host.lab,DNS:*.wild.lab,IP:127.0.0.1,IP:::1",
                        "serverAuth",
                        {},
                        {}});
  for (const char* name : {"host.lab", "HOST.lab", "host.lab.", "127.0.0.1", "::1", "::1%lo"}) {
    const Pair pair(worker, host, name);
    EXPECT_TRUE(pair.dialler.open()) << name << ": " << pair.at_dialler();
  }
  for (const char* name : {"cn.lab", "a.wild.lab", "lab", "xhost.lab", "localhost", "127.0.0.2",
                           "::2", "::ffff:127.0.0.1", ""}) {
    const Pair pair(worker, host, name);
    EXPECT_FALSE(pair.dialler.open()) << name;
    EXPECT_FALSE(pair.listener.open()) << name;
    EXPECT_THAT(pair.at_dialler(), ::testing::AnyOf(HasSubstr("doesn't name the host"),
                                                    HasSubstr("no certificate can name")));
  }
}

TEST(Certificate, is_judged_with_those_between_it_and_the_authority) {
  lab().issue_authority("below");
  CertificateFiles worker = lab().issue("deep", kWorker, "below");
  EXPECT_THROW(Certificate(worker, CertificateUse::dial), Error) << "what is between is missing";
  lab().write("deep.pem", lab().read("deep.pem") + lab().read("below.pem"));
  const CertificateFiles host = lab().issue("h", kHost);
  const Pair pair(worker, host);
  EXPECT_TRUE(pair.listener.open()) << pair.at_listener();
  // One that stands below another may be the only one that is trusted.
  const CertificateFiles below = named(lab().issue("h2", kHost, "below"), lab().path("below.pem"));
  EXPECT_THAT(Pair(lab().issue("w", kWorker), below).at_dialler(),
              HasSubstr("isn't of the authority"))
      << "the host shows nothing between";
  lab().write("h2.pem", lab().read("h2.pem") + lab().read("below.pem"));
  EXPECT_TRUE(Pair(worker, below).listener.open());
  EXPECT_THAT(Pair(lab().issue("w", kWorker), below).at_listener(),
              HasSubstr("isn't of the authority"));
}

TEST(Certificate, that_is_revoked_opens_nothing_and_ends_what_is_open) {
  const CertificateFiles bad = lab().issue("bad", kWorker);
  const CertificateFiles good = lab().issue("good", kWorker);
  const CertificateFiles host = with_list(lab().issue("h", kHost), lab().list_revoked());
  Certificate own(host, CertificateUse::listen);
  const Pair open(Tls::dial(Certificate(bad, CertificateUse::dial), "host.lab"),
                  Tls::accept(no_key, &own));
  const Pair other(Tls::dial(Certificate(good, CertificateUse::dial), "host.lab"),
                   Tls::accept(no_key, &own));
  ASSERT_TRUE(open.listener.open()) << open.at_listener();
  std::string trouble;
  EXPECT_FALSE(own.refresh(trouble)) << "nothing has changed";
  lab().revoke("bad");
  lab().list_revoked();
  EXPECT_TRUE(own.refresh(trouble)) << trouble;
  ASSERT_TRUE(open.listener.wrong_by(own));
  EXPECT_TRUE(open.listener.wrong_by(own)->for_ever);
  EXPECT_FALSE(other.listener.wrong_by(own));
  const Pair again(bad, host);
  EXPECT_FALSE(again.listener.open());
  EXPECT_THAT(again.at_listener(), HasSubstr("was revoked"));
}

TEST(Certificate, that_is_revoked_is_out_whatever_is_wrong_with_other_files) {
  const CertificateFiles bad = lab().issue("bad2", kWorker);
  const CertificateFiles host = with_list(lab().issue("h2", kHost), lab().list_revoked());
  Certificate own(host, CertificateUse::listen);
  const Pair open(Tls::dial(Certificate(bad, CertificateUse::dial), "host.lab"),
                  Tls::accept(no_key, &own));
  ASSERT_TRUE(open.listener.open()) << open.at_listener();
  lab().write("h2.pem", "no certificate");
  lab().revoke("bad2");
  lab().list_revoked();
  std::string trouble;
  EXPECT_TRUE(own.refresh(trouble));
  EXPECT_THAT(trouble, AllOf(HasSubstr("h2.pem"), HasSubstr("only the list")));
  ASSERT_TRUE(open.listener.wrong_by(own));
  EXPECT_THAT(open.listener.wrong_by(own)->text, HasSubstr("was revoked"));
  const Pair again(Tls::dial(Certificate(bad, CertificateUse::dial), "host.lab"),
                   Tls::accept(no_key, &own));
  EXPECT_FALSE(again.listener.open());
  const CertificateFiles good = lab().issue("good2", kWorker);
  const Pair other(Tls::dial(Certificate(good, CertificateUse::dial), "host.lab"),
                   Tls::accept(no_key, &own));
  EXPECT_TRUE(other.listener.open()) << other.at_listener();
}

TEST(Certificate, is_read_again_when_its_file_can_be_read_again) {
  const CertificateFiles host = lab().issue("h4", kHost);
  const CertificateFiles copy{host.authority, host.certificate, lab().path("h4.key"), {}};
  lab().write("h4.key", lab().read("any.key"));
  ASSERT_EQ(::chmod(copy.private_key.c_str(), 0600), 0);
  Certificate own(copy, CertificateUse::listen);
  ASSERT_EQ(::chmod(copy.private_key.c_str(), 0644), 0);
  std::string trouble;
  EXPECT_FALSE(own.refresh(trouble));
  EXPECT_THAT(trouble, HasSubstr("chmod 600"));
  trouble.clear();
  EXPECT_FALSE(own.refresh(trouble));
  EXPECT_EQ(trouble, "") << "said once";
  ASSERT_EQ(::chmod(copy.private_key.c_str(), 0600), 0);
  EXPECT_TRUE(own.refresh(trouble)) << trouble;
}

TEST(Certificate, is_not_called_revoked_where_only_its_list_has_expired) {
  const CertificateFiles worker = lab().issue("w3", kWorker);
  const CertificateFiles host = with_list(lab().issue("h3", kHost), lab().list_revoked());
  Certificate own(host, CertificateUse::listen);
  const Pair open(Tls::dial(Certificate(worker, CertificateUse::dial), "host.lab"),
                  Tls::accept(no_key, &own));
  ASSERT_TRUE(open.listener.open()) << open.at_listener();
  lab().list_revoked("20200201000000Z");
  std::string trouble;
  EXPECT_TRUE(own.refresh(trouble));
  EXPECT_THAT(trouble, HasSubstr("put a list that is in force"));
  ASSERT_TRUE(open.listener.wrong_by(own));
  EXPECT_FALSE(open.listener.wrong_by(own)->for_ever);
  EXPECT_THAT(open.listener.wrong_by(own)->text, HasSubstr("can't be looked up"));
  lab().list_revoked();
}

TEST(Certificate, is_looked_up_in_a_list_of_its_own_authority_that_is_in_force) {
  const CertificateFiles worker = lab().issue("w", kWorker);
  const CertificateFiles host = lab().issue("h", kHost);
  const std::string old = lab().list_revoked("20200201000000Z");
  EXPECT_THAT([&] { Certificate(with_list(host, old), CertificateUse::listen); },
              ::testing::ThrowsMessage<Error>(HasSubstr("has expired")));
  lab().list_revoked();
  EXPECT_THAT([&] { Certificate(with_list(host, other().list_revoked()), CertificateUse::listen); },
              ::testing::ThrowsMessage<Error>(HasSubstr("no list of its authority")));
  // Of what is between too; not of the one that is trusted, where it can't be had.
  lab().issue_authority("middle");
  lab().issue("m", kWorker, "middle");
  const CertificateFiles listed = with_list(host, lab().list_revoked());
  lab().write("m.pem", lab().read("m.pem") + lab().read("middle.pem"));
  EXPECT_THAT(Pair(lab().files("m"), listed).at_listener(), HasSubstr("no list of its authority"));
  const CertificateFiles below =
      named(lab().issue("hm", kHost, "middle"), lab().path("middle.pem"));
  lab().write("hm.pem", lab().read("hm.pem") + lab().read("middle.pem"));
  const std::string list = lab().list_revoked({}, "middle");
  EXPECT_TRUE(Pair(lab().files("m"), with_list(below, list)).listener.open());
  lab().revoke("middle");
  lab().list_revoked();
  lab().write("all.pem", lab().read("middle-revoked.pem") + lab().read("revoked.pem"));
  EXPECT_THAT(Pair(lab().files("m"), with_list(host, lab().path("all.pem"))).at_listener(),
              HasSubstr("was revoked"));
}

TEST(Certificate, has_an_end_and_so_have_its_sessions) {
  const std::time_t end = std::time(nullptr) + 5 * 86400;
  Wish wish = kWorker;
  wish.end = utc(end);
  const Pair pair(lab().issue("short", wish), lab().issue("h", kHost));
  ASSERT_TRUE(pair.listener.open()) << pair.at_listener();
  const WallTime last{std::chrono::seconds(end)};
  EXPECT_FALSE(pair.listener.expired(last - std::chrono::seconds(1)));
  EXPECT_TRUE(pair.listener.expired(last));
  wish.end = "99991231235959Z";
  const Certificate forever(lab().issue("forever", wish), CertificateUse::dial);
  EXPECT_GT(forever.good_until(), last) << "the authority's own end";
}

TEST(Certificate, is_read_again_when_it_was_renewed) {
  const CertificateFiles files = lab().issue("renewed", kWorker);
  Certificate own(files, CertificateUse::dial);
  Wish wish = kWorker;
  wish.subject = "/CN=lab8";
  lab().issue("renewed", wish);
  std::string trouble;
  EXPECT_TRUE(own.refresh(trouble));
  EXPECT_EQ(own.id().name, "lab8");
  lab().write("renewed.pem", "nothing");
  EXPECT_FALSE(own.refresh(trouble));
  EXPECT_THAT(trouble, AllOf(HasSubstr("renewed.pem"), HasSubstr("stay as they were")));
  EXPECT_EQ(own.id().name, "lab8");
}

// ---- What is refused before anything is sent ----

struct Refused {
  const char* name;
  CertificateUse use;
  Wish wish;
  const char* text;
};

class Unfit : public ::testing::TestWithParam<Refused> {};

TEST_P(Unfit, is_refused_with_the_reason) {
  const Refused& refused = GetParam();
  const CertificateFiles files = lab().issue("unfit", refused.wish);
  EXPECT_THAT(
      [&] { Certificate(files, refused.use); },
      ::testing::ThrowsMessage<Error>(AllOf(HasSubstr("unfit.pem"), HasSubstr(refused.text))));
}

constexpr auto kDial = CertificateUse::dial;
constexpr auto kListen = CertificateUse::listen;
INSTANTIATE_TEST_SUITE_P(
    Certificate, Unfit,
    ::testing::Values(
        Refused{"a_host", kDial, kHost, "isn't clientAuth"},
        Refused{"a_worker", kListen, kWorker, "isn't serverAuth"},
        Refused{"for_anything", kDial, {"/CN=a", "URI:oche:work", "", {}, {}}, "isn't clientAuth"},
        Refused{"for_any_use",
                kDial,
                {"/CN=a", "URI:oche:work", "2.5.29.37.0", {}, {}},
                "isn't clientAuth"},
        Refused{"both_but_no_host",
                kListen,
                {"/CN=a", "URI:oche:work,DNS:host.lab", "serverAuth,clientAuth", {}, {}},
                "no URI oche:host"},
        Refused{"nameless_host",
                kListen,
                {"/CN=host.lab", "URI:oche:host", "serverAuth", {}, {}},
                "names no host"},
        Refused{"nameless", kDial, {"/", "URI:oche:work", "clientAuth", {}, {}}, "no CN"},
        Refused{"two_names", kDial, {"/CN=a/CN=b", "URI:oche:work", "clientAuth", {}, {}}, "no CN"},
        Refused{"slash", kDial, {"/CN=a\\/b", "URI:oche:work", "clientAuth", {}, {}}, "no CN"},
        Refused{"long_name",
                kDial,
                {"/CN=" + std::string(49, 'n'), "URI:oche:work", "clientAuth", {}, {}},
                "no CN"},
        Refused{"expired",
                kDial,
                {"/CN=a", "URI:oche:work", "clientAuth", "20200101000000Z", "20200102000000Z"},
                "has expired"},
        Refused{"too_early",
                kDial,
                {"/CN=a", "URI:oche:work", "clientAuth", "21200101000000Z", "21200102000000Z"},
                "isn't valid yet"}),
    [](const auto& test) { return test.param.name; });

void expect_unusable(const CertificateFiles& files, const std::string& file,
                     const std::string& why) {
  EXPECT_THAT([&] { Certificate(files, CertificateUse::dial); },
              ::testing::ThrowsMessage<Error>(AllOf(HasSubstr(file), HasSubstr(why))));
}

TEST(Certificate, needs_files_that_are_what_they_should_be) {
  const CertificateFiles good = lab().issue("w", kWorker);
  const auto with = [&](std::string CertificateFiles::* member, const std::string& path) {
    CertificateFiles files = good;
    files.*member = path;
    return files;
  };
  expect_unusable(with(&CertificateFiles::authority, "/nowhere"), "/nowhere", "can't be read");
  expect_unusable(with(&CertificateFiles::authority, good.certificate), "w.pem",
                  "isn't an authority's");
  expect_unusable(with(&CertificateFiles::authority, other().path("authority.pem")), "w.pem",
                  "isn't of the authority");
  expect_unusable(with(&CertificateFiles::certificate, good.private_key), "any.key",
                  "isn't one or more");
  expect_unusable(with(&CertificateFiles::private_key, good.certificate), "w.pem",
                  "other users may read");
  expect_unusable(with(&CertificateFiles::private_key, lab().path("authority.key")),
                  "authority.key", "isn't that of the certificate");
  expect_unusable(with(&CertificateFiles::revoked, good.certificate), "w.pem",
                  "revocation lists in PEM");
  lab().openssl("pkey -in any.key -aes256 -passout pass:secret -out locked.key");
  expect_unusable(with(&CertificateFiles::private_key, lab().path("locked.key")), "locked.key",
                  "has a passphrase");
  lab().openssl(
      "req -x509 -key any.key -subj /CN=self -out self.pem -addext extendedKeyUsage=clientAuth");
  expect_unusable(with(&CertificateFiles::certificate, lab().path("self.pem")), "self.pem",
                  "isn't of the authority");
  std::string many = lab().read("w.pem");
  for (int i = 0; i < 60; ++i) many += lab().read("authority.pem");
  lab().write("many.pem", many);
  expect_unusable(with(&CertificateFiles::certificate, lab().path("many.pem")), "many.pem",
                  "is the limit");
  std::filesystem::permissions(lab().path("many.pem"), std::filesystem::perms(0664));
  expect_unusable(with(&CertificateFiles::certificate, lab().path("many.pem")), "many.pem",
                  "other users may change it");
}

TEST(Certificate, of_a_weak_key_is_refused) {
  lab().openssl("req -new -newkey rsa:1024 -noenc -subj /CN=weak -keyout weak.key -out weak.csr");
  lab().write("weak.ext", "subjectAltName=URI:oche:work\nextendedKeyUsage=clientAuth\n");
  lab().openssl(
      "x509 -req -in weak.csr -CA authority.pem -CAkey authority.key -days 9 -extfile weak.ext "
      "-out "
      "weak.pem");
  CertificateFiles files = lab().files("weak");
  files.private_key = lab().path("weak.key");
  expect_unusable(files, "weak.pem", "weak");
}

TEST(Tls, holds_no_more_of_a_handshake_than_its_limit) {
  Tls listener = Tls::accept(no_key);
  // A ClientHello that says it has 100,000 bytes, in records that are small.
  const auto record = [](const std::string& body) {
    const char size[] = {static_cast<char>(body.size() >> 8), static_cast<char>(body.size() & 255)};
    return std::string("\x16\x03\x01", 3) + std::string(size, 2) + body;
  };
  const std::string piece(1000, '\0');
  listener.receive(record(std::string("\x01\x01\x86\xa0\x03\x03", 6) + piece),
                   [](std::string_view) {});
  std::size_t sent = piece.size();
  while (!listener.problem() && sent < 90'000) {
    listener.receive(record(piece), [](std::string_view) {});
    sent += piece.size();
  }
  ASSERT_TRUE(listener.problem());
  EXPECT_LE(sent, kMaxHandshakeBytes + piece.size());
  EXPECT_THAT(listener.problem()->text, HasSubstr("before its handshake was done"));
}

}  // namespace
}  // namespace oche::wire

#include "wire/handshake.h"

#include <algorithm>
#include <array>

#include "wire/address_range.h"

namespace oche::wire {
namespace {

static_assert(static_cast<int>(Role::worker) == Hello::ROLE_WORKER);
static_assert(static_cast<int>(Role::client) == Hello::ROLE_CLIENT);
static_assert(static_cast<int>(Service::work) == Hello::SERVICE_WORK);
static_assert(static_cast<int>(Service::estimate) == Hello::SERVICE_ESTIMATE);
static_assert(static_cast<int>(Service::talk) == Hello::SERVICE_TALK);
static_assert(static_cast<int>(Service::send) == Hello::SERVICE_SEND);
static_assert(static_cast<int>(RefusalReason::bad_magic) == Refusal::BAD_MAGIC);
static_assert(static_cast<int>(RefusalReason::no_common_version) == Refusal::NO_COMMON_VERSION);
static_assert(static_cast<int>(RefusalReason::bad_role) == Refusal::BAD_ROLE);
static_assert(static_cast<int>(RefusalReason::service_not_offered) == Refusal::SERVICE_NOT_OFFERED);
static_assert(static_cast<int>(RefusalReason::numerics_differ) == Refusal::NUMERICS_DIFFER);
static_assert(static_cast<int>(RefusalReason::bad_hello) == Refusal::BAD_HELLO);
static_assert(static_cast<int>(RefusalReason::full) == Refusal::FULL);
static_assert(static_cast<int>(RefusalReason::not_admitted) == Refusal::NOT_ADMITTED);
static_assert(static_cast<int>(RefusalReason::too_slow) == Refusal::TOO_SLOW);
static_assert(static_cast<int>(RefusalReason::finished) == Refusal::FINISHED);

constexpr std::string_view kNameless = "nameless";

// "1" or "1 to 3".
std::string to_text(VersionRange range) {
  std::string text = std::to_string(range.min);
  if (range.max != range.min) text += " to " + std::to_string(range.max);
  return text;
}

std::optional<Service> service_of(const Hello& hello) {
  if (hello.service() < Hello::SERVICE_WORK || hello.service() > Hello::SERVICE_SEND) {
    return std::nullopt;
  }
  return static_cast<Service>(hello.service());
}

Refused no_common_version(VersionRange dialler, VersionRange listener) {
  return {RefusalReason::no_common_version,
          "the dialling end speaks protocol version " + to_text(dialler) + ", the listening end " +
              to_text(listener) + " (they have none in common); run the same release at both ends"};
}

Refused numerics_differ(std::uint32_t dialler, std::uint32_t listener) {
  return {RefusalReason::numerics_differ,
          "the dialling end has numerics number " + std::to_string(dialler) +
              ", the listening end " + std::to_string(listener) +
              " (results could differ in their last bits); run the same release at both ends"};
}

Refused bad_magic() {
  return {RefusalReason::bad_magic,
          "the first message doesn't have oche's magic bytes (the other end isn't oche); check the "
          "address and the port"};
}

std::chrono::milliseconds clamp_heartbeat(std::chrono::milliseconds period) {
  return std::clamp(period, kMinHeartbeatPeriod, kMaxHeartbeatPeriod);
}

}  // namespace

std::string_view to_string(Role role) {
  switch (role) {
    case Role::worker:
      return "worker";
    case Role::client:
      return "client";
  }
  return {};
}

std::string_view to_string(Service service) {
  switch (service) {
    case Service::work:
      return "work";
    case Service::estimate:
      return "estimate";
    case Service::talk:
      return "talk";
    case Service::send:
      return "send";
  }
  return {};
}

std::string_view to_string(RefusalReason reason) {
  switch (reason) {
    case RefusalReason::bad_magic:
      return "bad_magic";
    case RefusalReason::no_common_version:
      return "no_common_version";
    case RefusalReason::bad_role:
      return "bad_role";
    case RefusalReason::service_not_offered:
      return "service_not_offered";
    case RefusalReason::numerics_differ:
      return "numerics_differ";
    case RefusalReason::bad_hello:
      return "bad_hello";
    case RefusalReason::full:
      return "full";
    case RefusalReason::not_admitted:
      return "not_admitted";
    case RefusalReason::too_slow:
      return "too_slow";
    case RefusalReason::finished:
      return "finished";
  }
  return {};
}

Role role_of(Service service) { return service == Service::work ? Role::worker : Role::client; }

bool computes(Service service) { return service == Service::work || service == Service::estimate; }

std::string printable(std::string_view text, std::size_t max_bytes) {
  std::string result;
  const auto is_blank = [](char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; };
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  text = text.substr(0, max_bytes);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  result.reserve(text.size());
  for (const char c : text) result.push_back(c >= ' ' && c <= '~' ? c : '?');
  return result;
}

Hello make_hello(const DialTerms& terms) {
  Hello hello;
  hello.set_magic(std::string(kMagic));
  hello.set_version_min(terms.versions.min);
  hello.set_version_max(terms.versions.max);
  hello.set_role(static_cast<Hello::Role>(role_of(terms.service)));
  hello.set_service(static_cast<Hello::Service>(terms.service));
  hello.set_numerics(terms.numerics);
  hello.set_name(printable(terms.name, kMaxNameBytes));
  hello.set_slots(terms.slots);
  hello.set_process(terms.process);
  hello.set_build(printable(terms.build, kMaxBuildBytes));
  hello.set_probe(terms.probe);
  return hello;
}

bool permits(KeyRole role, Service service) {
  switch (role) {
    case KeyRole::own:
      return true;
    case KeyRole::work:
      return service == Service::work;
    case KeyRole::estimate:
      return service == Service::estimate;
    case KeyRole::talk:
      return service == Service::talk;
    case KeyRole::send:
      return service == Service::send;
  }
  return false;
}

bool permits(const CertificateId& id, Service service) {
  return std::find(id.services.begin(), id.services.end(), service) != id.services.end();
}

namespace {

// Why this caller may not use the service; nothing if it may.
std::optional<Refused> judge_caller(const Caller& caller, Service service,
                                    const Admission& admission) {
  const std::string name = "'" + std::string(to_string(service)) + "'";
  const auto refused = [](std::string text) {
    return Refused{RefusalReason::not_admitted, std::move(text)};
  };
  if (admission.allow && !admission.allow->permits(service, caller.source)) {
    return refused("the service " + name + " isn't offered to " + caller.source +
                   " (--allow); ask the host's owner");
  }
  if (caller.key && !permits(caller.key->role, service)) {
    return refused("the key '" + caller.key->name + "' isn't one for the service " + name +
                   "; ask the host's owner for one");
  }
  if (caller.certificate && !permits(*caller.certificate, service)) {
    return refused("the certificate of '" + caller.certificate->name +
                   "' isn't one for the service " + name + " (it would name the URI oche:" +
                   std::string(to_string(service)) + "); ask its authority for one");
  }
  return std::nullopt;
}

std::string given_name(const Caller& caller) {
  if (caller.certificate) return std::string(kCertificatePrefix) + caller.certificate->name;
  return caller.key && caller.key->role != KeyRole::own ? caller.key->name : std::string();
}

// Who was invited can't pass for another: the given name stands in front of what it calls itself.
std::string name_of(const std::string& given, const std::string& wished) {
  std::string name = printable(wished, kMaxNameBytes);
  if (!given.empty()) {
    name = printable(name.empty() || name == given ? given : given + "/" + name, kMaxNameBytes);
  }
  return name.empty() ? std::string(kNameless) : name;
}

}  // namespace

std::variant<Peer, Refused> judge_hello(const Hello& hello, const ListenTerms& terms,
                                        const Caller& caller) {
  if (hello.magic() != kMagic) return bad_magic();
  const VersionRange theirs{hello.version_min(), hello.version_max()};
  const std::uint32_t version = std::min(theirs.max, terms.versions.max);
  if (version < theirs.min || version < terms.versions.min || theirs.min < 1) {
    return no_common_version(theirs, terms.versions);
  }
  const std::optional<Service> service = service_of(hello);
  const bool offered = service && std::find(terms.services.begin(), terms.services.end(),
                                            *service) != terms.services.end();
  if (!offered) {
    return Refused{RefusalReason::service_not_offered,
                   "the service " +
                       (service ? "'" + std::string(to_string(*service)) + "'"
                                : "of number " + std::to_string(hello.service())) +
                       " isn't offered here; check the address and the port"};
  }
  if (static_cast<int>(hello.role()) != static_cast<int>(role_of(*service))) {
    return Refused{RefusalReason::bad_role, "the service '" + std::string(to_string(*service)) +
                                                "' is for the role '" +
                                                std::string(to_string(role_of(*service))) +
                                                "' (the dialling end has another)"};
  }
  if (std::optional<Refused> refused = judge_caller(caller, *service, terms.admission)) {
    return *std::move(refused);
  }
  if (computes(*service) && hello.numerics() != terms.numerics) {
    return numerics_differ(hello.numerics(), terms.numerics);
  }
  const std::uint32_t fewest = *service == Service::work ? 1 : 0;
  if (hello.slots() < fewest || hello.slots() > kMaxSlots) {
    return Refused{RefusalReason::bad_hello,
                   "the dialling end lends " + std::to_string(hello.slots()) +
                       " cores (a worker lends 1 to " + std::to_string(kMaxSlots) + ")"};
  }
  Peer peer;
  peer.version = version;
  peer.numerics = hello.numerics();
  peer.role = role_of(*service);
  peer.service = *service;
  peer.given_name = given_name(caller);
  peer.name = name_of(peer.given_name, hello.name());
  if (!caller.certificate && peer.name.starts_with(kCertificatePrefix)) {
    return Refused{RefusalReason::bad_hello, "the name '" + peer.name +
                                                 "' is one of those that certificates have (it "
                                                 "begins with cert:); give another --name"};
  }
  peer.slots = hello.slots();
  peer.process = hello.process();
  peer.build = printable(hello.build(), kMaxBuildBytes);
  peer.heartbeat = clamp_heartbeat(terms.heartbeat);
  peer.probe = hello.probe();
  peer.source = caller.source;
  peer.key = caller.key;
  peer.certificate = caller.certificate;
  if (terms.admit) {
    if (std::optional<Refused> refused = terms.admit(peer)) return *std::move(refused);
    peer.name = printable(peer.name, kMaxNameBytes);
    if (peer.name.empty()) peer.name = kNameless;
  }
  return peer;
}

Welcome make_welcome(const Peer& peer, const ListenTerms& terms) {
  Welcome welcome;
  welcome.set_magic(std::string(kMagic));
  welcome.set_version(peer.version);
  welcome.set_numerics(terms.numerics);
  welcome.set_name(peer.name);
  welcome.set_heartbeat_period_ms(static_cast<std::uint32_t>(peer.heartbeat.count()));
  welcome.set_build(printable(terms.build, kMaxBuildBytes));
  if (peer.probe && terms.clock) welcome.set_unix_time_ms(terms.clock());
  return welcome;
}

std::variant<Peer, Refused> judge_welcome(const Welcome& welcome, const DialTerms& terms) {
  if (welcome.magic() != kMagic) return bad_magic();
  if (welcome.version() < terms.versions.min || welcome.version() > terms.versions.max) {
    return no_common_version(terms.versions, {welcome.version(), welcome.version()});
  }
  if (computes(terms.service) && welcome.numerics() != terms.numerics) {
    return numerics_differ(terms.numerics, welcome.numerics());
  }
  const std::chrono::milliseconds heartbeat{welcome.heartbeat_period_ms()};
  if (heartbeat != clamp_heartbeat(heartbeat)) {
    return Refused{RefusalReason::bad_hello,
                   "the listening end wants a heartbeat each " + std::to_string(heartbeat.count()) +
                       " ms (" + std::to_string(kMinHeartbeatPeriod.count()) + " to " +
                       std::to_string(kMaxHeartbeatPeriod.count()) + " ms are allowed)"};
  }
  Peer peer;
  peer.version = welcome.version();
  peer.numerics = welcome.numerics();
  peer.role = role_of(terms.service);
  peer.service = terms.service;
  peer.name = printable(welcome.name(), kMaxNameBytes);
  if (peer.name.empty()) peer.name = kNameless;
  peer.slots = terms.slots;
  peer.build = printable(welcome.build(), kMaxBuildBytes);
  peer.heartbeat = heartbeat;
  peer.probe = terms.probe;
  peer.unix_time_ms = welcome.unix_time_ms();
  return peer;
}

Refusal make_refusal(const Refused& refused) {
  Refusal refusal;
  refusal.set_reason(static_cast<Refusal::Reason>(refused.reason));
  refusal.set_text(printable(refused.text, kMaxTextBytes));
  return refusal;
}

Refused read_refusal(const Refusal& refusal) {
  Refused refused;
  refused.reason = static_cast<RefusalReason>(refusal.reason());
  if (!Refusal::Reason_IsValid(refusal.reason()) ||
      refusal.reason() == Refusal::REASON_UNSPECIFIED) {
    refused.reason = RefusalReason::not_admitted;
  }
  refused.text = printable(refusal.text(), kMaxTextBytes);
  if (refused.text.empty()) refused.text = to_string(refused.reason);
  return refused;
}

std::optional<std::string_view> guess_stranger(std::string_view first_bytes) {
  const auto begins = [&](std::string_view prefix) { return first_bytes.starts_with(prefix); };
  // RFC 9110, section 9.3: the methods; RFC 9113, section 3.4: the preface of HTTP/2 ("PRI ").
  static constexpr std::array<std::string_view, 10> kHttp{"GET ", "POST", "HEAD", "PUT ", "DELE",
                                                          "OPTI", "CONN", "TRAC", "PATC", "PRI "};
  if (std::any_of(kHttp.begin(), kHttp.end(), begins)) {
    return "HTTP, as a web browser does";
  }
  if (begins("HTTP")) return "HTTP, as a web server does";
  if (begins("SSH-")) return "SSH";
  // RFC 8446, section 5.1: a handshake record (22), legacy version 3.x.
  if (begins("\x16\x03")) return "TLS";
  const bool is_text =
      first_bytes.size() >= 4 && std::all_of(first_bytes.begin(), first_bytes.end(), [](char c) {
        return (c >= ' ' && c <= '~') || c == '\n' || c == '\r' || c == '\t';
      });
  if (is_text) return "plain text";
  return std::nullopt;
}

}  // namespace oche::wire

// The handshake: who are you, what do you speak, what do you want. One for every service.
//
// The dialler sends a Hello; the listener answers with a Welcome or a Refusal and closes after a
// refusal; a dialler that can't accept the Welcome answers with a Refusal and closes. So each end
// knows why, in the same words. Checked in this order: magic, versions (the highest common one is
// spoken), role and service, that key or certificate is for that service, numerics (only for
// services that compute), the other fields, and last whether the service admits this peer. Pure:
// messages in, decisions out. Session drives it.
#ifndef OCHE_WIRE_HANDSHAKE_H_
#define OCHE_WIRE_HANDSHAKE_H_

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "wire/limits.h"
#include "wire/oche.pb.h"

namespace oche::wire {

class AllowList;
class Certificate;
class KeyTable;
struct Key;

inline constexpr std::string_view kMagic = "oche";

struct VersionRange {
  std::uint32_t min = 1;
  std::uint32_t max = 1;
};
// What this release speaks.
inline constexpr VersionRange kProtocolVersions{1, 1};

// Numbers as in oche.proto.
enum class Role : std::uint8_t { worker = 1, client = 2 };
enum class Service : std::uint8_t { work = 1, estimate = 2, talk = 3, send = 4 };
enum class RefusalReason : std::uint8_t {
  bad_magic = 1,
  no_common_version = 2,
  bad_role = 3,
  service_not_offered = 4,
  numerics_differ = 5,
  bad_hello = 6,
  full = 7,
  not_admitted = 8,
  too_slow = 9,
  finished = 10,
};
std::string_view to_string(Role role);
std::string_view to_string(Service service);
std::string_view to_string(RefusalReason reason);

// What a key is good for: one service, or the user's own key, for all of them on this computer.
enum class KeyRole : std::uint8_t { own, work, estimate, talk, send };
// Whose key it is; see key.h.
struct KeyId {
  KeyRole role = KeyRole::own;
  std::string name;
  bool operator==(const KeyId&) const = default;
};
// Whether a key of that role is good for the service.
bool permits(KeyRole role, Service service);

// Whom a certificate was given to, and for what; see certificate.h.
struct CertificateId {
  std::string name;
  std::vector<Service> services;
  bool operator==(const CertificateId&) const = default;
};
bool permits(const CertificateId& id, Service service);
// What stands before a certificate's name wherever sessions have names. No key, and nobody else,
// can have a name that begins so.
inline constexpr std::string_view kCertificatePrefix = "cert:";

// The role that dials this service.
Role role_of(Service service);
// Whether results go over it, so that numerics must be equal.
bool computes(Service service);

// Who is at the other end of an accepted session.
struct Peer {
  std::uint32_t version = 0;   // spoken in this session
  std::uint32_t numerics = 0;  // the other end's
  Role role = Role::client;    // the dialler's, at both ends
  Service service = Service::send;
  std::string name;  // the dialler's given name, at both ends; 1 to 64 bytes, printable ASCII
  std::uint32_t slots = 0;                                 // the dialler's, at both ends
  std::string build;                                       // the other end's, printable ASCII
  std::chrono::milliseconds heartbeat = kHeartbeatPeriod;  // in force
  bool probe = false;                                      // the session ends with the Welcome
  std::uint64_t process = 0;      // a worker's, at a listener: see Hello; 0: not told
  std::int64_t unix_time_ms = 0;  // at the dialler of a probe: the listener's clock
  std::string source;             // at a listener: the dialler's address, in digits
  // At a listener: whose key, or else whose certificate, the dialler proved to have; neither where
  // there are no keys.
  std::optional<KeyId> key;
  std::optional<CertificateId> certificate;
  // What that key or certificate says that it is called: a key's name, or kCertificatePrefix and a
  // certificate's. Empty with the user's own key, which says nothing, and without any.
  std::string given_name;
};

struct Refused {
  RefusalReason reason = RefusalReason::bad_hello;
  std::string text;  // for people, at either end
};

// What a dialler shows to be let in: a key (key.h), or a certificate (certificate.h). Neither: no
// encryption (--insecure).
struct Credential {
  std::shared_ptr<const Key> key;
  std::shared_ptr<Certificate> certificate;
};

// What a dialler offers.
struct DialTerms {
  Service service = Service::work;
  std::uint32_t numerics = 0;
  std::string name;         // wished; empty: the listener gives one
  std::uint32_t slots = 1;  // cores lent
  std::string build;
  VersionRange versions = kProtocolVersions;
  bool probe = false;  // only to see whether it would be let in
  std::uint64_t process = 0;
  Credential credential;
};

// Of a certificate that was good at the handshake.
struct NotGood {
  bool for_ever = true;  // else only what it is looked up in is wanting
  std::string text;      // "its certificate was revoked"
};

// Whom a listener lets in.
struct Admission {
  // The keys that it knows; null: no keys, no encryption (--insecure). See key_file.h.
  std::shared_ptr<KeyTable> keys;
  // The listener's certificate, with the authority whose certificates it takes as well; null: none.
  // Only together with keys. See certificate.h.
  std::shared_ptr<Certificate> certificate;
  // Where who may call from; null: everywhere. See address_range.h.
  std::shared_ptr<const AllowList> allow;
};

// What a listener offers.
struct ListenTerms {
  std::vector<Service> services;
  std::uint32_t numerics = 0;
  std::string build;
  std::chrono::milliseconds heartbeat = kHeartbeatPeriod;  // clamped to the limits
  VersionRange versions = kProtocolVersions;
  // Milliseconds since 1970, for probes. Unset: not told.
  std::function<std::int64_t()> clock;
  Admission admission;
  // Called last, with a peer that is right in all else. It may change peer.name (to make it unique
  // among its sessions), or return why this peer isn't wanted (reason full, not_admitted or
  // finished). Unset: everybody is.
  std::function<std::optional<Refused>(Peer& peer)> admit;
};

// The dialler's first message. Name and build are made fit.
Hello make_hello(const DialTerms& terms);
// What a listener knows of a dialler before it says anything.
struct Caller {
  std::string source;  // its address, in digits
  std::optional<KeyId> key;
  std::optional<CertificateId> certificate;
};
// The listener's decision on a Hello of that caller.
std::variant<Peer, Refused> judge_hello(const Hello& hello, const ListenTerms& terms,
                                        const Caller& caller = {});
// The listener's answer to the peer that judge_hello() accepted.
Welcome make_welcome(const Peer& peer, const ListenTerms& terms);
// The dialler's decision on a Welcome.
std::variant<Peer, Refused> judge_welcome(const Welcome& welcome, const DialTerms& terms);

Refusal make_refusal(const Refused& refused);
// What a Refusal from the peer says, made fit to be printed. An unknown reason becomes
// not_admitted.
Refused read_refusal(const Refusal& refusal);

// What a stranger speaks, by its first bytes: "HTTP, as a web browser does", "TLS", "SSH", "plain
// text"; nothing if it is none of those. Four bytes are enough.
std::optional<std::string_view> guess_stranger(std::string_view first_bytes);

// text as printable ASCII: every other byte becomes '?', blanks at the ends go, and the rest is cut
// to max_bytes. Nothing that a peer sends reaches a terminal without it.
std::string printable(std::string_view text, std::size_t max_bytes);

}  // namespace oche::wire

#endif  // OCHE_WIRE_HANDSHAKE_H_

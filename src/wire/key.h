// Keys: who may dial a host, and for which service.
//
// A key is a role, a name and a secret of 256 random bits. A host keeps those that it gave out; who
// dials it has one. Both prove to each other that they know the secret without saying it (tls.h).
// Role and name are the identity that the dialler claims: they are part of what the proof covers,
// and the host takes both from its own list.
#ifndef OCHE_WIRE_KEY_H_
#define OCHE_WIRE_KEY_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "wire/handshake.h"

namespace oche::wire {

inline constexpr std::size_t kSecretBytes = 32;
inline constexpr std::size_t kMaxKeyNameBytes = 32;
using Secret = std::array<std::uint8_t, kSecretBytes>;

struct Key {
  KeyId id;
  Secret secret{};
  bool operator==(const Key&) const = default;
};

// "own", "work", "estimate", "talk", "send".
std::string_view to_string(KeyRole role);
std::optional<KeyRole> key_role(std::string_view text);

// Whether a key may have that name: 1 to kMaxKeyNameBytes letters, digits, '-' and '_',
// the first no '-'.
bool is_key_name(std::string_view name);

// "oche1.work.lab7": what a dialler says of its key in the clear.
std::string identity_text(const KeyId& id);

// The line to hand over: "oche1.work.lab7." and the secret in 43 characters of base64url (RFC 4648,
// section 5, no padding).
std::string to_text(const Key& key);
// Nothing if it isn't such a line. Blanks around it are ignored.
std::optional<Key> key_from_text(std::string_view text);

// A key with a new secret from the system's generator. Throws Error (file) if there is none.
Key make_key(KeyRole role, std::string name);

}  // namespace oche::wire

#endif  // OCHE_WIRE_KEY_H_

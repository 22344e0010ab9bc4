// SHA-256 (FIPS 180-4), by OpenSSL's libcrypto.
#ifndef OCHE_BASE_SHA256_H_
#define OCHE_BASE_SHA256_H_

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace oche {

using Hash256 = std::array<std::uint8_t, 32>;

Hash256 sha256(std::string_view bytes);

// Lower-case hexadecimal, 64 characters.
std::string to_hex(const Hash256& hash);

}  // namespace oche

#endif  // OCHE_BASE_SHA256_H_

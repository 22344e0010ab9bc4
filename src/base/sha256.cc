#include "base/sha256.h"

// The one-shot low-level function: EVP would load providers, which costs each start a millisecond.
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/sha.h>

namespace oche {

Hash256 sha256(std::string_view bytes) {
  Hash256 hash{};
  SHA256_CTX context;
  SHA256_Init(&context);
  SHA256_Update(&context, bytes.data(), bytes.size());
  SHA256_Final(hash.data(), &context);
  return hash;
}

std::string to_hex(const Hash256& hash) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string text;
  text.reserve(2 * hash.size());
  for (const std::uint8_t byte : hash) {
    text.push_back(kDigits[byte >> 4]);
    text.push_back(kDigits[byte & 15]);
  }
  return text;
}

}  // namespace oche

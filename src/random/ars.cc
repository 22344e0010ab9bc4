#include "random/ars.h"

#include <array>
#include <bit>

#include "base/assert.h"

namespace oche::random {
namespace {

// AES works in GF(2^8) modulo x^8 + x^4 + x^3 + x + 1 (FIPS 197, section 4.2).
constexpr std::uint8_t times_x(std::uint8_t a) {
  return static_cast<std::uint8_t>((a << 1) ^ ((a & 0x80) != 0 ? 0x1b : 0));
}

constexpr std::uint8_t product(std::uint8_t a, std::uint8_t b) {
  std::uint8_t sum = 0;
  for (; b != 0; b >>= 1, a = times_x(a)) {
    if ((b & 1) != 0) sum ^= a;
  }
  return sum;
}

// The S-box: the inverse (0 for 0), which is the 254th power, then an affine map (section 5.1.1).
constexpr std::uint8_t substitute(std::uint8_t a) {
  std::uint8_t inverse = 1;
  for (int i = 0; i < 254; ++i) inverse = product(inverse, a);
  std::uint8_t s = 0x63;
  for (int i = 0; i < 5; ++i) s ^= std::rotl(inverse, i);
  return s;
}

// A byte's contribution to its column after SubBytes and MixColumns, were it in row 0: the bytes
// 2s, s, s, 3s from the lowest. In row r the column is rotated by r bytes. The second is S itself.
constexpr std::array<std::uint32_t, 256> kColumn = [] {
  std::array<std::uint32_t, 256> table{};
  for (unsigned a = 0; a < 256; ++a) {
    const std::uint8_t s = substitute(static_cast<std::uint8_t>(a));
    const std::uint8_t twice = times_x(s);
    table[a] = twice | (std::uint32_t{s} << 8) | (std::uint32_t{s} << 16) |
               (static_cast<std::uint32_t>(twice ^ s) << 24);
  }
  return table;
}();

using Columns = std::array<std::uint32_t, 4>;

// Row r of column c comes from column c + r (ShiftRows).
constexpr std::uint8_t shifted(const Columns& s, unsigned column, unsigned row) {
  return static_cast<std::uint8_t>(s[(column + row) % 4] >> (8 * row));
}

Columns inner_round(const Columns& s) {
  Columns t{};
  for (unsigned c = 0; c < 4; ++c) {
    t[c] = kColumn[shifted(s, c, 0)] ^ std::rotl(kColumn[shifted(s, c, 1)], 8) ^
           std::rotl(kColumn[shifted(s, c, 2)], 16) ^ std::rotl(kColumn[shifted(s, c, 3)], 24);
  }
  return t;
}

Columns last_round(const Columns& s) {
  Columns t{};
  for (unsigned c = 0; c < 4; ++c) {
    for (unsigned row = 0; row < 4; ++row) {
      t[c] |= ((kColumn[shifted(s, c, row)] >> 8) & 0xff) << (8 * row);
    }
  }
  return t;
}

Columns add_key(Columns s, const Block& key) {
  s[0] ^= static_cast<std::uint32_t>(key.low);
  s[1] ^= static_cast<std::uint32_t>(key.low >> 32);
  s[2] ^= static_cast<std::uint32_t>(key.high);
  s[3] ^= static_cast<std::uint32_t>(key.high >> 32);
  return s;
}

}  // namespace

Block ars(unsigned rounds, Block counter, Block key) noexcept {
  OCHE_ASSERT(rounds >= 1 && rounds <= 10);
  Columns s = add_key(add_key({}, counter), key);
  for (unsigned r = 1; r <= rounds; ++r) {
    key = {key.low + kArsWeyl.low, key.high + kArsWeyl.high};
    s = add_key(r < rounds ? inner_round(s) : last_round(s), key);
  }
  return {s[0] | (std::uint64_t{s[1]} << 32), s[2] | (std::uint64_t{s[3]} << 32)};
}

}  // namespace oche::random

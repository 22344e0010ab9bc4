// ARS: a counter-based generator of 128-bit blocks built from AES rounds with a Weyl sequence as
// key schedule. J. K. Salmon, M. A. Moraes, R. O. Dror, D. E. Shaw, "Parallel random numbers: as
// easy as 1, 2, 3", SC'11, section 4.1. Not a cipher: fast and statistically strong, nothing more.
//
// With R rounds, counter c and key k (128 bits each, little-endian), and k_r = k + r * weyl, where
// both 64-bit halves are added apart:
//   s_0 = c ^ k_0;  s_r = AESENC(s_{r-1}, k_r) for 0 < r < R;  block = AESENCLAST(s_{R-1}, k_R)
// AESENC is FIPS 197's SubBytes, ShiftRows, MixColumns, AddRoundKey; AESENCLAST has no MixColumns.
//
// This is the plain form, for single numbers and processors without AES instructions. The vector
// form is in stream-inl.h.
#ifndef OCHE_RANDOM_ARS_H_
#define OCHE_RANDOM_ARS_H_

#include <cstdint>

namespace oche::random {

// 128 bits; `low` holds the first eight bytes.
struct Block {
  std::uint64_t low = 0;
  std::uint64_t high = 0;
  friend bool operator==(const Block&, const Block&) = default;
};

// The rounds that streams use. docs/decisions/0002-streams.md has the reason and the numbers.
inline constexpr unsigned kArsRounds = 7;

// What the key grows by from round to round: the fractional parts of the golden ratio and of the
// square root of 3, as in the paper's implementation.
inline constexpr Block kArsWeyl{0x9E3779B97F4A7C15, 0xBB67AE8584CAA73B};

// The block of a counter under a key, with 1 <= rounds <= 10. Any thread; a table of 1 KiB.
Block ars(unsigned rounds, Block counter, Block key) noexcept;

}  // namespace oche::random

#endif  // OCHE_RANDOM_ARS_H_

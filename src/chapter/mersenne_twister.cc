#include "chapter/mersenne_twister.h"

#include <algorithm>

#include "base/assert.h"

namespace oche::chapter {

// init_by_array: fills the state from 19650218, then stirs every word of the key into it, then
// stirs once more. i walks the words 1 to 623 round and round; word 0 gets a copy of the last at
// each lap.
MersenneTwister::MersenneTwister(const std::vector<std::uint32_t>& key) {
  OCHE_ASSERT(!key.empty());
  state_[0] = 19650218u;
  const auto stirred = [this](std::size_t i) { return state_[i - 1] ^ (state_[i - 1] >> 30); };
  for (std::uint32_t i = 1; i < kWords; ++i) state_[i] = 1812433253u * stirred(i) + i;

  std::size_t i = 1;
  const auto step = [&] {
    if (++i < kWords) return;
    state_[0] = state_[kWords - 1];
    i = 1;
  };
  for (std::size_t k = 0; k < std::max(kWords, key.size()); ++k, step()) {
    const std::size_t j = k % key.size();
    state_[i] = (state_[i] ^ (stirred(i) * 1664525u)) + key[j] + static_cast<std::uint32_t>(j);
  }
  for (std::size_t k = 1; k < kWords; ++k, step()) {
    state_[i] = (state_[i] ^ (stirred(i) * 1566083941u)) - static_cast<std::uint32_t>(i);
  }
  state_[0] = 0x80000000u;  // so that the state isn't all zeros
}

// The recurrence x[k+n] = x[k+m] ^ (upper bit of x[k] | lower bits of x[k+1]) A, for all 624 words
// at once. Three runs, so that no index needs a remainder.
void MersenneTwister::generate() {
  constexpr std::size_t kMiddle = 397;
  const auto twist = [this](std::size_t k, std::size_t next, std::size_t middle) {
    const std::uint32_t y = (state_[k] & 0x80000000u) | (state_[next] & 0x7FFFFFFFu);
    state_[k] = state_[middle] ^ (y >> 1) ^ (0x9908B0DFu & (0u - (y & 1u)));
  };
  for (std::size_t k = 0; k < kWords - kMiddle; ++k) twist(k, k + 1, k + kMiddle);
  for (std::size_t k = kWords - kMiddle; k < kWords - 1; ++k) twist(k, k + 1, k + kMiddle - kWords);
  twist(kWords - 1, 0, kMiddle - 1);
  next_ = 0;
}

std::optional<std::vector<std::uint32_t>> seed_key(std::string_view text) {
  constexpr std::string_view kSpaces = " \t\r\n\v\f";
  text.remove_prefix(std::min(text.find_first_not_of(kSpaces), text.size()));
  text.remove_suffix(text.size() - (text.find_last_not_of(kSpaces) + 1));
  if (!text.empty() && (text.front() == '-' || text.front() == '+')) text.remove_prefix(1);
  if (text.empty()) return std::nullopt;
  std::vector<std::uint32_t> key{0};
  for (const char digit : text) {
    if (digit < '0' || digit > '9') return std::nullopt;
    // key = 10 key + digit, by hand, in words of 32 bits.
    std::uint64_t carry = static_cast<std::uint64_t>(digit - '0');
    for (std::uint32_t& word : key) {
      carry += std::uint64_t{word} * 10;
      word = static_cast<std::uint32_t>(carry);
      carry >>= 32;
    }
    if (carry != 0) key.push_back(static_cast<std::uint32_t>(carry));
  }
  return key;
}

}  // namespace oche::chapter

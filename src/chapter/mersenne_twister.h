// Python's random.seed(n), random.random() and random.uniform(a, b), to the last bit.
//
// Generator: MT19937 of M. Matsumoto and T. Nishimura, "Mersenne Twister: a 623-dimensionally
// equidistributed uniform pseudo-random number generator", ACM Trans. Model. Comput. Simul. 8
// (1998). Seeding: init_by_array of their version of 2002/1/26, with the absolute value of the
// integer in 32-bit words, the lowest first, as Python does. It is here for the chapter's programs
// only: an estimate's own streams are counter-based (src/random), because this one's state of 624
// words can't be divided among workers. Deterministic; not thread-safe.
#ifndef OCHE_CHAPTER_MERSENNE_TWISTER_H_
#define OCHE_CHAPTER_MERSENNE_TWISTER_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace oche::chapter {

class MersenneTwister {
 public:
  // `key` as from seed_key(); not empty.
  explicit MersenneTwister(const std::vector<std::uint32_t>& key);

  // The next word of the generator.
  std::uint32_t next_word() {
    if (next_ == kWords) generate();
    // Tempering (section 2.1 of the paper).
    std::uint32_t y = state_[next_++];
    y ^= y >> 11;
    y ^= (y << 7) & 0x9D2C5680u;
    y ^= (y << 15) & 0xEFC60000u;
    return y ^ (y >> 18);
  }

  // random.random(): a multiple of 2^-53 in [0, 1), from the upper 27 and 26 bits of two words.
  double next_double() {
    const std::uint32_t a = next_word() >> 5;
    const std::uint32_t b = next_word() >> 6;
    return (a * 67108864.0 + b) * 0x1p-53;
  }

  // random.uniform(low, high).
  double uniform(double low, double high) { return low + (high - low) * next_double(); }

 private:
  static constexpr std::size_t kWords = 624;

  void generate();

  std::array<std::uint32_t, kWords> state_;
  std::size_t next_ = kWords;
};

// The key of a seed written as Python's int() reads it: decimal digits, a sign, spaces around.
// Nothing if `text` is no whole number.
std::optional<std::vector<std::uint32_t>> seed_key(std::string_view text);

}  // namespace oche::chapter

#endif  // OCHE_CHAPTER_MERSENNE_TWISTER_H_

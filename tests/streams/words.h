// Sequences of 64-bit words for the statistical tests: the map of random/stream.h read in several
// orders, and generators that are known to be bad. The upper 52 bits of a word are what a double
// gets, and all that the tests look at.
//
// A sequence is a pure function of how it was made. Not for several threads.
#ifndef OCHE_TESTS_STREAMS_WORDS_H_
#define OCHE_TESTS_STREAMS_WORDS_H_

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "random/stream.h"

namespace oche::streams {

inline constexpr unsigned kBits = 52;  // of a word, from the top

class Words {
 public:
  virtual ~Words() = default;
  virtual std::uint64_t next() = 0;
};

// A map like that of random/stream.h.
using Map = std::uint64_t (*)(const random::StreamKey& key, std::uint64_t sample,
                              std::uint32_t dimension) noexcept;

// The map itself with another number of rounds.
template <unsigned rounds>
std::uint64_t with_rounds(const random::StreamKey& key, std::uint64_t sample,
                          std::uint32_t dimension) noexcept {
  const random::Block block =
      random::ars(rounds, random::ars_counter(key, sample, dimension / 2), random::ars_key(key));
  return dimension % 2 == 0 ? block.low : block.high;
}

// Which coordinate of the map runs fastest.
enum class Order {
  samples,        // samples 0, 1, 2, … in dimension 0
  dimensions,     // dimensions 0 … 1023 of sample 0, then of sample 1, …
  seeds,          // one word of each seed 0, 1, 2, …
  one_bit_seeds,  // of each sample the words of a seed and of the 64 that differ from it in one bit
  gray_seeds,     // one word of each seed in the order of a Gray code: the next differs in one bit
  passes,         // passes 0 … 1023 of sample 0, then of sample 1, …
};

struct NamedOrder {
  std::string_view name;
  Order order;
};
const std::vector<NamedOrder>& orders();

// The words of the map in that order. The seed is where seeds begin, or the only one.
std::unique_ptr<Words> ordered_words(Map map, Order order, std::uint64_t seed);

// What the engine draws: fill_uniforms in blocks of 512 samples and 6 dimensions, block by block,
// the uniforms back to words whose lower 12 bits are 0.
std::unique_ptr<Words> uniforms_of_the_engine(std::uint64_t seed);

// x <- 6364136223846793005 x + 1442695040888963407 mod 2^64 (Knuth, TAOCP vol. 2, 3.3.4, line 26),
// with the order of the bits reversed: its lowest bits, which have short periods, come first.
std::unique_ptr<Words> low_bits_of_lcg();

// Marsaglia's xorshift of 32 bits (Journal of Statistical Software 8, 2003), two outputs a word:
// all bits are linear functions of 32.
std::unique_ptr<Words> linear_words();

// Multiples of 2^64 divided by the golden ratio: as even as can be, and not random.
std::unique_ptr<Words> weyl_words();

}  // namespace oche::streams

#endif  // OCHE_TESTS_STREAMS_WORDS_H_

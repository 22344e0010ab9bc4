// The generator and the layout of counters and keys against the reference implementation,
// Random123, which has ARS on x86-64 with AES instructions only. Elsewhere ars_test.cc's published
// answers stand alone.
#if defined(__x86_64__)

#include <Random123/ars.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <random>

#include "random/stream.h"

namespace oche::random {
namespace {

Block reference(unsigned rounds, const Block& counter, const Block& key) {
  const auto words = [](const Block& b) {
    return ars4x32_ctr_t{
        {static_cast<std::uint32_t>(b.low), static_cast<std::uint32_t>(b.low >> 32),
         static_cast<std::uint32_t>(b.high), static_cast<std::uint32_t>(b.high >> 32)}};
  };
  const ars4x32_ctr_t out = ars4x32_R(rounds, words(counter), words(key));
  return {out.v[0] | (std::uint64_t{out.v[1]} << 32), out.v[2] | (std::uint64_t{out.v[3]} << 32)};
}

TEST(ArsReference, agrees_for_every_number_of_rounds) {
  std::mt19937_64 generator(3);
  for (unsigned rounds = 1; rounds <= 10; ++rounds) {
    for (int i = 0; i < 2000; ++i) {
      const Block counter{generator(), generator()};
      const Block key{generator(), generator()};
      ASSERT_EQ(ars(rounds, counter, key), reference(rounds, counter, key)) << rounds;
    }
  }
}

TEST(ArsReference, agrees_on_the_word_of_a_sample_and_dimension) {
  std::mt19937_64 generator(4);
  for (int i = 0; i < 5000; ++i) {
    const StreamKey key{generator(), static_cast<std::uint32_t>(generator()),
                        i % 2 == 0 ? Domain::samples : Domain::scramble};
    const std::uint64_t sample = generator() >> (i % 64);
    const auto dimension = static_cast<std::uint32_t>(generator() >> (32 + i % 32));
    // As docs/methods/streams.md lays them out.
    const Block counter{sample, (std::uint64_t{key.pass} << 32) + dimension / 2};
    const Block block = reference(7, counter, {key.seed, i % 2 == 0 ? 1U : 2U});
    ASSERT_EQ(bits(key, sample, dimension), dimension % 2 == 0 ? block.low : block.high);
  }
}

}  // namespace
}  // namespace oche::random

#endif  // x86-64

// The one map from (seed, pass, sample, dimension) to random bits. Nothing else in oche decides
// which numbers a sample gets; docs/methods/streams.md tells it in prose.
//
//   block of 128 bits = ARS-7(counter, key)                                    (random/ars.h)
//   counter: bits   0..63   sample            0 .. 2^64-1
//            bits  64..95   dimension / 2     0 .. 2^31-1
//            bits  96..127  pass              0 .. 2^32-1
//   key:     bits   0..63   seed              0 .. 2^64-1
//            bits  64..127  domain            one of enum class Domain
// Dimension 2p of a sample is made from the low 64 bits of its block p, dimension 2p+1 from the
// high ones. For one seed and domain no two (pass, sample, pair of dimensions) have the same block.
//
//   u = (k + 1/2) * 2^-52,   k = the word's upper 52 bits
// so u is one of 2^52 equidistant numbers, symmetric about 1/2, between 2^-53 and 1 - 2^-53: never
// 0 or 1, and 1 - u is as likely as u. All steps are exact.
#ifndef OCHE_RANDOM_STREAM_H_
#define OCHE_RANDOM_STREAM_H_

#include <cstddef>
#include <cstdint>

#include "random/ars.h"

namespace oche::random {

// What a stream is for. Streams of different domains are unrelated, so that a new use never
// disturbs the numbers of an old one. Values are part of the map: never change one, never use one
// again.
enum class Domain : std::uint64_t {
  samples = 1,   // the inputs of the integrand
  scramble = 2,  // the scrambling of quasi-random points
  test = 3,      // what tests and benchmarks draw for their own use
  pilot = 4,     // where the values lie, before they are added up (sampling/pilot.h)
};

// The name of this map in results ("stream" in JSON).
inline constexpr char kStreamName[] = "ars7";

// What all samples of one pass share.
struct StreamKey {
  std::uint64_t seed = 1;
  std::uint32_t pass = 0;
  Domain domain = Domain::samples;
  friend bool operator==(const StreamKey&, const StreamKey&) = default;
};

// Dimensions are below this.
inline constexpr std::uint64_t kMaxDimensions = std::uint64_t{1} << 32;

constexpr Block ars_key(const StreamKey& key) {
  return {key.seed, static_cast<std::uint64_t>(key.domain)};
}

constexpr Block ars_counter(const StreamKey& key, std::uint64_t sample, std::uint32_t pair) {
  return {sample, (std::uint64_t{key.pass} << 32) | pair};
}

// The uniform that a word gives. Exact: k < 2^52.
constexpr double uniform_from_bits(std::uint64_t word) {
  return static_cast<double>(word >> 12) * 0x1p-52 + 0x1p-53;
}

// The 64 bits of one sample in one dimension.
std::uint64_t bits(const StreamKey& key, std::uint64_t sample, std::uint32_t dimension) noexcept;

// The uniform of one sample in one dimension: what fill_uniforms writes, one at a time.
double uniform(const StreamKey& key, std::uint64_t sample, std::uint32_t dimension) noexcept;

// Writes uniforms in structure-of-arrays form: u[j * stride + i] is dimension first_dimension + j
// of sample first_sample + i, for i < n and j < dimensions. u is aligned to 64 bytes; stride is a
// multiple of 8 and at least n rounded up to 8; what lies between n and that is overwritten with
// unspecified values. first_sample + n (rounded up to 8) does not pass 2^64, and first_dimension +
// dimensions does not pass 2^32 (asserted). Any thread. The same bits on every SIMD target, however
// a range is divided into calls. Cost: one block of ARS-7 a sample for each pair of dimensions (2p,
// 2p+1) touched.
void fill_uniforms(const StreamKey& key, std::uint64_t first_sample, std::size_t n,
                   unsigned first_dimension, unsigned dimensions, double* u, std::size_t stride);

}  // namespace oche::random

#endif  // OCHE_RANDOM_STREAM_H_

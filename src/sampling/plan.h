// A plan: how one pass draws its samples. A pure function of the job and of the root tally of the
// pass before it, so everybody who has it draws the same samples.
//
// Plain Monte Carlo has one pass without end and an empty plan. The stratified method has a pilot,
// then passes whose samples are allotted to strata by what the pass before showed
// (sampling/stratified.h).
#ifndef OCHE_SAMPLING_PLAN_H_
#define OCHE_SAMPLING_PLAN_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/sha256.h"

namespace oche::sampling {

enum class Method : std::uint8_t { plain, stratified };

// What becomes of a sample with a value that is not finite.
enum class NonFinite : std::uint8_t {
  fail,  // it ends the run
  skip,  // it counts in nothing
  zero,  // its value counts as 0
};

const char* to_string(NonFinite policy);
std::optional<NonFinite> non_finite_from(std::string_view name);

const char* to_string(Method method);
std::optional<Method> method_from(std::string_view name);

// Strata are boxes: dimension j of the unit cube is cut into 2^log2_cells[j] equal cells. Stratum s
// is the box whose cell in dimension j is the j-th group of bits of s, dimension 0 in the lowest
// bits.
struct Plan {
  std::uint32_t pass = 0;
  // Per dimension, of as many first dimensions as are cut; empty: no strata, samples without end.
  std::vector<std::uint8_t> log2_cells;
  // Samples of each stratum, in the order of strata; empty or 2^(sum of log2_cells) long.
  std::vector<std::uint64_t> allocation;

  bool stratified() const { return !allocation.empty(); }
  // Samples of the pass; 0 means without end.
  std::uint64_t samples() const;

  // The fixed little-endian layout that is hashed and sent:
  //   u32 pass, u64 number of cut dimensions, per dimension u8 log2_cells, u64 number of strata,
  //   per stratum u64 samples.
  std::string bytes() const;
  Hash256 hash() const { return sha256(bytes()); }

  // Empty if the bytes are no plan for a function of that many dimensions: lengths, sums and limits
  // are checked, for the bytes come from a peer.
  static std::optional<Plan> from_bytes(std::string_view bytes, std::uint32_t dimensions);
};

inline constexpr std::uint32_t kMaxLog2Strata = 10;
// The most samples of a run: above this, a double does not count exactly.
inline constexpr std::uint64_t kMaxSamples = std::uint64_t{1} << 53;

}  // namespace oche::sampling

#endif  // OCHE_SAMPLING_PLAN_H_

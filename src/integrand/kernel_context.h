// What a loop of a kernel is handed: the layout that compiled code relies on.
#ifndef OCHE_INTEGRAND_KERNEL_CONTEXT_H_
#define OCHE_INTEGRAND_KERNEL_CONTEXT_H_

#include <cstddef>
#include <cstdint>

#include "math/lane_sums.h"
#include "random/ars.h"

namespace oche::integrand {

struct alignas(64) KernelContext {
  // In each lane of 128 bits the counter of a sample, without the pair of dimensions: samples
  // first, first + 2, first + 4, first + 6.
  std::uint64_t counters[8];
  // The round keys, each in all four lanes.
  std::uint64_t keys[random::kArsRounds + 1][8];
  const std::uint64_t* constants;
  double* arrays;
  double* spills;
  const std::uint64_t* pair_keys;  // a line for each of the plan's pairs: key 0 with the pair
  double* sums;                    // the LaneSums of the loop's yield: s1, s2, minimum, maximum
  const double* centres;
  double* const* yields;
  std::uint64_t bytes;  // 8 for each sample to do; a multiple of 128
  std::uint64_t hits;
};

}  // namespace oche::integrand

#endif  // OCHE_INTEGRAND_KERNEL_CONTEXT_H_

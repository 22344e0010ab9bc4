// Fuzzes the block evaluator: any bytes make a program, whose values on every SIMD target must be
// the oracle's, bit for bit.
//
//   cmake -DOCHE_FUZZ=ON …; program_fuzz fuzz/corpus/program
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "base/assert.h"
#include "formula/program_from_bytes_test.h"
#include "math/simd.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace oche::formula;
  // The first byte chooses the number of samples: a whole vector of every target, and remainders.
  constexpr std::size_t kSizes[] = {1, 7, 8, 100};
  const std::size_t n = size == 0 ? 1 : kSizes[data[0] % std::size(kSizes)];
  const std::span<const std::uint8_t> bytes(data, size);
  const Program program = ProgramFromBytes(bytes.subspan(size == 0 ? 0 : 1)).build();
  AlignedDoubles uniforms(kBlock * ProgramFromBytes::kDimensions);
  fill_with_uniforms(uniforms, kBlock * ProgramFromBytes::kDimensions, size);
  const std::vector<double> expected = oracle_values(program, uniforms, n);
  const BlockProgram block(program);
  for (const std::string& target : oche::math::supported_simd_targets()) {
    oche::math::select_simd_target(target);
    OCHE_ASSERT(first_difference(block, uniforms, expected) == n);
  }
  return 0;
}

// Fuzzes the block evaluator and the compiler of kernels: any bytes make a program, whose values on
// every SIMD target must be the oracle's, bit for bit, and the kernel's those of the block
// evaluator.
//
//   cmake -DOCHE_FUZZ=ON …; program_fuzz fuzz/corpus/program
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/assert.h"
#include "formula/definition_from_bytes_test.h"
#include "formula/definitions.h"
#include "formula/formula_error.h"
#include "formula/lower.h"
#include "formula/program_from_bytes_test.h"
#include "integrand/kernel.h"
#include "math/simd.h"

namespace {

// None where the text has no meaning: an output without a finite value.
std::optional<oche::formula::Program> make_program(std::span<const std::uint8_t> bytes,
                                                   bool is_text) {
  using namespace oche::formula;
  if (!is_text) return ProgramFromBytes(bytes).build();
  const Definition definition = parse_definition({DefinitionFromBytes(bytes).build()});
  try {
    return lower(definition);
  } catch (const FormulaError&) {
    return std::nullopt;
  }
}

// On the stream's numbers, since a kernel draws its own.
void compare_kernel(const oche::formula::Program& program,
                    const oche::formula::BlockProgram& block) {
  using namespace oche;
  const auto kernel =
      integrand::Kernel::compile(integrand::KernelTask::store, program, program.outputs);
  if (!kernel) return;
  constexpr std::size_t kSamples = 48;
  const random::StreamKey key{program.code.size(), 1, random::Domain::test};
  formula::AlignedDoubles uniforms(program.dimensions * formula::kBlock);
  random::fill_uniforms(key, 5, kSamples, 0, program.dimensions, uniforms.get(), formula::kBlock);
  formula::AlignedDoubles scratch(kernel->scratch_doubles());
  const std::size_t count = kSamples * program.outputs.size();
  formula::AlignedDoubles values(count);
  kernel->store(key, 5, kSamples, values.get(), kSamples, scratch.get());
  const std::vector<double> compiled(values.get(), values.get() + count);
  OCHE_ASSERT(formula::first_difference(block, uniforms, kSamples, compiled) == count);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace oche::formula;
  // The first byte chooses the number of samples: a whole vector of every target, and remainders;
  // and whether the others are code or the text of a job.
  constexpr std::size_t kSizes[] = {1, 7, 8, 100};
  const std::size_t n = size == 0 ? 1 : kSizes[data[0] % std::size(kSizes)];
  const bool is_text = size > 0 && data[0] >= 128;
  const std::span<const std::uint8_t> bytes(data, size);
  const std::optional<Program> made = make_program(bytes.subspan(size == 0 ? 0 : 1), is_text);
  if (!made) return 0;
  const Program& program = *made;
  AlignedDoubles uniforms(kBlock * program.dimensions);
  fill_with_uniforms(uniforms, kBlock * program.dimensions, size);
  const std::vector<double> expected = oracle_values(program, uniforms, n);
  const BlockProgram block(program);
  for (const std::string& target : oche::math::supported_simd_targets()) {
    oche::math::select_simd_target(target);
    OCHE_ASSERT(first_difference(block, uniforms, n, expected) == expected.size());
  }
  oche::math::select_simd_target("auto");
  compare_kernel(program, block);
  return 0;
}

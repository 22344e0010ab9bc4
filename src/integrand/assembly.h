// Loops as machine code of x86-64 with AVX-512 and wide AES. The one place that knows asmjit.
#ifndef OCHE_INTEGRAND_ASSEMBLY_H_
#define OCHE_INTEGRAND_ASSEMBLY_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "integrand/kernel_context.h"
#include "integrand/loop_code.h"

namespace oche::integrand {

// A compiled loop: runs over context.bytes of the block.
using LoopFunction = void (*)(KernelContext*);

// Code of several functions, wherever it is put.
struct MachineCode {
  std::vector<std::uint8_t> bytes;
  std::vector<std::size_t> entries;  // where each loop begins
};

// Empty where the assembler can't do it: on another processor.
MachineCode assemble(std::span<const LoopCode> loops);

}  // namespace oche::integrand

#endif  // OCHE_INTEGRAND_ASSEMBLY_H_

// A loop of a kernel as instructions for the processor: which register holds what, and what is read
// from memory. assembly.h turns them into bytes.
#ifndef OCHE_INTEGRAND_LOOP_CODE_H_
#define OCHE_INTEGRAND_LOOP_CODE_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "integrand/constant_pool.h"
#include "integrand/kernel_plan.h"

namespace oche::integrand {

// What an instruction does to lanes of 64 bits: d is the result, a and b are operands, b possibly
// in memory, k is a mask.
enum class VectorOp : std::uint8_t {
  load,          // d = memory
  store,         // memory = a
  move,          // d = b
  add,           // d = a + b
  subtract,      // d = a - b
  multiply,      // d = a * b
  divide,        // d = a / b
  minimum,       // d = a < b ? a : b
  maximum,       // d = a > b ? a : b
  bit_and,       // d = a & b
  bit_or,        // d = a | b
  bit_xor,       // d = a ^ b
  bit_choose,    // d = by the table `immediate` of the bits of d, a and b
  square_root,   // d = sqrt(b)
  round,         // d = b to an integer, the way that `immediate` says
  multiply_add,  // d = d * a + b, rounded once
  add_product,   // d = a * b + d, rounded once
  compare,       // k = a and b compare as `immediate` says
  blend,         // d = k ? b : a
  one_where,     // d = k ? b : +0
  mask_not,      // k = not a (masks)
  mask_and,      // k = a and b (masks)
  mask_or,       // k = a or b (masks)
  count,         // hits += bits set in the masks a and b
  add_integer,   // d = a + b
  aes_round,     // d = AESENC(a, b) in lanes of 128 bits
  aes_last,      // d = AESENCLAST(a, b)
  unpack_low,    // d = low halves of the lanes of 128 bits of a and b
  unpack_high,   // d = high halves
  shift_pair,    // d = the 128 bits (b, a) shifted right by `immediate`
};

enum class Base : std::uint8_t {
  context,
  constants,
  arrays,
  spills,
  pair_keys,
  sums,
  centres,
  yield
};

struct Memory {
  Base base = Base::context;
  bool indexed = false;    // at the loop's place in the block
  bool broadcast = false;  // one double for all lanes
  std::int32_t displacement = 0;
  std::uint32_t yield = 0;  // Base::yield: which one's array
};

struct VectorOperand {
  bool in_memory = false;
  std::uint8_t number = 0;  // of the register
  Memory memory;
};

struct Line {
  VectorOp op = VectorOp::move;
  std::uint8_t result = 0;  // a register of vectors, or of masks
  std::uint8_t a = 0;
  VectorOperand b;
  std::uint8_t mask = 0;
  std::uint8_t immediate = 0;
};

// What one pass through a loop does of a block: two vectors.
inline constexpr unsigned kVectors = 2;
static_assert(kVectors * kVectorBytes == kKernelSamples * sizeof(double));

struct LoopCode {
  std::vector<Line> before;  // the loop
  std::vector<Line> body;
  std::vector<Line> after;
  bool counts = false;
  std::uint32_t spills = 0;  // vectors of memory that the body needs
};

// The registers and instructions of one loop. block: samples in an array.
LoopCode compile_loop(KernelTask task, const formula::Program& program, const KernelPlan& plan,
                      const Loop& loop, std::size_t block, ConstantPool& constants);

}  // namespace oche::integrand

#endif  // OCHE_INTEGRAND_LOOP_CODE_H_

// The instructions of a block program, and how a program becomes a list of them.
#ifndef OCHE_FORMULA_BLOCK_CODE_H_
#define OCHE_FORMULA_BLOCK_CODE_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "formula/program.h"

namespace oche::formula {

// The operations of a program that compute, and the fused ones. Fused means: in one pass over the
// block. Each product, sum and comparison is rounded as if it stood alone.
enum class BlockOp : std::uint8_t {
#define OCHE_ROW(name, operands, cost) name,
  OCHE_FORMULA_OPERATIONS(OCHE_ROW)
#undef OCHE_ROW
      multiply_add,        // a*b + c
  multiply_multiply_add,   // a*b + c*d
  less_choose,             // a < b ? c : d       from k * (a < b) with constant k
  less_equal_choose,       // a <= b ? c : d
  dot2_less_equal_choose,  // a*a + b*b <= c ? d : e: what a dart in a disk comes down to
};

// Where an operand lives: a slot of the table that run() fills with addresses.
//   [0, dimensions)                    the uniform numbers
//   [dimensions, + constants)          constants, one line of 8 doubles each
//   then                               what depends on indices of loops only: one line each
//   then                               elements: uniform numbers, another array in each iteration
//   then                               registers
//   then                               what is yielded, in the order of the yields
using Slot = std::uint32_t;

struct BlockInstruction {
  BlockOp op = BlockOp::constant;
  bool is_line = false;  // its operands and its result are lines
  Slot result = 0;
  Slot operands[5] = {0, 0, 0, 0, 0};
  const math::SampleTable* table = nullptr;  // BlockOp::table: one of BlockCode::tables
};

// The uniform numbers that a slot stands for in one iteration.
struct BlockElement {
  Slot slot = 0;
  Affine dimension;
};

// In each iteration: the elements are found, instructions [begin, end) run, with the loops among
// them, then first_term in the first iteration and instructions[end] in the others.
struct BlockLoop {
  std::size_t begin = 0, end = 0;
  std::size_t next = 0;  // the loops inside are those of BlockCode::loops after this, up to here
  std::uint32_t number = 0;  // in the program
  Affine first, last;
  Slot index = 0;  // a line
  std::vector<BlockElement> elements;
  BlockInstruction first_term;
  double of_none = 0.0;  // what it yields where there is no iteration
};

struct BlockCode {
  std::vector<BlockInstruction> instructions;
  std::vector<BlockLoop> loops;
  std::vector<double> constants;
  std::vector<std::shared_ptr<const math::SampleTable>> tables;  // those of the program
  std::uint32_t dimensions = 0;
  std::uint32_t lines = 0;
  std::uint32_t elements = 0;
  std::uint32_t registers = 0;  // without the yields
  std::uint32_t yields = 0;

  Slot first_constant() const { return dimensions; }
  Slot first_line() const { return dimensions + static_cast<Slot>(constants.size()); }
  Slot first_element() const { return first_line() + lines; }
  Slot first_register() const { return first_element() + elements; }
  Slot first_yield() const { return first_register() + registers; }
  std::size_t slots() const { return first_yield() + std::size_t{yields}; }
};

// Code that yields the values `yields` of the program. Fuses, allocates registers by liveness (a
// register is free after its last use) and orders nothing anew. What is yielded twice, or is a
// uniform or a constant, is copied by `max(x, x)`, which keeps every value.
BlockCode compile(const Program& program, std::span<const ValueId> yields);
inline BlockCode compile(const Program& program) { return compile(program, program.outputs); }

}  // namespace oche::formula

#endif  // OCHE_FORMULA_BLOCK_CODE_H_

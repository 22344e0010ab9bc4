// Which instructions of blocks compute a program's values: what is fused, and what is a line.
#ifndef OCHE_FORMULA_BLOCK_SELECT_H_
#define OCHE_FORMULA_BLOCK_SELECT_H_

#include <cstdint>
#include <span>
#include <vector>

#include "formula/block_code.h"
#include "formula/program.h"

namespace oche::formula {

inline constexpr unsigned kMaxOperands = 5;

// An instruction whose operands are still values.
struct Selected {
  BlockOp op;
  ValueId value;  // which value of the program it yields
  unsigned count = 0;
  ValueId operands[kMaxOperands] = {0, 0, 0, 0, 0};
};

struct Selection {
  static constexpr std::uint32_t kNoLoop = ~std::uint32_t{0};

  std::vector<Instruction> code;  // the program's, and constants made by fusing
  // In the order of the code. Loops begin with `index` and end with `sum` or `product`, of one
  // operand or, for a sum of products, of the two factors.
  std::vector<Selected> instructions;
  std::vector<bool> reachable;         // whether what is yielded needs it
  std::vector<bool> is_line;           // whether it depends on indices and on no sample
  std::vector<std::uint32_t> loop_of;  // the innermost loop that it is computed in, or kNoLoop
};

Selection select_instructions(const Program& program, std::span<const ValueId> yields);

// Operands of an operation that is no end of a loop.
unsigned operand_count(BlockOp op);

}  // namespace oche::formula

#endif  // OCHE_FORMULA_BLOCK_SELECT_H_

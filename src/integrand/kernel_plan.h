// How a program becomes loops over a block of samples.
//
// Arithmetic runs in loops that keep everything in registers; a function that is too long to stand
// in them (exp, sin, the normal quantile, …) runs over a whole array of the block. So a program is
// cut into stages: loop 0, the functions whose arguments it computed, loop 1, and so on; a last
// loop makes of the yields what is asked for. What one loop computes and a later step needs is
// stored in an array of the block, which stays in the first-level cache.
//
// A program without such functions is one loop, over all samples of a call.
#ifndef OCHE_INTEGRAND_KERNEL_PLAN_H_
#define OCHE_INTEGRAND_KERNEL_PLAN_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "formula/program.h"
#include "integrand/kernel.h"

namespace oche::integrand {

// An array of one block.
using Array = std::uint32_t;
inline constexpr Array kNoArray = ~Array{0};

// Where a loop finds an operand: what its values are when it begins.
struct Loop {
  // What it computes, in the order to do it: every value after its operands. Comparisons and logic
  // that only decide something next are left out: absorbed[v] says so.
  std::vector<formula::ValueId> order;
  // Per value of the program: the array from which the loop reads it, or kNoArray.
  std::vector<Array> source;
  struct Store {
    formula::ValueId value;
    Array array;
  };
  std::vector<Store> stores;
  std::vector<std::uint32_t> yields;  // numbers of the yields that it accumulates or stores
  bool counts = false;                // it counts where `condition` of the plan is true
};

// A function over a block. An operand that is a constant has no array.
struct ArrayStep {
  formula::Op op = formula::Op::constant;
  formula::ValueId value = 0;  // of the program: what it yields
  formula::ValueId operands[2] = {0, 0};
  Array inputs[2] = {kNoArray, kNoArray};
  Array output = 0;
};

struct Step {
  std::optional<Loop> loop;  // else the function
  ArrayStep function;
};

struct KernelPlan {
  std::vector<Step> steps;
  std::vector<bool> absorbed;  // per value of the program
  std::vector<formula::ValueId> yields;
  formula::ValueId condition = 0;    // task count: the comparison
  std::uint32_t arrays = 0;          // of one block each
  std::vector<std::uint32_t> pairs;  // pairs of dimensions that are drawn, ascending
};

// Whether a loop computes it; else it is a function over an array.
bool stands_in_loops(formula::Op op);
// 1 or 0, computed as a mask where that is all that's wanted.
bool is_logical(formula::Op op);

// Nothing when the program is no indicator (task count) or too long.
std::optional<KernelPlan> plan_kernel(KernelTask task, const formula::Program& program,
                                      std::span<const formula::ValueId> yields);

}  // namespace oche::integrand

#endif  // OCHE_INTEGRAND_KERNEL_PLAN_H_

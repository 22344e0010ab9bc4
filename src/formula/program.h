// A program: what an expression and its inputs come down to, a function of d uniform numbers.
//
// Code is in single-assignment form: value i is what instruction i yields, and uses only values
// before it. The scalar oracle (oracle.h) and the block evaluator (block.h) run the same code,
// operation by operation, with the same rounding; so what is folded, shared or fused never changes
// a bit.
//
// A loop is a stretch of code that is run once for each value of an index, in ascending order:
//   index                 begins it and yields the index
//   …                     its body, loops inside it included; used in the body only
//   sum or product of v   ends it: yields v of the first iteration + v of the second + …, from the
//                         left, each addition rounded. 0 or 1 when there is no iteration.
#ifndef OCHE_FORMULA_PROGRAM_H_
#define OCHE_FORMULA_PROGRAM_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "math/function_list.h"
#include "math/sample_table.h"

namespace oche::formula {

// One row per operation: name, number of operands, static cost (about the cycles per sample of one
// core with 256-bit vectors, times four; only ratios matter: it sets the chunk size).
// Comparisons and logic yield 1 or 0; a NaN compares as false but for `not_equal`; 0 is false, all
// else is true. `fma` is a*b+c with one rounding; nothing else is fused. X must be OCHE_ROW, which
// the functions of math/ (math/function_list.h) come in as. Those of one operand stand first, then
// those of two: the block evaluator relies on it. `element` is the uniform number whose dimension
// depends on the indices of the loops around it.
#define OCHE_FORMULA_UNARY_ROW(name, Name, cost, error) OCHE_ROW(name, 1, cost)
#define OCHE_FORMULA_BINARY_ROW(name, Name, cost, error) OCHE_ROW(name, 2, cost)
#define OCHE_FORMULA_OPERATIONS(X)          \
  X(constant, 0, 0)                         \
  X(uniform, 0, 4)                          \
  X(element, 0, 4)                          \
  X(index, 0, 0)                            \
  X(negate, 1, 1)                           \
  X(logical_not, 1, 1)                      \
  X(abs, 1, 1)                              \
  X(normal_quantile, 1, 30)                 \
  X(table, 1, 24)                           \
  OCHE_MATH_UNARY(OCHE_FORMULA_UNARY_ROW)   \
  X(add, 2, 1)                              \
  X(subtract, 2, 1)                         \
  X(multiply, 2, 1)                         \
  X(divide, 2, 5)                           \
  X(power, 2, 60)                           \
  X(min, 2, 2)                              \
  X(max, 2, 2)                              \
  X(less, 2, 1)                             \
  X(less_equal, 2, 1)                       \
  X(equal, 2, 1)                            \
  X(not_equal, 2, 1)                        \
  X(logical_and, 2, 1)                      \
  X(logical_or, 2, 1)                       \
  OCHE_MATH_BINARY(OCHE_FORMULA_BINARY_ROW) \
  X(fma, 3, 1)                              \
  X(select, 3, 2)                           \
  X(sum, 1, 1)                              \
  X(product, 1, 1)

enum class Op : std::uint8_t {
#define OCHE_ROW(name, operands, cost) name,
  OCHE_FORMULA_OPERATIONS(OCHE_ROW)
#undef OCHE_ROW
};
#define OCHE_ROW(name, operands, cost) +1
inline constexpr unsigned kOperationCount = 0 OCHE_FORMULA_OPERATIONS(OCHE_ROW);
#undef OCHE_ROW

unsigned operand_count(Op op);
unsigned static_cost(Op op);

// Whether it ends a loop.
constexpr bool ends_loop(Op op) { return op == Op::sum || op == Op::product; }

using ValueId = std::uint32_t;

struct Instruction {
  Op op = Op::constant;
  ValueId operands[3] = {0, 0, 0};  // the first operand_count(op) are used
  // Op::uniform: which of the sample's uniform numbers. Op::element: which of Program::subscripts.
  // Op::index, sum, product: which of Program::loops. Op::table: which of Program::tables.
  std::uint32_t dimension = 0;
  double value = 0.0;  // Op::constant
};

// constant + the sum of factor*index over the loops that it names, by ascending number. In a
// program always a whole number below 2^53, so that it is computed without rounding.
struct Affine {
  struct Term {
    std::uint32_t loop = 0;
    double factor = 0.0;
    friend bool operator==(const Term&, const Term&) = default;
  };
  double constant = 0.0;
  std::vector<Term> terms;
  friend bool operator==(const Affine&, const Affine&) = default;
};

struct Loop {
  ValueId begin = 0;   // of Op::index; the body follows
  ValueId end = 0;     // of Op::sum or Op::product
  Affine first, last;  // of the index, both included; they may depend on the loops around this one
  double most = 0.0;   // iterations, at most
};

struct NamedValue {
  std::string name;
  ValueId value = 0;
  // The uniform that the input is made from; nothing for a constant.
  std::optional<std::uint32_t> dimension = std::nullopt;
};

// Of the normal scores of two inputs, by their indices in Program::inputs.
struct Correlation {
  std::uint32_t first = 0;
  std::uint32_t second = 0;
  double value = 0.0;
  // Whether the distributions of both are the same for all samples, so that each input rises with
  // its score and with nothing else.
  bool fixed_margins = true;
};

struct Program {
  std::vector<Instruction> code;
  std::vector<ValueId> outputs;  // the integrand's values, one or more, without the factor `scale`
  std::uint32_t dimensions = 0;  // uniform numbers per sample
  double scale = 1.0;            // constant factor of every value: the volume of the fixed ranges
  std::vector<NamedValue> inputs;  // the value of each input, in the order of their definition
  std::vector<Loop> loops;         // a loop inside another has the greater number
  std::vector<Affine> subscripts;  // the dimension of each Op::element
  std::vector<std::shared_ptr<const math::SampleTable>> tables;  // none is null
  std::vector<Correlation> correlations;                         // as defined, in their order

  // True when every output is the same at every sample.
  bool is_constant() const;
  // The sum of static_cost over the code that the outputs need, the body of a loop times its most
  // iterations.
  std::uint64_t cost() const;
};

// No program is larger than this; longer ones are refused as too costly to send and to hold.
inline constexpr std::size_t kMaxInstructions = 65536;

// No program costs more for a sample (Program::cost()). A sample of it takes about ten milliseconds
// (the unit is a quarter of a cycle); a chunk, which is what a lease and Ctrl-C wait for, seconds.
inline constexpr double kMaxCost = 1e8;

// Above this, x^k is computed by the power function. By squaring, 6 multiplications at most,
// whose errors add up to less than 8 ULP.
inline constexpr unsigned kMaxIntegerPower = 16;

}  // namespace oche::formula

#endif  // OCHE_FORMULA_PROGRAM_H_

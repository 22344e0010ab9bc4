// A program: what an expression and its inputs come down to, a function of d uniform numbers.
//
// Code is in single-assignment form: value i is what instruction i yields, and uses only values
// before it. The scalar oracle (oracle.h) and the block evaluator (block.h) run the same code,
// operation by operation, with the same rounding; so what is folded, shared or fused never changes
// a bit.
#ifndef OCHE_FORMULA_PROGRAM_H_
#define OCHE_FORMULA_PROGRAM_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "math/function_list.h"

namespace oche::formula {

// One row per operation: name, number of operands, static cost (about the cycles per sample of one
// core with 256-bit vectors, times four; only ratios matter: it sets the chunk size).
// Comparisons and logic yield 1 or 0; a NaN compares as false but for `not_equal`; 0 is false, all
// else is true. `fma` is a*b+c with one rounding; nothing else is fused. X must be OCHE_ROW, which
// the functions of math/ (math/function_list.h) come in as. Those of one operand stand first, then
// those of two: the block evaluator relies on it.
#define OCHE_FORMULA_UNARY_ROW(name, Name, cost, error) OCHE_ROW(name, 1, cost)
#define OCHE_FORMULA_BINARY_ROW(name, Name, cost, error) OCHE_ROW(name, 2, cost)
#define OCHE_FORMULA_OPERATIONS(X)          \
  X(constant, 0, 0)                         \
  X(uniform, 0, 4)                          \
  X(negate, 1, 1)                           \
  X(logical_not, 1, 1)                      \
  X(abs, 1, 1)                              \
  X(normal_quantile, 1, 30)                 \
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
  X(select, 3, 2)

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

using ValueId = std::uint32_t;

struct Instruction {
  Op op = Op::constant;
  ValueId operands[3] = {0, 0, 0};  // the first operand_count(op) are used
  std::uint32_t dimension = 0;      // Op::uniform: which of the sample's uniform numbers
  double value = 0.0;               // Op::constant
};

struct NamedValue {
  std::string name;
  ValueId value = 0;
};

struct Program {
  std::vector<Instruction> code;
  std::vector<ValueId> outputs;  // the integrand's values, one or more, without the factor `scale`
  std::uint32_t dimensions = 0;  // uniform numbers per sample
  double scale = 1.0;            // constant factor of every value: the volume of the fixed ranges
  std::vector<NamedValue> inputs;  // the value of each input, in the order of their definition

  // True when every output is the same at every sample.
  bool is_constant() const;
  std::uint64_t cost() const;  // sum of static_cost over the code
};

// No program is larger than this; longer ones are refused as too costly to send and to hold.
inline constexpr std::size_t kMaxInstructions = 65536;

// Builds code: folds operations on constants by the oracle, shares equal values, drops nothing
// else.
class ProgramBuilder {
 public:
  ValueId constant(double value);
  ValueId uniform(std::uint32_t dimension);
  ValueId operation(Op op, std::span<const ValueId> operands);
  ValueId operation(Op op, std::initializer_list<ValueId> operands) {
    return operation(op, std::span<const ValueId>(operands.begin(), operands.size()));
  }
  // x^k by squaring and multiplying, k from 1 to kMaxIntegerPower.
  ValueId integer_power(ValueId x, unsigned k);

  bool is_constant(ValueId v) const { return code_[v].op == Op::constant; }
  double constant_value(ValueId v) const { return code_[v].value; }
  std::size_t size() const { return code_.size(); }

  // Moves the code out, without the instructions that neither outputs nor inputs need.
  Program finish(std::vector<ValueId> outputs, std::uint32_t dimensions, double scale,
                 std::vector<NamedValue> inputs);

 private:
  ValueId intern(const Instruction& instruction);

  std::vector<Instruction> code_;
  std::unordered_map<std::string, ValueId> known_;
};

// Above this, x^k is computed by the power function. By squaring, 6 multiplications at most,
// whose errors add up to less than 8 ULP.
inline constexpr unsigned kMaxIntegerPower = 16;

}  // namespace oche::formula

#endif  // OCHE_FORMULA_PROGRAM_H_

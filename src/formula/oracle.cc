#include "formula/oracle.h"

#include <cmath>

#include "base/assert.h"
#include "math/functions.h"

namespace oche::formula {

double apply(Op op, const double* x) {
  const auto truth = [](bool b) { return b ? 1.0 : 0.0; };
  switch (op) {
    case Op::constant:
    case Op::uniform:
      break;
    case Op::negate:
      return -x[0];
    case Op::logical_not:
      return truth(!(x[0] != 0.0));
    case Op::abs:
      return std::fabs(x[0]);
    case Op::normal_quantile:
      return math::normal_quantile(x[0]);
    case Op::add:
      return x[0] + x[1];
    case Op::subtract:
      return x[0] - x[1];
    case Op::multiply:
      return x[0] * x[1];
    case Op::divide:
      return x[0] / x[1];
    case Op::power:
      return math::pow(x[0], x[1]);
    case Op::min:
      return math::minimum(x[0], x[1]);
    case Op::max:
      return math::maximum(x[0], x[1]);
    case Op::less:
      return truth(x[0] < x[1]);
    case Op::less_equal:
      return truth(x[0] <= x[1]);
    case Op::equal:
      return truth(x[0] == x[1]);
    case Op::not_equal:
      return truth(x[0] != x[1]);
    case Op::logical_and:
      return truth(x[0] != 0.0 && x[1] != 0.0);
    case Op::logical_or:
      return truth(x[0] != 0.0 || x[1] != 0.0);
    case Op::fma:
      return std::fma(x[0], x[1], x[2]);
    case Op::select:
      return x[0] != 0.0 ? x[1] : x[2];
#define OCHE_ROW(name, Name, cost, error) \
  case Op::name:                          \
    return math::name(x[0]);
      OCHE_MATH_UNARY(OCHE_ROW)
#undef OCHE_ROW
#define OCHE_ROW(name, Name, cost, error) \
  case Op::name:                          \
    return math::name(x[0], x[1]);
      OCHE_MATH_BINARY(OCHE_ROW)
#undef OCHE_ROW
  }
  OCHE_ASSERT(false);
}

std::vector<double> evaluate_all(const Program& program, std::span<const double> uniforms) {
  OCHE_ASSERT(uniforms.size() >= program.dimensions);
  std::vector<double> values(program.code.size());
  for (std::size_t i = 0; i < program.code.size(); ++i) {
    const Instruction& instruction = program.code[i];
    if (instruction.op == Op::constant) {
      values[i] = instruction.value;
    } else if (instruction.op == Op::uniform) {
      values[i] = uniforms[instruction.dimension];
    } else {
      double operands[3] = {0, 0, 0};
      for (unsigned k = 0; k < operand_count(instruction.op); ++k) {
        operands[k] = values[instruction.operands[k]];
      }
      values[i] = apply(instruction.op, operands);
    }
  }
  return values;
}

std::vector<double> evaluate(const Program& program, std::span<const double> uniforms) {
  const std::vector<double> all = evaluate_all(program, uniforms);
  std::vector<double> values;
  for (const ValueId output : program.outputs) values.push_back(all[output]);
  return values;
}

}  // namespace oche::formula

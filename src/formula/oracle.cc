#include "formula/oracle.h"

#include <cmath>
#include <utility>

#include "base/assert.h"
#include "formula/affine.h"
#include "math/functions.h"

namespace oche::formula {

double apply(Op op, const double* x) {
  const auto truth = [](bool b) { return b ? 1.0 : 0.0; };
  switch (op) {
    case Op::constant:
    case Op::uniform:
    case Op::element:
    case Op::index:
    case Op::sum:
    case Op::product:
    case Op::table:
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

namespace {

// Runs a program at one sample.
class Run {
 public:
  Run(const Program& program, std::span<const double> uniforms)
      : program_(program),
        uniforms_(uniforms),
        values_(program.code.size()),
        index_of_loop_(program.loops.size()) {}

  std::vector<double> values() && {
    for (std::size_t i = 0; i < program_.code.size();) i = step(i);
    return std::move(values_);
  }

 private:
  // Executes instruction i; returns which one is next.
  std::size_t step(std::size_t i) {
    const Instruction& instruction = program_.code[i];
    switch (instruction.op) {
      case Op::constant:
        values_[i] = instruction.value;
        return i + 1;
      case Op::uniform:
        values_[i] = uniforms_[instruction.dimension];
        return i + 1;
      case Op::element: {
        const double d = evaluate(program_.subscripts[instruction.dimension], index_of_loop_);
        values_[i] = uniforms_[static_cast<std::size_t>(d)];
        return i + 1;
      }
      case Op::index:
        return begin(i);
      case Op::sum:
      case Op::product:
        return end(i);
      default:
        break;
    }
    double operands[3] = {0, 0, 0};
    for (unsigned k = 0; k < operand_count(instruction.op); ++k) {
      operands[k] = values_[instruction.operands[k]];
    }
    values_[i] = instruction.op == Op::table
                     ? math::sample_at(*program_.tables[instruction.dimension], operands[0])
                     : apply(instruction.op, operands);
    return i + 1;
  }

  std::size_t begin(std::size_t i) {
    const std::uint32_t number = program_.code[i].dimension;
    const Loop& loop = program_.loops[number];
    const double first = evaluate(loop.first, index_of_loop_);
    if (first > evaluate(loop.last, index_of_loop_)) {
      values_[loop.end] = program_.code[loop.end].op == Op::sum ? 0.0 : 1.0;
      return loop.end + std::size_t{1};
    }
    values_[i] = index_of_loop_[number] = first;
    return i + 1;
  }

  std::size_t end(std::size_t i) {
    const Instruction& instruction = program_.code[i];
    const Loop& loop = program_.loops[instruction.dimension];
    double& index = index_of_loop_[instruction.dimension];
    const double body = values_[instruction.operands[0]];
    if (index == evaluate(loop.first, index_of_loop_)) {
      values_[i] = body;
    } else {
      values_[i] = instruction.op == Op::sum ? values_[i] + body : values_[i] * body;
    }
    if (index >= evaluate(loop.last, index_of_loop_)) return i + 1;
    index += 1.0;
    values_[loop.begin] = index;
    return loop.begin + std::size_t{1};
  }

  const Program& program_;
  std::span<const double> uniforms_;
  std::vector<double> values_;
  std::vector<double> index_of_loop_;
};

}  // namespace

std::vector<double> evaluate_all(const Program& program, std::span<const double> uniforms) {
  OCHE_ASSERT(uniforms.size() >= program.dimensions);
  return Run(program, uniforms).values();
}

std::vector<double> evaluate(const Program& program, std::span<const double> uniforms) {
  const std::vector<double> all = evaluate_all(program, uniforms);
  std::vector<double> values;
  for (const ValueId output : program.outputs) values.push_back(all[output]);
  return values;
}

}  // namespace oche::formula

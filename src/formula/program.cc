#include "formula/program.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>

#include "base/assert.h"
#include "formula/oracle.h"
#include "oche/error.h"

namespace oche::formula {
namespace {

struct Row {
  unsigned operands;
  unsigned cost;
};

constexpr Row kRows[] = {
#define OCHE_ROW(name, operands, cost) {operands, cost},
    OCHE_FORMULA_OPERATIONS(OCHE_ROW)
#undef OCHE_ROW
};

// Equal keys: the same operation on the same values, constants by their bits.
std::string key_of(const Instruction& i) {
  char key[1 + 3 * sizeof(ValueId) + sizeof(std::uint32_t) + sizeof(double)];
  char* out = key;
  *out++ = static_cast<char>(i.op);
  std::memcpy(out, i.operands, sizeof i.operands);
  out += sizeof i.operands;
  std::memcpy(out, &i.dimension, sizeof i.dimension);
  out += sizeof i.dimension;
  std::memcpy(out, &i.value, sizeof i.value);
  return std::string(key, sizeof key);
}

}  // namespace

unsigned operand_count(Op op) { return kRows[static_cast<std::size_t>(op)].operands; }
unsigned static_cost(Op op) { return kRows[static_cast<std::size_t>(op)].cost; }

std::uint64_t Program::cost() const {
  std::uint64_t total = 0;
  for (const Instruction& i : code) total += static_cost(i.op);
  return total;
}

bool Program::is_constant() const {
  return std::ranges::all_of(outputs, [this](ValueId v) { return code[v].op == Op::constant; });
}

ValueId ProgramBuilder::intern(const Instruction& instruction) {
  const auto [place, is_new] =
      known_.emplace(key_of(instruction), static_cast<ValueId>(code_.size()));
  if (is_new) {
    if (code_.size() >= kMaxInstructions) {
      throw Error(ErrorKind::usage, "the expression needs over " +
                                        std::to_string(kMaxInstructions) +
                                        " operations (the limit of a program); make it shorter");
    }
    code_.push_back(instruction);
  }
  return place->second;
}

ValueId ProgramBuilder::constant(double value) {
  Instruction i;
  i.op = Op::constant;
  // One NaN: the sign that a folded operation gives it differs between processors, and would decide
  // what is shared, and so the cost and the size of chunks.
  i.value = std::isnan(value) ? std::numeric_limits<double>::quiet_NaN() : value;
  return intern(i);
}

ValueId ProgramBuilder::uniform(std::uint32_t dimension) {
  Instruction i;
  i.op = Op::uniform;
  i.dimension = dimension;
  return intern(i);
}

ValueId ProgramBuilder::operation(Op op, std::span<const ValueId> operands) {
  OCHE_ASSERT(operands.size() == operand_count(op));
  Instruction i;
  i.op = op;
  bool all_constant = true;
  double values[3] = {0, 0, 0};
  for (std::size_t k = 0; k < operands.size(); ++k) {
    i.operands[k] = operands[k];
    all_constant = all_constant && is_constant(operands[k]);
    values[k] = code_[operands[k]].value;
  }
  if (all_constant) return constant(apply(op, values));
  return intern(i);
}

ValueId ProgramBuilder::integer_power(ValueId x, unsigned k) {
  OCHE_ASSERT(k >= 1 && k <= kMaxIntegerPower);
  if (k == 1) return x;
  const ValueId half = integer_power(x, k / 2);
  const ValueId square = operation(Op::multiply, {half, half});
  return k % 2 == 0 ? square : operation(Op::multiply, {square, x});
}

Program ProgramBuilder::finish(std::vector<ValueId> outputs, std::uint32_t dimensions, double scale,
                               std::vector<NamedValue> inputs) {
  std::vector<bool> needed(code_.size(), false);
  for (const ValueId output : outputs) needed[output] = true;
  for (const NamedValue& input : inputs) needed[input.value] = true;
  for (std::size_t i = code_.size(); i-- > 0;) {
    if (!needed[i]) continue;
    for (unsigned k = 0; k < operand_count(code_[i].op); ++k) needed[code_[i].operands[k]] = true;
  }
  Program program;
  std::vector<ValueId> place(code_.size(), 0);
  for (std::size_t i = 0; i < code_.size(); ++i) {
    if (!needed[i]) continue;
    Instruction moved = code_[i];
    for (unsigned k = 0; k < operand_count(moved.op); ++k)
      moved.operands[k] = place[moved.operands[k]];
    place[i] = static_cast<ValueId>(program.code.size());
    program.code.push_back(moved);
  }
  for (ValueId& output : outputs) output = place[output];
  program.outputs = std::move(outputs);
  program.dimensions = dimensions;
  program.scale = scale;
  for (NamedValue& input : inputs) input.value = place[input.value];
  program.inputs = std::move(inputs);
  code_.clear();
  known_.clear();
  return program;
}

}  // namespace oche::formula

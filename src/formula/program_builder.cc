#include "formula/program_builder.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>
#include <utility>

#include "base/assert.h"
#include "formula/affine.h"
#include "formula/oracle.h"
#include "oche/error.h"

namespace oche::formula {
namespace {

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

ValueId ProgramBuilder::append(const Instruction& instruction, const Traits& traits) {
  if (code_.size() >= kMaxInstructions) {
    throw Error(ErrorKind::usage, "the expression needs over " + std::to_string(kMaxInstructions) +
                                      " operations (the limit of a program); make it shorter");
  }
  code_.push_back(instruction);
  traits_.push_back(traits);
  return static_cast<ValueId>(code_.size() - 1);
}

ValueId ProgramBuilder::intern(const Instruction& instruction, const Traits& traits) {
  const auto [place, is_new] =
      known_.emplace(key_of(instruction), static_cast<ValueId>(code_.size()));
  if (is_new) append(instruction, traits);
  return place->second;
}

ValueId ProgramBuilder::constant(double value) {
  Instruction i;
  i.op = Op::constant;
  // One NaN: the sign that a folded operation gives it differs between processors, and would decide
  // what is shared, and so the cost and the size of chunks.
  i.value = std::isnan(value) ? std::numeric_limits<double>::quiet_NaN() : value;
  return intern(i, {});
}

ValueId ProgramBuilder::uniform(std::uint32_t dimension) {
  Instruction i;
  i.op = Op::uniform;
  i.dimension = dimension;
  return intern(i, {.varies = true});
}

ValueId ProgramBuilder::table(const std::shared_ptr<const math::SampleTable>& table, ValueId u) {
  OCHE_ASSERT(table != nullptr);
  if (is_constant(u)) return constant(math::sample_at(*table, constant_value(u)));
  Instruction i;
  i.op = Op::table;
  i.operands[0] = u;
  const auto place = std::find(tables_.begin(), tables_.end(), table);
  i.dimension = static_cast<std::uint32_t>(place - tables_.begin());
  if (place == tables_.end()) tables_.push_back(table);
  return intern(i, traits_[u].depths == 0
                       ? Traits{.varies = traits_[u].varies}
                       : Traits{traits_[u].varies, traits_[u].depths, home_of(traits_[u].depths)});
}

ValueId ProgramBuilder::operation(Op op, std::span<const ValueId> operands) {
  OCHE_ASSERT(operands.size() == operand_count(op) && op != Op::table);
  Instruction i;
  i.op = op;
  bool all_constant = true;
  double values[3] = {0, 0, 0};
  Traits traits;
  for (std::size_t k = 0; k < operands.size(); ++k) {
    i.operands[k] = operands[k];
    all_constant = all_constant && is_constant(operands[k]);
    values[k] = code_[operands[k]].value;
    traits.varies = traits.varies || traits_[operands[k]].varies;
    traits.depths |= traits_[operands[k]].depths;
  }
  if (all_constant) return constant(apply(op, values));
  traits.home = home_of(traits.depths);
  const std::size_t before = code_.size();
  const ValueId v = intern(i, traits);
  if (code_.size() > before && !traits.varies) note_affine(v, op, operands);
  return v;
}

ValueId ProgramBuilder::integer_power(ValueId x, unsigned k) {
  OCHE_ASSERT(k >= 1 && k <= kMaxIntegerPower);
  if (k == 1) return x;
  const ValueId half = integer_power(x, k / 2);
  const ValueId square = operation(Op::multiply, {half, half});
  return k % 2 == 0 ? square : operation(Op::multiply, {square, x});
}

std::uint32_t ProgramBuilder::home_of(std::uint32_t depths) const {
  return depths == 0 ? kNoLoop : open_[static_cast<std::size_t>(std::bit_width(depths)) - 1];
}

std::uint32_t ProgramBuilder::depths_of(const Affine& a) const {
  std::uint32_t depths = 0;
  for (const Affine::Term& term : a.terms) {
    for (std::size_t d = 0; d < open_.size(); ++d) {
      if (open_[d] == term.loop) depths |= std::uint32_t{1} << d;
    }
  }
  return depths;
}

ValueId ProgramBuilder::element(const Affine& dimension) {
  OCHE_ASSERT(is_whole(dimension));
  if (formula::is_constant(dimension)) {
    return uniform(static_cast<std::uint32_t>(dimension.constant));
  }
  Instruction i;
  i.op = Op::element;
  while (i.dimension < subscripts_.size() && subscripts_[i.dimension] != dimension) ++i.dimension;
  if (i.dimension == subscripts_.size()) subscripts_.push_back(dimension);
  const std::uint32_t depths = depths_of(dimension);
  return intern(i, {.varies = true, .depths = depths, .home = home_of(depths)});
}

ValueId ProgramBuilder::begin_loop(const Affine& first, const Affine& last, double most) {
  OCHE_ASSERT(open_.size() < kMaxLoopDepth);
  Instruction i;
  i.op = Op::index;
  i.dimension = static_cast<std::uint32_t>(loops_.size());
  open_.push_back(i.dimension);
  cost_of_loop_.push_back(0.0);
  const ValueId index =
      append(i, {.depths = std::uint32_t{1} << (open_.size() - 1), .home = i.dimension});
  loops_.push_back({index, 0, first, last, most});
  affine_[index] = {0.0, {{i.dimension, 1.0}}};
  return index;
}

ValueId ProgramBuilder::end_loop(Op op, ValueId body) {
  OCHE_ASSERT(!open_.empty() && ends_loop(op));
  Loop& loop = loops_[open_.back()];
  Instruction i;
  i.op = op;
  i.operands[0] = body;
  i.dimension = open_.back();
  Traits traits = traits_[body];
  traits.depths |= depths_of(loop.first) | depths_of(loop.last);
  traits.depths &= ~(std::uint32_t{1} << (open_.size() - 1));
  traits.home = home_of(traits.depths);
  double cost = static_cost(op);
  for (ValueId v = loop.begin; v < code_.size(); ++v) {
    if (traits_[v].home != i.dimension) continue;
    const bool is_loop = ends_loop(code_[v].op);
    cost += is_loop ? cost_of_loop_[code_[v].dimension] : static_cost(code_[v].op);
  }
  last_cost_ = cost_of_loop_[i.dimension] = cost * loop.most;
  open_.pop_back();
  if (loop.most <= 0.0) return constant(op == Op::sum ? 0.0 : 1.0);
  loop.end = append(i, traits);
  return traits.varies || traits.depths != 0 ? loop.end : fold_loop(loop.end);
}

// The loop's value as a constant, if it is the same for all samples and soon computed.
ValueId ProgramBuilder::fold_loop(ValueId end) {
  const double cost = last_cost_ + static_cast<double>(code_.size());
  if (folded_cost_ + cost > kMaxFoldedCost) return end;
  folded_cost_ += cost;
  return constant(evaluate(extract({end}, {}), {})[0]);
}

void ProgramBuilder::note_affine(ValueId v, Op op, std::span<const ValueId> operands) {
  const auto left = affine(operands[0]);
  if (!left) return;
  if (op == Op::negate) {
    affine_[v] = *left * -1.0;
    return;
  }
  if (operands.size() != 2) return;
  const auto right = affine(operands[1]);
  if (!right) return;
  if (op == Op::add) affine_[v] = *left + *right;
  if (op == Op::subtract) affine_[v] = *left + *right * -1.0;
  if (op == Op::multiply && formula::is_constant(*right)) affine_[v] = *left * right->constant;
  if (op == Op::multiply && formula::is_constant(*left)) affine_[v] = *right * left->constant;
  if (op == Op::divide && formula::is_constant(*right)) affine_[v] = *left / right->constant;
}

std::optional<Affine> ProgramBuilder::affine(ValueId v) const {
  if (is_constant(v)) return Affine{constant_value(v), {}};
  const auto known = affine_.find(v);
  if (known == affine_.end()) return std::nullopt;
  return known->second;
}

std::vector<bool> ProgramBuilder::needed_by(std::span<const ValueId> outputs,
                                            std::span<const NamedValue> inputs) const {
  std::vector<bool> needed(code_.size(), false);
  for (const ValueId output : outputs) needed[output] = true;
  for (const NamedValue& input : inputs) needed[input.value] = true;
  for (std::size_t i = code_.size(); i-- > 0;) {
    if (!needed[i]) continue;
    const Instruction& instruction = code_[i];
    for (unsigned k = 0; k < operand_count(instruction.op); ++k) {
      needed[instruction.operands[k]] = true;
    }
    if (ends_loop(instruction.op)) {
      needed[loops_[instruction.dimension].begin] = true;
    }
  }
  return needed;
}

// The program being laid out, and where each value and loop went.
struct ProgramBuilder::Layout {
  Program program;
  std::vector<std::vector<ValueId>>
      values_of;  // per loop, the last being none: what is needed there
  std::vector<ValueId> place;
  std::vector<std::uint32_t> loop_place;

  Affine moved(const Affine& a) const {
    Affine result = a;
    for (Affine::Term& term : result.terms) term.loop = loop_place[term.loop];
    return result;
  }

  void add(ValueId from, Instruction instruction) {
    for (unsigned k = 0; k < operand_count(instruction.op); ++k) {
      instruction.operands[k] = place[instruction.operands[k]];
    }
    place[from] = static_cast<ValueId>(program.code.size());
    program.code.push_back(instruction);
  }
};

// The values whose place is the body of `home`, loops with their bodies in the place of their ends.
// As deep as loops are inside each other.
void ProgramBuilder::lay_out(Layout& layout, std::uint32_t home) const {
  const std::size_t row = home == kNoLoop ? loops_.size() : home;
  for (const ValueId v : layout.values_of[row]) {
    Instruction instruction = code_[v];
    if (instruction.op == Op::element) {
      layout.program.subscripts.push_back(layout.moved(subscripts_[instruction.dimension]));
      instruction.dimension = static_cast<std::uint32_t>(layout.program.subscripts.size() - 1);
    } else if (ends_loop(instruction.op)) {
      const std::uint32_t old = instruction.dimension;
      const auto number = static_cast<std::uint32_t>(layout.program.loops.size());
      const Loop& loop = loops_[old];
      layout.program.loops.push_back(
          {0, 0, layout.moved(loop.first), layout.moved(loop.last), loop.most});
      layout.loop_place[old] = number;
      Instruction index = code_[loop.begin];
      index.dimension = instruction.dimension = number;
      layout.add(loop.begin, index);
      lay_out(layout, old);
      layout.program.loops[number].begin = layout.place[loop.begin];
      layout.program.loops[number].end = static_cast<ValueId>(layout.program.code.size());
    }
    layout.add(v, instruction);
  }
}

Program ProgramBuilder::extract(std::vector<ValueId> outputs,
                                std::vector<NamedValue> inputs) const {
  Layout layout;
  layout.place.assign(code_.size(), 0);
  layout.loop_place.assign(loops_.size(), 0);
  layout.values_of.resize(loops_.size() + 1);
  const std::vector<bool> needed = needed_by(outputs, inputs);
  for (ValueId v = 0; v < code_.size(); ++v) {
    if (!needed[v] || code_[v].op == Op::index) continue;
    const std::uint32_t home = traits_[v].home;
    layout.values_of[home == kNoLoop ? loops_.size() : home].push_back(v);
  }
  lay_out(layout, kNoLoop);
  Program program = std::move(layout.program);
  for (ValueId& output : outputs) output = layout.place[output];
  for (NamedValue& input : inputs) input.value = layout.place[input.value];
  program.outputs = std::move(outputs);
  program.inputs = std::move(inputs);
  program.tables = tables_;
  return program;
}

Program ProgramBuilder::finish(std::vector<ValueId> outputs, std::uint32_t dimensions, double scale,
                               std::vector<NamedValue> inputs) {
  OCHE_ASSERT(open_.empty());
  Program program = extract(std::move(outputs), std::move(inputs));
  program.dimensions = dimensions;
  program.scale = scale;
  *this = ProgramBuilder();
  return program;
}

}  // namespace oche::formula

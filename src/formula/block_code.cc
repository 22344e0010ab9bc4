#include "formula/block_code.h"

#include <algorithm>
#include <map>
#include <set>

#include "base/assert.h"
#include "formula/oracle.h"

namespace oche::formula {
namespace {

constexpr unsigned kMaxOperands = 5;

// An instruction whose operands are still values of the program or new constants.
struct Fused {
  BlockOp op;
  ValueId value;  // which value of the program it yields
  unsigned count = 0;
  ValueId operands[kMaxOperands] = {0, 0, 0, 0, 0};
};

unsigned fused_operand_count(BlockOp op) {
  switch (op) {
    case BlockOp::multiply_add:
      return 3;
    case BlockOp::multiply_multiply_add:
    case BlockOp::less_choose:
    case BlockOp::less_equal_choose:
      return 4;
    case BlockOp::dot2_less_equal_choose:
      return 5;
    default:
      return operand_count(static_cast<Op>(op));
  }
}

class Compiler {
 public:
  Compiler(const Program& program, std::span<const ValueId> yields)
      : program_(program), yields_(yields), uses_(program.code.size(), 0) {}

  BlockCode run() {
    extended_ = program_.code;
    mark_reachable();
    for (ValueId v = 0; v < program_.code.size(); ++v) {
      if (reachable_[v]) select_instruction(v);
    }
    drop_absorbed();
    return allocate();
  }

 private:
  // Inputs that only serve to report a point are not computed in blocks.
  void mark_reachable() {
    reachable_.assign(program_.code.size(), false);
    for (const ValueId v : yields_) reachable_[v] = true;
    for (std::size_t i = program_.code.size(); i-- > 0;) {
      if (!reachable_[i]) continue;
      const Instruction& instruction = program_.code[i];
      for (unsigned k = 0; k < operand_count(instruction.op); ++k) {
        reachable_[instruction.operands[k]] = true;
        ++uses_[instruction.operands[k]];
      }
    }
    for (const ValueId v : yields_) ++uses_[v];
  }

  const Instruction& at(ValueId v) const { return extended_[v]; }
  bool is(ValueId v, Op op) const { return at(v).op == op; }
  bool once(ValueId v, Op op) const { return is(v, op) && uses_[v] == 1; }

  ValueId new_constant(double value) {
    Instruction i;
    i.op = Op::constant;
    i.value = value;
    extended_.push_back(i);
    return static_cast<ValueId>(extended_.size() - 1);
  }

  void select_instruction(ValueId v) {
    const Instruction i = at(v);  // a copy: fusing adds constants to the code
    if (i.op == Op::constant || i.op == Op::uniform) return;
    Fused f{static_cast<BlockOp>(i.op), v, operand_count(i.op), {}};
    std::copy(std::begin(i.operands), std::end(i.operands), f.operands);
    if (i.op == Op::add) fuse_add(v, f);
    if (i.op == Op::multiply) fuse_choice(v, f);
    f.count = fused_operand_count(f.op);
    if (f.op != static_cast<BlockOp>(i.op)) fused_values_.insert(v);
    fused_.push_back(f);
  }

  // a*b + c*d, a*b + c, c + a*b, where the products serve nothing else. Addition commutes bit for
  // bit (NaNs differ in payload only, which nothing looks at).
  void fuse_add(ValueId v, Fused& f) {
    const ValueId x = at(v).operands[0];
    const ValueId y = at(v).operands[1];
    if (product(x) && product(y)) {
      set(f, BlockOp::multiply_multiply_add,
          {at(x).operands[0], at(x).operands[1], at(y).operands[0], at(y).operands[1]});
      absorbed_.insert({x, y});
    } else if (product(x)) {
      set(f, BlockOp::multiply_add, {at(x).operands[0], at(x).operands[1], y});
      absorbed_.insert({x, x});
    } else if (product(y)) {
      set(f, BlockOp::multiply_add, {at(y).operands[0], at(y).operands[1], x});
      absorbed_.insert({y, y});
    }
  }

  // A product that serves nothing else, and was not itself fused with what it multiplies.
  bool product(ValueId v) const { return once(v, Op::multiply) && !fused_values_.contains(v); }

  // k * (a <= b) with a constant k takes one of two values, k*1 and k*0.
  void fuse_choice(ValueId v, Fused& f) {
    for (unsigned side = 0; side < 2; ++side) {
      const ValueId k = at(v).operands[side];
      const ValueId c = at(v).operands[1 - side];
      if (!is(k, Op::constant) || !(once(c, Op::less) || once(c, Op::less_equal))) continue;
      const double factor = at(k).value;
      const ValueId yes = new_constant(factor * 1.0);
      const ValueId no = new_constant(factor * 0.0);
      const ValueId left = at(c).operands[0];
      const ValueId right = at(c).operands[1];
      const bool or_equal = is(c, Op::less_equal);
      absorbed_.insert({c, c});
      if (or_equal && fuse_disk(f, left, right, yes, no)) return;
      set(f, or_equal ? BlockOp::less_equal_choose : BlockOp::less_choose, {left, right, yes, no});
      return;
    }
  }

  bool fuse_disk(Fused& f, ValueId left, ValueId right, ValueId yes, ValueId no) {
    if (!once(left, Op::add)) return false;
    const ValueId x = at(left).operands[0];
    const ValueId y = at(left).operands[1];
    const auto square = [&](ValueId s) {
      return once(s, Op::multiply) && at(s).operands[0] == at(s).operands[1];
    };
    if (!square(x) || !square(y)) return false;
    set(f, BlockOp::dot2_less_equal_choose, {at(x).operands[0], at(y).operands[0], right, yes, no});
    absorbed_.insert({left, left});
    absorbed_.insert({x, y});
    return true;
  }

  static void set(Fused& f, BlockOp op, std::initializer_list<ValueId> operands) {
    f.op = op;
    std::copy(operands.begin(), operands.end(), f.operands);
  }

  void drop_absorbed() {
    std::vector<bool> gone(program_.code.size(), false);
    for (const auto& [x, y] : absorbed_) gone[x] = gone[y] = true;
    std::erase_if(fused_, [&](const Fused& f) { return gone[f.value]; });
  }

  BlockCode allocate() {
    BlockCode code;
    code.dimensions = program_.dimensions;
    code.yields = static_cast<std::uint32_t>(yields_.size());
    collect_constants(code);
    std::vector<std::size_t> last_use(extended_.size(), 0);
    for (std::size_t i = 0; i < fused_.size(); ++i) {
      for (unsigned k = 0; k < fused_[i].count; ++k) last_use[fused_[i].operands[k]] = i;
    }
    std::vector<std::uint32_t> free;
    for (std::size_t i = 0; i < fused_.size(); ++i) {
      const Fused& f = fused_[i];
      BlockInstruction instruction;
      instruction.op = f.op;
      for (unsigned k = 0; k < f.count; ++k) instruction.operands[k] = slot_of(code, f.operands[k]);
      for (unsigned k = 0; k < f.count; ++k) release(f.operands[k], i, last_use, free);
      const auto yield = std::ranges::find(yields_, f.value);
      if (yield != yields_.end()) {
        home_[f.value] = {true, static_cast<std::uint32_t>(yield - yields_.begin())};
      } else {
        if (free.empty()) free.push_back(code.registers++);
        home_[f.value] = {false, free.back()};
        free.pop_back();
      }
      instruction.result = provisional(home_.at(f.value));
      code.instructions.push_back(instruction);
    }
    copy_yields(code);
    place_results(code);
    return code;
  }

  // Where a computed value lives: in a register, or where it is yielded.
  struct Home {
    bool yielded = false;
    std::uint32_t index = 0;
  };

  void release(ValueId v, std::size_t now, const std::vector<std::size_t>& last_use,
               std::vector<std::uint32_t>& free) {
    const auto place = home_.find(v);
    if (place == home_.end() || place->second.yielded || last_use[v] != now) return;
    free.push_back(place->second.index);
    home_.erase(place);
  }

  // Until all registers are counted, the yields' slots are not known: they are numbered from
  // kFirstYield on.
  static constexpr Slot kFirstYield = Slot{1} << 31;

  Slot provisional(Home home) const {
    return home.yielded ? kFirstYield + home.index : first_register_ + home.index;
  }

  Slot slot_of(const BlockCode& code, ValueId v) const {
    const Instruction& operand = at(v);
    if (operand.op == Op::uniform) return operand.dimension;
    if (operand.op == Op::constant) return code.first_constant() + constant_.at(v);
    return provisional(home_.at(v));
  }

  // What no instruction has put where it is yielded.
  void copy_yields(BlockCode& code) const {
    for (std::uint32_t y = 0; y < yields_.size(); ++y) {
      const auto home = home_.find(yields_[y]);
      if (home != home_.end() && home->second.index == y) continue;
      const Slot from = slot_of(code, yields_[y]);
      code.instructions.push_back({BlockOp::max, kFirstYield + y, {from, from, 0, 0, 0}});
    }
  }

  static void place_results(BlockCode& code) {
    const auto place = [&](Slot& slot) {
      if (slot >= kFirstYield) slot = slot - kFirstYield + code.first_yield();
    };
    for (BlockInstruction& instruction : code.instructions) {
      place(instruction.result);
      for (Slot& operand : instruction.operands) place(operand);
    }
  }

  void collect_constants(BlockCode& code) {
    for (const Fused& f : fused_) {
      for (unsigned k = 0; k < f.count; ++k) {
        const ValueId v = f.operands[k];
        add_constant(code, v);
      }
    }
    for (const ValueId v : yields_) add_constant(code, v);
    first_register_ = code.first_register();
  }

  void add_constant(BlockCode& code, ValueId v) {
    if (!is(v, Op::constant) || constant_.contains(v)) return;
    constant_[v] = static_cast<std::uint32_t>(code.constants.size());
    code.constants.push_back(at(v).value);
  }

  const Program& program_;
  std::span<const ValueId> yields_;
  std::vector<Instruction> extended_;  // the program's code and constants made by fusing
  std::vector<std::uint32_t> uses_;
  std::vector<bool> reachable_;
  std::vector<Fused> fused_;
  std::set<ValueId> fused_values_;  // those in fused_ that stand for more than one operation
  std::multimap<ValueId, ValueId> absorbed_;  // values computed inside a fused instruction
  std::map<ValueId, std::uint32_t> constant_;
  std::map<ValueId, Home> home_;
  Slot first_register_ = 0;
};

}  // namespace

BlockCode compile(const Program& program, std::span<const ValueId> yields) {
  return Compiler(program, yields).run();
}

}  // namespace oche::formula

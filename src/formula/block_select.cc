#include "formula/block_select.h"

#include <algorithm>
#include <initializer_list>
#include <map>
#include <set>
#include <utility>

namespace oche::formula {
namespace {

class Selector {
 public:
  Selector(const Program& program, std::span<const ValueId> yields)
      : program_(program), yields_(yields), uses_(program.code.size(), 0) {}

  Selection run() {
    s_.code = program_.code;
    mark_reachable();
    find_lines_and_loops();
    for (ValueId v = 0; v < program_.code.size(); ++v) {
      if (s_.reachable[v]) select_instruction(v);
    }
    drop_absorbed();
    return std::move(s_);
  }

 private:
  // Inputs that only serve to report a point are not computed in blocks.
  void mark_reachable() {
    s_.reachable.assign(program_.code.size(), false);
    for (const ValueId v : yields_) s_.reachable[v] = true;
    for (std::size_t i = program_.code.size(); i-- > 0;) {
      if (!s_.reachable[i]) continue;
      const Instruction& instruction = program_.code[i];
      for (unsigned k = 0; k < operand_count(instruction.op); ++k) {
        s_.reachable[instruction.operands[k]] = true;
        ++uses_[instruction.operands[k]];
      }
      if (ends_loop(instruction.op)) {
        s_.reachable[program_.loops[instruction.dimension].begin] = true;
      }
    }
    for (const ValueId v : yields_) ++uses_[v];
  }

  void find_lines_and_loops() {
    std::vector<std::uint32_t> around = {Selection::kNoLoop};
    std::vector<bool> varies(program_.code.size());
    for (const Instruction& i : program_.code) {
      const std::size_t v = s_.loop_of.size();
      if (ends_loop(i.op)) around.pop_back();
      if (i.op == Op::index) around.push_back(i.dimension);
      s_.loop_of.push_back(around.back());
      varies[v] = i.op == Op::uniform || i.op == Op::element;
      for (unsigned k = 0; k < operand_count(i.op); ++k) {
        varies[v] = varies[v] || varies[i.operands[k]];
      }
      s_.is_line.push_back(!varies[v] && i.op != Op::constant);
    }
  }

  const Instruction& at(ValueId v) const { return s_.code[v]; }
  bool is(ValueId v, Op op) const { return at(v).op == op; }
  // Whether v is such an operation, serves nothing but `user`, and is computed as often.
  bool once(ValueId v, Op op, ValueId user) const {
    return is(v, op) && uses_[v] == 1 && s_.loop_of[v] == s_.loop_of[user] &&
           s_.is_line[v] == s_.is_line[user];
  }

  ValueId new_constant(double value) {
    Instruction i;
    i.op = Op::constant;
    i.value = value;
    s_.code.push_back(i);
    return static_cast<ValueId>(s_.code.size() - 1);
  }

  void select_instruction(ValueId v) {
    const Instruction i = at(v);  // a copy: fusing adds constants to the code
    if (i.op == Op::constant || i.op == Op::uniform || i.op == Op::element) return;
    Selected f{static_cast<BlockOp>(i.op), v, operand_count(i.op), {}};
    std::copy(std::begin(i.operands), std::end(i.operands), f.operands);
    if (i.op == Op::add) fuse_add(v, f);
    if (i.op == Op::multiply) fuse_choice(v, f);
    if (i.op == Op::sum) fuse_term(v, f);
    if (!ends_loop(i.op)) f.count = operand_count(f.op);
    if (f.op != static_cast<BlockOp>(i.op)) fused_values_.insert(v);
    s_.instructions.push_back(f);
  }

  // a*b + c*d, a*b + c, c + a*b, where the products serve nothing else. Addition commutes bit for
  // bit (NaNs differ in payload only, which nothing looks at).
  void fuse_add(ValueId v, Selected& f) {
    const ValueId x = at(v).operands[0];
    const ValueId y = at(v).operands[1];
    if (product(x, v) && product(y, v)) {
      set(f, BlockOp::multiply_multiply_add,
          {at(x).operands[0], at(x).operands[1], at(y).operands[0], at(y).operands[1]});
      absorbed_.insert({x, y});
    } else if (product(x, v)) {
      set(f, BlockOp::multiply_add, {at(x).operands[0], at(x).operands[1], y});
      absorbed_.insert({x, x});
    } else if (product(y, v)) {
      set(f, BlockOp::multiply_add, {at(y).operands[0], at(y).operands[1], x});
      absorbed_.insert({y, y});
    }
  }

  // A product that serves nothing else, and was not itself fused with what it multiplies.
  bool product(ValueId x, ValueId user) const {
    return once(x, Op::multiply, user) && !fused_values_.contains(x);
  }

  // The terms of a sum that are products, of which the last operation is the product.
  void fuse_term(ValueId v, Selected& f) {
    const ValueId body = at(v).operands[0];
    const std::uint32_t number = at(v).dimension;
    if (!is(body, Op::multiply) || uses_[body] != 1 || fused_values_.contains(body)) return;
    if (s_.loop_of[body] != number || s_.is_line[body] != s_.is_line[v]) return;
    f.count = 2;
    std::copy_n(at(body).operands, 2, f.operands);
    absorbed_.insert({body, body});
  }

  // k * (a <= b) with a constant k takes one of two values, k*1 and k*0.
  void fuse_choice(ValueId v, Selected& f) {
    for (unsigned side = 0; side < 2; ++side) {
      const ValueId k = at(v).operands[side];
      const ValueId c = at(v).operands[1 - side];
      if (!is(k, Op::constant) || !(once(c, Op::less, v) || once(c, Op::less_equal, v))) continue;
      const double factor = at(k).value;
      const ValueId yes = new_constant(factor * 1.0);
      const ValueId no = new_constant(factor * 0.0);
      const ValueId left = at(c).operands[0];
      const ValueId right = at(c).operands[1];
      const bool or_equal = is(c, Op::less_equal);
      absorbed_.insert({c, c});
      if (or_equal && fuse_disk(c, f, yes, no)) return;
      set(f, or_equal ? BlockOp::less_equal_choose : BlockOp::less_choose, {left, right, yes, no});
      return;
    }
  }

  bool fuse_disk(ValueId c, Selected& f, ValueId yes, ValueId no) {
    const ValueId left = at(c).operands[0];
    const ValueId right = at(c).operands[1];
    if (!once(left, Op::add, c)) return false;
    const ValueId x = at(left).operands[0];
    const ValueId y = at(left).operands[1];
    const auto square = [&](ValueId s) {
      return once(s, Op::multiply, c) && at(s).operands[0] == at(s).operands[1];
    };
    if (!square(x) || !square(y)) return false;
    set(f, BlockOp::dot2_less_equal_choose, {at(x).operands[0], at(y).operands[0], right, yes, no});
    absorbed_.insert({left, left});
    absorbed_.insert({x, y});
    return true;
  }

  static void set(Selected& f, BlockOp op, std::initializer_list<ValueId> operands) {
    f.op = op;
    std::copy(operands.begin(), operands.end(), f.operands);
  }

  void drop_absorbed() {
    std::vector<bool> gone(program_.code.size(), false);
    for (const auto& [x, y] : absorbed_) gone[x] = gone[y] = true;
    std::erase_if(s_.instructions, [&](const Selected& f) { return gone[f.value]; });
  }

  const Program& program_;
  std::span<const ValueId> yields_;
  Selection s_;
  std::vector<std::uint32_t> uses_;
  std::set<ValueId> fused_values_;            // those that stand for more than one operation
  std::multimap<ValueId, ValueId> absorbed_;  // values computed inside a fused instruction
};

}  // namespace

unsigned operand_count(BlockOp op) {
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

Selection select_instructions(const Program& program, std::span<const ValueId> yields) {
  return Selector(program, yields).run();
}

}  // namespace oche::formula

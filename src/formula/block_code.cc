#include "formula/block_code.h"

#include <algorithm>
#include <map>
#include <utility>

#include "formula/block_select.h"

namespace oche::formula {
namespace {

// Gives every value a slot.
class Allocation {
 public:
  Allocation(const Program& program, std::span<const ValueId> yields)
      : program_(program),
        yields_(yields),
        s_(select_instructions(program, yields)),
        last_use_(s_.code.size(), 0) {}

  BlockCode run() {
    code_.dimensions = program_.dimensions;
    code_.yields = static_cast<std::uint32_t>(yields_.size());
    collect_constants();
    code_.tables = program_.tables;
    number_lines_and_elements();
    find_last_uses();
    for (std::size_t i = 0; i < s_.instructions.size(); ++i) {
      const Selected& f = s_.instructions[i];
      if (f.op == BlockOp::index) {
        begin_loop(f);
      } else if (ends_loop(static_cast<Op>(f.op))) {
        end_loop(f, i);
      } else {
        code_.instructions.push_back(instruction(f, i));
      }
    }
    copy_yields();
    place_results();
    return std::move(code_);
  }

 private:
  // Where a computed value lives: in a register, or where it is yielded.
  struct Home {
    bool yielded = false;
    std::uint32_t index = 0;
  };

  const Instruction& at(ValueId v) const { return s_.code[v]; }

  void collect_constants() {
    for (const Selected& f : s_.instructions) {
      for (unsigned k = 0; k < f.count; ++k) add_constant(f.operands[k]);
    }
    for (const ValueId v : yields_) add_constant(v);
  }

  void add_constant(ValueId v) {
    if (at(v).op != Op::constant || constant_.contains(v)) return;
    constant_[v] = static_cast<std::uint32_t>(code_.constants.size());
    code_.constants.push_back(at(v).value);
  }

  void number_lines_and_elements() {
    for (ValueId v = 0; v < program_.code.size(); ++v) {
      if (!s_.reachable[v]) continue;
      if (s_.is_line[v]) line_[v] = code_.lines++;
      if (at(v).op == Op::element) element_[v] = code_.elements++;
    }
    first_register_ = code_.first_register();
  }

  // What is computed outside a loop and used inside is used up to the loop's end.
  void find_last_uses() {
    std::vector<std::size_t> place(s_.code.size(), 0);  // of the instruction that computes it
    std::vector<std::size_t> end(program_.loops.size(), 0);
    std::vector<std::size_t> begin(program_.loops.size(), 0);
    for (std::size_t i = 0; i < s_.instructions.size(); ++i) {
      const Selected& f = s_.instructions[i];
      place[f.value] = i;
      const std::uint32_t loop = at(f.value).dimension;
      if (f.op == BlockOp::index) begin[loop] = i;
      if (ends_loop(static_cast<Op>(f.op))) end[loop] = i;
    }
    std::vector<std::uint32_t> around;
    for (std::size_t i = 0; i < s_.instructions.size(); ++i) {
      const Selected& f = s_.instructions[i];
      if (f.op == BlockOp::index) around.push_back(at(f.value).dimension);
      for (unsigned k = 0; k < f.count; ++k) {
        const ValueId v = f.operands[k];
        const auto outer = std::ranges::find_if(
            around, [&](std::uint32_t loop) { return place[v] < begin[loop]; });
        last_use_[v] = std::max(last_use_[v], outer == around.end() ? i : end[*outer]);
      }
      if (ends_loop(static_cast<Op>(f.op))) around.pop_back();
    }
  }

  // Its result's home is found after its operands were released: it may be one of theirs.
  BlockInstruction instruction(const Selected& f, std::size_t place) {
    BlockInstruction result;
    result.op = f.op;
    if (f.op == BlockOp::table) result.table = code_.tables[at(f.value).dimension].get();
    result.is_line = s_.is_line[f.value];
    for (unsigned k = 0; k < f.count; ++k) result.operands[k] = slot_of(f.operands[k]);
    for (unsigned k = 0; k < f.count; ++k) release(f.operands[k], place);
    find_home(f.value);
    result.result = slot_of(f.value);
    return result;
  }

  void find_home(ValueId v) {
    if (s_.is_line[v]) return;
    const auto yield = std::ranges::find(yields_, v);
    if (yield != yields_.end()) {
      home_[v] = {true, static_cast<std::uint32_t>(yield - yields_.begin())};
      return;
    }
    if (free_.empty()) free_.push_back(code_.registers++);
    home_[v] = {false, free_.back()};
    free_.pop_back();
  }

  void release(ValueId v, std::size_t now) {
    const auto place = home_.find(v);
    if (place == home_.end() || place->second.yielded || last_use_[v] != now) return;
    free_.push_back(place->second.index);
    home_.erase(place);
  }

  // The accumulator lives from here on, so that no value of the body takes its register.
  void begin_loop(const Selected& f) {
    const std::uint32_t number = at(f.value).dimension;
    const Loop& from = program_.loops[number];
    BlockLoop loop;
    loop.begin = code_.instructions.size();
    loop.number = number;
    loop.first = from.first;
    loop.last = from.last;
    loop.index = slot_of(f.value);
    for (const auto& [v, element] : element_) {
      if (s_.loop_of[v] != number) continue;
      loop.elements.push_back({slot_of(v), program_.subscripts[at(v).dimension]});
    }
    find_home(from.end);
    open_.push_back(code_.loops.size());
    code_.loops.push_back(std::move(loop));
  }

  // Terms that are products are multiplied and added in one pass over the block.
  void end_loop(const Selected& f, std::size_t place) {
    BlockLoop& loop = code_.loops[open_.back()];
    open_.pop_back();
    loop.end = code_.instructions.size();
    loop.next = code_.loops.size();
    loop.of_none = f.op == BlockOp::sum ? 0.0 : 1.0;
    const Slot total = slot_of(f.value);
    const Slot a = slot_of(f.operands[0]);
    const bool is_line = s_.is_line[f.value];
    if (f.count == 2) {
      const Slot b = slot_of(f.operands[1]);
      loop.first_term = {BlockOp::multiply, is_line, total, {a, b, 0, 0, 0}};
      code_.instructions.push_back({BlockOp::multiply_add, is_line, total, {a, b, total, 0, 0}});
    } else {
      const BlockOp op = f.op == BlockOp::sum ? BlockOp::add : BlockOp::multiply;
      loop.first_term = {BlockOp::max, is_line, total, {a, a, 0, 0, 0}};
      code_.instructions.push_back({op, is_line, total, {total, a, 0, 0, 0}});
    }
    for (unsigned k = 0; k < f.count; ++k) release(f.operands[k], place);
  }

  // Until all registers are counted, the yields' slots are not known: they are numbered from
  // kFirstYield on.
  static constexpr Slot kFirstYield = Slot{1} << 31;

  Slot slot_of(ValueId v) const {
    const Instruction& value = at(v);
    if (value.op == Op::uniform) return value.dimension;
    if (value.op == Op::constant) return code_.first_constant() + constant_.at(v);
    if (value.op == Op::element) return code_.first_element() + element_.at(v);
    if (s_.is_line[v]) return code_.first_line() + line_.at(v);
    const Home home = home_.at(v);
    return (home.yielded ? kFirstYield : first_register_) + home.index;
  }

  // What no instruction has put where it is yielded.
  void copy_yields() {
    for (std::uint32_t y = 0; y < yields_.size(); ++y) {
      const auto home = home_.find(yields_[y]);
      if (home != home_.end() && home->second.index == y) continue;
      const Slot from = slot_of(yields_[y]);
      code_.instructions.push_back({BlockOp::max, false, kFirstYield + y, {from, from, 0, 0, 0}});
    }
  }

  void place_results() {
    const auto place = [&](Slot& slot) {
      if (slot >= kFirstYield) slot = slot - kFirstYield + code_.first_yield();
    };
    const auto place_all = [&](BlockInstruction& instruction) {
      place(instruction.result);
      for (Slot& operand : instruction.operands) place(operand);
    };
    for (BlockInstruction& instruction : code_.instructions) place_all(instruction);
    for (BlockLoop& loop : code_.loops) place_all(loop.first_term);
  }

  const Program& program_;
  std::span<const ValueId> yields_;
  Selection s_;
  std::vector<std::size_t> last_use_;  // per value: the last of s_.instructions that uses it
  std::map<ValueId, std::uint32_t> constant_;
  std::map<ValueId, std::uint32_t> line_;
  std::map<ValueId, std::uint32_t> element_;
  std::map<ValueId, Home> home_;
  std::vector<std::uint32_t> free_;  // registers
  std::vector<std::size_t> open_;    // loops, of BlockCode::loops
  Slot first_register_ = 0;
  BlockCode code_;
};

}  // namespace

BlockCode compile(const Program& program, std::span<const ValueId> yields) {
  return Allocation(program, yields).run();
}

}  // namespace oche::formula

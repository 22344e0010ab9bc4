#include "integrand/kernel_plan.h"

#include <algorithm>
#include <limits>

#include "base/assert.h"

namespace oche::integrand {
namespace {

using formula::Instruction;
using formula::Op;
using formula::Program;
using formula::ValueId;

// Longer programs leave the cache of decoded instructions, and gain little by being fused.
constexpr std::size_t kMaxOperations = 2000;

// The comparison of an indicator, which may have a constant factor.
std::optional<ValueId> condition_of(const Program& program, ValueId root) {
  const auto compares = [&](ValueId v) {
    return program.code[v].op == Op::less || program.code[v].op == Op::less_equal;
  };
  if (compares(root)) return root;
  const Instruction& last = program.code[root];
  if (last.op != Op::multiply) return std::nullopt;
  for (unsigned side = 0; side < 2; ++side) {
    if (program.code[last.operands[side]].op == Op::constant && compares(last.operands[1 - side])) {
      return last.operands[1 - side];
    }
  }
  return std::nullopt;
}

class Planner {
 public:
  Planner(KernelTask task, const Program& program, std::span<const ValueId> yields)
      : task_(task), program_(program), count_(program.code.size()) {
    plan_.yields.assign(yields.begin(), yields.end());
  }

  std::optional<KernelPlan> run() {
    // Sums over an index run block by block: their bodies are long enough to hide the stores
    // between.
    if (!program_.loops.empty()) return std::nullopt;
    if (task_ == KernelTask::count) {
      if (plan_.yields.size() != 1) return std::nullopt;
      const std::optional<ValueId> condition = condition_of(program_, plan_.yields[0]);
      if (!condition) return std::nullopt;
      plan_.condition = *condition;
      roots_ = {*condition};
    } else {
      roots_ = plan_.yields;
    }
    mark_reachable();
    if (std::count(reachable_.begin(), reachable_.end(), true) >
        static_cast<std::ptrdiff_t>(kMaxOperations)) {
      return std::nullopt;
    }
    find_levels();
    choose_loops();
    absorb_masks();
    lay_out();
    return std::move(plan_);
  }

 private:
  static constexpr unsigned kNever = std::numeric_limits<unsigned>::max();

  const Instruction& at(ValueId v) const { return program_.code[v]; }
  unsigned operands(ValueId v) const { return formula::operand_count(at(v).op); }
  bool is_function(ValueId v) const { return !stands_in_loops(at(v).op); }
  bool is_constant(ValueId v) const { return at(v).op == Op::constant; }
  // Computed by a loop.
  bool is_plain(ValueId v) const { return !is_function(v) && !is_constant(v); }
  bool is_root(ValueId v) const {
    return std::find(roots_.begin(), roots_.end(), v) != roots_.end();
  }

  void mark_reachable() {
    reachable_.assign(count_, false);
    uses_.assign(count_, 0);
    for (const ValueId v : roots_) {
      reachable_[v] = true;
      ++uses_[v];
    }
    for (std::size_t i = count_; i-- > 0;) {
      const auto v = static_cast<ValueId>(i);
      if (!reachable_[v]) continue;
      for (unsigned k = 0; k < operands(v); ++k) {
        reachable_[at(v).operands[k]] = true;
        ++uses_[at(v).operands[k]];
      }
    }
  }

  // level_[v]: the first loop that can compute v, or read it, when a function yields it.
  void find_levels() {
    level_.assign(count_, 0);
    last_loop_ = 0;
    for (ValueId v = 0; v < count_; ++v) {
      if (!reachable_[v]) continue;
      for (unsigned k = 0; k < operands(v); ++k) {
        level_[v] = std::max(level_[v], level_[at(v).operands[k]]);
      }
      if (is_function(v)) ++level_[v];
      last_loop_ = std::max(last_loop_, level_[v]);
    }
    // Of several yields each is accumulated in a loop of its own, from an array: the sums of one
    // fill the registers.
    separate_ = task_ == KernelTask::accumulate && plan_.yields.size() > 1;
  }

  // loop_[v]: which loop computes v. The last that can, so that little is stored; but not later
  // than its operands, when that would mean to store these.
  void choose_loops() {
    loop_.assign(count_, kNever);
    for (const ValueId v : roots_) {
      if (is_plain(v)) loop_[v] = last_loop_;
    }
    for (std::size_t i = count_; i-- > 0;) {
      const auto v = static_cast<ValueId>(i);
      if (!reachable_[v] || is_constant(v)) continue;
      const unsigned latest = is_function(v) ? level_[v] - 1 : loop_[v];
      for (unsigned k = 0; k < operands(v); ++k) {
        const ValueId operand = at(v).operands[k];
        if (is_plain(operand)) loop_[operand] = std::min(loop_[operand], latest);
      }
    }
    draw_pairs_together();
    for (ValueId v = 0; v < count_; ++v) {
      if (reachable_[v] && is_plain(v)) move_to_operands(v);
    }
  }

  void draw_pairs_together() {
    std::vector<unsigned> first(program_.dimensions / 2 + 1, kNever);
    const auto for_each_uniform = [&](auto f) {
      for (ValueId v = 0; v < count_; ++v) {
        if (reachable_[v] && at(v).op == Op::uniform) f(v, first[at(v).dimension / 2]);
      }
    };
    for_each_uniform([&](ValueId v, unsigned& loop) { loop = std::min(loop, loop_[v]); });
    for_each_uniform([&](ValueId v, unsigned& loop) { loop_[v] = loop; });
    for (std::uint32_t pair = 0; pair < first.size(); ++pair) {
      if (first[pair] != kNever) plan_.pairs.push_back(pair);
    }
  }

  void move_to_operands(ValueId v) {
    unsigned earliest = 0;
    bool stored = false;
    for (unsigned k = 0; k < operands(v); ++k) {
      const ValueId operand = at(v).operands[k];
      if (is_constant(operand)) continue;
      earliest = std::max(earliest, is_function(operand) ? level_[operand] : loop_[operand]);
      stored = stored || is_plain(operand);
    }
    if (stored) loop_[v] = std::min(loop_[v], earliest);
  }

  // A comparison that serves one decision next to it stays a mask.
  void absorb_masks() {
    plan_.absorbed.assign(count_, false);
    depth_.assign(count_, 0);
    if (task_ == KernelTask::count) plan_.absorbed[plan_.condition] = true;
    for (ValueId v = 0; v < count_; ++v) {
      if (!reachable_[v] || is_constant(v) || is_function(v)) continue;
      const bool logic =
          at(v).op == Op::logical_and || at(v).op == Op::logical_or || at(v).op == Op::logical_not;
      const unsigned masks = logic ? operands(v) : at(v).op == Op::select ? 1 : 0;
      for (unsigned k = 0; k < masks; ++k) {
        const ValueId condition = at(v).operands[k];
        depth_[v] = std::max(depth_[v], depth_[condition] + 1);
        if (!is_logical(at(condition).op) || uses_[condition] != 1 || is_root(condition) ||
            loop_[condition] != loop_[v] || depth_[condition] >= kMaxMaskDepth) {
          continue;
        }
        plan_.absorbed[condition] = true;
      }
      if (depth_[v] > kMaxMaskDepth) depth_[v] = 0;
    }
  }

  // --- steps and arrays

  // Steps are numbered: loops and functions in the order in which they run.
  void lay_out() {
    std::vector<std::vector<ValueId>> functions(last_loop_ + 2);
    for (ValueId v = 0; v < count_; ++v) {
      if (reachable_[v] && is_function(v)) functions[level_[v]].push_back(v);
    }
    step_of_loop_.assign(last_loop_ + 1, 0);
    step_of_function_.assign(count_, 0);
    for (unsigned loop = 0; loop <= last_loop_; ++loop) {
      step_of_loop_[loop] = plan_.steps.size();
      plan_.steps.emplace_back().loop.emplace();
      for (const ValueId v : functions[loop + 1]) {
        step_of_function_[v] = plan_.steps.size();
        plan_.steps.emplace_back();
      }
    }
    const std::size_t first_sum = plan_.steps.size();
    if (separate_) plan_.steps.resize(first_sum + plan_.yields.size());
    give_arrays(first_sum);
    fill_loops(first_sum);
    std::erase_if(plan_.steps, [](const Step& s) {
      return s.loop && s.loop->stores.empty() && s.loop->yields.empty() && !s.loop->counts;
    });
  }

  // The step that computes v.
  std::size_t step_of(ValueId v) const {
    return is_function(v) ? step_of_function_[v] : step_of_loop_[loop_[v]];
  }

  // Arrays for what is needed by another step than that which computes it. An array is free again
  // after its last use; a function may overwrite its argument.
  void give_arrays(std::size_t first_sum) {
    last_use_.assign(count_, 0);
    array_.assign(count_, kNoArray);
    const auto use = [&](ValueId v, std::size_t step) {
      if (!is_constant(v) && (is_function(v) || step != step_of(v))) {
        last_use_[v] = std::max(last_use_[v], step);
      }
    };
    for (ValueId v = 0; v < count_; ++v) {
      if (!reachable_[v] || is_constant(v)) continue;
      for (unsigned k = 0; k < operands(v); ++k) use(at(v).operands[k], step_of(v));
    }
    for (std::size_t y = 0; y < roots_.size(); ++y) {
      use(roots_[y], separate_ ? first_sum + y : step_of_loop_[last_loop_]);
    }
    std::vector<Array> free;
    std::vector<std::vector<ValueId>> born(plan_.steps.size()), dead(plan_.steps.size());
    for (ValueId v = 0; v < count_; ++v) {
      if (last_use_[v] == 0) continue;
      born[step_of(v)].push_back(v);
      dead[last_use_[v]].push_back(v);
    }
    for (std::size_t step = 0; step < plan_.steps.size(); ++step) {
      const bool in_place = !plan_.steps[step].loop && step < first_sum;
      const auto release = [&] {
        for (const ValueId v : dead[step]) free.push_back(array_[v]);
      };
      if (in_place) release();
      for (const ValueId v : born[step]) {
        if (free.empty()) free.push_back(plan_.arrays++);
        array_[v] = free.back();
        free.pop_back();
      }
      if (!in_place) release();
    }
  }

  void fill_loops(std::size_t first_sum) {
    for (ValueId v = 0; v < count_; ++v) {
      if (!reachable_[v] || !is_function(v)) continue;
      ArrayStep& f = plan_.steps[step_of_function_[v]].function;
      f.op = at(v).op;
      f.value = v;
      f.output = array_[v];
      for (unsigned k = 0; k < operands(v); ++k) {
        f.operands[k] = at(v).operands[k];
        f.inputs[k] = array_[f.operands[k]];
      }
    }
    for (unsigned loop = 0; loop <= last_loop_; ++loop) {
      Loop& l = *plan_.steps[step_of_loop_[loop]].loop;
      l.source.assign(count_, kNoArray);
      done_.assign(count_, false);
      for (ValueId v = 0; v < count_; ++v) {
        if (!reachable_[v] || !is_plain(v) || loop_[v] != loop || array_[v] == kNoArray) continue;
        visit(l, loop, v);
        l.stores.push_back({v, array_[v]});
      }
      if (loop != last_loop_ || separate_) continue;
      for (const ValueId v : roots_) visit(l, loop, v);
      if (task_ == KernelTask::count) {
        l.counts = true;
      } else {
        for (std::uint32_t y = 0; y < plan_.yields.size(); ++y) l.yields.push_back(y);
      }
    }
    if (!separate_) return;
    for (std::uint32_t y = 0; y < plan_.yields.size(); ++y) {
      Loop& l = plan_.steps[first_sum + y].loop.emplace();
      l.source.assign(count_, kNoArray);
      l.source[plan_.yields[y]] = array_[plan_.yields[y]];
      l.yields.push_back(y);
    }
  }

  // Depth first, so that few values live at a time.
  void visit(Loop& l, unsigned loop, ValueId v) {
    if (done_[v] || is_constant(v)) return;
    done_[v] = true;
    if (is_function(v) || loop_[v] != loop) {
      l.source[v] = array_[v];
      return;
    }
    for (unsigned k = 0; k < operands(v); ++k) visit(l, loop, at(v).operands[k]);
    if (!plan_.absorbed[v]) l.order.push_back(v);
  }

  // Masks of a decision, one within the other: each holds one of seven registers for either vector.
  static constexpr unsigned kMaxMaskDepth = 4;

  const KernelTask task_;
  const Program& program_;
  const std::size_t count_;
  KernelPlan plan_;
  std::vector<ValueId> roots_;
  std::vector<bool> reachable_;
  std::vector<std::uint32_t> uses_;
  std::vector<unsigned> level_;
  std::vector<unsigned> loop_;
  std::vector<unsigned> depth_;
  unsigned last_loop_ = 0;
  bool separate_ = false;
  std::vector<std::size_t> step_of_loop_;
  std::vector<std::size_t> step_of_function_;
  std::vector<std::size_t> last_use_;
  std::vector<Array> array_;
  std::vector<bool> done_;
};

}  // namespace

bool stands_in_loops(Op op) {
  switch (op) {
    case Op::constant:
    case Op::uniform:
    case Op::negate:
    case Op::logical_not:
    case Op::abs:
    case Op::sqrt:
    case Op::floor:
    case Op::ceil:
    case Op::add:
    case Op::subtract:
    case Op::multiply:
    case Op::divide:
    case Op::min:
    case Op::max:
    case Op::less:
    case Op::less_equal:
    case Op::equal:
    case Op::not_equal:
    case Op::logical_and:
    case Op::logical_or:
    case Op::fma:
    case Op::select:
      return true;
    default:
      return false;
  }
}

bool is_logical(Op op) {
  switch (op) {
    case Op::logical_not:
    case Op::less:
    case Op::less_equal:
    case Op::equal:
    case Op::not_equal:
    case Op::logical_and:
    case Op::logical_or:
      return true;
    default:
      return false;
  }
}

std::optional<KernelPlan> plan_kernel(KernelTask task, const Program& program,
                                      std::span<const ValueId> yields) {
  return Planner(task, program, yields).run();
}

}  // namespace oche::integrand

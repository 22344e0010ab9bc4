// How programs are made.
#ifndef OCHE_FORMULA_PROGRAM_BUILDER_H_
#define OCHE_FORMULA_PROGRAM_BUILDER_H_

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "formula/program.h"

namespace oche::formula {

// Loops may stand this deep inside each other.
inline constexpr std::size_t kMaxLoopDepth = 16;

// Builds code: folds operations on constants by the oracle, shares equal values, computes outside a
// loop what is the same in each of its iterations, drops nothing else.
class ProgramBuilder {
 public:
  ValueId constant(double value);
  ValueId uniform(std::uint32_t dimension);
  // What the table gives for u; the program keeps the table.
  ValueId table(const std::shared_ptr<const math::SampleTable>& table, ValueId u);
  // Any other operation.
  ValueId operation(Op op, std::span<const ValueId> operands);
  ValueId operation(Op op, std::initializer_list<ValueId> operands) {
    return operation(op, std::span<const ValueId>(operands.begin(), operands.size()));
  }
  // x^k by squaring and multiplying, k from 1 to kMaxIntegerPower.
  ValueId integer_power(ValueId x, unsigned k);

  // The uniform number of dimension `dimension`, which is a whole number in every iteration.
  ValueId element(const Affine& dimension);
  // Begins a loop over the indices from first to last, in at most `most` iterations. Returns the
  // index. At most kMaxLoopDepth may be open.
  ValueId begin_loop(const Affine& first, const Affine& last, double most);
  // Ends the loop that began last. `op` is Op::sum or Op::product of `body`. Returns its value;
  // other values that were made since begin_loop() must no longer be used.
  ValueId end_loop(Op op, ValueId body);
  std::size_t open_loops() const { return open_.size(); }
  // Static cost of the loop that was ended last, all iterations together.
  double loop_cost() const { return last_cost_; }

  bool is_constant(ValueId v) const { return code_[v].op == Op::constant; }
  double constant_value(ValueId v) const { return code_[v].value; }
  // Whether it differs from sample to sample.
  bool varies(ValueId v) const { return traits_[v].varies; }
  // What the value is as a function of the indices, if it is a constant or made of indices by
  // adding, subtracting, and multiplying and dividing by constants.
  std::optional<Affine> affine(ValueId v) const;
  const std::vector<Loop>& loops() const { return loops_; }
  std::size_t size() const { return code_.size(); }

  // Moves the code out, without the instructions that neither outputs nor inputs need.
  Program finish(std::vector<ValueId> outputs, std::uint32_t dimensions, double scale,
                 std::vector<NamedValue> inputs);

 private:
  // Loops that are the same for all samples are folded up to this cost, each and all together: it
  // takes milliseconds.
  static constexpr double kMaxFoldedCost = 1e6;

  // What is known of a value beside its instruction.
  struct Traits {
    bool varies = false;
    std::uint32_t depths = 0;      // bit d: it depends on the index of the loop at depth d
    std::uint32_t home = kNoLoop;  // the innermost loop that it depends on: its body is its place
  };
  static constexpr std::uint32_t kNoLoop = ~std::uint32_t{0};

  ValueId intern(const Instruction& instruction, const Traits& traits);
  ValueId append(const Instruction& instruction, const Traits& traits);
  std::uint32_t home_of(std::uint32_t depths) const;
  std::uint32_t depths_of(const Affine& a) const;
  void note_affine(ValueId v, Op op, std::span<const ValueId> operands);
  ValueId fold_loop(ValueId end);

  std::vector<bool> needed_by(std::span<const ValueId> outputs,
                              std::span<const NamedValue> inputs) const;
  struct Layout;
  void lay_out(Layout& layout, std::uint32_t home) const;
  Program extract(std::vector<ValueId> outputs, std::vector<NamedValue> inputs) const;

  std::vector<Instruction> code_;
  std::vector<Traits> traits_;
  std::unordered_map<std::string, ValueId> known_;
  std::vector<Loop> loops_;
  std::vector<double> cost_of_loop_;
  double last_cost_ = 0.0;
  double folded_cost_ = 0.0;
  std::vector<std::uint32_t> open_;  // the loops that were begun and not ended
  std::vector<Affine> subscripts_;
  std::vector<std::shared_ptr<const math::SampleTable>> tables_;
  std::unordered_map<ValueId, Affine>
      affine_;  // of values that depend on an index and on no sample
};

}  // namespace oche::formula

#endif  // OCHE_FORMULA_PROGRAM_BUILDER_H_

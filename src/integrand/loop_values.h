// Where the values of a loop are while it is compiled: in which register, in which place of memory,
// and until when they are needed. Registers are given out in one pass; when there is none, the
// value that is needed last gives up its own, and is stored unless it can be read again.
#ifndef OCHE_INTEGRAND_LOOP_VALUES_H_
#define OCHE_INTEGRAND_LOOP_VALUES_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

#include "integrand/loop_code.h"

namespace oche::integrand {

struct LoopInputs {
  KernelTask task;
  const formula::Program& program;
  const KernelPlan& plan;
  const Loop& loop;
  std::size_t block;  // samples in an array
  ConstantPool& constants;
  bool keys_in_registers;  // the round keys; else they are read from memory at each use
};

// Fixed registers of a loop: round keys, counters, sums. What a loop doesn't need is free for
// values.
inline constexpr std::uint8_t kFirstKey = 13, kCounters = 20, kSums = 24, kRegisters = 32;

class LoopValues {
 protected:
  static constexpr std::uint8_t kNone = 0xff;
  static constexpr std::uint32_t kNone32 = ~std::uint32_t{0};
  static constexpr std::size_t kNever = std::numeric_limits<std::size_t>::max();

  explicit LoopValues(const LoopInputs& inputs);

  const formula::Instruction& at(formula::ValueId v) const { return program_.code[v]; }
  bool is_constant(formula::ValueId v) const { return at(v).op == formula::Op::constant; }

  // The value in a register, loaded if need be; locked until release_operands().
  std::uint8_t in_register(formula::ValueId v);
  bool is_in_register(formula::ValueId v) const { return register_of_[index(v, vector_)] != kNone; }
  // In memory, if it is there and not needed again; a constant always.
  VectorOperand operand(formula::ValueId v);
  // Whether this is its last use.
  bool dies(formula::ValueId v) const { return !is_constant(v) && next_use(v, vector_) == kNever; }

  // A register for a result or something between; locked until define() or release().
  std::uint8_t allocate();
  void release(std::uint8_t r);
  // What allocate() would return: the register of a value that dies.
  void take_over(std::uint8_t r);
  // Values that were used for the last time give their registers back; the others may be evicted.
  void release_operands();
  void unlock();
  // The value is in r now: stores it where it is wanted later.
  void define(std::uint8_t r, formula::ValueId v, unsigned vector);
  void store_yield(std::uint8_t r, std::uint32_t y, unsigned vector);

  static std::uint8_t key_register(unsigned round) {
    return static_cast<std::uint8_t>(kFirstKey + round - 1);
  }
  static VectorOperand round_key(unsigned round);

  static VectorOperand in(std::uint8_t r) { return {false, r, {}}; }
  static VectorOperand memory(Base base, std::int32_t displacement) {
    return {true, 0, {base, false, false, displacement, 0}};
  }
  VectorOperand broadcast(double value) { return broadcast_at(constants_.place_of(value)); }
  VectorOperand broadcast_bits(std::uint64_t b) { return broadcast_at(constants_.place_of(b)); }
  void emit(VectorOp op, unsigned result, unsigned a, VectorOperand b, unsigned mask = 0,
            unsigned immediate = 0);

  const KernelTask task_;
  const formula::Program& program_;
  const KernelPlan& plan_;
  const Loop& loop_;
  const bool keys_in_registers_;
  bool draws_ = false;
  std::vector<bool> in_order_;  // per value: computed in this loop

  LoopCode code_;
  std::size_t position_ = 0;  // in loop_.order, and then in loop_.yields
  unsigned vector_ = 0;       // which of the two vectors of samples
  bool masking_ = false;      // masks are being made: what this position uses is kept

 private:
  struct Holder {
    bool used = false;
    bool locked = false;  // an operand or result of what is being compiled
    bool temporary = false;
    formula::ValueId value = 0;
    unsigned vector = 0;
  };

  void find_uses();
  void note_uses(formula::ValueId v, std::size_t position);
  std::size_t next_use(formula::ValueId v, unsigned vector) const;
  std::size_t next_need(formula::ValueId v, unsigned vector) const;
  std::size_t first_use(formula::ValueId v, std::size_t from) const;
  void choose_registers();
  void start_counters();
  std::size_t index(formula::ValueId v, unsigned vector) const {
    return 2 * std::size_t{v} + (is_constant(v) ? 1 : vector);
  }
  bool has_home(formula::ValueId v, unsigned vector) const;
  VectorOperand home(formula::ValueId v, unsigned vector);
  void evict(std::uint8_t r);
  void assign(std::uint8_t r, formula::ValueId v, unsigned vector);
  static VectorOperand broadcast_at(std::int32_t displacement) {
    return {true, 0, {Base::constants, false, true, displacement, 0}};
  }
  VectorOperand element(Array array, unsigned vector) const;

  const std::int32_t block_bytes_;
  ConstantPool& constants_;
  std::vector<std::vector<std::size_t>> uses_;  // positions, per value
  std::vector<Array> stores_;                   // per value
  std::vector<bool> stored_;                    // per value and vector, as the next two
  std::vector<std::uint8_t> register_of_;
  std::vector<std::uint32_t> spill_of_;
  std::vector<bool> available_;
  std::array<Holder, kRegisters> holders_;
};

}  // namespace oche::integrand

#endif  // OCHE_INTEGRAND_LOOP_VALUES_H_

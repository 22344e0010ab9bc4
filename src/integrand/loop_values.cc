#include "integrand/loop_values.h"

#include <algorithm>

#include "base/assert.h"
#include "integrand/kernel_context.h"

namespace oche::integrand {

using formula::Op;
using formula::ValueId;

LoopValues::LoopValues(const LoopInputs& inputs)
    : task_(inputs.task),
      program_(inputs.program),
      plan_(inputs.plan),
      loop_(inputs.loop),
      keys_in_registers_(inputs.keys_in_registers),
      in_order_(inputs.program.code.size(), false),
      block_bytes_(static_cast<std::int32_t>(inputs.block * sizeof(double))),
      constants_(inputs.constants),
      uses_(inputs.program.code.size()),
      stores_(inputs.program.code.size(), kNoArray),
      stored_(2 * inputs.program.code.size(), false),
      register_of_(2 * inputs.program.code.size(), kNone),
      spill_of_(2 * inputs.program.code.size(), kNone32) {
  for (const Loop::Store& s : loop_.stores) stores_[s.value] = s.array;
  find_uses();
  choose_registers();
}

void LoopValues::find_uses() {
  for (std::size_t p = 0; p < loop_.order.size(); ++p) {
    in_order_[loop_.order[p]] = true;
    draws_ = draws_ || at(loop_.order[p]).op == Op::uniform;
    note_uses(loop_.order[p], p);
  }
  std::size_t position = loop_.order.size();
  if (loop_.counts) note_uses(plan_.condition, position);
  for (const std::uint32_t y : loop_.yields) {
    const ValueId v = plan_.yields[y];
    // Else stored when it is computed.
    if (task_ != KernelTask::store || !in_order_[v]) uses_[v].push_back(position);
    ++position;
  }
}

// An absorbed operand is computed where it is used, from its own operands.
void LoopValues::note_uses(ValueId v, std::size_t position) {
  for (unsigned k = 0; k < formula::operand_count(at(v).op); ++k) {
    const ValueId operand = at(v).operands[k];
    if (plan_.absorbed[operand]) {
      note_uses(operand, position);
    } else {
      uses_[operand].push_back(position);
    }
  }
}

// The first use after what is being compiled. A constant is the same for both vectors.
std::size_t LoopValues::next_use(ValueId v, unsigned vector) const {
  return first_use(v, vector > vector_ || masking_ ? position_ : position_ + 1);
}

// The same with what is being compiled: an operand that was not read yet must not be lost to make
// room for another.
std::size_t LoopValues::next_need(ValueId v, unsigned vector) const {
  return first_use(v, vector >= vector_ || masking_ ? position_ : position_ + 1);
}

std::size_t LoopValues::first_use(ValueId v, std::size_t from) const {
  const auto next = std::lower_bound(uses_[v].begin(), uses_[v].end(), from);
  return next == uses_[v].end() ? kNever : *next;
}

void LoopValues::choose_registers() {
  available_.assign(kRegisters, true);
  const auto reserve = [&](unsigned first, unsigned count) {
    std::fill_n(available_.begin() + first, count, false);
  };
  if (draws_) {
    reserve(kCounters, 4);
    start_counters();
    if (keys_in_registers_) {
      reserve(kFirstKey, random::kArsRounds);
      for (std::uint8_t r = 1; r <= random::kArsRounds; ++r) {
        code_.before.push_back({VectorOp::load, key_register(r), 0, round_key(r), 0, 0});
      }
    }
  }
  if (task_ == KernelTask::accumulate && !loop_.yields.empty()) {
    reserve(kSums, 8);
    for (std::uint8_t s = 0; s < 8; ++s) {
      const VectorOperand place = memory(Base::sums, s * static_cast<int>(kVectorBytes));
      code_.before.push_back(
          {VectorOp::load, static_cast<std::uint8_t>(kSums + s), 0, place, 0, 0});
      code_.after.push_back(
          {VectorOp::store, 0, static_cast<std::uint8_t>(kSums + s), place, 0, 0});
    }
  }
}

void LoopValues::start_counters() {
  code_.before.push_back({VectorOp::load, kCounters, 0,
                          memory(Base::context, offsetof(KernelContext, counters)), 0, 0});
  for (std::uint8_t j = 1; j < 4; ++j) {
    const auto line = static_cast<ConstantPool::Line>(ConstantPool::odd + j - 1);
    code_.before.push_back({VectorOp::add_integer, static_cast<std::uint8_t>(kCounters + j),
                            kCounters, memory(Base::constants, ConstantPool::place_of(line)), 0,
                            0});
  }
}

VectorOperand LoopValues::round_key(unsigned round) {
  return memory(Base::context,
                static_cast<int>(offsetof(KernelContext, keys) + round * kVectorBytes));
}

// Whether it can be read again from memory: a constant, an element of an array, a spilled value.
bool LoopValues::has_home(ValueId v, unsigned vector) const {
  return is_constant(v) || loop_.source[v] != kNoArray || stored_[index(v, vector)] ||
         spill_of_[index(v, vector)] != kNone32;
}

VectorOperand LoopValues::home(ValueId v, unsigned vector) {
  if (is_constant(v)) return broadcast(at(v).value);
  const Array array = loop_.source[v] != kNoArray ? loop_.source[v] : stores_[v];
  if (loop_.source[v] != kNoArray || stored_[index(v, vector)]) return element(array, vector);
  OCHE_ASSERT(spill_of_[index(v, vector)] != kNone32);
  return memory(Base::spills, static_cast<int>(spill_of_[index(v, vector)] * kVectorBytes));
}

std::uint8_t LoopValues::allocate() {
  std::uint8_t best = kNone;
  std::size_t furthest = 0;
  for (std::uint8_t r = 0; r < kRegisters; ++r) {
    if (!available_[r]) continue;
    const Holder& h = holders_[r];
    if (!h.used) {
      best = r;
      break;
    }
    if (h.locked || h.temporary) continue;
    const std::size_t next = next_need(h.value, h.vector);
    if (best == kNone || next > furthest) {
      best = r;
      furthest = next;
    }
  }
  OCHE_ASSERT(best != kNone);
  if (holders_[best].used) evict(best);
  holders_[best] = {true, true, true, 0, 0};
  return best;
}

void LoopValues::evict(std::uint8_t r) {
  const Holder h = holders_[r];
  if (next_need(h.value, h.vector) != kNever && !has_home(h.value, h.vector)) {
    spill_of_[index(h.value, h.vector)] = code_.spills;
    const int place = static_cast<int>(code_.spills++ * kVectorBytes);
    code_.body.push_back({VectorOp::store, 0, r, memory(Base::spills, place), 0, 0});
  }
  release(r);
}

void LoopValues::release(std::uint8_t r) {
  Holder& h = holders_[r];
  if (h.used && !h.temporary) register_of_[index(h.value, h.vector)] = kNone;
  h = {};
}

void LoopValues::take_over(std::uint8_t r) {
  release(r);
  holders_[r] = {true, true, true, 0, 0};
}

void LoopValues::assign(std::uint8_t r, ValueId v, unsigned vector) {
  holders_[r] = {true, true, false, v, is_constant(v) ? 1 : vector};
  register_of_[index(v, vector)] = r;
}

std::uint8_t LoopValues::in_register(ValueId v) {
  std::uint8_t r = register_of_[index(v, vector_)];
  if (r == kNone) {
    r = allocate();
    emit(VectorOp::load, r, 0, home(v, vector_));
    assign(r, v, vector_);
  }
  holders_[r].locked = true;
  return r;
}

VectorOperand LoopValues::operand(ValueId v) {
  if (!is_in_register(v) && (is_constant(v) || next_use(v, vector_) == kNever)) {
    return home(v, vector_);
  }
  return in(in_register(v));
}

void LoopValues::release_operands() {
  for (std::uint8_t r = 0; r < kRegisters; ++r) {
    Holder& h = holders_[r];
    if (!h.used || h.temporary) continue;
    h.locked = false;
    if (next_use(h.value, h.vector) == kNever) release(r);
  }
}

void LoopValues::unlock() {
  for (Holder& h : holders_) h.locked = h.locked && h.temporary;
}

VectorOperand LoopValues::element(Array array, unsigned vector) const {
  const auto place = static_cast<std::int32_t>(array) * block_bytes_ +
                     static_cast<std::int32_t>(vector * kVectorBytes);
  return {true, 0, {Base::arrays, true, false, place, 0}};
}

void LoopValues::emit(VectorOp op, unsigned result, unsigned a, VectorOperand b, unsigned mask,
                      unsigned immediate) {
  code_.body.push_back({op, static_cast<std::uint8_t>(result), static_cast<std::uint8_t>(a), b,
                        static_cast<std::uint8_t>(mask), static_cast<std::uint8_t>(immediate)});
}

void LoopValues::define(std::uint8_t r, ValueId v, unsigned vector) {
  assign(r, v, vector);
  if (stores_[v] != kNoArray) {
    emit(VectorOp::store, 0, r, element(stores_[v], vector));
    stored_[index(v, vector)] = true;
  }
  if (task_ == KernelTask::store) {
    for (const std::uint32_t y : loop_.yields) {
      if (plan_.yields[y] == v) store_yield(r, y, vector);
    }
  }
  holders_[r].locked = false;
  if (uses_[v].empty()) release(r);
}

void LoopValues::store_yield(std::uint8_t r, std::uint32_t y, unsigned vector) {
  emit(VectorOp::store, 0, r,
       {true, 0, {Base::yield, true, false, static_cast<int>(vector * kVectorBytes), y}});
}

}  // namespace oche::integrand

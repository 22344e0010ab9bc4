#include "integrand/loop_code.h"

#include <algorithm>
#include <cmath>

#include "base/assert.h"
#include "integrand/loop_values.h"

namespace oche::integrand {

namespace {

using formula::Instruction;
using formula::Op;
using formula::Program;
using formula::ValueId;

constexpr std::uint64_t kSignBit = std::uint64_t{1} << 63;
// The word above the random one when they are shifted right by 12: the exponent of 1.0.
constexpr std::uint64_t kExponentWord = 0x3ff;
constexpr unsigned kMantissaShift = 12;

// Immediates of the instructions (Intel's manual, VCMPPD, VRNDSCALEPD, VPTERNLOGQ).
constexpr std::uint8_t kEqual = 0x00, kNotEqual = 0x04, kLess = 0x11, kLessEqual = 0x12,
                       kGreaterEqual = 0x1d, kGreater = 0x1e;
constexpr std::uint8_t kDown = 0x09, kUp = 0x0a;
// Where the third operand has a 1: and of the others; else: or.
constexpr std::uint8_t kAndWhereElseOr = 0xd4;

// The operations of a loop, one after the other, each for both vectors of samples.
class LoopCompiler : private LoopValues {
 public:
  explicit LoopCompiler(const LoopInputs& inputs)
      : LoopValues(inputs), drawn_(inputs.program.dimensions / 2 + 1, false) {}

  LoopCode run() {
    code_.counts = loop_.counts;
    for (position_ = 0; position_ < loop_.order.size(); ++position_) {
      const ValueId v = loop_.order[position_];
      if (at(v).op == Op::uniform) {
        if (!drawn_[at(v).dimension / 2]) draw(v);
        continue;
      }
      for (vector_ = 0; vector_ < kVectors; ++vector_) compute(v);
    }
    if (loop_.counts) count_hits();
    for (const std::uint32_t y : loop_.yields) {
      for (vector_ = 0; vector_ < kVectors; ++vector_) finish_yield(y);
      ++position_;
    }
    if (draws_) {
      for (std::uint8_t j = 0; j < 4; ++j) {
        emit(VectorOp::add_integer, kCounters + j, kCounters + j,
             memory(Base::constants, ConstantPool::place_of(ConstantPool::step)));
      }
    }
    return std::move(code_);
  }

 private:
  // --- the stream (random/stream-inl.h has the layout)

  void draw(ValueId v) {
    const std::uint32_t pair = at(v).dimension / 2;
    drawn_[pair] = true;
    const auto place = std::lower_bound(plan_.pairs.begin(), plan_.pairs.end(), pair);
    const auto line =
        static_cast<int>((place - plan_.pairs.begin()) * std::ptrdiff_t{kVectorBytes});
    ValueId wanted[2] = {kNone32, kNone32};
    for (std::size_t p = position_; p < loop_.order.size(); ++p) {
      const ValueId u = loop_.order[p];
      if (at(u).op == Op::uniform && at(u).dimension / 2 == pair) wanted[at(u).dimension % 2] = u;
    }
    vector_ = 0;
    std::uint8_t state[4];
    for (std::uint8_t j = 0; j < 4; ++j) {
      state[j] = allocate();
      emit(VectorOp::bit_xor, state[j], kCounters + j, memory(Base::pair_keys, line));
    }
    for (unsigned round = 1; round <= random::kArsRounds; ++round) {
      const VectorOperand key = keys_in_registers_ ? in(key_register(round)) : round_key(round);
      const VectorOp op = round < random::kArsRounds ? VectorOp::aes_round : VectorOp::aes_last;
      for (const std::uint8_t s : state) emit(op, s, s, key);
    }
    for (unsigned vector = 0; vector < kVectors; ++vector) {
      const std::uint8_t even = state[2 * vector];
      const std::uint8_t odd = state[2 * vector + 1];
      std::uint8_t low = even;
      if (wanted[0] != kNone32 && wanted[1] != kNone32) low = allocate();
      if (wanted[0] != kNone32) emit(VectorOp::unpack_low, low, even, in(odd));
      if (wanted[1] != kNone32) emit(VectorOp::unpack_high, odd, even, in(odd));
      finish_uniform(wanted[0], low, vector);
      finish_uniform(wanted[1], odd, vector);
      if (wanted[0] == kNone32) release(even);
      if (wanted[1] == kNone32) release(odd);
      if (low != even) release(even);
    }
  }

  // 52 bits of a word in [1, 2), less 1 - 2^-53.
  void finish_uniform(ValueId u, std::uint8_t r, unsigned vector) {
    if (u == kNone32) return;
    emit(VectorOp::shift_pair, r, r, broadcast_bits(kExponentWord), 0, kMantissaShift);
    emit(VectorOp::subtract, r, r, broadcast(1.0 - 0x1p-53));
    define(r, u, vector);
  }

  // --- operations

  void compute(ValueId v) {
    const Instruction& i = at(v);
    std::uint8_t r = kNone;
    switch (i.op) {
      case Op::negate:
        r = two(VectorOp::bit_xor, i.operands[0], broadcast_bits(kSignBit));
        break;
      case Op::abs:
        r = two(VectorOp::bit_and, i.operands[0], broadcast_bits(~kSignBit));
        break;
      case Op::sqrt:
        r = one(VectorOp::square_root, i.operands[0], 0);
        break;
      case Op::floor:
        r = one(VectorOp::round, i.operands[0], kDown);
        break;
      case Op::ceil:
        r = one(VectorOp::round, i.operands[0], kUp);
        break;
      case Op::add:
        r = commutative(VectorOp::add, i);
        break;
      case Op::multiply:
        r = commutative(VectorOp::multiply, i);
        break;
      case Op::subtract:
        r = two(VectorOp::subtract, i.operands[0], i.operands[1]);
        break;
      case Op::divide:
        r = two(VectorOp::divide, i.operands[0], i.operands[1]);
        break;
      case Op::min:
      case Op::max:
        r = extreme(i);
        break;
      case Op::fma:
        r = fused(i);
        break;
      case Op::select:
        r = select(i);
        break;
      default:
        OCHE_ASSERT(is_logical(i.op));
        r = truth(v);
    }
    release_operands();
    define(r, v, vector_);
  }

  std::uint8_t one(VectorOp op, ValueId a, std::uint8_t immediate) {
    const VectorOperand from = operand(a);
    release_operands();
    const std::uint8_t r = allocate();
    emit(op, r, 0, from, 0, immediate);
    return r;
  }

  std::uint8_t two(VectorOp op, ValueId a, VectorOperand b) {
    const std::uint8_t left = in_register(a);
    release_operands();
    const std::uint8_t r = allocate();
    emit(op, r, left, b);
    return r;
  }

  std::uint8_t two(VectorOp op, ValueId a, ValueId b) {
    const std::uint8_t left = in_register(a);
    const VectorOperand right = operand(b);
    release_operands();
    const std::uint8_t r = allocate();
    emit(op, r, left, right);
    return r;
  }

  std::uint8_t commutative(VectorOp op, const Instruction& i) {
    const bool swap = !is_in_register(i.operands[0]) &&
                      (is_in_register(i.operands[1]) || is_constant(i.operands[0]));
    return two(op, i.operands[swap ? 1 : 0], i.operands[swap ? 0 : 1]);
  }

  // The instructions yield their second operand if either is NaN and if both are zeros; simd-inl.h
  // says what we want. With a constant first, that is right but for one pair of zeros.
  std::uint8_t extreme(const Instruction& i) {
    const VectorOp op = i.op == Op::min ? VectorOp::minimum : VectorOp::maximum;
    const unsigned side = is_constant(i.operands[0]) ? 0 : 1;
    if (is_constant(i.operands[side]) && !std::isnan(at(i.operands[side]).value)) {
      const double c = at(i.operands[side]).value;
      const bool plain = c != 0.0 || std::signbit(c) == (i.op == Op::max);
      if (plain || i.op == Op::max) {
        const std::uint8_t r = two(op, i.operands[side], i.operands[1 - side]);
        if (!plain) emit(VectorOp::add, r, r, broadcast(0.0));  // max(-0, +0): +0
        return r;
      }
    }
    const std::uint8_t a = in_register(i.operands[0]);
    const std::uint8_t b = in_register(i.operands[1]);
    const std::uint8_t r = allocate();
    const std::uint8_t other = allocate();
    emit(op, r, a, in(b));
    emit(op, other, b, in(a));
    if (i.op == Op::min) {
      emit(VectorOp::bit_or, r, r, in(other));
    } else {
      emit(VectorOp::bit_choose, r, other, broadcast_bits(kSignBit), 0, kAndWhereElseOr);
    }
    release(other);
    return r;
  }

  std::uint8_t fused(const Instruction& i) {
    ValueId a = i.operands[0];
    ValueId b = i.operands[1];
    const ValueId c = i.operands[2];
    if (!is_in_register(a) && is_in_register(b)) std::swap(a, b);
    const std::uint8_t x = in_register(a);
    const std::uint8_t z = in_register(c);
    // Into the addend's register, if that is free; else into a copy of it.
    const VectorOperand y = operand(b);
    std::uint8_t r = z;
    if (dies(c) && a != c && b != c) {
      take_over(z);
    } else {
      r = allocate();
      emit(VectorOp::move, r, 0, in(z));
    }
    emit(VectorOp::add_product, r, x, y);
    return r;
  }

  std::uint8_t select(const Instruction& i) {
    start_masks();
    const std::uint8_t k = mask_of(i.operands[0]);
    const std::uint8_t no = in_register(i.operands[2]);
    const VectorOperand yes = operand(i.operands[1]);
    masking_ = false;
    release_operands();
    const std::uint8_t r = allocate();
    emit(VectorOp::blend, r, no, yes, k);
    return r;
  }

  // 1 or 0.
  std::uint8_t truth(ValueId v) {
    start_masks();
    const std::uint8_t k = mask_of_logic(v);
    masking_ = false;
    release_operands();
    const std::uint8_t r = allocate();
    emit(VectorOp::one_where, r, 0, broadcast(1.0), k);
    return r;
  }

  // --- masks: k1 to k7, given out in order

  // Until masking_ is false again, no value that this step may use is given up.
  void start_masks() {
    masks_ = 0;
    masking_ = true;
  }

  // Where a value is true: anything but 0.
  std::uint8_t mask_of(ValueId v) {
    if (plan_.absorbed[v]) return mask_of_logic(v);
    const std::uint8_t a = in_register(v);
    emit(VectorOp::compare, ++masks_, a, broadcast(0.0), 0, kNotEqual);
    unlock();
    return masks_;
  }

  std::uint8_t mask_of_logic(ValueId v) {
    const Instruction& i = at(v);
    switch (i.op) {
      case Op::less:
        return compare(i, kLess, kGreater);
      case Op::less_equal:
        return compare(i, kLessEqual, kGreaterEqual);
      case Op::equal:
        return compare(i, kEqual, kEqual);
      case Op::not_equal:
        return compare(i, kNotEqual, kNotEqual);
      case Op::logical_not: {
        const std::uint8_t k = mask_of(i.operands[0]);
        emit(VectorOp::mask_not, k, k, {});
        return k;
      }
      default: {
        OCHE_ASSERT(i.op == Op::logical_and || i.op == Op::logical_or);
        const std::uint8_t a = mask_of(i.operands[0]);
        const std::uint8_t b = mask_of(i.operands[1]);
        emit(i.op == Op::logical_and ? VectorOp::mask_and : VectorOp::mask_or, a, a, in(b));
        masks_ = a;
        return a;
      }
    }
  }

  std::uint8_t compare(const Instruction& i, std::uint8_t as_is, std::uint8_t turned) {
    const bool turn = is_constant(i.operands[0]) && !is_constant(i.operands[1]);
    const std::uint8_t a = in_register(i.operands[turn ? 1 : 0]);
    const VectorOperand b = operand(i.operands[turn ? 0 : 1]);
    emit(VectorOp::compare, ++masks_, a, b, 0, turn ? turned : as_is);
    unlock();
    return masks_;
  }

  // --- what becomes of the yields

  void count_hits() {
    start_masks();
    std::uint8_t k[kVectors];
    for (vector_ = 0; vector_ < kVectors; ++vector_) k[vector_] = mask_of_logic(plan_.condition);
    masking_ = false;
    emit(VectorOp::count, 0, k[0], in(k[1]));
  }

  void finish_yield(std::uint32_t y) {
    const ValueId v = plan_.yields[y];
    if (task_ == KernelTask::store) {
      if (in_order_[v]) return;
      store_yield(in_register(v), y, vector_);
      release_operands();
      return;
    }
    const auto sum = [&](unsigned which) {
      return static_cast<std::uint8_t>(kSums + 2 * which + vector_);
    };
    const std::uint8_t f = in_register(v);
    const std::uint8_t t = allocate();
    emit(VectorOp::subtract, t, f,
         {true, 0, {Base::centres, false, true, static_cast<int>(y * sizeof(double)), 0}});
    emit(VectorOp::add, sum(0), sum(0), in(t));
    emit(VectorOp::add_product, sum(1), t, in(t));
    emit(VectorOp::minimum, sum(2), sum(2), in(f));
    emit(VectorOp::maximum, sum(3), sum(3), in(f));
    release(t);
    release_operands();
  }

  std::vector<bool> drawn_;  // per pair of dimensions
  std::uint8_t masks_ = 0;   // in use
};

}  // namespace

LoopCode compile_loop(KernelTask task, const Program& program, const KernelPlan& plan,
                      const Loop& loop, std::size_t block, ConstantPool& constants) {
  LoopInputs inputs{task, program, plan, loop, block, constants, true};
  LoopCode code = LoopCompiler(inputs).run();
  if (code.spills == 0) return code;
  inputs.keys_in_registers = false;
  return LoopCompiler(inputs).run();
}

}  // namespace oche::integrand

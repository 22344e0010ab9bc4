#include "formula/block.h"

// clang-format off
#include "math/simd_targets.h"
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "formula/block.cc"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>
#include "math/functions-inl.h"
#include "math/simd-inl.h"
#include "math/dispatch.h"
// clang-format on

#include <algorithm>
#include <cmath>
#include <vector>

#include "base/assert.h"
#include "formula/affine.h"
#include "formula/block_code.h"

#ifndef OCHE_FORMULA_BLOCK_CC_ONCE_
#define OCHE_FORMULA_BLOCK_CC_ONCE_
namespace oche::formula {
// Doubles in a line of the cache, and in the widest vector.
inline constexpr std::size_t kLine = 8;

// Where an operand's array is. An element i is read at address + (i & mask): mask is 0 for a
// constant, whose one line of 8 doubles serves every i, and all ones for an array.
struct Place {
  double* address;
  std::size_t mask;
};
}  // namespace oche::formula
#endif

HWY_BEFORE_NAMESPACE();
namespace oche::HWY_NAMESPACE {

using formula::BlockInstruction;
using formula::BlockOp;
using formula::Place;

// Applies f to vectors of the operands and stores what it returns; n is a multiple of 8.
template <std::size_t kOperands, class F>
HWY_INLINE void Sweep(const BlockInstruction& code, const Place* places, std::size_t n, F f) {
  const DoubleTag d;
  constexpr std::size_t kWidth = hn::MaxLanes(DoubleTag());
  double* const result = places[code.result].address;
  Place p[kOperands];
  for (std::size_t k = 0; k < kOperands; ++k) p[k] = places[code.operands[k]];
  const auto at = [&](std::size_t k, std::size_t i)
                      HWY_ATTR { return hn::Load(d, p[k].address + (i & p[k].mask)); };
  for (std::size_t i = 0; i < n; i += kWidth) {
    if constexpr (kOperands == 1) {
      hn::Store(f(at(0, i)), d, result + i);
    } else if constexpr (kOperands == 2) {
      hn::Store(f(at(0, i), at(1, i)), d, result + i);
    } else if constexpr (kOperands == 3) {
      hn::Store(f(at(0, i), at(1, i), at(2, i)), d, result + i);
    } else if constexpr (kOperands == 4) {
      hn::Store(f(at(0, i), at(1, i), at(2, i), at(3, i)), d, result + i);
    } else {
      hn::Store(f(at(0, i), at(1, i), at(2, i), at(3, i), at(4, i)), d, result + i);
    }
  }
}

using V = DoubleVector;

void RunUnary(const BlockInstruction& c, const Place* p, std::size_t n) {
  const DoubleTag d;
  switch (c.op) {
    case BlockOp::negate:
      return Sweep<1>(c, p, n, [](V a) HWY_ATTR { return hn::Neg(a); });
    case BlockOp::abs:
      return Sweep<1>(c, p, n, [](V a) HWY_ATTR { return hn::Abs(a); });
    case BlockOp::logical_not:
      return Sweep<1>(c, p, n, [&](V a) HWY_ATTR { return OneWhere(d, hn::Eq(a, hn::Zero(d))); });
#define OCHE_ROW(name, Name, cost, error) \
  case BlockOp::name:                     \
    return Sweep<1>(c, p, n, [&](V a) HWY_ATTR { return Name(d, a); });
      OCHE_MATH_UNARY(OCHE_ROW)
#undef OCHE_ROW
    case BlockOp::normal_quantile:
      // Of an array always: a constant's quantile was folded.
      return NormalQuantiles(d, p[c.operands[0]].address, p[c.result].address, n);
    case BlockOp::table:
      return math::samples_at(*c.table, p[c.operands[0]].address, p[c.result].address, n);
    default:
      OCHE_ASSERT(false);
  }
}

void RunBinary(const BlockInstruction& c, const Place* p, std::size_t n) {
  const DoubleTag d;
  const auto is_true = [&](V a) HWY_ATTR { return IsNotEqual(a, hn::Zero(d)); };
  switch (c.op) {
    case BlockOp::add:
      return Sweep<2>(c, p, n, [](V a, V b) HWY_ATTR { return hn::Add(a, b); });
    case BlockOp::subtract:
      return Sweep<2>(c, p, n, [](V a, V b) HWY_ATTR { return hn::Sub(a, b); });
    case BlockOp::multiply:
      return Sweep<2>(c, p, n, [](V a, V b) HWY_ATTR { return hn::Mul(a, b); });
    case BlockOp::divide:
      return Sweep<2>(c, p, n, [](V a, V b) HWY_ATTR { return hn::Div(a, b); });
    case BlockOp::power:
      return Sweep<2>(c, p, n, [&](V a, V b) HWY_ATTR { return Pow(d, a, b); });
    case BlockOp::min:
      return Sweep<2>(c, p, n, [](V a, V b) HWY_ATTR { return Minimum(a, b); });
    case BlockOp::max:
      return Sweep<2>(c, p, n, [](V a, V b) HWY_ATTR { return Maximum(a, b); });
    case BlockOp::less:
      return Sweep<2>(c, p, n, [&](V a, V b) HWY_ATTR { return OneWhere(d, hn::Lt(a, b)); });
    case BlockOp::less_equal:
      return Sweep<2>(c, p, n, [&](V a, V b) HWY_ATTR { return OneWhere(d, hn::Le(a, b)); });
    case BlockOp::equal:
      return Sweep<2>(c, p, n, [&](V a, V b) HWY_ATTR { return OneWhere(d, hn::Eq(a, b)); });
    case BlockOp::not_equal:
      return Sweep<2>(c, p, n, [&](V a, V b) HWY_ATTR { return OneWhere(d, IsNotEqual(a, b)); });
    case BlockOp::logical_and:
      return Sweep<2>(
          c, p, n, [&](V a, V b) HWY_ATTR { return OneWhere(d, hn::And(is_true(a), is_true(b))); });
    case BlockOp::logical_or:
      return Sweep<2>(
          c, p, n, [&](V a, V b) HWY_ATTR { return OneWhere(d, hn::Or(is_true(a), is_true(b))); });
#define OCHE_ROW(name, Name, cost, error) \
  case BlockOp::name:                     \
    return Sweep<2>(c, p, n, [&](V a, V b) HWY_ATTR { return Name(d, a, b); });
      OCHE_MATH_BINARY(OCHE_ROW)
#undef OCHE_ROW
    default:
      OCHE_ASSERT(false);
  }
}

void RunFused(const BlockInstruction& c, const Place* p, std::size_t n) {
  const DoubleTag d;
  switch (c.op) {
    case BlockOp::fma:
      return Sweep<3>(c, p, n, [](V x, V y, V z) HWY_ATTR { return Fma(x, y, z); });
    case BlockOp::select:
      return Sweep<3>(c, p, n, [&](V x, V y, V z) HWY_ATTR {
        return hn::IfThenElse(hn::Eq(x, hn::Zero(d)), z, y);
      });
    case BlockOp::multiply_add:
      return Sweep<3>(c, p, n, [](V x, V y, V z) HWY_ATTR { return hn::Add(hn::Mul(x, y), z); });
    case BlockOp::multiply_multiply_add:
      return Sweep<4>(c, p, n, [](V x, V y, V z, V w) HWY_ATTR {
        return hn::Add(hn::Mul(x, y), hn::Mul(z, w));
      });
    case BlockOp::less_choose:
      return Sweep<4>(c, p, n, [](V x, V y, V yes, V no) HWY_ATTR {
        return hn::IfThenElse(hn::Lt(x, y), yes, no);
      });
    case BlockOp::less_equal_choose:
      return Sweep<4>(c, p, n, [](V x, V y, V yes, V no) HWY_ATTR {
        return hn::IfThenElse(hn::Le(x, y), yes, no);
      });
    case BlockOp::dot2_less_equal_choose:
      return Sweep<5>(c, p, n, [](V x, V y, V bound, V yes, V no) HWY_ATTR {
        return hn::IfThenElse(hn::Le(hn::Add(hn::Mul(x, x), hn::Mul(y, y)), bound), yes, no);
      });
    default:
      OCHE_ASSERT(false);
  }
}

void RunBlock(const BlockInstruction* code, std::size_t count, const Place* places,
              std::size_t samples) {
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t n = code[i].is_line ? formula::kLine : samples;
    if (code[i].op < BlockOp::add) {
      RunUnary(code[i], places, n);
    } else if (code[i].op < BlockOp::fma) {
      RunBinary(code[i], places, n);
    } else {
      RunFused(code[i], places, n);
    }
  }
}

// In how many of n samples holds(first, second, third operand) is true. n is any number.
template <std::size_t kOperands, class F>
HWY_INLINE std::size_t CountWhere(const BlockInstruction& code, const Place* places, std::size_t n,
                                  F holds) {
  const DoubleTag d;
  constexpr std::size_t kWidth = hn::MaxLanes(DoubleTag());
  Place p[3];
  for (std::size_t k = 0; k < 3; ++k) p[k] = places[code.operands[k < kOperands ? k : 0]];
  const auto at = [&](std::size_t k, std::size_t i)
                      HWY_ATTR { return hn::Load(d, p[k].address + (i & p[k].mask)); };
  const auto mask = [&](std::size_t i) HWY_ATTR { return holds(at(0, i), at(1, i), at(2, i)); };
  std::size_t hits = 0;
  std::size_t i = 0;
  for (; i + kWidth <= n; i += kWidth) hits += hn::CountTrue(d, mask(i));
  if (i < n) hits += hn::CountTrue(d, hn::And(mask(i), hn::FirstN(d, n - i)));
  return hits;
}

std::size_t CountHits(const BlockInstruction& c, const Place* p, std::size_t n) {
  switch (c.op) {
    case BlockOp::less:
    case BlockOp::less_choose:
      return CountWhere<2>(c, p, n, [](V x, V y, V) HWY_ATTR { return hn::Lt(x, y); });
    case BlockOp::less_equal:
    case BlockOp::less_equal_choose:
      return CountWhere<2>(c, p, n, [](V x, V y, V) HWY_ATTR { return hn::Le(x, y); });
    case BlockOp::dot2_less_equal_choose:
      return CountWhere<3>(c, p, n, [](V x, V y, V bound) HWY_ATTR {
        return hn::Le(hn::Add(hn::Mul(x, x), hn::Mul(y, y)), bound);
      });
    default:
      OCHE_ASSERT(false);
  }
}

}  // namespace oche::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace oche {
OCHE_EXPORT(RunBlock);
OCHE_EXPORT(CountHits);
}  // namespace oche

namespace oche::formula {

struct BlockProgram::Code {
  BlockCode code;
  std::optional<TwoValues> two_values;
  std::size_t loops = 0;  // of the program
};

// The memory of a run: the table of operands that the kernels read, and the loops' indices.
struct BlockProgram::Layout {
  Place* places;
  double* index_of_loop;
  const double* uniforms;
  std::size_t stride;
  std::size_t n;  // samples, rounded up
};

namespace {

constexpr std::size_t kPlaceDoubles = sizeof(Place) / sizeof(double);
static_assert(sizeof(Place) % sizeof(double) == 0);

std::size_t round_up(std::size_t n) { return (n + kLine - 1) / kLine * kLine; }

std::optional<TwoValues> two_values_of(const BlockCode& code) {
  if (code.yields != 1 || code.instructions.empty()) return std::nullopt;
  const BlockInstruction& last = code.instructions.back();
  const bool ends_a_loop = std::ranges::any_of(
      code.loops, [&](const BlockLoop& loop) { return loop.end + 1 == code.instructions.size(); });
  if (ends_a_loop) return std::nullopt;
  const auto constant = [&](Slot slot) { return code.constants[slot - code.first_constant()]; };
  TwoValues values;
  switch (last.op) {
    case BlockOp::less:
    case BlockOp::less_equal:
      return values;
    case BlockOp::less_choose:
    case BlockOp::less_equal_choose:
      values = {constant(last.operands[2]), constant(last.operands[3])};
      break;
    case BlockOp::dot2_less_equal_choose:
      values = {constant(last.operands[3]), constant(last.operands[4])};
      break;
    default:
      return std::nullopt;
  }
  if (!std::isfinite(values.hit) || !std::isfinite(values.miss)) return std::nullopt;
  return values;
}

}  // namespace

BlockProgram::BlockProgram(const Program& program, std::span<const ValueId> yields) {
  Code code{compile(program, yields), std::nullopt, program.loops.size()};
  code.two_values = two_values_of(code.code);
  code_ = std::make_unique<const Code>(std::move(code));
}
BlockProgram::~BlockProgram() = default;

std::optional<TwoValues> BlockProgram::two_values() const { return code_->two_values; }

std::size_t BlockProgram::scratch_doubles() const {
  const BlockCode& code = code_->code;
  return (code.constants.size() + code.lines) * kLine + code.registers * kBlock +
         round_up(code.slots() * kPlaceDoubles) + round_up(code_->loops);
}

BlockProgram::Layout BlockProgram::lay_out(const double* uniforms, std::size_t stride,
                                           std::size_t n, double* values, std::size_t values_stride,
                                           double* scratch) const {
  const BlockCode& code = code_->code;
  OCHE_ASSERT(n <= kBlock && stride % kLine == 0 &&
              (stride >= round_up(n) || code.dimensions == 0));
  double* lines = scratch;
  double* registers = lines + (code.constants.size() + code.lines) * kLine;
  auto* places = reinterpret_cast<Place*>(registers + code.registers * kBlock);
  Place* place = places;
  constexpr std::size_t kAll = ~std::size_t{0};
  for (std::uint32_t j = 0; j < code.dimensions; ++j) {
    // Read only: no instruction has an input as its result.
    *place++ = {const_cast<double*>(uniforms + j * stride), kAll};
  }
  for (const double constant : code.constants) {
    for (std::size_t k = 0; k < kLine; ++k) lines[k] = constant;
    *place++ = {lines, 0};
    lines += kLine;
  }
  for (std::uint32_t i = 0; i < code.lines; ++i) *place++ = {lines + i * kLine, 0};
  for (std::uint32_t i = 0; i < code.elements; ++i) *place++ = {nullptr, kAll};
  for (std::uint32_t r = 0; r < code.registers; ++r) *place++ = {registers + r * kBlock, kAll};
  for (std::uint32_t y = 0; y < code.yields; ++y) *place++ = {values + y * values_stride, kAll};
  double* const index_of_loop =
      registers + code.registers * kBlock + round_up(code.slots() * kPlaceDoubles);
  return {places, index_of_loop, uniforms, stride, round_up(n)};
}

// Instructions [begin, end) outside of loops.
void BlockProgram::run_straight(const Layout& layout, std::size_t begin, std::size_t end) const {
  if (begin == end) return;
  OCHE_DISPATCH(RunBlock)
  (code_->code.instructions.data() + begin, end - begin, layout.places, layout.n);
}

// Instructions [begin, end), among which are the loops [loop, last_loop).
void BlockProgram::run_range(const Layout& layout, std::size_t begin, std::size_t end,
                             std::size_t loop, std::size_t last_loop) const {
  const std::vector<BlockLoop>& loops = code_->code.loops;
  while (loop < last_loop) {
    run_straight(layout, begin, loops[loop].begin);
    run_loop(layout, loop);
    begin = loops[loop].end + 1;
    loop = loops[loop].next;
  }
  run_straight(layout, begin, end);
}

// As deep as loops are inside each other.
void BlockProgram::run_loop(const Layout& layout, std::size_t number) const {
  const BlockLoop& loop = code_->code.loops[number];
  const std::span indices(layout.index_of_loop, code_->loops);
  const double first = evaluate(loop.first, indices);
  const double last = evaluate(loop.last, indices);
  if (first > last) {
    const Place total = layout.places[loop.first_term.result];
    std::fill_n(total.address, loop.first_term.is_line ? kLine : layout.n, loop.of_none);
    return;
  }
  double* const index_line = layout.places[loop.index].address;
  for (double index = first; index <= last; index += 1.0) {
    indices[loop.number] = index;
    std::fill_n(index_line, kLine, index);
    for (const BlockElement& element : loop.elements) {
      const auto dimension = static_cast<std::size_t>(evaluate(element.dimension, indices));
      // Read only, as in lay_out().
      layout.places[element.slot].address =
          const_cast<double*>(layout.uniforms + dimension * layout.stride);
    }
    const bool is_first = index == first;
    run_range(layout, loop.begin, loop.end + (is_first ? 0 : 1), number + 1, loop.next);
    if (is_first) OCHE_DISPATCH(RunBlock)(&loop.first_term, 1, layout.places, layout.n);
  }
}

void BlockProgram::run(const double* uniforms, std::size_t stride, std::size_t n, double* values,
                       std::size_t values_stride, double* scratch) const {
  const Layout layout = lay_out(uniforms, stride, n, values, values_stride, scratch);
  const BlockCode& code = code_->code;
  run_range(layout, 0, code.instructions.size(), 0, code.loops.size());
}

std::size_t BlockProgram::count(const double* uniforms, std::size_t stride, std::size_t n,
                                double* scratch) const {
  OCHE_ASSERT(code_->two_values);
  const Layout layout = lay_out(uniforms, stride, n, nullptr, 0, scratch);
  const BlockCode& code = code_->code;
  run_range(layout, 0, code.instructions.size() - 1, 0, code.loops.size());
  return OCHE_DISPATCH(CountHits)(code.instructions.back(), layout.places, n);
}

}  // namespace oche::formula
#endif  // HWY_ONCE

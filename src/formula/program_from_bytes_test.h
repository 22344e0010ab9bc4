// Bytes to programs, and programs against the oracle: what the random test of the block evaluator
// and the fuzzer share. Any bytes make a program; what is past their end reads as 0.
#ifndef OCHE_FORMULA_PROGRAM_FROM_BYTES_TEST_H_
#define OCHE_FORMULA_PROGRAM_FROM_BYTES_TEST_H_

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <new>
#include <span>
#include <string>
#include <vector>

#include "formula/affine.h"
#include "formula/block.h"
#include "formula/oracle.h"
#include "formula/program_builder.h"
#include "math/quantile_tables.h"
#include "math/sample_table.h"

namespace oche::formula {

// Whether a program may have loops, and several outputs.
enum class Shape { straight, any };

class ProgramFromBytes {
 public:
  static constexpr std::uint32_t kDimensions = 8;

  explicit ProgramFromBytes(std::span<const std::uint8_t> bytes, Shape shape = Shape::any)
      : rest_(bytes), shape_(shape) {}

  Program build() {
    for (std::uint32_t j = 0; j < kDimensions; ++j) values_.push_back(builder_.uniform(j));
    const std::size_t steps = 1 + byte() % 40;
    for (std::size_t i = 0; i < steps; ++i) values_.push_back(step());
    std::vector<ValueId> outputs = {values_.back()};
    while (shape_ == Shape::any && outputs.size() < 4 && byte() % 4 == 1) {
      outputs.push_back(values_[byte() % values_.size()]);
    }
    return builder_.finish(outputs, kDimensions, 1.0, {});
  }

 private:
  static constexpr unsigned kOperations = kOperationCount;

  std::uint8_t byte() {
    if (rest_.empty()) return 0;
    const std::uint8_t b = rest_.front();
    rest_ = rest_.subspan(1);
    return b;
  }

  // Mostly a recent value, so that what is built hangs together; sometimes any, so that it is
  // shared.
  ValueId operand() {
    const std::size_t b = byte();
    if (b < 200) return values_[values_.size() - 1 - b % std::min<std::size_t>(values_.size(), 6)];
    return values_[b % values_.size()];
  }

  ValueId constant() {
    constexpr double kInfinity = std::numeric_limits<double>::infinity();
    constexpr double kLargest = std::numeric_limits<double>::max();
    static constexpr double kSpecial[] = {0.0,
                                          -0.0,
                                          1.0,
                                          -1.0,
                                          0.5,
                                          2.0,
                                          3.0,
                                          -0.75,
                                          1e300,
                                          -1e300,
                                          kLargest,
                                          -kLargest,
                                          kInfinity,
                                          -kInfinity,
                                          0x1p-1074,
                                          -0x1p-1074,
                                          0x1p-1022,
                                          1e-300,
                                          709.7827,
                                          -745.1,
                                          1e16,
                                          3.141592653589793,
                                          std::numeric_limits<double>::quiet_NaN()};
    const std::size_t b = byte();
    if (b < 240) return builder_.constant(kSpecial[b % std::size(kSpecial)]);
    std::uint64_t bits = 0;
    for (int i = 0; i < 8; ++i) bits = (bits << 8) | byte();
    return builder_.constant(std::bit_cast<double>(bits));
  }

  ValueId step() {
    const unsigned b = byte() % (kOperations + 10);
    switch (b) {
      case kOperations:  // a*b + c, either way round
        return either_way(Op::add, multiply(operand(), operand()), operand());
      case kOperations + 1:
        return builder_.operation(Op::add,
                                  {multiply(operand(), operand()), multiply(operand(), operand())});
      case kOperations + 2:
        return either_way(Op::multiply, constant(),
                          builder_.operation(Op::less, {operand(), operand()}));
      case kOperations + 3:
        return either_way(Op::multiply, constant(),
                          builder_.operation(Op::less_equal, {operand(), operand()}));
      case kOperations + 4:
      case kOperations + 5: {  // k * (x*x + y*y <= c)
        const ValueId x = operand();
        const ValueId y = operand();
        const ValueId sum = builder_.operation(Op::add, {multiply(x, x), multiply(y, y)});
        return either_way(Op::multiply, constant(),
                          builder_.operation(Op::less_equal, {sum, operand()}));
      }
      case kOperations + 6:  // what sums are made of
        return multiply(operand(), operand());
      case static_cast<unsigned>(Op::element):
        return element();
      case kOperations + 7:
      case kOperations + 8:
      case static_cast<unsigned>(Op::index):
      case static_cast<unsigned>(Op::sum):
        return loop(Op::sum);
      case kOperations + 9:
      case static_cast<unsigned>(Op::product):
        return loop(Op::product);
      default:
        return operation(static_cast<Op>(b));
    }
  }

  // A loop of at most 4 iterations, perhaps of none; its bounds may depend on the loop around it.
  ValueId loop(Op op) {
    if (shape_ == Shape::straight || builder_.open_loops() >= 3) return operand();
    Affine first{static_cast<double>(byte() % 4) - 1.0, {}};
    Affine last = first + Affine{static_cast<double>(byte() % 5) - 1.0, {}};
    if (!indices_.empty() && byte() % 2 == 0) last = *builder_.affine(indices_.back());
    const double most = extent(last + first * -1.0, builder_.loops()).most + 1.0;
    const std::size_t outside = values_.size();
    const ValueId index = builder_.begin_loop(first, last, std::max(most, 0.0));
    indices_.push_back(index);
    values_.push_back(index);
    values_.push_back(element());
    for (std::size_t left = byte() % 6; left > 0; --left) values_.push_back(step());
    const ValueId result = builder_.end_loop(op, operand());
    indices_.pop_back();
    values_.resize(outside);
    return result;
  }

  // A uniform number whose dimension depends on the loops around, where there are some.
  ValueId element() {
    Affine dimension{static_cast<double>(byte() % kDimensions), {}};
    for (const ValueId index : indices_) {
      dimension = dimension + *builder_.affine(index) * (static_cast<double>(byte() % 4) - 1.0);
    }
    const Extent reach = extent(dimension, builder_.loops());
    const bool is_inside = reach.least >= 0 && reach.most < kDimensions;
    return is_inside ? builder_.element(dimension) : builder_.uniform(byte() % kDimensions);
  }

  ValueId operation(Op op) {
    if (op == Op::constant) return constant();
    if (op == Op::table) return builder_.table(tables()[byte() % tables().size()], operand());
    if (op == Op::uniform) return builder_.uniform(byte() % kDimensions);
    ValueId operands[3] = {0, 0, 0};
    for (unsigned k = 0; k < operand_count(op); ++k) operands[k] = operand();
    return builder_.operation(op, std::span<const ValueId>(operands, operand_count(op)));
  }

  using Tables = std::vector<std::shared_ptr<const math::SampleTable>>;
  static const Tables& tables() {
    static const Tables all = {
        std::make_shared<const math::SampleTable>(*math::gamma_quantiles(0.1)),
        std::make_shared<const math::SampleTable>(*math::student_quantiles(3)),
        std::make_shared<const math::SampleTable>(math::poisson_steps(3.5)),
        std::make_shared<const math::SampleTable>(
            math::StepTable::equally_likely({1.5, -2.0, 0.0}))};
    return all;
  }

  ValueId multiply(ValueId a, ValueId b) { return builder_.operation(Op::multiply, {a, b}); }

  ValueId either_way(Op op, ValueId a, ValueId b) {
    return byte() % 2 == 0 ? builder_.operation(op, {a, b}) : builder_.operation(op, {b, a});
  }

  ProgramBuilder builder_;
  std::vector<ValueId> values_;
  std::vector<ValueId> indices_;  // of the loops that are open
  std::span<const std::uint8_t> rest_;
  Shape shape_;
};

// Doubles at an address that is a multiple of 64.
class AlignedDoubles {
 public:
  explicit AlignedDoubles(std::size_t n)
      : data_(static_cast<double*>(
            ::operator new(std::max<std::size_t>(n, 1) * sizeof(double), std::align_val_t{64}))) {
    std::fill_n(data_, n, 0.5);
  }
  ~AlignedDoubles() { ::operator delete(data_, std::align_val_t{64}); }
  AlignedDoubles(const AlignedDoubles&) = delete;
  AlignedDoubles& operator=(const AlignedDoubles&) = delete;
  double* get() { return data_; }
  double& operator[](std::size_t i) { return data_[i]; }

 private:
  double* data_;
};

// All bits, but that every NaN is the same.
inline bool same_value(double a, double b) {
  return (std::isnan(a) && std::isnan(b)) ||
         std::bit_cast<std::uint64_t>(a) == std::bit_cast<std::uint64_t>(b);
}

// Uniforms as streams give them, (k + 1/2) / 2^52, one in eight at an end of (0, 1).
inline void fill_with_uniforms(AlignedDoubles& u, std::size_t n, std::uint64_t seed) {
  std::uint64_t state = seed;
  for (std::size_t i = 0; i < n; ++i) {
    // SplitMix64 (G. L. Steele, D. Lea, C. H. Flood, OOPSLA 2014, section 4).
    std::uint64_t z = (state += 0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    z ^= z >> 31;
    const std::uint64_t end = (z >> 3) % 2 == 0 ? 0 : ~std::uint64_t{0};
    const std::uint64_t k = (z % 8 == 0 ? end : z) >> 12;
    u[i] = static_cast<double>(k) * 0x1p-52 + 0x1p-53;
  }
}

// Where the block evaluator, on the SIMD target in use, first differs from `expected`, which has n
// samples of each of the program's outputs; expected.size() if nowhere.
inline std::size_t first_difference(const BlockProgram& block, AlignedDoubles& uniforms,
                                    std::size_t n, const std::vector<double>& expected) {
  AlignedDoubles values(kBlock * (expected.size() / n));
  AlignedDoubles scratch(block.scratch_doubles());
  block.run(uniforms.get(), kBlock, n, values.get(), kBlock, scratch.get());
  for (std::size_t i = 0; i < expected.size(); ++i) {
    if (!same_value(values[i / n * kBlock + i % n], expected[i])) return i;
  }
  return expected.size();
}

// What the oracle says for samples [0, n): value y * n + i is output y at sample i.
inline std::vector<double> oracle_values(const Program& program, AlignedDoubles& uniforms,
                                         std::size_t n) {
  std::vector<double> values(n * program.outputs.size());
  std::vector<double> u(program.dimensions);
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t j = 0; j < u.size(); ++j) u[j] = uniforms[j * kBlock + i];
    const std::vector<double> outputs = evaluate(program, u);
    for (std::size_t y = 0; y < outputs.size(); ++y) values[y * n + i] = outputs[y];
  }
  return values;
}

}  // namespace oche::formula

#endif  // OCHE_FORMULA_PROGRAM_FROM_BYTES_TEST_H_

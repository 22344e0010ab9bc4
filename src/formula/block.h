// Evaluation of a program over a block of samples by SIMD, with the bits of the scalar oracle.
//
// The code is a list of operations on whole blocks: operand arrays of up to kBlockSamples doubles
// that stay in the first-level cache. A constant is one line of 64 bytes that is read again and
// again. Some neighbouring operations share an instruction (block_code.h), which saves a store and
// a load but rounds where the program rounds.
#ifndef OCHE_FORMULA_BLOCK_H_
#define OCHE_FORMULA_BLOCK_H_

#include <cstddef>
#include <memory>
#include <optional>
#include <span>

#include "formula/program.h"

namespace oche::formula {

// The most samples in one call; the arrays of one dimension are this long.
inline constexpr std::size_t kBlock = 512;

// The values of an indicator: a program whose last operation is a comparison, perhaps times a
// constant.
struct TwoValues {
  double hit = 1.0;   // where the comparison holds; finite, as is the other
  double miss = 0.0;  // elsewhere
};

// A program made ready to run. Immutable: any number of threads may share one.
class BlockProgram {
 public:
  explicit BlockProgram(const Program& program) : BlockProgram(program, program.outputs) {}
  // That yields these values of the program.
  BlockProgram(const Program& program, std::span<const ValueId> yields);
  ~BlockProgram();
  BlockProgram(const BlockProgram&) = delete;
  BlockProgram& operator=(const BlockProgram&) = delete;

  // Memory that one thread needs to run it, in doubles; aligned to 64 bytes.
  std::size_t scratch_doubles() const;

  // values[y * values_stride + i] = the value of yield y at sample i, for i in [0, n), n <= kBlock,
  // without program.scale. uniforms[j * stride + i] is dimension j of sample i; strides are
  // multiples of 8, at least n rounded up to a multiple of 8, and so much of each array, and of
  // values, may be read and written. uniforms, values and scratch are aligned to 64 bytes and do
  // not overlap.
  void run(const double* uniforms, std::size_t stride, std::size_t n, double* values,
           std::size_t values_stride, double* scratch) const;

  // Set when there is one yield whose every value is one of two; then count() does for run(),
  // without storing values.
  std::optional<TwoValues> two_values() const;
  // In how many of the n samples the value is two_values()->hit. Arguments as for run().
  std::size_t count(const double* uniforms, std::size_t stride, std::size_t n,
                    double* scratch) const;

 private:
  struct Code;
  struct Layout;
  Layout lay_out(const double* uniforms, std::size_t stride, std::size_t n, double* values,
                 std::size_t values_stride, double* scratch) const;
  void run_straight(const Layout& layout, std::size_t begin, std::size_t end) const;
  void run_range(const Layout& layout, std::size_t begin, std::size_t end, std::size_t loop,
                 std::size_t last_loop) const;
  void run_loop(const Layout& layout, std::size_t number) const;
  std::unique_ptr<const Code> code_;
};

}  // namespace oche::formula

#endif  // OCHE_FORMULA_BLOCK_H_

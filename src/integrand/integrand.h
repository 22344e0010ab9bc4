// What is evaluated over a block of samples.
#ifndef OCHE_INTEGRAND_INTEGRAND_H_
#define OCHE_INTEGRAND_INTEGRAND_H_

#include <cstddef>
#include <cstdint>
#include <optional>

#include "formula/block.h"
#include "integrand/measure.h"

namespace oche::integrand {

class Kernel;

// The most samples of one call.
inline constexpr std::size_t kBlock = formula::kBlock;

// A function of `dimensions` uniform numbers. Immutable: any number of threads may share one, each
// with its own scratch memory. The values of a sample depend on its uniforms only.
class Integrand {
 public:
  virtual ~Integrand() = default;

  virtual std::uint32_t dimensions() const = 0;
  // About the cycles of a sample, times four; never measured, so that it is the same everywhere.
  virtual std::uint64_t static_cost() const = 0;
  virtual std::size_t scratch_doubles() const = 0;
  // Which quantities there are of a sample, and what is kept of them.
  virtual const Measure& measure() const = 0;

  // values[q * values_stride + i] is quantity q of sample i in [0, n), from uniforms[j * stride +
  // i], as BlockProgram::run() says.
  virtual void evaluate(const double* uniforms, std::size_t stride, std::size_t n, double* values,
                        std::size_t values_stride, double* scratch) const = 0;

  // An indicator: every value of the one output is one of two, and count() says how many of n
  // samples have `hit`.
  virtual std::optional<formula::TwoValues> two_values() const { return std::nullopt; }
  virtual std::size_t count(const double* /*uniforms*/, std::size_t /*stride*/, std::size_t /*n*/,
                            double* /*scratch*/) const {
    return 0;
  }

  // What does the same from the counters of the stream on, several times as fast (kernel.h); null
  // where there is none for this integrand, or the SIMD target in use does without. Lives as long
  // as this.
  virtual const Kernel* kernel() const { return nullptr; }
};

}  // namespace oche::integrand

#endif  // OCHE_INTEGRAND_INTEGRAND_H_

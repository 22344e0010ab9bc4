// A program compiled at run time to one loop of AVX-512 instructions, from the counters of the
// stream to what is made of the values: nothing between is stored. docs/decisions/0007-kernels.md
// says when, and what it gains. Same bits as fill_uniforms() followed by BlockProgram.
#ifndef OCHE_INTEGRAND_KERNEL_H_
#define OCHE_INTEGRAND_KERNEL_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include "formula/program.h"
#include "math/lane_sums.h"
#include "random/stream.h"

namespace oche::integrand {

enum class KernelTask {
  accumulate,  // sums and extremes of each yield, in 16 lanes
  count,       // hits of an indicator (BlockProgram::two_values)
  store,       // the values themselves, in arrays
};

// The number of samples of a call is a multiple of this.
inline constexpr std::size_t kKernelSamples = 16;

// Immutable: any number of threads may share one, each with its own scratch memory. Calls set
// nothing up: the caller's thread has the modes of math/float_environment.h.
class Kernel {
 public:
  // Compiles `program` to yield the values `yields`. Null when it can't be done: the processor
  // isn't of the SIMD target "jit", the program has an operation that the compiler doesn't know or
  // is too long, it is no indicator (task count), or the system gives no memory to execute. Never
  // throws for one of these reasons.
  static std::unique_ptr<const Kernel> compile(KernelTask task, const formula::Program& program,
                                               std::span<const formula::ValueId> yields);
  ~Kernel();
  Kernel(const Kernel&) = delete;
  Kernel& operator=(const Kernel&) = delete;

  KernelTask task() const;

  // Memory that a call needs, in doubles, aligned to 64 bytes; its contents don't matter.
  std::size_t scratch_doubles() const;

  // Samples [first_sample, first_sample + n) of the stream, n a multiple of kKernelSamples. Yields
  // are without program.scale.

  // sums[y] goes on with the values of yield y about centres[y]: sample first_sample + i is in lane
  // i mod 16. Task accumulate.
  void accumulate(const random::StreamKey& key, std::uint64_t first_sample, std::uint64_t n,
                  const double* centres, math::LaneSums* sums, double* scratch) const;

  // How many of them hit. Task count.
  std::uint64_t count(const random::StreamKey& key, std::uint64_t first_sample, std::uint64_t n,
                      double* scratch) const;

  // values[y * stride + i] = yield y at sample first_sample + i; aligned to 64 bytes, stride a
  // multiple of 8. Task store.
  void store(const random::StreamKey& key, std::uint64_t first_sample, std::uint64_t n,
             double* values, std::size_t stride, double* scratch) const;

 private:
  struct Code;
  explicit Kernel(std::unique_ptr<const Code> code);
  std::unique_ptr<const Code> code_;
};

}  // namespace oche::integrand

#endif  // OCHE_INTEGRAND_KERNEL_H_

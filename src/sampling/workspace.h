// The memory in which one thread computes, and how a block of samples is drawn and evaluated in it.
#ifndef OCHE_SAMPLING_WORKSPACE_H_
#define OCHE_SAMPLING_WORKSPACE_H_

#include <cstddef>
#include <cstdint>
#include <memory>

#include "integrand/integrand.h"
#include "integrand/kernel.h"
#include "random/stream.h"
#include "sampling/joint.h"

namespace oche::sampling {

// 64-byte aligned, reused from chunk to chunk.
class Workspace {
 public:
  double* doubles(std::size_t n);
  JointMemory& joint_memory() { return joint_memory_; }

 private:
  struct Free {
    void operator()(double* p) const;
  };
  std::unique_ptr<double[], Free> memory_;
  std::size_t size_ = 0;
  JointMemory joint_memory_;
};

// The arrays of one block in a workspace.
struct Block {
  std::size_t piece;  // samples that are drawn and evaluated at a time
  double* u;          // `piece` doubles per dimension
  double* values;     // kBlock doubles per quantity
  double* scratch;

  Block(const integrand::Integrand& f, Workspace& workspace);
};

// The samples of `n` that a kernel takes; the rest are evaluated without.
constexpr std::uint64_t kernel_share(std::uint64_t n) { return n - n % integrand::kKernelSamples; }

// Draws samples [first, first + n) of a stream and evaluates them; n is at most kBlock. By the
// integrand's kernel, if it has one that stores.
void evaluate_block(const integrand::Integrand& f, const random::StreamKey& key,
                    std::uint64_t first, std::size_t n, const Block& block);

}  // namespace oche::sampling

#endif  // OCHE_SAMPLING_WORKSPACE_H_

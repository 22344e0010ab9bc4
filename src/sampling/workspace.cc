#include "sampling/workspace.h"

#include <algorithm>
#include <bit>
#include <new>

namespace oche::sampling {
namespace {

constexpr std::size_t kBlock = integrand::kBlock;

// Uniforms of one piece stay within a quarter of a second-level cache of 1 MiB; 16 samples are the
// least that vectors are worth.
std::size_t piece_samples(std::uint32_t dimensions) {
  constexpr std::size_t kUniforms = std::size_t{1} << 15;
  constexpr std::size_t kLeast = 16;
  const std::size_t samples = kUniforms / std::max(dimensions, 1u);
  return std::clamp(std::bit_floor(std::max<std::size_t>(samples, 1)), kLeast, kBlock);
}

}  // namespace

void Workspace::Free::operator()(double* p) const { ::operator delete[](p, std::align_val_t{64}); }

double* Workspace::doubles(std::size_t n) {
  if (n > size_) {
    memory_.reset(static_cast<double*>(::operator new[](n * sizeof(double), std::align_val_t{64})));
    size_ = n;
    std::fill_n(memory_.get(), n, 0.5);  // padding of a block is read, so it must be initialized
  }
  return memory_.get();
}

Block::Block(const integrand::Integrand& f, Workspace& workspace)
    : piece(piece_samples(f.dimensions())),
      u(workspace.doubles(f.dimensions() * piece + f.measure().quantities() * kBlock +
                          f.scratch_doubles())),
      values(u + f.dimensions() * piece),
      scratch(values + f.measure().quantities() * kBlock) {}

void evaluate_block(const integrand::Integrand& f, const random::StreamKey& key,
                    std::uint64_t first, std::size_t n, const Block& block) {
  std::size_t done = 0;
  const integrand::Kernel* const kernel = f.kernel();
  if (kernel != nullptr && kernel->task() == integrand::KernelTask::store) {
    done = kernel_share(n);
    kernel->store(key, first, done, block.values, kBlock, block.scratch);
  }
  for (; done < n; done += block.piece) {
    const std::size_t samples = std::min(block.piece, n - done);
    random::fill_uniforms(key, first + done, samples, 0, f.dimensions(), block.u, block.piece);
    f.evaluate(block.u, block.piece, samples, block.values + done, kBlock, block.scratch);
  }
}

}  // namespace oche::sampling

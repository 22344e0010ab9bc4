#include "integrand/kernel.h"

#include "base/assert.h"

namespace oche::integrand {

struct Kernel::Code {
  KernelTask task = KernelTask::accumulate;
};

Kernel::Kernel(std::unique_ptr<const Code> code) : code_(std::move(code)) {}
Kernel::~Kernel() = default;

std::unique_ptr<const Kernel> Kernel::compile(KernelTask /*task*/,
                                              const formula::Program& /*program*/,
                                              std::span<const formula::ValueId> /*yields*/) {
  return nullptr;
}

KernelTask Kernel::task() const { return code_->task; }
std::size_t Kernel::scratch_doubles() const { return 0; }

void Kernel::accumulate(const random::StreamKey& /*key*/, std::uint64_t /*first_sample*/,
                        std::uint64_t /*n*/, const double* /*centres*/, math::LaneSums* /*sums*/,
                        double* /*scratch*/) const {
  OCHE_ASSERT(code_->task == KernelTask::accumulate);
}

std::uint64_t Kernel::count(const random::StreamKey& /*key*/, std::uint64_t /*first_sample*/,
                            std::uint64_t /*n*/, double* /*scratch*/) const {
  OCHE_ASSERT(code_->task == KernelTask::count);
  return 0;
}

void Kernel::store(const random::StreamKey& /*key*/, std::uint64_t /*first_sample*/,
                   std::uint64_t /*n*/, double* /*values*/, std::size_t /*stride*/,
                   double* /*scratch*/) const {
  OCHE_ASSERT(code_->task == KernelTask::store);
}

}  // namespace oche::integrand

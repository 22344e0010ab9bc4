#include "integrand/executable_memory.h"

#include <gtest/gtest.h>
#include <sys/prctl.h>

#include <cstdint>
#include <vector>

#include "formula/program_builder.h"
#include "integrand/kernel.h"
#include "math/simd.h"

namespace oche::integrand {
namespace {

TEST(ExecutableMemory, runs_what_it_holds) {
#if defined(__x86_64__)
  // At 4: mov eax, 42; ret
  const std::vector<std::uint8_t> code = {0x90, 0x90, 0x90, 0x90, 0xb8, 42, 0, 0, 0, 0xc3};
  const auto memory = ExecutableMemory::holding(code);
  ASSERT_NE(memory, nullptr);
  EXPECT_EQ(memory->function<int (*)()>(4)(), 42);
#else
  GTEST_SKIP() << "the code of this test is for x86-64";
#endif
}

TEST(ExecutableMemory, is_not_made_of_nothing) {
  EXPECT_EQ(ExecutableMemory::holding({}), nullptr);
}

#if defined(PR_SET_MDWE)
constexpr int kSetRefusal = PR_SET_MDWE;
#else
constexpr int kSetRefusal = 65;
#endif
constexpr unsigned long kRefuseExecutionOfWritten = 1;

// As under systemd's MemoryDenyWriteExecute, or SELinux without execmem. In a process of its own,
// since it can't be taken back.
TEST(ExecutableMemoryDeathTest, is_refused_where_the_system_forbids_it_and_so_is_a_kernel) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  formula::ProgramBuilder b;
  const formula::ValueId x = b.uniform(0);
  const formula::Program program = b.finish({b.operation(formula::Op::add, {x, x})}, 1, 1.0, {});
  const bool possible = math::supported_simd_targets().front() == "jit";
  const auto kernel = [&] {
    return Kernel::compile(KernelTask::accumulate, program, program.outputs);
  };
  EXPECT_EQ(kernel() != nullptr, possible);
  EXPECT_EXIT(
      {
        constexpr int kUnsupported = 2;
        if (prctl(kSetRefusal, kRefuseExecutionOfWritten, 0, 0, 0) != 0) _exit(kUnsupported);
        _exit(kernel() == nullptr ? 0 : 1);
      },
      [](int status) { return WIFEXITED(status) && WEXITSTATUS(status) != 1; }, "");
}

}  // namespace
}  // namespace oche::integrand

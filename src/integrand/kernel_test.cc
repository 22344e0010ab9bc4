// Kernels against the scalar oracle on the stream's numbers, bit by bit.
#include "integrand/kernel.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdlib>
#include <iterator>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "formula/block.h"
#include "formula/definitions.h"
#include "formula/lower.h"
#include "formula/oracle.h"
#include "formula/program_from_bytes_test.h"
#include "integrand/array_functions.h"
#include "integrand/kernel_plan.h"
#include "math/simd.h"

namespace oche::integrand {
namespace {

using formula::AlignedDoubles;
using formula::Op;
using formula::Program;
using formula::same_value;
using formula::ValueId;

bool kernels_run_here() { return math::supported_simd_targets().front() == "jit"; }

const random::StreamKey kKey{0x123456789abcdef, 3, random::Domain::samples};

// What the oracle says of samples [first, first + n): values[y][i].
std::vector<std::vector<double>> expected_values(const Program& program,
                                                 const std::vector<ValueId>& yields,
                                                 std::uint64_t first, std::size_t n) {
  std::vector<std::vector<double>> values(yields.size());
  std::vector<double> u(program.dimensions);
  for (std::size_t i = 0; i < n; ++i) {
    for (std::uint32_t j = 0; j < u.size(); ++j) u[j] = random::uniform(kKey, first + i, j);
    const std::vector<double> all = formula::evaluate_all(program, u);
    for (std::size_t y = 0; y < yields.size(); ++y) values[y].push_back(all[yields[y]]);
  }
  return values;
}

math::LaneSums sums_of(const std::vector<double>& values, double centre) {
  math::LaneSums sums;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const std::size_t l = i % math::kSumLanes;
    const double t = values[i] - centre;
    sums.s1[l] = sums.s1[l] + t;
    sums.s2[l] = std::fma(t, t, sums.s2[l]);
    sums.minimum[l] = values[i] < sums.minimum[l] ? values[i] : sums.minimum[l];
    sums.maximum[l] = values[i] > sums.maximum[l] ? values[i] : sums.maximum[l];
  }
  return sums;
}

void expect_same_sums(const math::LaneSums& a, const math::LaneSums& b, const std::string& what) {
  for (std::size_t l = 0; l < math::kSumLanes; ++l) {
    ASSERT_TRUE(same_value(a.s1[l], b.s1[l])) << what << ": " << a.s1[l] << ", " << b.s1[l];
    ASSERT_TRUE(same_value(a.s2[l], b.s2[l])) << what << ": " << a.s2[l] << ", " << b.s2[l];
    if (std::isnan(a.s1[l])) continue;  // then nobody looks at the extremes
    ASSERT_TRUE(same_value(a.minimum[l] + 0.0, b.minimum[l] + 0.0)) << what;
    ASSERT_TRUE(same_value(a.maximum[l] + 0.0, b.maximum[l] + 0.0)) << what;
  }
}

// All tasks on samples [first, first + n).
void expect_the_oracles_bits(const Program& program, const std::vector<ValueId>& yields,
                             std::uint64_t first, std::size_t n, const std::string& what) {
  const auto expected = expected_values(program, yields, first, n);

  const auto storing = Kernel::compile(KernelTask::store, program, yields);
  ASSERT_NE(storing, nullptr) << what;
  AlignedDoubles values(yields.size() * n);
  AlignedDoubles scratch(storing->scratch_doubles());
  storing->store(kKey, first, n, values.get(), n, scratch.get());
  for (std::size_t y = 0; y < yields.size(); ++y) {
    for (std::size_t i = 0; i < n; ++i) {
      ASSERT_TRUE(same_value(values[y * n + i], expected[y][i]))
          << what << ", yield " << y << ", sample " << i << ": " << values[y * n + i] << ", "
          << expected[y][i];
    }
  }

  const auto accumulating = Kernel::compile(KernelTask::accumulate, program, yields);
  ASSERT_NE(accumulating, nullptr) << what;
  AlignedDoubles more_scratch(accumulating->scratch_doubles());
  std::vector<double> centres;
  for (std::size_t y = 0; y < yields.size(); ++y) centres.push_back(0.25 * static_cast<double>(y));
  std::vector<math::LaneSums> sums(yields.size());
  // In two calls: sums go on.
  const std::size_t half = n / 2 / kKernelSamples * kKernelSamples;
  accumulating->accumulate(kKey, first, half, centres.data(), sums.data(), more_scratch.get());
  accumulating->accumulate(kKey, first + half, n - half, centres.data(), sums.data(),
                           more_scratch.get());
  for (std::size_t y = 0; y < yields.size(); ++y) {
    expect_same_sums(sums[y], sums_of(expected[y], centres[y]), what);
  }
}

std::vector<std::uint8_t> random_bytes(std::mt19937_64& random) {
  std::vector<std::uint8_t> bytes(8 + random() % 250);
  for (std::uint8_t& b : bytes) b = static_cast<std::uint8_t>(random() >> 56);
  return bytes;
}

bool is_known(Op op) { return stands_in_loops(op) || array_function(op) != nullptr; }

bool has_a_kernel(const Program& program) {
  return std::all_of(program.code.begin(), program.code.end(),
                     [](const formula::Instruction& i) { return is_known(i.op); });
}

// One in four has several yields.
std::vector<ValueId> some_yields(const Program& program, std::mt19937_64& random) {
  std::vector<ValueId> yields = program.outputs;
  if (random() % 4 == 0) {
    for (int i = 0; i < 3; ++i) {
      yields.push_back(static_cast<ValueId>(random() % program.code.size()));
    }
  }
  return yields;
}

TEST(Kernel, has_the_oracles_bits_for_random_programs) {
  if (!kernels_run_here()) GTEST_SKIP() << "this processor has no AVX-512 with wide AES";
  std::mt19937_64 random(20261127);
  std::set<Op> occurred;
  const char* const many = std::getenv("OCHE_PROGRAMS");
  const int programs = many != nullptr ? std::atoi(many) : 5000;
  for (int i = 0; i < programs; ++i) {
    const Program program =
        formula::ProgramFromBytes(random_bytes(random), formula::Shape::straight).build();
    if (!has_a_kernel(program)) continue;
    for (const formula::Instruction& instruction : program.code) occurred.insert(instruction.op);
    const std::size_t n = i % 10 == 0 ? 1056 : 32;
    // Across 2^32, and where the counter's low half is full.
    const std::uint64_t first = i % 3 == 0 ? 0 : i % 3 == 1 ? 0xfffffff0 : random() >> 20;
    expect_the_oracles_bits(program, some_yields(program, random), first, n,
                            "program " + std::to_string(i));
    if (testing::Test::HasFatalFailure()) return;
  }
  // Else the test would say nothing about the missing one.
  for (unsigned op = 0; op < formula::kOperationCount; ++op) {
    EXPECT_EQ(occurred.contains(static_cast<Op>(op)), is_known(static_cast<Op>(op))) << op;
  }
}

TEST(Kernel, counts_the_oracles_hits) {
  if (!kernels_run_here()) GTEST_SKIP() << "this processor has no AVX-512 with wide AES";
  std::mt19937_64 random(5);
  int indicators = 0;
  for (std::uint64_t i = 0; i < 6000; ++i) {
    const Program program =
        formula::ProgramFromBytes(random_bytes(random), formula::Shape::straight).build();
    const auto two = formula::BlockProgram(program).two_values();
    if (!two || same_value(two->hit, two->miss) || !has_a_kernel(program)) continue;
    ++indicators;
    constexpr std::size_t kCount = 528;
    const auto kernel = Kernel::compile(KernelTask::count, program, program.outputs);
    ASSERT_NE(kernel, nullptr);
    AlignedDoubles scratch(kernel->scratch_doubles());
    std::uint64_t hits = 0;
    const auto expected = expected_values(program, program.outputs, i, kCount);
    for (const double v : expected[0]) {
      hits += same_value(v, two->hit);
    }
    ASSERT_EQ(kernel->count(kKey, i, kCount, scratch.get()), hits) << i;
  }
  EXPECT_GT(indicators, 150);
}

TEST(Kernel, has_the_oracles_bits_for_typed_expressions) {
  if (!kernels_run_here()) GTEST_SKIP() << "this processor has no AVX-512 with wide AES";
  const std::vector<std::vector<std::string>> definitions = {
      {"4*(x^2+y^2<=1)", "x=0..1", "y=0..1"},
      {"exp(-x*x)*sin(3*y)+sqrt(x*y)+log(1+x)*tan(y/2)", "x=0..1", "y=0..x"},
      {"exp(sin(exp(x)*y)*y)+x", "x=0..1", "y=0..1"},
      {"x^2/(1+x^4)", "x=-inf..inf"},
      {"if(z<0 and not (z>-1 or z*z>4),abs(z),z^1.5)", "z~normal(0,1)"},
      {"max(x,y)+min(x-0.5,0)+max(y-0.5,0)", "x=0..1", "y=0..1"},
      {"x", "x=0..1"},
      {"2", "x=0..1"},
      {"2"},
  };
  for (const std::vector<std::string>& definition : definitions) {
    const Program program = formula::lower(formula::parse_definition(definition));
    for (const std::size_t n : {16u, 48u, 512u, 1600u}) {
      expect_the_oracles_bits(program, program.outputs, 7, n, definition[0]);
    }
  }
}

// More live values than registers, more pairs of dimensions than fit beside them.
TEST(Kernel, spills_what_does_not_fit) {
  if (!kernels_run_here()) GTEST_SKIP() << "this processor has no AVX-512 with wide AES";
  formula::ProgramBuilder b;
  std::vector<ValueId> live;
  for (std::uint32_t j = 0; j < 100; ++j) {
    live.push_back(b.operation(Op::add, {b.uniform(j), b.constant(1.0 + j)}));
  }
  ValueId product = b.constant(1.0);
  for (std::size_t i = live.size(); i-- > 0;) {
    product = b.operation(Op::multiply, {live[i], product});
    product = b.operation(Op::fma, {product, live[live.size() / 2], live[(7 * i) % live.size()]});
  }
  ValueId sum = product;
  for (const ValueId v : live) sum = b.operation(Op::add, {b.operation(Op::sqrt, {v}), sum});
  const Program program = b.finish({sum}, 100, 1.0, {});
  expect_the_oracles_bits(program, program.outputs, 1, 64, "many live values");
}

// Thirty inputs, and values of many of them that are used again late: registers change hands all
// the time, also those of a step's operands that it hasn't read yet.
TEST(Kernel, has_the_oracles_bits_for_random_programs_of_many_inputs) {
  if (!kernels_run_here()) GTEST_SKIP() << "this processor has no AVX-512 with wide AES";
  constexpr std::uint32_t kInputs = 30;
  std::mt19937_64 random(178);
  for (int program = 0; program < 400; ++program) {
    formula::ProgramBuilder b;
    std::vector<ValueId> values;
    for (std::uint32_t j = 0; j < kInputs; ++j) values.push_back(b.uniform(j));
    const auto any = [&] { return values[random() % values.size()]; };
    for (std::uint64_t left = 5 + random() % 60; left > 0; --left) {
      constexpr Op kOps[] = {Op::add, Op::subtract, Op::multiply, Op::min, Op::max,
                             Op::fma, Op::select,   Op::divide,   Op::less};
      const Op op = kOps[random() % std::size(kOps)];
      if (op == Op::select) {
        const ValueId condition = b.operation(Op::less, {any(), any()});
        values.push_back(b.operation(op, {condition, any(), any()}));
      } else if (op == Op::fma) {
        values.push_back(b.operation(op, {any(), any(), any()}));
      } else {
        values.push_back(b.operation(op, {any(), any()}));
      }
    }
    ValueId sum = values.back();
    for (int i = 0; i < 12; ++i) sum = b.operation(Op::add, {sum, any()});
    const Program made = b.finish({sum}, kInputs, 1.0, {});
    expect_the_oracles_bits(made, some_yields(made, random), random() >> 20, 32,
                            "program " + std::to_string(program));
    if (testing::Test::HasFatalFailure()) return;
  }
}

TEST(Kernel, is_not_made_of_what_has_none) {
  formula::ProgramBuilder b;
  const ValueId x = b.uniform(0);
  const Program program = b.finish({b.operation(Op::add, {x, x})}, 1, 1.0, {});
  EXPECT_EQ(Kernel::compile(KernelTask::count, program, program.outputs), nullptr);
}

}  // namespace
}  // namespace oche::integrand

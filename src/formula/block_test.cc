#include "formula/block.h"

#include <gtest/gtest.h>

#include <optional>
#include <random>
#include <set>
#include <string>

#include "formula/block_code.h"
#include "formula/definition_from_bytes_test.h"
#include "formula/definitions.h"
#include "formula/formula_error.h"
#include "formula/lower.h"
#include "formula/program_from_bytes_test.h"
#include "math/simd.h"

namespace oche::formula {
namespace {

class Block : public ::testing::Test {
 protected:
  void TearDown() override { math::select_simd_target("auto"); }

  // On every SIMD target, the oracle's bits.
  static void expect_the_oracles_bits(const Program& program, std::size_t n, std::uint64_t seed) {
    AlignedDoubles uniforms(kBlock * std::max(program.dimensions, 1u));
    fill_with_uniforms(uniforms, kBlock * program.dimensions, seed);
    const std::vector<double> expected = oracle_values(program, uniforms, n);
    const BlockProgram block(program);
    for (const std::string& target : math::supported_simd_targets()) {
      math::select_simd_target(target);
      ASSERT_EQ(first_difference(block, uniforms, n, expected), expected.size())
          << "seed " << seed << ", n " << n << ", " << target;
    }
  }
};

std::vector<std::uint8_t> random_bytes(std::mt19937_64& random) {
  std::vector<std::uint8_t> bytes(8 + random() % 250);
  for (std::uint8_t& b : bytes) b = static_cast<std::uint8_t>(random() >> 56);
  return bytes;
}

constexpr std::size_t kSizes[] = {1, 7, 8, 100, 512};

// The meaning of a program is the oracle's; blocks must give its bits for whatever can be built.
TEST_F(Block, has_the_oracles_bits_for_random_programs) {
  std::mt19937_64 random(20240229);
  std::set<BlockOp> occurred;
  for (std::uint64_t i = 0; i < 70000; ++i) {
    const Program program = ProgramFromBytes(random_bytes(random)).build();
    for (const BlockInstruction& instruction : compile(program).instructions) {
      occurred.insert(instruction.op);
    }
    // Long blocks one time in ten: the oracle is slow.
    const std::size_t n = i % 10 == 0 ? 512 : kSizes[i % 4];
    expect_the_oracles_bits(program, n, i);
    if (HasFatalFailure()) return;
  }
  // Else the test would say nothing about the missing one.
  for (unsigned op = 0; op <= static_cast<unsigned>(BlockOp::dot2_less_equal_choose); ++op) {
    const auto block_op = static_cast<BlockOp>(op);
    const bool computes = block_op != BlockOp::constant && block_op != BlockOp::uniform &&
                          block_op != BlockOp::element && block_op != BlockOp::index &&
                          block_op != BlockOp::sum && block_op != BlockOp::product;
    EXPECT_EQ(occurred.contains(static_cast<BlockOp>(op)), computes) << "operation " << op;
  }
}

// With the random programs above, 100,000 in all. Canonical text must be read as the same program.
TEST_F(Block, has_the_oracles_bits_for_random_text) {
  std::mt19937_64 random(19790612);
  int lowered = 0;
  std::set<Op> occurred;
  for (std::uint64_t i = 0; lowered < 30000; ++i) {
    ASSERT_LT(i, 60000u) << "most texts should have a meaning";
    const std::string text = DefinitionFromBytes(random_bytes(random)).build();
    const Definition definition = parse_definition({text});
    ASSERT_EQ(canonical(parse_definition({canonical(definition)}, Limits().for_canonical_text())),
              canonical(definition));
    Program program;
    try {
      program = lower(definition);
    } catch (const FormulaError&) {
      continue;  // an output without a finite value
    }
    ++lowered;
    for (const Instruction& instruction : program.code) occurred.insert(instruction.op);
    expect_the_oracles_bits(program, kSizes[i % 3], i);
    if (HasFatalFailure()) FAIL() << text;
  }
  EXPECT_EQ(occurred.size(), kOperationCount);
}

// Where every value is one of two, counting them is the same as looking at each.
TEST_F(Block, counts_the_oracles_hits) {
  std::mt19937_64 random(41);
  int indicators = 0;
  for (std::uint64_t i = 0; i < 8000; ++i) {
    const Program program = ProgramFromBytes(random_bytes(random)).build();
    const BlockProgram block(program);
    const std::optional<TwoValues> two = block.two_values();
    if (!two) continue;
    ++indicators;
    const std::size_t n = 1 + random() % kBlock;
    AlignedDoubles uniforms(kBlock * program.dimensions);
    fill_with_uniforms(uniforms, kBlock * program.dimensions, i);
    AlignedDoubles scratch(block.scratch_doubles());
    const std::vector<double> expected = oracle_values(program, uniforms, n);
    std::size_t hits = 0;
    for (const double v : expected) {
      ASSERT_TRUE(same_value(v, two->hit) || same_value(v, two->miss)) << v;
      hits += same_value(v, two->hit);
    }
    if (same_value(two->hit, two->miss)) continue;
    for (const std::string& target : math::supported_simd_targets()) {
      math::select_simd_target(target);
      ASSERT_EQ(block.count(uniforms.get(), kBlock, n, scratch.get()), hits) << i << ", " << target;
    }
  }
  EXPECT_GT(indicators, 200);
}

TEST_F(Block, has_the_oracles_bits_for_every_size) {
  std::mt19937_64 random(7);
  for (std::size_t n = 1; n <= kBlock; ++n) {
    expect_the_oracles_bits(ProgramFromBytes(random_bytes(random)).build(), n, n);
    if (HasFatalFailure()) return;
  }
}

TEST_F(Block, has_the_oracles_bits_for_typed_expressions) {
  const std::vector<std::vector<std::string>> definitions = {
      {"4*(x^2+y^2<=1)", "x=0..1", "y=0..1"},
      {"exp(-x*x)*sin(3*y)+sqrt(x*y)+log(1+x)*tan(y/2)", "x=0..1", "y=0..x"},
      {"x^2/(1+x^4)", "x=-inf..inf"},
      {"if(z<0,abs(z),z^1.5)", "z~normal(0,1)"},
      {"x", "x=0..1"},
      {"2", "x=0..1"},
      {"sum(j=1..20,x[j]^2)/prod(i=1..4,2-x[5*i])", "x[1..20]=0..1"},
      {"sum(i=1..7,sum(j=i+1..7,abs(x[i]-x[j])^-1))", "x[1..7]~normal(0,1)"},
      {"sum(j=1..9,sin(j*y)/j); prod(j=1..3,y); sum(j=1..0,y); y", "y=0..1"},
      {"let r=sum(j=0..99,exp(-100*(y-j/99)^2)); r; r<3; if(r<3,y,-y)", "y=0..1"},
      {"4*(sum(j=1..5,x[j]^2)<=1)", "x[1..5]=-1..1"},
      {"sum(j=1..5,3*(x[j]<0.5))", "x[1..5]=-1..1"},
      {"exp(-sum(j=1..3,x[j]))", "x[1..3]=0..inf"},
      {"2"},
  };
  for (const std::vector<std::string>& definition : definitions) {
    const Program program = lower(parse_definition(definition));
    for (const std::size_t n : kSizes) expect_the_oracles_bits(program, n, n);
  }
}

// What depends on indices only is computed once for all samples, when it was too long to fold.
TEST_F(Block, computes_loops_that_are_the_same_for_all_samples) {
  const Program program = lower(parse_definition({"sum(j=1..300000,sqrt(j)); y", "y=0..1"}));
  ASSERT_EQ(program.loops.size(), 1u);
  expect_the_oracles_bits(program, 3, 1);
}

// A sum of more terms than there could ever be registers of a processor.
TEST_F(Block, runs_programs_with_many_live_values) {
  ProgramBuilder b;
  std::vector<ValueId> live;
  const ValueId x = b.uniform(0);
  for (int i = 0; i < 300; ++i) live.push_back(b.operation(Op::add, {x, b.constant(1.0 + i)}));
  ValueId sum = live[0];
  for (std::size_t i = live.size(); i-- > 0;) sum = b.operation(Op::multiply, {live[i], sum});
  expect_the_oracles_bits(b.finish({sum}, 1, 1.0, {}), 512, 3);
}

// Samples after the n-th may be overwritten up to the next multiple of 8, and no further.
TEST_F(Block, writes_nothing_beyond_the_padding) {
  ProgramBuilder b;
  const ValueId x = b.uniform(0);
  const Program program = b.finish({b.operation(Op::multiply, {x, x})}, 1, 1.0, {});
  const BlockProgram block(program);
  AlignedDoubles uniforms(kBlock);
  AlignedDoubles scratch(block.scratch_doubles());
  for (const std::string& target : math::supported_simd_targets()) {
    math::select_simd_target(target);
    AlignedDoubles values(kBlock);
    std::fill_n(values.get(), kBlock, -1.0);
    block.run(uniforms.get(), kBlock, 9, values.get(), kBlock, scratch.get());
    EXPECT_EQ(values[8], 0.25);  // 0.5^2
    for (std::size_t i = 16; i < kBlock; ++i) ASSERT_EQ(values[i], -1.0) << i;
  }
}

}  // namespace
}  // namespace oche::formula

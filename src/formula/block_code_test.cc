#include "formula/block_code.h"

#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

#include "formula/block.h"
#include "formula/definitions.h"
#include "formula/lower.h"
#include "formula/program_from_bytes_test.h"

namespace oche::formula {
namespace {

std::vector<BlockOp> operations(const BlockCode& code) {
  std::vector<BlockOp> list;
  for (const BlockInstruction& i : code.instructions) list.push_back(i.op);
  return list;
}

using Ops = std::vector<BlockOp>;

BlockCode compiled(const std::vector<std::string>& arguments) {
  return compile(lower(parse_definition(arguments)));
}

TEST(BlockCode, makes_one_instruction_of_a_dart) {
  const BlockCode code = compiled({"4*(x^2+y^2<=1)", "x=0..1", "y=0..1"});
  ASSERT_EQ(operations(code), Ops{BlockOp::dot2_less_equal_choose});
  const BlockInstruction& dart = code.instructions[0];
  EXPECT_EQ(dart.operands[0], 0u);
  EXPECT_EQ(dart.operands[1], 1u);
  EXPECT_EQ(code.constants.at(dart.operands[2] - code.first_constant()), 1.0);
  EXPECT_EQ(code.constants.at(dart.operands[3] - code.first_constant()), 4.0);
  EXPECT_EQ(code.constants.at(dart.operands[4] - code.first_constant()), 0.0);
  EXPECT_EQ(dart.result, code.first_yield());
  EXPECT_EQ(code.registers, 0u);
}

TEST(BlockCode, fuses_products_into_sums_only_if_nothing_else_uses_them) {
  EXPECT_EQ(operations(compiled({"x*y+z", "x=0..1", "y=0..1", "z=0..1"})),
            Ops{BlockOp::multiply_add});
  EXPECT_EQ(operations(compiled({"z+x*y", "x=0..1", "y=0..1", "z=0..1"})),
            Ops{BlockOp::multiply_add});
  EXPECT_EQ(operations(compiled({"x*y+x*z", "x=0..1", "y=0..1", "z=0..1"})),
            Ops{BlockOp::multiply_multiply_add});
  // x*y is wanted twice.
  EXPECT_EQ(operations(compiled({"(x*y+z)/(x*y)", "x=0..1", "y=0..1", "z=0..1"})),
            (Ops{BlockOp::multiply, BlockOp::add, BlockOp::divide}));
  // x^2 + x^2 shares its one product.
  EXPECT_EQ(operations(compiled({"x*x+x*x", "x=0..1"})), (Ops{BlockOp::multiply, BlockOp::add}));
}

TEST(BlockCode, chooses_between_two_constants) {
  const BlockCode less = compiled({"(x<0.5)*3", "x=0..1"});
  ASSERT_EQ(operations(less), Ops{BlockOp::less_choose});
  EXPECT_EQ(operations(compiled({"3*(x<=0.5)", "x=0..1"})), Ops{BlockOp::less_equal_choose});
  // A comparison that is wanted twice stays one.
  EXPECT_EQ(operations(compiled({"3*(x<0.5)+(x<0.5)", "x=0..1"})),
            (Ops{BlockOp::less, BlockOp::multiply_add}));
  // -3 * 0 is -0: the factor times the comparison's 0, not 0.
  const BlockCode negative = compiled({"-3*(x<0.5)", "x=0..1"});
  ASSERT_EQ(operations(negative), Ops{BlockOp::less_choose});
  EXPECT_TRUE(std::signbit(
      negative.constants.at(negative.instructions[0].operands[3] - negative.first_constant())));
}

// A choice that is itself multiplied and added must not be taken for a plain product.
TEST(BlockCode, keeps_a_choice_that_a_sum_uses) {
  const Ops ops = operations(compiled({"3*(x<0.5)+y", "x=0..1", "y=0..1"}));
  EXPECT_TRUE((ops == Ops{BlockOp::less, BlockOp::multiply_add}) ||
              (ops == Ops{BlockOp::less_choose, BlockOp::add}));
}

TEST(BlockCode, reuses_a_register_after_its_last_use) {
  ProgramBuilder b;
  const ValueId x = b.uniform(0);
  ValueId v = x;
  for (int i = 0; i < 100; ++i) v = b.operation(Op::sin, {v});
  EXPECT_EQ(compile(b.finish({v}, 1, 1.0, {})).registers, 1u);
}

TEST(BlockCode, does_not_compute_what_only_messages_need) {
  // y is an input of the job that its value doesn't depend on.
  const BlockCode code = compiled({"x+1", "x=0..1", "y~normal(0,1)"});
  EXPECT_EQ(operations(code), Ops{BlockOp::add});
  EXPECT_EQ(code.dimensions, 2u);
}

TEST(BlockCode, yields_what_is_asked_for_in_its_order) {
  // Both outputs, the input y, a uniform and the first output once more.
  ProgramBuilder b;
  const ValueId u = b.uniform(0);
  const ValueId y = b.operation(Op::add, {u, b.constant(2.0)});
  const ValueId first = b.operation(Op::multiply, {y, y});
  const ValueId second = b.operation(Op::sqrt, {first});
  const Program p = b.finish({first, second}, 1, 1.0, {});
  const std::vector<ValueId> yields = {p.outputs[0], p.outputs[1], 2, 0, p.outputs[0]};
  const BlockCode code = compile(p, yields);
  EXPECT_EQ(code.yields, 5u);
  EXPECT_EQ(code.registers, 0u);  // what is yielded serves the others where it is
  alignas(64) double uniforms[8] = {0.25, 0.5, 0.75, 0.1, 0.2, 0.3, 0.4, 0.9};
  alignas(64) double values[5 * 8];
  const BlockProgram block(p, yields);
  AlignedDoubles scratch(block.scratch_doubles());
  block.run(uniforms, 8, 8, values, 8, scratch.get());
  for (std::size_t i = 0; i < 8; ++i) {
    const double shifted = uniforms[i] + 2.0;
    EXPECT_EQ(values[0 * 8 + i], shifted * shifted);
    EXPECT_EQ(values[1 * 8 + i], std::sqrt(shifted * shifted));
    EXPECT_EQ(values[2 * 8 + i], shifted);
    EXPECT_EQ(values[3 * 8 + i], uniforms[i]);
    EXPECT_EQ(values[4 * 8 + i], shifted * shifted);
  }
}

TEST(BlockCode, copies_a_root_that_is_an_input_or_a_constant) {
  EXPECT_EQ(operations(compiled({"x", "x=0..1"})), Ops{BlockOp::max});
  const BlockCode constant = compiled({"7"});
  EXPECT_EQ(operations(constant), Ops{BlockOp::max});
  EXPECT_EQ(constant.constants, std::vector<double>{7.0});
  EXPECT_EQ(constant.dimensions, 0u);
}

}  // namespace
}  // namespace oche::formula

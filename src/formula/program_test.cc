#include "formula/program.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "formula/oracle.h"
#include "oche/error.h"

namespace oche::formula {
namespace {

double only_value(const Program& p, std::span<const double> u) {
  const std::vector<double> values = evaluate(p, u);
  EXPECT_EQ(values.size(), 1u);
  return values[0];
}

TEST(ProgramBuilder, shares_equal_values) {
  ProgramBuilder b;
  const ValueId x = b.uniform(0);
  EXPECT_EQ(b.uniform(0), x);
  EXPECT_NE(b.uniform(1), x);
  const ValueId sum = b.operation(Op::add, {x, b.constant(1.0)});
  EXPECT_EQ(b.operation(Op::add, {x, b.constant(1.0)}), sum);
  EXPECT_NE(b.operation(Op::subtract, {x, b.constant(1.0)}), sum);
  EXPECT_EQ(b.operation(Op::add, {b.constant(1.0), x}) == sum, false);  // operands keep their order
}

TEST(ProgramBuilder, tells_minus_zero_from_zero) {
  ProgramBuilder b;
  EXPECT_NE(b.constant(0.0), b.constant(-0.0));
}

TEST(ProgramBuilder, folds_constants) {
  ProgramBuilder b;
  const ValueId v = b.operation(Op::divide, {b.constant(1.0), b.constant(0.0)});
  ASSERT_TRUE(b.is_constant(v));
  EXPECT_EQ(b.constant_value(v), std::numeric_limits<double>::infinity());
  const ValueId fused = b.operation(Op::fma, {b.constant(3.0), b.constant(5.0), b.constant(-15.0)});
  EXPECT_EQ(b.constant_value(fused), 0.0);
  EXPECT_FALSE(b.is_constant(b.operation(Op::multiply, {b.constant(0.0), b.uniform(0)})));
}

// x^k for x = 2^(1/4) rounded, and exactly for 2, 3: products of integers below 2^53 are exact.
TEST(ProgramBuilder, multiplies_out_integer_powers) {
  for (unsigned k = 1; k <= kMaxIntegerPower; ++k) {
    ProgramBuilder b;
    const Program p = b.finish({b.integer_power(b.uniform(0), k)}, 1, 1.0, {});
    for (const double x : {2.0, 3.0, -3.0, 0.5}) {
      const double u[1] = {x};
      double expected = 1.0;
      for (unsigned i = 0; i < k; ++i) expected *= x;
      EXPECT_EQ(only_value(p, u), expected) << x << "^" << k;
    }
  }
}

TEST(ProgramBuilder, drops_what_nothing_needs) {
  ProgramBuilder b;
  const ValueId x = b.uniform(0);
  const ValueId y = b.uniform(1);
  const ValueId shown = b.operation(Op::exp, {y});
  b.operation(Op::sin, {y});  // nobody's
  const ValueId root = b.operation(Op::sqrt, {x});
  const Program p = b.finish({root}, 2, 3.5, {{"y", shown}});
  ASSERT_EQ(p.code.size(), 4u);  // x, y, exp, sqrt
  EXPECT_EQ(p.code[p.outputs[0]].op, Op::sqrt);
  EXPECT_EQ(p.code[p.inputs.at(0).value].op, Op::exp);
  EXPECT_EQ(p.scale, 3.5);
  EXPECT_EQ(p.cost(), static_cost(Op::uniform) * 2u + static_cost(Op::exp) + static_cost(Op::sqrt));
  for (std::size_t i = 0; i < p.code.size(); ++i) {
    for (unsigned k = 0; k < operand_count(p.code[i].op); ++k) EXPECT_LT(p.code[i].operands[k], i);
  }
}

TEST(ProgramBuilder, refuses_a_program_that_is_too_large) {
  ProgramBuilder b;
  ValueId v = b.uniform(0);
  try {
    for (std::size_t i = 0; i <= kMaxInstructions; ++i) v = b.operation(Op::sin, {v});
    FAIL() << "no limit";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::usage);
    EXPECT_NE(std::string(error.what()).find("65536 operations"), std::string::npos)
        << error.what();
  }
  EXPECT_EQ(b.size(), kMaxInstructions);
}

}  // namespace
}  // namespace oche::formula

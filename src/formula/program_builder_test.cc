#include "formula/program_builder.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <optional>
#include <vector>

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
  EXPECT_EQ(p.cost(), static_cost(Op::uniform) + static_cost(Op::sqrt));  // of the output
  for (std::size_t i = 0; i < p.code.size(); ++i) {
    for (unsigned k = 0; k < operand_count(p.code[i].op); ++k) EXPECT_LT(p.code[i].operands[k], i);
  }
}

Affine whole(double n) { return {n, {}}; }

// The code of a loop stands together, and only what depends on its index is in it.
TEST(ProgramBuilder, computes_outside_a_loop_what_does_not_depend_on_its_index) {
  ProgramBuilder b;
  const ValueId x = b.uniform(0);
  const ValueId j = b.begin_loop(whole(1), whole(5), 5);
  const ValueId e = b.operation(Op::exp, {x});
  const ValueId k = b.begin_loop(whole(2), whole(3), 2);
  const ValueId ej = b.operation(Op::multiply, {e, j});
  const ValueId inner = b.end_loop(Op::product, b.operation(Op::add, {ej, k}));
  const ValueId sum = b.end_loop(Op::sum, inner);
  const Program p = b.finish({sum}, 1, 1.0, {});
  std::vector<Op> ops;
  for (const Instruction& i : p.code) ops.push_back(i.op);
  EXPECT_EQ(ops, (std::vector<Op>{Op::uniform, Op::exp, Op::index, Op::multiply, Op::index, Op::add,
                                  Op::product, Op::sum}));
  ASSERT_EQ(p.loops.size(), 2u);
  EXPECT_EQ(p.loops[0].begin, 2u);
  EXPECT_EQ(p.loops[0].end, 7u);
  EXPECT_EQ(p.loops[1].begin, 4u);
  EXPECT_EQ(p.loops[1].end, 6u);
  const std::uint64_t body = 1 + 2 * (1 + 1) + 1;  // multiply, twice add and product, sum
  EXPECT_EQ(p.cost(), static_cost(Op::uniform) + static_cost(Op::exp) + 5 * body);
}

TEST(ProgramBuilder, moves_a_loop_out_of_one_that_it_does_not_depend_on) {
  ProgramBuilder b;
  const ValueId x = b.uniform(0);
  const ValueId j = b.begin_loop(whole(1), whole(5), 5);
  const ValueId k = b.begin_loop(whole(2), whole(3), 2);
  const ValueId inner = b.end_loop(Op::product, b.operation(Op::add, {x, k}));
  const ValueId sum = b.end_loop(Op::sum, b.operation(Op::multiply, {inner, j}));
  const Program p = b.finish({sum}, 1, 1.0, {});
  std::vector<Op> ops;
  for (const Instruction& i : p.code) ops.push_back(i.op);
  EXPECT_EQ(ops, (std::vector<Op>{Op::uniform, Op::index, Op::add, Op::product, Op::index,
                                  Op::multiply, Op::sum}));
}

TEST(ProgramBuilder, folds_loops_that_are_the_same_for_all_samples) {
  ProgramBuilder b;
  const ValueId j = b.begin_loop(whole(1), whole(100), 100);
  const ValueId sum = b.end_loop(Op::sum, j);
  ASSERT_TRUE(b.is_constant(sum));
  EXPECT_EQ(b.constant_value(sum), 5050);
  b.begin_loop(whole(1), whole(0), 0);
  EXPECT_EQ(b.constant_value(b.end_loop(Op::sum, b.uniform(0))), 0);
  b.begin_loop(whole(1), whole(0), 0);
  EXPECT_EQ(b.constant_value(b.end_loop(Op::product, b.uniform(0))), 1);
}

// Where folding would take long, the loop stays, with the same value.
TEST(ProgramBuilder, keeps_a_loop_that_is_too_costly_to_fold) {
  ProgramBuilder b;
  const ValueId j = b.begin_loop(whole(1), whole(1e6), 1e6);
  const ValueId sum = b.end_loop(Op::sum, b.operation(Op::sqrt, {j}));
  EXPECT_FALSE(b.is_constant(sum));
  double expected = 0;
  for (int i = 1; i <= 1000000; ++i) expected += std::sqrt(i);
  EXPECT_EQ(evaluate(b.finish({sum}, 0, 1.0, {}), {})[0], expected);
}

TEST(ProgramBuilder, knows_sums_of_multiples_of_indices) {
  ProgramBuilder b;
  const ValueId j = b.begin_loop(whole(0), whole(9), 10);
  const ValueId k = b.begin_loop(whole(0), whole(9), 10);
  const ValueId five = b.constant(5);
  const ValueId v = b.operation(
      Op::subtract, {b.operation(Op::multiply, {five, j}),
                     b.operation(Op::divide, {b.operation(Op::add, {k, five}), b.constant(2)})});
  const std::optional<Affine> a = b.affine(v);
  ASSERT_TRUE(a);
  EXPECT_EQ(a->constant, -2.5);
  EXPECT_EQ(a->terms, (std::vector<Affine::Term>{{0, 5.0}, {1, -0.5}}));
  EXPECT_EQ(b.affine(b.operation(Op::negate, {j}))->terms, (std::vector<Affine::Term>{{0, -1.0}}));
  EXPECT_FALSE(b.affine(b.operation(Op::multiply, {j, k})));
  EXPECT_FALSE(b.affine(b.operation(Op::add, {j, b.uniform(0)})));
  EXPECT_EQ(b.affine(five)->constant, 5);
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

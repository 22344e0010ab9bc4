#include "formula/oracle.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "formula/program_builder.h"

namespace oche::formula {
namespace {

double only_value(const Program& p, std::span<const double> u) {
  const std::vector<double> values = evaluate(p, u);
  EXPECT_EQ(values.size(), 1u);
  return values[0];
}

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr double kInfinity = std::numeric_limits<double>::infinity();

double of(Op op, double a, double b = 0, double c = 0) {
  const double operands[3] = {a, b, c};
  return apply(op, operands);
}

TEST(Oracle, does_arithmetic) {
  EXPECT_EQ(of(Op::negate, 2), -2);
  EXPECT_TRUE(std::signbit(of(Op::negate, 0.0)));
  EXPECT_EQ(of(Op::abs, -2), 2);
  EXPECT_EQ(of(Op::add, 2, 3), 5);
  EXPECT_EQ(of(Op::subtract, 2, 3), -1);
  EXPECT_EQ(of(Op::multiply, 2, 3), 6);
  EXPECT_EQ(of(Op::divide, 3, 2), 1.5);
  EXPECT_EQ(of(Op::divide, 1, 0), kInfinity);
  EXPECT_TRUE(std::isnan(of(Op::divide, 0, 0)));
  EXPECT_EQ(of(Op::power, 2, 10), 1024);
  EXPECT_EQ(of(Op::sqrt, 9), 3);
  EXPECT_TRUE(std::isnan(of(Op::sqrt, -1)));
}

// (1 + 2^-30)^2 - 1 = 2^-29 + 2^-60 exactly; a rounded product would lose the last term.
TEST(Oracle, rounds_fma_once) {
  const double a = 1 + 0x1p-30;
  EXPECT_EQ(of(Op::fma, a, a, -1), 0x1p-29 + 0x1p-60);
  EXPECT_EQ(of(Op::subtract, of(Op::multiply, a, a), 1), 0x1p-29);
}

// Values of the functions at points where they are known: DLMF 4.2, 4.14; the 97.5% point of the
// normal distribution from NIST/SEMATECH e-Handbook of Statistical Methods, 1.3.6.7.1, to its 3
// decimals.
TEST(Oracle, knows_its_functions) {
  EXPECT_EQ(of(Op::exp, 0), 1);
  EXPECT_EQ(of(Op::log, 1), 0);
  EXPECT_EQ(of(Op::sin, 0), 0);
  EXPECT_EQ(of(Op::cos, 0), 1);
  EXPECT_EQ(of(Op::tan, 0), 0);
  EXPECT_NEAR(of(Op::exp, 1), 2.718281828459045, 1e-15);
  EXPECT_NEAR(of(Op::log, 2), 0.6931471805599453, 1e-15);
  EXPECT_NEAR(of(Op::sin, 0.5235987755982988), 0.5, 1e-15);
  EXPECT_NEAR(of(Op::cos, 1.0471975511965976), 0.5, 1e-15);
  EXPECT_NEAR(of(Op::tan, 0.7853981633974483), 1.0, 1e-15);
  EXPECT_NEAR(of(Op::normal_quantile, 0.975), 1.960, 5e-4);
  EXPECT_EQ(of(Op::normal_quantile, 0.5), 0);
}

TEST(Oracle, compares) {
  EXPECT_EQ(of(Op::less, 1, 2), 1);
  EXPECT_EQ(of(Op::less, 2, 2), 0);
  EXPECT_EQ(of(Op::less_equal, 2, 2), 1);
  EXPECT_EQ(of(Op::less_equal, 3, 2), 0);
  EXPECT_EQ(of(Op::equal, 0.0, -0.0), 1);
  EXPECT_EQ(of(Op::not_equal, 0.0, -0.0), 0);
  for (const Op op : {Op::less, Op::less_equal, Op::equal}) {
    EXPECT_EQ(of(op, kNaN, 1), 0);
    EXPECT_EQ(of(op, 1, kNaN), 0);
    EXPECT_EQ(of(op, kNaN, kNaN), 0);
  }
  EXPECT_EQ(of(Op::not_equal, kNaN, kNaN), 1);
}

TEST(Oracle, takes_all_but_zero_as_true) {
  for (const double yes : {1.0, -3.0, kInfinity, 0x1p-1074, kNaN}) {
    EXPECT_EQ(of(Op::logical_not, yes), 0);
    EXPECT_EQ(of(Op::logical_and, yes, 1), 1);
    EXPECT_EQ(of(Op::logical_or, 0, yes), 1);
    EXPECT_EQ(of(Op::select, yes, 7, 8), 7);
  }
  for (const double no : {0.0, -0.0}) {
    EXPECT_EQ(of(Op::logical_not, no), 1);
    EXPECT_EQ(of(Op::logical_and, no, 1), 0);
    EXPECT_EQ(of(Op::logical_or, 0, no), 0);
    EXPECT_EQ(of(Op::select, no, 7, 8), 8);
  }
}

// IEEE 754-2019, 9.6: minimum and maximum.
TEST(Oracle, orders_zeros_and_keeps_nan_in_min_and_max) {
  EXPECT_EQ(of(Op::min, 1, 2), 1);
  EXPECT_EQ(of(Op::max, 1, 2), 2);
  EXPECT_TRUE(std::signbit(of(Op::min, 0.0, -0.0)));
  EXPECT_TRUE(std::signbit(of(Op::min, -0.0, 0.0)));
  EXPECT_FALSE(std::signbit(of(Op::max, 0.0, -0.0)));
  EXPECT_FALSE(std::signbit(of(Op::max, -0.0, 0.0)));
  for (const Op op : {Op::min, Op::max}) {
    EXPECT_TRUE(std::isnan(of(op, kNaN, 1)));
    EXPECT_TRUE(std::isnan(of(op, 1, kNaN)));
  }
}

TEST(Oracle, evaluates_every_value_of_a_program) {
  ProgramBuilder b;
  const ValueId x = b.uniform(0);
  const ValueId y = b.uniform(2);
  const ValueId sum = b.operation(Op::add, {x, y});
  const ValueId root = b.operation(Op::multiply, {sum, b.constant(4.0)});
  const Program p = b.finish({root}, 3, 100.0, {{"sum", sum}});
  const double u[3] = {0.25, 0.5, 0.125};
  EXPECT_EQ(only_value(p, u), 1.5);  // without the scale
  EXPECT_EQ(evaluate_all(p, u).at(p.inputs[0].value), 0.375);
}

}  // namespace
}  // namespace oche::formula

#include "integrand/expression.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "formula/definitions.h"
#include "formula/lower.h"

namespace oche::integrand {
namespace {

Expression expression_of(const std::vector<std::string>& arguments) {
  return Expression(formula::lower(formula::parse_definition(arguments)));
}

TEST(Expression, has_a_dimension_for_each_input_that_varies) {
  EXPECT_EQ(expression_of({"x+y*a", "x=0..1", "a=3", "y~normal(0,1)"}).dimensions(), 2u);
  EXPECT_EQ(expression_of({"2"}).dimensions(), 0u);
}

// Sums of the rows in formula/program.h: a uniform 4, a product 1, sin 24, a constant 0.
TEST(Expression, costs_what_its_operations_cost) {
  EXPECT_EQ(expression_of({"x*x", "x=0..1"}).static_cost(), 5u);
  EXPECT_EQ(expression_of({"sin(x)*2", "x=0..1"}).static_cost(), 29u);
}

TEST(Expression, evaluates_a_block) {
  const Expression f = expression_of({"x-y", "x=0..1", "y=0..1"});
  alignas(64) double u[2 * 16] = {};
  alignas(64) double values[16] = {};
  std::vector<double> memory(f.scratch_doubles() + 8);
  void* scratch = memory.data();
  std::size_t space = memory.size() * sizeof(double);
  ASSERT_NE(std::align(64, f.scratch_doubles() * sizeof(double), scratch, space), nullptr);
  for (std::size_t i = 0; i < 9; ++i) {
    u[i] = static_cast<double>(i) / 16;
    u[16 + i] = 0.25;
  }
  f.evaluate(u, 16, 9, values, 16, static_cast<double*>(scratch));
  for (std::size_t i = 0; i < 9; ++i) EXPECT_EQ(values[i], static_cast<double>(i) / 16 - 0.25) << i;
}

TEST(Expression, measures_how_correlated_inputs_go_together) {
  const auto pairs = [](const std::vector<std::string>& arguments, Wanted wanted) {
    const formula::Program program = formula::lower(formula::parse_definition(arguments));
    const Expression f(program, wanted);
    std::string text;
    for (const Pair& pair : f.measure().pairs) {
      text += std::to_string(pair.a) + "-" + std::to_string(pair.b) + " ";
    }
    for (const formula::Correlation& c : program.correlations) {
      const auto pair = f.pair_of(c);
      text += pair ? "[" + std::to_string(pair->a) + "-" + std::to_string(pair->b) + "]" : "[]";
    }
    return text;
  };
  // Quantity 0 is the output, 1, 2 and 3 are x, y and z; k is a constant.
  std::vector<std::string> job = {"x*y*z*k", "x~normal(0,1)", "k=3", "y~normal(0,1)",
                                  "z~normal(0,1)"};
  EXPECT_EQ(pairs(job, Wanted::distribution), "0-1 0-2 0-3 ");
  job.insert(job.end(), {"corr(x,z)=0.5", "corr(z,y)=0.1"});
  EXPECT_EQ(pairs(job, Wanted::distribution), "0-1 0-2 0-3 1-3 3-2 [1-3][3-2]");
  EXPECT_EQ(pairs(job, Wanted::moments), "[][]");
}

TEST(Expression, names_its_inputs_at_a_point) {
  const Expression f = expression_of({"x*b", "x=-1..1", "b=4", "y=0..x"});
  const std::vector<NamedPoint> point = f.inputs_at({0.75, 0.5});
  ASSERT_EQ(point.size(), 3u);
  EXPECT_EQ(point[0].input, "x");
  EXPECT_EQ(point[0].value, 0.5);
  EXPECT_EQ(point[1].input, "b");
  EXPECT_EQ(point[1].value, 4);
  EXPECT_EQ(point[2].input, "y");
  EXPECT_EQ(point[2].value, 0.25);
}

}  // namespace
}  // namespace oche::integrand

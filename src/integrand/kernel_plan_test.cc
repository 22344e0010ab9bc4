#include "integrand/kernel_plan.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "formula/definitions.h"
#include "formula/lower.h"

namespace oche::integrand {
namespace {

using formula::Op;
using formula::Program;

Program program_of(const std::vector<std::string>& definition) {
  return formula::lower(formula::parse_definition(definition));
}

KernelPlan plan_of(const Program& program, KernelTask task = KernelTask::accumulate) {
  const auto plan = plan_kernel(task, program, program.outputs);
  EXPECT_TRUE(plan.has_value());
  return plan.value_or(KernelPlan{});
}

TEST(KernelPlan, is_one_loop_without_arrays_for_arithmetic) {
  const KernelPlan plan = plan_of(program_of({"sqrt(x*y)/(1+z)", "x=0..1", "y=0..1", "z=0..1"}));
  ASSERT_EQ(plan.steps.size(), 1u);
  EXPECT_EQ(plan.arrays, 0u);
  EXPECT_EQ(plan.pairs, (std::vector<std::uint32_t>{0, 1}));
}

// Of exp(-x*x)*sin(3*y)+sqrt(x*y) three arrays are kept: both arguments, which their functions
// overwrite, and the root, rather than x and y.
TEST(KernelPlan, runs_functions_over_arrays_between_two_loops) {
  const KernelPlan plan = plan_of(program_of({"exp(-x*x)*sin(3*y)+sqrt(x*y)", "x=0..1", "y=0..1"}));
  ASSERT_EQ(plan.steps.size(), 4u);
  EXPECT_TRUE(plan.steps[0].loop.has_value());
  EXPECT_EQ(plan.steps[0].loop->stores.size(), 3u);
  for (std::size_t step : {1u, 2u}) {
    EXPECT_FALSE(plan.steps[step].loop.has_value());
    EXPECT_EQ(plan.steps[step].function.inputs[0], plan.steps[step].function.output);
  }
  EXPECT_EQ(plan.steps[3].loop->yields.size(), 1u);
  EXPECT_EQ(plan.arrays, 3u);
}

// exp(x) is an argument of the next function, and is read again after it: it keeps its array.
TEST(KernelPlan, keeps_an_argument_that_is_needed_again) {
  const KernelPlan plan = plan_of(program_of({"sin(exp(x))+exp(x)", "x=0..1"}));
  std::vector<ArrayStep> functions;
  for (const Step& step : plan.steps) {
    if (!step.loop) functions.push_back(step.function);
  }
  ASSERT_EQ(functions.size(), 2u);
  EXPECT_EQ(functions[0].op, Op::exp);
  EXPECT_EQ(functions[1].op, Op::sin);
  EXPECT_EQ(functions[1].inputs[0], functions[0].output);
  EXPECT_NE(functions[1].output, functions[0].output);
}

TEST(KernelPlan, sums_several_yields_each_in_its_loop) {
  Program program = program_of({"x*y", "x=0..1", "y=0..1"});
  program.outputs.push_back(program.code[program.outputs[0]].operands[0]);
  const KernelPlan plan = plan_of(program);
  std::vector<std::uint32_t> summed;
  for (const Step& step : plan.steps) {
    ASSERT_TRUE(step.loop.has_value());
    EXPECT_LE(step.loop->yields.size(), 1u);
    for (const std::uint32_t y : step.loop->yields) summed.push_back(y);
  }
  EXPECT_EQ(summed, (std::vector<std::uint32_t>{0, 1}));
}

TEST(KernelPlan, leaves_a_comparison_that_decides_as_a_mask) {
  const Program program = program_of({"if(x<y and x<0.5,x,y)", "x=0..1", "y=0..1"});
  const KernelPlan plan = plan_of(program);
  for (const formula::ValueId v : plan.steps[0].loop->order) {
    EXPECT_FALSE(is_logical(program.code[v].op));
  }
}

TEST(KernelPlan, counts_where_a_comparison_is_scaled_only) {
  const Program pi = program_of({"4*(x^2+y^2<=1)", "x=0..1", "y=0..1"});
  const KernelPlan plan = plan_of(pi, KernelTask::count);
  EXPECT_EQ(pi.code[plan.condition].op, Op::less_equal);
  EXPECT_TRUE(plan.steps[0].loop->counts);
  const Program other = program_of({"x*(x^2+y^2<=1)", "x=0..1", "y=0..1"});
  EXPECT_FALSE(plan_kernel(KernelTask::count, other, other.outputs).has_value());
}

}  // namespace
}  // namespace oche::integrand

#include "formula/lower.h"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <limits>
#include <span>
#include <string>
#include <vector>

#include "formula/formula_error.h"
#include "formula/oracle.h"

namespace oche::formula {
namespace {

double only_value(const Program& p, std::span<const double> u) {
  const std::vector<double> values = evaluate(p, u);
  EXPECT_EQ(values.size(), 1u);
  return values[0];
}

using Arguments = std::vector<std::string>;

Program lowered(const Arguments& arguments) { return lower(parse_definition(arguments)); }

double value_of(const Program& p, const std::string& name, const std::vector<double>& u) {
  for (const NamedValue& input : p.inputs) {
    if (input.name == name) return evaluate_all(p, u)[input.value];
  }
  ADD_FAILURE() << "no input " << name;
  return 0;
}

// What one sample contributes to the estimate.
double sample(const Program& p, const std::vector<double>& u) { return p.scale * only_value(p, u); }

constexpr double kUniforms[] = {0x1p-53, 0.001, 0.25, 0.5, 0.7, 0.999, 1 - 0x1p-53};

// The midpoint rule with 2^16 points, an independent way to the integral of a smooth integrand:
// whatever the transform, the average over u of scale * value is the integral.
double midpoint_rule(const Program& p) {
  const int n = 1 << 16;
  double sum = 0;
  for (int i = 0; i < n; ++i) sum += sample(p, {(i + 0.5) / n});
  return sum / n;
}

TEST(Lower, stretches_a_finite_range) {
  const Program p = lowered({"x^2", "x=-1..3"});
  EXPECT_EQ(p.dimensions, 1u);
  EXPECT_EQ(p.scale, 4);
  for (const double u : kUniforms) {
    const double x = std::fma(4, u, -1);
    EXPECT_EQ(value_of(p, "x", {u}), x);
    EXPECT_EQ(only_value(p, std::vector{u}), x * x);
  }
  EXPECT_NEAR(midpoint_rule(p), 28.0 / 3, 1e-8);  // (27 + 1)/3
}

TEST(Lower, takes_the_unit_range_as_it_is) {
  const Program p = lowered({"x", "x=0..1"});
  EXPECT_EQ(p.code.size(), 1u);
  EXPECT_EQ(p.scale, 1);
}

TEST(Lower, changes_the_sign_for_a_reversed_range) {
  const Program p = lowered({"exp(x)", "x=1..0"});
  EXPECT_EQ(p.scale, -1);
  for (const double u : kUniforms) EXPECT_EQ(value_of(p, "x", {u}), 1 - u);
  EXPECT_NEAR(midpoint_rule(p), 1 - std::exp(1.0), 1e-9);
}

TEST(Lower, maps_a_range_that_has_no_upper_end) {
  const Program p = lowered({"exp(-x)", "x=2..inf"});
  EXPECT_EQ(p.scale, 1);
  for (const double u : {0.001, 0.25, 0.5, 0.7, 0.9}) {
    const double q = 1 - u;
    const double x = 2 + u / q;
    EXPECT_EQ(value_of(p, "x", {u}), x);
    EXPECT_NEAR(only_value(p, std::vector{u}), std::exp(-x) / (q * q), 1e-14);
  }
  EXPECT_NEAR(midpoint_rule(p), std::exp(-2.0), 1e-8);
  // Reversed: the same numbers, the other sign.
  const Program reversed = lowered({"exp(-x)", "x=inf..2"});
  EXPECT_EQ(reversed.scale, -1);
  EXPECT_NEAR(midpoint_rule(reversed), -std::exp(-2.0), 1e-8);
}

TEST(Lower, maps_a_range_that_has_no_lower_end) {
  const Program p = lowered({"exp(x)", "x=-inf..1"});
  EXPECT_EQ(p.scale, 1);
  for (const double u : {0.1, 0.25, 0.5, 0.7, 0.999}) {
    const double q = 1 - u;
    const double x = 1 - q / u;
    EXPECT_EQ(value_of(p, "x", {u}), x);
    EXPECT_NEAR(only_value(p, std::vector{u}), std::exp(x) / (u * u), 1e-13);
  }
  EXPECT_NEAR(midpoint_rule(p), std::exp(1.0), 1e-8);
  EXPECT_NEAR(midpoint_rule(lowered({"exp(x)", "x=1..-inf"})), -std::exp(1.0), 1e-8);
}

TEST(Lower, maps_the_whole_line) {
  const Program p = lowered({"exp(-x^2/2)", "x=-inf..inf"});
  for (const double u : {0.1, 0.25, 0.5, 0.7, 0.9}) {
    const double t = 2 * u - 1;
    const double s = 4 * u * (1 - u);
    EXPECT_EQ(value_of(p, "x", {u}), t / s);
    // dx/du with x = t/(1-t^2), t = 2u-1: 2 (1+t^2)/(1-t^2)^2.
    const double slope = 2 * (1 + t * t) / ((1 - t * t) * (1 - t * t));
    const double x = t / s;
    EXPECT_NEAR(sample(p, {u}) / (std::exp(-x * x / 2) * slope), 1, 1e-12);
  }
  EXPECT_NEAR(midpoint_rule(p), 2.5066282746310002, 1e-9);  // sqrt(2 pi)
  EXPECT_NEAR(midpoint_rule(lowered({"exp(-x^2/2)", "x=inf..-inf"})), -2.5066282746310002, 1e-9);
  // A function that falls as 1/x^2 has its whole integral, too: pi.
  EXPECT_NEAR(midpoint_rule(lowered({"1/(1+x^2)", "x=-inf..inf"})), 3.141592653589793, 1e-8);
}

TEST(Lower, weighs_ends_that_depend_on_earlier_inputs) {
  const Program p = lowered({"x*y", "x=0..2", "y=x..3*x"});
  EXPECT_EQ(p.dimensions, 2u);
  EXPECT_EQ(p.scale, 2);
  const double x = 2 * 0.25;
  const double y = std::fma(3 * x - x, 0.5, x);
  EXPECT_EQ(value_of(p, "y", {0.25, 0.5}), y);
  EXPECT_EQ(only_value(p, std::vector{0.25, 0.5}), x * y * (3 * x - x));
  // The integral of x y over 0..2, x..3x: 4 x^3 over 0..2 = 16; midpoint rule in two dimensions.
  const int n = 512;
  double sum = 0;
  for (int i = 0; i < n; ++i) {
    for (int j = 0; j < n; ++j) sum += sample(p, {(i + 0.5) / n, (j + 0.5) / n});
  }
  EXPECT_NEAR(sum / n / n, 16, 1e-4);
}

TEST(Lower, lets_one_end_depend_and_the_other_be_infinite) {
  const Program p = lowered({"exp(-y)", "x=0..1", "y=x..inf"});
  const double q = 1 - 0.4;
  EXPECT_EQ(value_of(p, "y", {0.25, 0.4}), 0.25 + 0.4 / q);
  const Program reversed = lowered({"exp(-y)", "x=0..1", "y=inf..x"});
  EXPECT_EQ(sample(reversed, {0.25, 0.4}), -sample(p, {0.25, 0.4}));
}

TEST(Lower, draws_from_distributions) {
  const Program uniform = lowered({"x", "x~uniform(-1,3)"});
  EXPECT_EQ(uniform.scale, 1);  // an average, not an integral
  EXPECT_EQ(only_value(uniform, std::vector{0.25}), 0);
  const Program normal = lowered({"x", "x~normal(10,2)"});
  EXPECT_EQ(normal.scale, 1);
  EXPECT_EQ(only_value(normal, std::vector{0.5}), 10);
  // The 97.5% point of the normal distribution, 1.959963984540054 (OEIS A220510).
  EXPECT_NEAR(only_value(normal, std::vector{0.975}), 10 + 2 * 1.959963984540054, 1e-13);
  EXPECT_NEAR(only_value(normal, std::vector{0.025}), 10 - 2 * 1.959963984540054, 1e-13);
}

TEST(Lower, draws_with_parameters_that_depend_on_earlier_inputs) {
  const Program p = lowered({"y", "s~uniform(-1,1)", "y~normal(s,s)"});
  EXPECT_NEAR(only_value(p, std::vector{0.75, 0.975}), 0.5 + 0.5 * 1.959963984540054, 1e-13);
  // A standard deviation of -0.5 is no distribution: NaN, which is counted and shown.
  EXPECT_TRUE(std::isnan(only_value(p, std::vector{0.25, 0.975})));
  const Program u = lowered({"y", "a~uniform(0,1)", "y~uniform(a,0.5)"});
  EXPECT_EQ(only_value(u, std::vector{0.25, 0.5}), 0.375);
  EXPECT_TRUE(std::isnan(only_value(u, std::vector{0.75, 0.5})));
}

TEST(Lower, gives_uniforms_to_inputs_in_their_order_and_none_to_constants) {
  const Program p = lowered({"a+10*x+100*y", "a=3", "x~uniform(0,1)", "b=2*a", "y=0..1"});
  EXPECT_EQ(p.dimensions, 2u);
  EXPECT_EQ(value_of(p, "b", {0.25, 0.5}), 6);
  EXPECT_EQ(only_value(p, std::vector{0.25, 0.5}), 3 + 2.5 + 50);
  ASSERT_EQ(p.inputs.size(), 4u);
  EXPECT_EQ(p.inputs[2].name, "b");
}

TEST(Lower, knows_what_is_constant) {
  EXPECT_TRUE(lowered({"3*2+1"}).is_constant());
  const Program p = lowered({"3", "x=0..2"});
  EXPECT_TRUE(p.is_constant());
  EXPECT_EQ(sample(p, {0.5}), 6);
  EXPECT_FALSE(lowered({"x", "x=0..2"}).is_constant());
  EXPECT_FALSE(lowered({"exp(0)", "x=0..inf"}).is_constant());  // its weight varies
}

TEST(Lower, multiplies_out_small_powers) {
  const double x = 0.7;
  EXPECT_EQ(only_value(lowered({"x^3", "x=0..1"}), std::vector{x}), (x * x) * x);
  EXPECT_EQ(only_value(lowered({"x^-2", "x=0..1"}), std::vector{x}), 1 / (x * x));
  EXPECT_EQ(only_value(lowered({"x^0.5", "x=0..1"}), std::vector{x}), std::sqrt(x));
  EXPECT_EQ(only_value(lowered({"x^0", "x=0..1"}), std::vector{x}), 1);
  EXPECT_NEAR(only_value(lowered({"x^17", "x=0..1"}), std::vector{x}), std::pow(x, 17), 1e-17);
}

TEST(Lower, evaluates_every_operation_of_the_language) {
  // (expression, its value at x = 0.25, y = 0.5), worked out by hand.
  const std::vector<std::pair<std::string, double>> cases = {
      {"-x", -0.25},      {"x+y", 0.75},      {"x-y", -0.25},       {"x*y", 0.125},
      {"x/y", 0.5},       {"x<y", 1},         {"x<=y", 1},          {"x>y", 0},
      {"x>=y", 0},        {"x==x", 1},        {"x!=y", 1},          {"not x", 0},
      {"x<y and y<x", 0}, {"x<y or y<x", 1},  {"min(y,x,3)", 0.25}, {"max(x,y,0)", 0.5},
      {"abs(x-y)", 0.25}, {"if(x<y,7,8)", 7}, {"if(y<x,7,8)", 8},   {"sqrt(x)", 0.5},
      {"exp(x-x)", 1},    {"log(x/x)", 0},    {"sin(x-x)", 0},      {"cos(x-x)", 1},
      {"tan(x-x)", 0},    {"pow(x,y)", 0.5},  {"y^-2", 4},          {"y^-x^0*2", 4},
  };
  for (const auto& [text, expected] : cases) {
    EXPECT_EQ(only_value(lowered({text, "x=0..1", "y=0..1"}), std::vector{0.25, 0.5}), expected)
        << text;
  }
}

struct Refusal {
  Arguments arguments;
  std::string message;  // how it begins
  std::size_t column;   // in the argument that is wrong
};

TEST(Lower, refuses_inputs_that_make_no_sense) {
  const std::vector<Refusal> refusals = {
      {{"x", "x=1..1"}, "the range of x has no width (both ends are the same", 6},
      {{"x", "x=2..1+1"}, "the range of x has no width", 7},
      {{"x", "x=-0..0"}, "the range of x has no width", 7},
      {{"x", "x=inf..inf"}, "the range of x has no width", 8},
      {{"y", "x=0..1", "y=x..x"}, "the range of y has no width", 6},
      {{"x", "x=0/0..1"}, "an end of the range of x is not a number (0/0)", 4},
      {{"x", "x=0..inf-inf"}, "an end of the range of x is not a number (inf-inf)", 9},
      {{"x", "x=-1e308..1e308"}, "the range of x is too wide (its volume is above 1.8e308)", 11},
      {{"x*y", "x=0..1e200", "y=0..1e200"}, "the range of y is too wide", 6},
      {{"x*y", "x=0..1e-200", "y=0..1e-200"}, "the range of y is too narrow", 6},
      {{"x", "x~uniform(1,0)"}, "uniform(low, high) of x has low >= high", 13},
      {{"x", "x~uniform(1,1)"}, "uniform(low, high) of x has low >= high", 13},
      {{"x", "x~uniform(0,inf)"}, "a parameter of x is inf", 13},
      {{"x", "x~uniform(-1e308,1e308)"}, "uniform(low, high) of x is too wide", 18},
      {{"x", "x~normal(0,-1)"}, "the standard deviation of x is -1 (it must be positive)", 12},
      {{"x", "x~normal(0,0)"}, "the standard deviation of x is 0", 12},
      {{"x", "x~normal(0/0,1)"}, "a parameter of x is not a number", 11},
      {{"x", "x~normal(-inf,1)"}, "a parameter of x is -inf", 10},
      {{"1/0"}, "the expression is inf at every point (it divides by zero", 2},
      {{"log(0)"}, "the expression is -inf at every point (it divides by zero, has a pole", 1},
      {{"-1/0"}, "the expression is -inf at every point", 3},
      {{"0/0", "x=0..1"}, "0/0 is not a number (", 2},
      {{"sqrt(-1)"}, "sqrt(-1) is not a number (", 1},
  };
  for (const Refusal& r : refusals) {
    try {
      lowered(r.arguments);
      ADD_FAILURE() << r.arguments.back() << " was accepted";
    } catch (const FormulaError& error) {
      EXPECT_EQ(error.kind(), ErrorKind::usage);
      EXPECT_TRUE(error.message().starts_with(r.message)) << error.message();
      EXPECT_EQ(error.column(), r.column) << error.what();
      // "<problem> (<why>); <what to do>"
      EXPECT_NE(error.message().find(" ("), std::string::npos) << error.message();
      EXPECT_NE(error.message().find("); "), std::string::npos) << error.message();
    }
  }
}

// An operation is the unit of what a program costs to send and to hold. Each input here is 30
// powers of the one before.
TEST(Lower, refuses_a_program_that_is_too_large) {
  Arguments arguments = {"x0", "x0=0..1"};
  for (int i = 1; i < 1000; ++i) {
    const std::string before = "+x" + std::to_string(i - 1) + "^";
    std::string input("x");
    input.append(std::to_string(i)).append("=0");
    for (int j = 17; j < 51; ++j) input.append(before).append(std::to_string(j));
    arguments.push_back(input);
  }
  Limits limits;
  limits.max_bytes = 1 << 20;
  const Definition definition = parse_definition(arguments, limits);
  try {
    lower(definition);
    ADD_FAILURE() << "no limit";
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("65536 operations"), std::string::npos)
        << error.what();
  }
}

}  // namespace
}  // namespace oche::formula

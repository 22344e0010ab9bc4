#include "formula/lower_expression.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "formula/definitions.h"
#include "formula/functions.h"
#include "formula/lower.h"
#include "formula/oracle.h"
#include "math/functions.h"

namespace oche::formula {
namespace {

using Arguments = std::vector<std::string>;

Program lowered(const Arguments& arguments) { return lower(parse_definition(arguments)); }

std::vector<double> values(const Arguments& arguments, const std::vector<double>& u) {
  return evaluate(lowered(arguments), u);
}

std::string error_of(const std::string& text) {
  try {
    lowered({text});
  } catch (const FormulaError& error) {
    return error.what();
  }
  return "no error";
}

const std::vector<double> kU = {0.25, 0.9, 0.0625, 0.3, 0.7, 0.001, 0.5, 0.8};

TEST(LowerExpression, gives_each_output_and_each_let_its_value) {
  const std::vector<double> v =
      values({"let r=x+y; let s=r*r; s-1; r; let t=-s; t/r", "x=0..1", "y=0..1"}, kU);
  const double r = 0.25 + 0.9;
  EXPECT_EQ(v, (std::vector<double>{r * r - 1, r, -(r * r) / r}));
}

TEST(LowerExpression, computes_a_let_once) {
  const Program with = lowered({"let r=exp(x); r*r+r", "x=0..1"});
  const Program without = lowered({"exp(x)*exp(x)+exp(x)", "x=0..1"});
  EXPECT_EQ(with.code.size(), 4u);  // x, exp, *, +
  EXPECT_EQ(without.code.size(), 4u);
}

TEST(LowerExpression, gives_each_element_of_an_array_a_uniform_of_its_own) {
  const Program p = lowered({"x[-1]+10*y+100*x[1]", "x[-1..1]=0..2", "y=0..1"});
  EXPECT_EQ(p.dimensions, 4u);
  EXPECT_EQ(p.scale, 8);
  EXPECT_EQ(evaluate(p, kU)[0], 0.5 + 10 * 0.3 + 100 * 0.125);
  ASSERT_EQ(p.inputs.size(), 4u);
  EXPECT_EQ(p.inputs[0].name, "x[-1]");
  EXPECT_EQ(p.inputs[2].name, "x[1]");
  EXPECT_EQ(p.inputs[3].name, "y");
}

TEST(LowerExpression, knows_arrays_of_constants_and_of_distributions) {
  const Program constants = lowered({"x[0]+sum(j=1..3,x[j])", "x[0..3]=2"});
  EXPECT_EQ(constants.dimensions, 0u);
  EXPECT_EQ(evaluate(constants, {})[0], 8);
  EXPECT_TRUE(constants.is_constant());
  const std::vector<double> normal = values({"sum(j=1..2,x[j])", "x[1..2]~normal(1,2)"}, kU);
  EXPECT_EQ(normal[0], std::fma(2, math::normal_quantile(0.25), 1) +
                           std::fma(2, math::normal_quantile(0.9), 1));
}

// One rounding per addition, in ascending order, beginning with the first term.
TEST(LowerExpression, adds_and_multiplies_from_the_first_term_on) {
  const Arguments inputs = {"", "x[1..8]=0..1", "y=0..1"};
  const auto of = [&](const std::string& expression) {
    Arguments arguments = inputs;
    arguments[0] = expression;
    return values(arguments, {0.25, 0.9, 0.0625, 0.3, 0.7, 0.001, 0.5, 0.8, 0.1})[0];
  };
  double sum = kU[0];
  double product = kU[0];
  double squares = kU[0] * kU[0];
  for (std::size_t j = 1; j < 8; ++j) {
    sum += kU[j];
    product *= kU[j];
    squares += kU[j] * kU[j];
  }
  EXPECT_EQ(of("sum(j=1..8,x[j])"), sum);
  EXPECT_EQ(of("prod(j=1..8,x[j])"), product);
  EXPECT_EQ(of("sum(j=1..8,x[j]^2)"), squares);
  EXPECT_EQ(of("sum(j=2..2,x[j])"), kU[1]);
  EXPECT_EQ(of("sum(j=1..3,y)"), (0.1 + 0.1) + 0.1);
  EXPECT_EQ(of("sum(j=1..3,if(j==1,1e16,y-y+1))"), 1e16);  // 1e16 + 1 + 1, each rounded
  EXPECT_TRUE(std::signbit(of("sum(j=1..1,-0*y)")));       // not 0 + -0
  EXPECT_EQ(of("sum(j=3..2,x[j])"), 0);
  EXPECT_EQ(of("prod(j=3..2,x[j])"), 1);
}

TEST(LowerExpression, finds_elements_by_sums_of_indices) {
  const Arguments inputs = {"", "x[0..7]=0..1", "n=8"};
  const auto of = [&](const std::string& expression) {
    Arguments arguments = inputs;
    arguments[0] = expression;
    return values(arguments, kU)[0];
  };
  EXPECT_EQ(of("sum(j=1..n-1,x[j]*x[j-1])"), [] {
    double total = kU[1] * kU[0];
    for (std::size_t j = 2; j < 8; ++j) total += kU[j] * kU[j - 1];
    return total;
  }());
  EXPECT_EQ(of("sum(j=0..1,prod(i=0..3,x[2*i+1-j]))"), [] {
    double total = 0;
    for (int j = 0; j < 2; ++j) {
      double product = 1;
      for (int i = 0; i < 4; ++i) product *= kU[static_cast<std::size_t>(2 * i + 1 - j)];
      total += product;
    }
    return total;
  }());
  // Pairs: the inner loop depends on the outer index, and is empty at the end.
  EXPECT_EQ(of("sum(i=0..7,sum(j=i+1..7,x[i]-x[j]))"), [] {
    double total = 0;
    for (std::size_t i = 0; i < 8; ++i) {
      double row = 0;
      for (std::size_t j = i + 1; j < 8; ++j) {
        row = j == i + 1 ? kU[i] - kU[j] : row + (kU[i] - kU[j]);
      }
      total = i == 0 ? row : total + row;
    }
    return total;
  }());
  EXPECT_EQ(of("x[n/2]"), kU[4]);
  EXPECT_EQ(of("x[prod(j=1..3,j)]"), kU[6]);
}

TEST(LowerExpression, loops_in_inputs_too) {
  const Program p = lowered({"y", "x[1..3]=0..1", "y=0..sum(j=1..3,x[j])"});
  const double width = 0.25 + 0.9 + 0.0625;
  EXPECT_EQ(evaluate(p, kU)[0], std::fma(width, 0.3, 0) * width);  // with the range's weight
}

// exp(-x[1]-x[2]-x[3]) over the octant: the weights 1/(1-u)^2 multiply, in a loop.
TEST(LowerExpression, weighs_each_element_of_an_infinite_range) {
  const Program p = lowered({"1", "x[1..3]=0..inf"});
  double weight = 1 / ((1 - kU[0]) * (1 - kU[0]));
  for (std::size_t j = 1; j < 3; ++j) weight *= 1 / ((1 - kU[j]) * (1 - kU[j]));
  EXPECT_EQ(evaluate(p, kU)[0], weight);
  EXPECT_EQ(lowered({"1", "x[1..3]=inf..0"}).scale, -1);
  EXPECT_EQ(lowered({"1", "x[1..2]=inf..0"}).scale, 1);
  EXPECT_EQ(lowered({"1", "x[1..3]=-inf..inf"}).scale, 8);
}

// A loop is compiled, not written out: the code's length does not depend on its length.
TEST(LowerExpression, makes_code_whose_length_does_not_depend_on_the_number_of_iterations) {
  const Program few = lowered({"sum(j=1..10,exp(j*y))", "y=0..1"});
  const Program many = lowered({"sum(j=1..100000,exp(j*y))", "y=0..1"});
  EXPECT_EQ(few.code.size(), many.code.size());
  EXPECT_EQ((many.cost() - 4) / 10000, few.cost() - 4);  // 4: the uniform number
}

struct Mistake {
  std::string text;
  std::string error;
};

TEST(LowerExpression, explains_mistakes_in_indices) {
  const std::string inputs = ", x[1..8]=0..1, y=0..1, n=3";
  const Mistake mistakes[] = {
      {"x[9]",
       "the index of x is 9 (the elements of x go from 1 to 8); use an index in that range, or a "
       "longer array\n  x[9], x[1..8]=0..1, y=0..1, n=3\n    ^"},
      {"sum(j=0..8,x[j])",
       "the index of x goes from 0 to 8 (the elements of x go from 1 to 8); use an index in that "
       "range, or a longer array\n  sum(j=0..8,x[j]), x[1..8]=0..1, y=0..1, n=3\n               ^"},
      {"x[n/2]",
       "the index of x is 1.5 (elements are numbered by whole numbers); write a whole number, or "
       "sums and multiples of loop indices\n  x[n/2], x[1..8]=0..1, y=0..1, n=3\n     ^"},
      {"sum(j=2..8,x[j/2])",
       "the index of x is not always whole (elements are numbered by whole numbers); write a whole "
       "number, or sums and multiples of loop indices\n"
       "  sum(j=2..8,x[j/2]), x[1..8]=0..1, y=0..1, n=3\n                ^"},
      {"x[y]",
       "the index of x differs from sample to sample (which element is meant must be known "
       "before); "
       "choose between elements by if(condition, a, b)\n"
       "  x[y], x[1..8]=0..1, y=0..1, n=3\n    ^"},
      {"sum(j=1..2,x[j^2])",
       "the index of x is not a sum of multiples of loop indices (nothing else is checked against "
       "the bounds of the array); write it by + and -, and * by constants\n"
       "  sum(j=1..2,x[j^2]), x[1..8]=0..1, y=0..1, n=3\n                ^"},
      {"x[0/0]",
       "the index of x is not a number (elements are numbered by whole numbers); write a whole "
       "number, or sums and multiples of loop indices\n"
       "  x[0/0], x[1..8]=0..1, y=0..1, n=3\n     ^"},
      {"x[1/0]",
       "the index of x is inf (the elements of x go from 1 to 8); use an index in that range, or a "
       "longer array\n  x[1/0], x[1..8]=0..1, y=0..1, n=3\n     ^"},
  };
  for (const Mistake& mistake : mistakes) {
    EXPECT_EQ(error_of(mistake.text + inputs), mistake.error) << mistake.text;
  }
}

TEST(LowerExpression, explains_constants_that_make_everything_undefined) {
  const std::string inputs = ", x=0..1, a=-2, r=sqrt(a), y[1..2]=0..1";
  const Mistake mistakes[] = {
      {"factorial(2.5)*x",
       "factorial(2.5) is not a number (factorial takes whole numbers from 0 up); change what it "
       "is "
       "given\n  factorial(2.5)*x, x=0..1, a=-2, r=sqrt(a), y[1..2]=0..1\n  ^~~~~~~~~"},
      {"x+exp(log(a*3))",
       "log(-6) is not a number (log takes numbers from 0 up); change what it is given\n"
       "  x+exp(log(a*3)), x=0..1, a=-2, r=sqrt(a), y[1..2]=0..1\n        ^~~"},
      {"x*(-8)^(1/3)",
       "(-8)^0.3333333333333333 is not a number (a negative number has whole powers only); change "
       "one of the two\n  x*(-8)^(1/3), x=0..1, a=-2, r=sqrt(a), y[1..2]=0..1\n        ^"},
      // Where it began, not where it is used.
      {"let q=1-r; x*q",
       "sqrt(-2) is not a number (sqrt takes numbers from 0 up); change what it is given\n"
       "  let q=1-r; x*q, x=0..1, a=-2, r=sqrt(a), y[1..2]=0..1\n"
       "                                  ^~~~"},
      {"sum(j=1..3,x*sqrt(j-3))+asin(2)",
       "asin(2) is not a number (asin takes numbers from -1 to 1); change what it is given\n"
       "  sum(j=1..3,x*sqrt(j-3))+asin(2), x=0..1, a=-2, r=sqrt(a), y[1..2]=0..1\n"
       "                          ^~~~"},
      {"x*sum(j=1..3,sqrt(2-j))",
       "the sum is not a number (a part of it is not); change its bounds or its body\n"
       "  x*sum(j=1..3,sqrt(2-j)), x=0..1, a=-2, r=sqrt(a), y[1..2]=0..1\n    ^~~"},
  };
  for (const Mistake& mistake : mistakes) {
    EXPECT_EQ(error_of(mistake.text + inputs), mistake.error) << mistake.text;
  }
  for (const char* text :
       {"0/0", "inf-inf", "0*inf", "log2(-1)", "log10(-1)", "log1p(-2)", "acos(1.5)", "acosh(0.5)",
        "atanh(2)", "gamma(-2)", "mod(1,0)", "beta(-1,2)", "normal_quantile(2)", "sin(inf)",
        "cos(inf)", "tan(inf)", "inf/inf", "(-2)^0.5"}) {
    EXPECT_EQ(
        error_of(text + std::string("+x") + inputs).find(std::string(text) + " is not a number ("),
        0u)
        << text << ": " << error_of(text + std::string("+x") + inputs);
  }
}

// A function that is undefined for some arguments says which it takes.
TEST(LowerExpression, knows_what_each_function_takes) {
  const char* const special[] = {"0",   "(-0)", "1",     "(-1)",     "0.5", "(-0.5)",
                                 "2.5", "(-3)", "1e300", "(-1e300)", "inf", "(-inf)"};
  std::size_t undefined = 0;
  for (const Function& function : functions()) {
    if (is_loop(function)) continue;
    for (const char* a : special) {
      for (const char* b : special) {
        std::string call = std::string(function.name) + "(" + a;
        if (function.min_arguments >= 2) call += std::string(",") + b;
        if (function.min_arguments >= 3) call += ",1";
        const std::string error = error_of(call + ")*x, x=0..1");
        const bool is_operator = operator_of(function.operation) != nullptr;
        if (error == "no error") continue;
        ++undefined;
        EXPECT_NE(error.find(is_operator ? " has whole powers only)"
                                         : " takes " + std::string(function.domain) + ")"),
                  std::string::npos)
            << error;
        EXPECT_TRUE(is_operator || !function.domain.empty()) << error;
      }
    }
  }
  EXPECT_GT(undefined, 100u);
}

// Certain is only what no value of x, and no branch, can avoid.
TEST(LowerExpression, takes_constants_that_may_make_nothing_undefined) {
  for (const char* text :
       {"if(a>0,sqrt(a),x)", "if(x>0.5,sqrt(-1),x)", "if(1,x,sqrt(-1))", "x+(sqrt(-1)<2)",
        "x+(not log(-1))", "x+sqrt(-1)^0", "x*1^sqrt(-1)", "x+hypot(sqrt(-1),inf)",
        "sqrt(-1)^floor(x)", "let q=sqrt(-1); x", "sum(j=1..0,sqrt(-1))+x",
        "sum(j=1..2,sum(k=j..1,sqrt(-1)*x))", "factorial(3)*x", "log(0)*x", "hypot(sqrt(-1),x)"}) {
    EXPECT_EQ(error_of(text + std::string(", x=0..1, a=-2, r=sqrt(a)")), "no error") << text;
  }
  for (const char* text : {"if(a<0,sqrt(a),x)", "if(x>0.5,sqrt(-1),log(-1))", "sqrt(-1)^2*x",
                           "x+2^sqrt(-1)", "sum(j=1..2,sqrt(-1)*x)", "min(x,sqrt(-1))"}) {
    EXPECT_NE(error_of(text + std::string(", x=0..1, a=-2")).find(" is not a number ("),
              std::string::npos)
        << text;
  }
}

TEST(LowerExpression, explains_mistakes_in_the_bounds_of_loops) {
  const std::string inputs = ", x[1..8]=0..1, y=0..1";
  const Mistake mistakes[] = {
      {"sum(j=1..y,j)",
       "a bound of the sum differs from sample to sample (a loop has the same length for all "
       "samples); write a constant, and if(condition, a, 0) in the body\n"
       "  sum(j=1..y,j), x[1..8]=0..1, y=0..1\n           ^"},
      {"prod(j=0.5..3,j)",
       "a bound of the product is 0.5 (an index goes over whole numbers); write whole ones\n"
       "  prod(j=0.5..3,j), x[1..8]=0..1, y=0..1\n         ^~~"},
      {"sum(j=1..inf,j)",
       "a bound of the sum is inf (the limit is 1e9 on both sides of 0); use a smaller one\n"
       "  sum(j=1..inf,j), x[1..8]=0..1, y=0..1\n           ^~~"},
      {"sum(i=1..4,sum(j=1..i^2,j))",
       "a bound of the sum is not a sum of multiples of outer indices (nothing else is checked "
       "against the bounds of arrays); write it by + and -, and * by constants\n"
       "  sum(i=1..4,sum(j=1..i^2,j)), x[1..8]=0..1, y=0..1\n                       ^"},
      {"sum(i=1..4,sum(j=1..i/2,j))",
       "a bound of the sum is not always whole (an index goes over whole numbers); write whole "
       "ones\n  sum(i=1..4,sum(j=1..i/2,j)), x[1..8]=0..1, y=0..1\n                       ^"},
  };
  for (const Mistake& mistake : mistakes) {
    EXPECT_EQ(error_of(mistake.text + inputs), mistake.error) << mistake.text;
  }
}

TEST(LowerExpression, limits_what_loops_cost_and_how_deep_they_are) {
  EXPECT_EQ(error_of("sum(j=1..60000000,j*y), y=0..1"),
            "the sum is too costly (its iterations times its body come to 1.2e8 for a sample, the "
            "limit is 1e8); use fewer iterations\n  sum(j=1..60000000,j*y), y=0..1\n  ^~~");
  EXPECT_EQ(error_of("sum(j=1..40000000,j*y), y=0..1"), "no error");
  EXPECT_EQ(error_of("1+prod(i=1..1e5,sum(j=1..1e5,i*j*y)), y=0..1").substr(0, 36),
            "the product is too costly (its itera");
  // Each within the limit, together not.
  EXPECT_EQ(error_of("sum(j=1..30000000,j*y)+sum(j=1..30000000,j+y), y=0..1").substr(0, 30),
            "the outputs are too costly (al");
  std::string deep = "y";
  for (int i = 0; i < 16; ++i) {
    deep = "sum(j" + std::to_string(i) + "=1..1," + deep + ")";
  }
  EXPECT_EQ(error_of(deep + ", y=0..1"), "no error");
  EXPECT_EQ(error_of("sum(j=1..1," + deep + "), y=0..1").substr(0, 79),
            "sums and products stand too deep inside each other (the limit is 16); use fewer");
}

TEST(LowerExpression, explains_mistakes_in_arrays) {
  const Mistake mistakes[] = {
      {"1, x[3..1]=0..1",
       "the array x has no elements (it goes from 3 to 1); write the smaller index first\n"
       "  1, x[3..1]=0..1\n          ^"},
      {"1, x[1..2.5]=0..1",
       "an index of the array x is 2.5 (indices are whole numbers up to 1e9); write a whole "
       "number\n"
       "  1, x[1..2.5]=0..1\n          ^~~"},
      {"1, y=0..1, x[1..y]=0..1",
       "an index of the array x is no constant (indices are whole numbers up to 1e9); write a "
       "whole "
       "number\n  1, y=0..1, x[1..y]=0..1\n                  ^"},
      {"1, x[1..4000]=0..1, y[0..96]=1",
       "there are 4097 elements up to the array y (the limit is 4096 in all arrays together); use "
       "fewer\n  1, x[1..4000]=0..1, y[0..96]=1\n                           ^~"},
      {"1, x[1..2]=1..1",
       "the range of x has no width (both ends are the same, so the integral is 0); give two "
       "different ends\n  1, x[1..2]=1..1\n                ^"},
      {"1, x[1..1000]=0..10",
       "the range of x is too wide (its volume is above 1.8e308); scale the variable\n"
       "  1, x[1..1000]=0..10\n                   ^~"},
  };
  for (const Mistake& mistake : mistakes) {
    EXPECT_EQ(error_of(mistake.text), mistake.error) << mistake.text;
  }
  EXPECT_EQ(error_of("1, x[1..4000]=0..1, y[1..96]=1"), "no error");
}

}  // namespace
}  // namespace oche::formula

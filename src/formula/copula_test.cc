#include "formula/copula.h"

#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

#include "formula/formula_error.h"
#include "formula/lower.h"
#include "formula/oracle.h"
#include "math/functions.h"

namespace oche::formula {
namespace {

Program lowered(const std::vector<std::string>& arguments) {
  return lower(parse_definition(arguments));
}

// Of two normal inputs, the second is rho times the first plus what is its own.
TEST(Copula, correlates_normal_inputs) {
  const Program p = lowered({"y", "x~normal(0,1)", "y~normal(10,2)", "corr(x,y)=0.6"});
  EXPECT_EQ(p.dimensions, 2u);
  for (const double u : {0.1, 0.5, 0.9}) {
    for (const double v : {0.2, 0.7}) {
      const double z = 0.6 * math::normal_quantile(u) + 0.8 * math::normal_quantile(v);
      EXPECT_NEAR(evaluate(p, std::vector{u, v})[0], 10 + 2 * z, 1e-14);
    }
  }
  ASSERT_EQ(p.correlations.size(), 1u);
  EXPECT_EQ(p.correlations[0].first, 0u);
  EXPECT_EQ(p.correlations[0].second, 1u);
  EXPECT_EQ(p.correlations[0].value, 0.6);
}

// Only then is the correlation of the ranks that of the scores.
TEST(Copula, knows_whether_distributions_depend_on_other_inputs) {
  const std::vector<std::string> job = {"x+y", "x~normal(0,1)", "m=2", "corr(x,y)=0.5"};
  const auto with = [&](const std::string& input) {
    std::vector<std::string> arguments = job;
    arguments.insert(arguments.begin() + 3, input);
    return lowered(arguments).correlations.at(0).fixed_margins;
  };
  EXPECT_TRUE(with("y~normal(m,3)"));
  EXPECT_TRUE(with("y~gamma(2,1)[1..5]"));
  EXPECT_FALSE(with("y~normal(x,1)"));
  EXPECT_FALSE(with("y~uniform(0,exp(x))"));
}

// Three scores: their correlations over a grid of uniform numbers are those that were asked for.
TEST(Copula, gives_every_pair_its_correlation) {
  const Program p = lowered({"x;y;z", "x~normal(0,1)", "y~normal(0,1)", "w~exponential(1)",
                             "z~normal(0,1)", "corr(x,y)=0.5", "corr(z,x)=-0.3", "corr(y,z)=0.2"});
  const int n = 40;
  double xx = 0, xy = 0, xz = 0, yz = 0;
  for (int i = 0; i < n; ++i) {
    for (int j = 0; j < n; ++j) {
      for (int k = 0; k < n; ++k) {
        const std::vector<double> v =
            evaluate(p, std::vector{(i + 0.5) / n, (j + 0.5) / n, 0.5, (k + 0.5) / n});
        xx += v[0] * v[0];
        xy += v[0] * v[1];
        xz += v[0] * v[2];
        yz += v[1] * v[2];
      }
    }
  }
  // The grid has the same variance in each dimension, so that ratios are exact.
  EXPECT_NEAR(xy / xx, 0.5, 1e-12);
  EXPECT_NEAR(xz / xx, -0.3, 1e-12);
  EXPECT_NEAR(yz / xx, 0.2, 1e-12);
}

// Whatever the correlation, the distribution of each input is its own: by the midpoint rule.
TEST(Copula, keeps_the_distributions) {
  const Program p = lowered({"y", "x~gamma(3,1)", "y~exponential(2)", "corr(x,y)=-0.7"});
  const int n = 400;
  double sum = 0;
  for (int i = 0; i < n; ++i) {
    for (int j = 0; j < n; ++j) sum += evaluate(p, std::vector{(i + 0.5) / n, (j + 0.5) / n})[0];
  }
  EXPECT_NEAR(sum / n / n, 2, 0.01);
}

// Uniform inputs: a rank correlation of 6/pi asin(rho/2) (K. Pearson, 1907).
TEST(Copula, correlates_the_ranks_of_others) {
  const Program p = lowered({"x;y", "x~uniform(0,1)", "y~uniform(0,1)", "corr(x,y)=0.5"});
  const int n = 400;
  double sum = 0;
  for (int i = 0; i < n; ++i) {
    for (int j = 0; j < n; ++j) {
      const std::vector<double> v = evaluate(p, std::vector{(i + 0.5) / n, (j + 0.5) / n});
      sum += (v[0] - 0.5) * (v[1] - 0.5);
    }
  }
  EXPECT_NEAR(12 * sum / n / n, 6 / 3.141592653589793 * std::asin(0.25), 1e-3);
}

TEST(Copula, is_part_of_the_canonical_text) {
  const Definition d =
      parse_definition({"x+y, x~normal(0, 1)[-2 .. 2], corr( x,y ) = 0.50, y~t(3,0,1)"});
  const std::string text = canonical(d);
  EXPECT_EQ(text, "x+y, x~normal(0,1)[-2..2], y~t(3,0,1), corr(x,y)=0.5");
  EXPECT_EQ(canonical(parse_definition({text})), text);
}

TEST(Copula, leaves_corr_as_a_name) { EXPECT_EQ(evaluate(lowered({"corr", "corr=3"}), {})[0], 3); }

struct Refusal {
  std::vector<std::string> arguments;
  std::string message;
};

TEST(Copula, refuses_what_cannot_be) {
  const std::vector<Refusal> refusals = {
      {{"x", "x~normal(0,1)", "y~normal(0,1)", "z~normal(0,1)", "corr(x,y)=0.9", "corr(y,z)=0.9",
        "corr(x,z)=-0.9"},
       "the correlations of z do not go with the others (their matrix is not positive definite"},
      {{"x", "x~normal(0,1)", "y~normal(0,1)", "corr(x,y)=1"}, "corr(x,y) is 1 (a correlation"},
      {{"x", "x~normal(0,1)", "corr(x,x)=0.1"}, "corr(x,x) has the same input twice"},
      {{"x", "x~normal(0,1)", "y~normal(0,1)", "corr(x,y)=0.1", "corr(y,x)=0.1"},
       "corr(y,x) is there twice"},
      {{"x", "x~normal(0,1)", "y=0..1", "corr(x,y)=0.1"}, "y cannot be correlated (it is not"},
      {{"x", "x~normal(0,1)", "y=3", "corr(x,y)=0.1"}, "y cannot be correlated (it is not"},
      {{"x", "x~normal(0,1)", "y~poisson(3)", "corr(x,y)=0.1"},
       "y cannot be correlated (its distribution is discrete)"},
      {{"x", "x~normal(0,1)", "y~normal(0,1)", "corr(x,y)=x"}, "a correlation uses an input"},
      {{"x", "x~normal(0,1)", "corr(x,q)=0.1"}, "q"},
      {{"x", "x~normal(0,1)", "corr(x)=0.1"}, "corr has one argument"},
      {{"x", "x~normal(0,1)", "y~normal(0,1)", "corr(x,y)"}, "there is no = after corr(...)"},
  };
  for (const Refusal& r : refusals) {
    try {
      lowered(r.arguments);
      ADD_FAILURE() << r.arguments.back() << " was accepted";
    } catch (const FormulaError& error) {
      EXPECT_TRUE(error.message().starts_with(r.message)) << error.message();
      EXPECT_NE(error.message().find("); "), std::string::npos) << error.message();
    }
  }
}

}  // namespace
}  // namespace oche::formula

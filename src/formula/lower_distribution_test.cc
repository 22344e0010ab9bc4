// Each distribution's samples against its distribution function in extended precision, over all u
// that can occur; the errors that the table of distributions states are those bounds.
#include "formula/lower_distribution.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <boost/math/distributions/beta.hpp>
#include <boost/math/distributions/gamma.hpp>
#include <boost/math/distributions/students_t.hpp>
#include <cmath>
#include <cstdio>
#include <functional>
#include <limits>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "formula/formula_error.h"
#include "formula/lower.h"
#include "formula/oracle.h"
#include "formula/program_from_bytes_test.h"
#include "math/boost_reference_test.h"
#include "math/simd.h"

namespace oche::formula {
namespace {

using Long = long double;
using Tail = std::function<Long(Long x, bool upper)>;

constexpr Long kPi = 3.141592653589793238462643383279502884L;

Program lowered(const std::vector<std::string>& inputs) {
  std::vector<std::string> arguments = {"x"};
  arguments.insert(arguments.end(), inputs.begin(), inputs.end());
  return lower(parse_definition(arguments));
}

// The probability of more than z, for a standard normal variable.
Long normal_above(Long z) { return std::erfc(z / std::sqrt(2.0L)) / 2; }

Tail normal_tail(Long mean, Long sd) {
  return
      [=](Long x, bool upper) { return normal_above(upper ? (x - mean) / sd : (mean - x) / sd); };
}

// A tail that is 0 and 1 outside (low, high).
Tail within(Long low, Long high, const Tail& tail) {
  return [=](Long x, bool upper) {
    if (x <= low) return upper ? 1.0L : 0.0L;
    if (x >= high) return upper ? 0.0L : 1.0L;
    return tail(x, upper);
  };
}

// By the areas under its density.
Tail trapezoid_tail(Long low, Long a, Long b, Long high) {
  const Long width = high - low + b - a;
  const Long rise = (a - low) / width;
  const Long fall = (high - b) / width;
  const Long flat = 2 * (b - a) / width;
  return within(low, high, [=](Long x, bool upper) {
    // Of a side's probability, what is outwards of a share t of its length from the corner, and
    // what is inwards, without cancellation.
    if (x < a) {
      const Long t = (a - x) / (a - low);
      const Long s = (x - low) / (a - low);
      return upper ? (1 - rise) + rise * t * (2 - t) : rise * s * s;
    }
    if (x > b) {
      const Long t = (x - b) / (high - b);
      const Long s = (high - x) / (high - b);
      return upper ? fall * s * s : (1 - fall) + fall * t * (2 - t);
    }
    return upper ? fall + flat * (b - x) / (b - a) : rise + flat * (x - a) / (b - a);
  });
}

// The density of JCGM 101:2008, 6.4.3.2, integrated: the tail of it beyond y from the middle, with
// w = (b-a)/2, is (w+d - y - y log((w+d)/y)) / (4d) for y > w-d. Next to w+d by its series, which
// is 1/(4d) times the sum over n >= 2 of (s/c)^n c / (n (n-1)), s = c - y, c = w+d.
Tail ctrap_tail(Long a, Long b, Long d) {
  const Long c = (b - a) / 2 + d;
  const auto outer = [=](Long s) {
    Long sum = 0, power = c;
    if (s < c / 4) {
      for (int n = 1; n < 60; ++n) {
        power *= s / c;
        if (n >= 2) sum += power / (n * (n - 1));
      }
      return sum / (4 * d);
    }
    const Long y = c - s;
    return (c - y - y * std::log(c / y)) / (4 * d);
  };
  return within(a - d, b + d, [=](Long x, bool upper) {
    const Long from_low = x - (a - d);
    const Long from_high = b + d - x;
    const Long s = std::min(from_low, from_high);
    const Long level = std::log(c / (c - 2 * d)) / (4 * d);
    const Long tail = s <= 2 * d ? outer(s) : outer(2 * d) + level * (s - 2 * d);
    return upper == (from_high < from_low) ? tail : 1 - tail;
  });
}

Tail arcsine_tail(Long low, Long high) {
  return within(low, high, [=](Long x, bool upper) {
    return 2 / kPi * std::asin(std::sqrt((upper ? high - x : x - low) / (high - low)));
  });
}

template <class Distribution>
Tail boost_tail(const Distribution& distribution, Long location, Long scale) {
  return [=](Long x, bool upper) -> Long {
    const auto [low, high] = boost::math::support(distribution);
    const Long z = (x - location) / scale;
    if (z <= low) return upper ? 1 : 0;
    if (z >= high) return upper ? 0 : 1;
    return upper ? cdf(complement(distribution, z)) : cdf(distribution, z);
  };
}

// For x > 0 with the survival function e^-t(x).
Tail survival(const std::function<Long(Long)>& t) {
  return [=](Long x, bool upper) -> Long {
    const Long exponent = t(x);
    return upper ? std::exp(-exponent) : -std::expm1(-exponent);
  };
}

struct Case {
  const char* input;
  Tail tail;
};

const std::vector<Case>& cases() {
  constexpr Long kInf = std::numeric_limits<Long>::infinity();
  const auto logistic = [](Long x, bool upper) -> Long {
    const Long z = (x - 1) / 2;
    return 1 / (1 + std::exp(upper ? z : -z));
  };
  const auto gumbel = [](Long x, bool upper) -> Long {
    const Long e = std::exp(-(x - 1) / 2);
    return upper ? -std::expm1(-e) : std::exp(-e);
  };
  const auto cauchy = [](Long x, bool upper) -> Long {
    const Long z = upper ? (x - 1) / 2 : (1 - x) / 2;
    return z > 0 ? std::atan(1 / z) / kPi : 1 - std::atan(-1 / z) / kPi;
  };
  const Tail log_normal = [](Long x, bool upper) -> Long {
    const Long z = (std::log(x) - 0.5L) / 0.25L;
    return normal_above(upper ? z : -z);
  };
  static const std::vector<Case> all = {
      {"x~uniform(0,1)", within(0, 1, [](Long x, bool upper) { return upper ? 1 - x : x; })},
      {"x~uniform(-1,3)",
       within(-1, 3, [](Long x, bool upper) { return (upper ? 3 - x : x + 1) / 4; })},
      {"x~normal(0,1)", normal_tail(0, 1)},
      {"x~normal(10,0.5)", normal_tail(10, 0.5L)},
      {"x~lognormal(0.5,0.25)", within(0, kInf, log_normal)},
      {"x~exponential(3)", within(0, kInf, survival([](Long x) { return x / 3; }))},
      {"x~triangular(1,2,5)", trapezoid_tail(1, 2, 2, 5)},
      {"x~triangular(0,0,5)", trapezoid_tail(0, 0, 0, 5)},
      {"x~triangular(0,5,5)", trapezoid_tail(0, 5, 5, 5)},
      {"x~trapezoidal(0,1,3,7)", trapezoid_tail(0, 1, 3, 7)},
      {"x~trapezoidal(0,0,7,7)", trapezoid_tail(0, 0, 7, 7)},
      {"x~ctrap(0,10,2)", ctrap_tail(0, 10, 2)},
      {"x~ctrap(1,3,0.25)", ctrap_tail(1, 3, 0.25L)},
      {"x~ctrap(-1,1,0.984375)", ctrap_tail(-1, 1, 0.984375L)},
      {"x~arcsine(0,2)", arcsine_tail(0, 2)},
      {"x~cauchy(1,2)", cauchy},
      {"x~weibull(1.5,2)", within(0, kInf, survival([](Long x) { return std::pow(x / 2, 1.5L); }))},
      {"x~weibull(0.25,2)",
       within(0, kInf, survival([](Long x) { return std::pow(x / 2, 0.25L); }))},
      {"x~gumbel(1,2)", gumbel},
      {"x~logistic(1,2)", logistic},
      {"x~pareto(2.5,3)", within(3, kInf, survival([](Long x) { return 2.5L * std::log(x / 3); }))},
      {"x~gamma(2.5,3)", boost_tail(boost::math::gamma_distribution<Long>(2.5L), 0, 3)},
      {"x~gamma(0.125,3)", boost_tail(boost::math::gamma_distribution<Long>(0.125L), 0, 3)},
      {"x~beta(2,5)", boost_tail(boost::math::beta_distribution<Long>(2, 5), 0, 1)},
      {"x~chi_squared(3)", boost_tail(boost::math::gamma_distribution<Long>(1.5L), 0, 2)},
      {"x~t(4,1,2)", boost_tail(boost::math::students_t_distribution<Long>(4), 1, 2)},
  };
  return all;
}

double largest_error(const Program& program, const Tail& tail, int ulps) {
  double largest = 0;
  for (const double u : math::uniforms_of_all_sizes(10'000)) {
    const std::vector<double> uniforms(program.dimensions, u);
    const double x = evaluate(program, uniforms)[0];
    largest = std::max(largest, math::quantile_error(u, x, tail, ulps));
  }
  return largest;
}

std::string name_of(const std::string& input) { return input.substr(2, input.find('(') - 2); }

TEST(LowerDistribution, has_the_stated_error_over_all_u) {
  std::set<std::string> seen;
  for (const Case& c : cases()) {
    const Distribution& row = *find_distribution(name_of(c.input));
    const double error = largest_error(lowered({c.input}), c.tail, 4);
    std::printf("%-26s %.1e of %.0e\n", c.input, error, row.error);
    EXPECT_LE(error, row.error) << c.input;
    seen.insert(std::string(row.name));
  }
  for (const Distribution& row : distributions()) {
    EXPECT_TRUE(row.is_discrete || seen.contains(std::string(row.name))) << row.name;
  }
}

// The part from low to high, from whichever tail cancels less.
Tail truncated(const Tail& tail, Long low, Long high) {
  const auto between = [=](Long a, Long b) {
    return tail(a, true) < 0.5L ? tail(a, true) - tail(b, true) : tail(b, false) - tail(a, false);
  };
  return within(low, high, [=](Long x, bool upper) {
    return (upper ? between(x, high) : between(low, x)) / between(low, high);
  });
}

struct Kept {
  std::string input;
  double low, high;
};

TEST(LowerDistribution, has_the_stated_error_when_truncated) {
  constexpr double kInf = std::numeric_limits<double>::infinity();
  const std::vector<Kept> all = {
      {"x~normal(0,1)", -2, 2},        {"x~normal(0,1)", 6, kInf},
      {"x~normal(0,1)", -kInf, -30},   {"x~normal(0,1)", 0.5, 0.5001},
      {"x~normal(0,1)", -3, 0.25},     {"x~uniform(-1,3)", 0, 1},
      {"x~lognormal(0.5,0.25)", 1, 2}, {"x~lognormal(0.5,0.25)", -kInf, 1},
      {"x~exponential(3)", 30, kInf},  {"x~exponential(3)", 0, 1e-3},
      {"x~triangular(1,2,5)", 1.5, 4}, {"x~trapezoidal(0,1,3,7)", 6.5, 8},
      {"x~ctrap(0,10,2)", -1.5, 3},    {"x~arcsine(0,2)", 0.01, 1.5},
      {"x~cauchy(1,2)", 100, kInf},    {"x~weibull(1.5,2)", 5, 9},
      {"x~gumbel(1,2)", -kInf, -1},    {"x~logistic(1,2)", 20, 25},
      {"x~pareto(2.5,3)", 4, 1000},    {"x~gamma(2.5,3)", 1, 4},
      {"x~beta(2,5)", 0.125, 0.75},    {"x~chi_squared(3)", 4, kInf},
      {"x~t(4,1,2)", -kInf, -3},       {"x~t(4,1,2)", -3, 5},
  };
  std::set<std::string> seen;
  for (const Kept& kept : all) {
    const auto whole =
        std::ranges::find_if(cases(), [&](const Case& c) { return kept.input == c.input; });
    ASSERT_NE(whole, cases().end()) << kept.input;
    const auto end = [](double x) {
      return std::isinf(x) ? std::string(x < 0 ? "-inf" : "inf") : std::to_string(x);
    };
    const std::string input = kept.input + "[" + end(kept.low) + ".." + end(kept.high) + "]";
    const Distribution& row = *find_distribution(name_of(kept.input));
    // What is cut off has the rounding errors of its own probability.
    const double error =
        largest_error(lowered({input}), truncated(whole->tail, kept.low, kept.high), 16);
    std::printf("%-44s %.1e\n", input.c_str(), error);
    EXPECT_LE(error, std::max(row.error, 1e-13)) << input;
    seen.insert(std::string(row.name));
  }
  for (const Distribution& row : distributions()) {
    EXPECT_TRUE(row.is_discrete || seen.contains(std::string(row.name))) << row.name;
  }
}

TEST(LowerDistribution, keeps_truncated_samples_between_the_ends) {
  const Program p = lowered({"x~normal(0,1)[6..6.5]"});
  for (const double u : math::uniforms_of_all_sizes(1000)) {
    const double x = evaluate(p, std::vector{u})[0];
    EXPECT_GE(x, 6);
    EXPECT_LE(x, 6.5);
  }
}

TEST(LowerDistribution, draws_discrete_values) {
  const auto draw = [](const char* input, double u) {
    return evaluate(lowered({input}), std::vector{u})[0];
  };
  EXPECT_EQ(draw("x~bernoulli(0.3)", 0.2999), 1);
  EXPECT_EQ(draw("x~bernoulli(0.3)", 0.3001), 0);
  EXPECT_EQ(draw("x~bernoulli(0)", 0x1p-53), 0);
  EXPECT_EQ(draw("x~bernoulli(1)", 1 - 0x1p-53), 1);
  // P(X = 0) = e^-2 = 0.1353, P(X <= 1) = 3 e^-2 = 0.4060.
  EXPECT_EQ(draw("x~poisson(2)", 0.1353), 0);
  EXPECT_EQ(draw("x~poisson(2)", 0.1354), 1);
  EXPECT_EQ(draw("x~poisson(2)", 0.4061), 2);
  // P(X = 0) = 1/8, P(X <= 1) = 1/2.
  EXPECT_EQ(draw("x~binomial(3,0.5)", 0.1249), 0);
  EXPECT_EQ(draw("x~binomial(3,0.5)", 0.1251), 1);
  EXPECT_EQ(draw("x~binomial(3,0.5)", 0.5001), 2);
  EXPECT_EQ(draw("x~discrete(10,1, 20,1, -5,2)", 0.2), 10);
  EXPECT_EQ(draw("x~discrete(10,1, 20,1, -5,2)", 0.3), 20);
  EXPECT_EQ(draw("x~discrete(10,1, 20,1, -5,2)", 0.6), -5);
}

// Means by the midpoint rule with 2^16 points, from textbooks (N. L. Johnson, S. Kotz and N.
// Balakrishnan, Continuous Univariate Distributions; Univariate Discrete Distributions).
TEST(LowerDistribution, has_the_textbooks_means_and_variances) {
  struct Moments {
    const char* input;
    double mean, variance;
  };
  for (const Moments& m : {Moments{"x~gamma(2.5,3)", 7.5, 22.5},
                           {"x~beta(2,5)", 2.0 / 7, 10.0 / (49 * 8)},
                           {"x~chi_squared(3)", 3, 6},
                           {"x~triangular(1,2,5)", 8.0 / 3, (1 + 4 + 25 - 2 - 5 - 10) / 18.0},
                           {"x~ctrap(0,10,2)", 5, 100.0 / 12 + 4.0 / 9},
                           {"x~arcsine(0,2)", 1, 0.5},
                           {"x~gumbel(1,2)", 1 + 2 * 0.5772156649015329, 4 * 1.6449340668482264},
                           {"x~poisson(3.5)", 3.5, 3.5},
                           {"x~binomial(10,0.3)", 3, 2.1},
                           {"x~normal(0,1)[0..inf]", 0.7978845608028654, 1 - 0.6366197723675814}}) {
    const Program p = lowered({m.input});
    const int n = 1 << 16;
    double sum = 0, squares = 0;
    for (int i = 0; i < n; ++i) {
      const double x = evaluate(p, std::vector{(i + 0.5) / n})[0] - m.mean;
      sum += x;
      squares += x * x;
    }
    EXPECT_NEAR(sum / n, 0, 2e-4 * std::sqrt(m.variance)) << m.input;
    EXPECT_NEAR(squares / n / m.variance, 1, 2e-3) << m.input;
  }
}

TEST(LowerDistribution, is_nan_where_a_parameter_that_varies_leaves_its_domain) {
  const std::vector<std::string> inputs = {
      "x~lognormal(0,s)", "x~exponential(s)", "x~triangular(0,s,1)", "x~trapezoidal(0,s,1,2)",
      "x~ctrap(0,1,s)",   "x~arcsine(0,s)",   "x~cauchy(0,s)",       "x~weibull(s,1)",
      "x~gumbel(0,s)",    "x~logistic(0,s)",  "x~pareto(1,s)",       "x~gamma(2,s)",
      "x~t(3,0,s)",       "x~bernoulli(s)",   "x~uniform(0,s)",      "x~normal(0,s)"};
  for (const std::string& input : inputs) {
    const Program p = lowered({"s~uniform(-1,1)", input});
    EXPECT_TRUE(std::isnan(evaluate(p, std::vector{0.25, 0.75})[0])) << input;      // s = -0.5
    EXPECT_TRUE(std::isfinite(evaluate(p, std::vector{0.625, 0.75})[0])) << input;  // s = 0.25
  }
}

TEST(LowerDistribution, shares_tables) {
  const Program p =
      lower(parse_definition({"x+y+z", "x~gamma(2,1)", "y~gamma(2,5)", "z~gamma(3,1)"}));
  EXPECT_EQ(p.tables.size(), 2u);
}

TEST(LowerDistribution, has_the_oracles_bits_in_blocks_on_every_target) {
  for (const Case& c : cases()) {
    std::vector<std::string> inputs = {c.input};
    for (int variant = 0; variant < 2; ++variant) {
      if (variant == 1) inputs = {c.input, "y~normal(0,1)", "corr(x,y)=0.5"};
      const Program program = lowered(inputs);
      AlignedDoubles uniforms(kBlock * program.dimensions);
      fill_with_uniforms(uniforms, kBlock * program.dimensions, 7);
      const auto expected = oracle_values(program, uniforms, kBlock);
      const BlockProgram block(program);
      for (const std::string& target : math::supported_simd_targets()) {
        math::select_simd_target(target);
        EXPECT_EQ(first_difference(block, uniforms, kBlock, expected), kBlock)
            << c.input << ", " << target;
      }
      math::select_simd_target("auto");
    }
  }
}

struct Refusal {
  const char* input;
  std::string message;
};

TEST(LowerDistribution, refuses_what_is_no_distribution) {
  for (const Refusal& r : std::vector<Refusal>{
           {"x~exponential(0)", "the mean of x is 0 (it must be positive)"},
           {"x~triangular(0,2,1)", "triangular(low, mode, high) of x has mode > high"},
           {"x~triangular(1,1,1)", "triangular(low, mode, high) of x has low >= high"},
           {"x~trapezoidal(0,3,2,5)", "trapezoidal(low, a, b, high) of x has a > b"},
           {"x~ctrap(0,1,0.5)", "ctrap(a, b, d) of x has a+d >= b-d"},
           {"x~weibull(-1,1)", "the shape of x is -1 (it must be positive)"},
           {"x~gamma(0.001,1)", "the shape of x is 0.001 (it must be from 0.005 to 1e7)"},
           {"x~beta(1,0)", "the b of x is 0 (it must be from 0.02 to 1e7)"},
           {"x~t(0.1,0,1)", "the dof of x is 0.1 (it must be from 0.2 to 1e7)"},
           {"x~bernoulli(1.5)", "the p of x is 1.5 (it must be from 0 to 1)"},
           {"x~poisson(-1)", "the mean of x is -1 (it must be from 0 to 5e8)"},
           {"x~binomial(2.5,0.5)", "the n of x is 2.5 (a number of trials is whole)"},
           {"x~binomial(1e15,0.5)", "the variance n*p*(1-p) of x is above 5e8"},
           {"x~discrete(1,-1)", "a weight of x is -1 (a weight is not negative)"},
           {"x~discrete(1,0, 2,0)", "the weights of x add up to 0"},
           {"x~gumbel(0,1/0)", "a parameter of x is inf"},
           {"x~normal(0,1)[2..1]", "the truncation of x goes from 2 to 1 (nothing lies between)"},
           {"x~normal(0,1)[50..inf]", "nothing of the distribution of x lies from 50 to inf"},
           {"x~gamma(2,1)[-3..-1]", "nothing of the distribution of x lies from -3 to -1"},
           {"x~poisson(3)[1..2]", "the distribution of x is discrete"}}) {
    try {
      lowered({r.input});
      ADD_FAILURE() << r.input << " was accepted";
    } catch (const FormulaError& error) {
      EXPECT_TRUE(error.message().starts_with(r.message)) << error.message();
      EXPECT_NE(error.message().find("); "), std::string::npos) << error.message();
    }
  }
}

TEST(LowerDistribution, refuses_tables_that_would_vary) {
  for (const Refusal& r : std::vector<Refusal>{
           {"x~gamma(s,1)", "the shape of x depends on other inputs"},
           {"x~poisson(s)", "the mean of x depends on other inputs"},
           {"x~discrete(1,s)", "the weight of x depends on other inputs"},
           {"x~normal(s,1)[0..1]", "the truncated distribution of x depends on other inputs"}}) {
    try {
      lowered({"s~uniform(1,2)", r.input});
      ADD_FAILURE() << r.input << " was accepted";
    } catch (const FormulaError& error) {
      EXPECT_TRUE(error.message().starts_with(r.message)) << error.message();
    }
  }
}

// Each of these tables has 7 MB.
TEST(Distribution, has_no_tables_beyond_a_limit) {
  std::vector<std::string> inputs;
  for (int i = 0; i < 40; ++i) {
    inputs.push_back("x" + std::to_string(i) + "~poisson(" + std::to_string(500000000 - i) + ")");
  }
  std::string text = "no error";
  try {
    lower(parse_definition([&] {
      std::vector<std::string> arguments = {"x0"};
      arguments.insert(arguments.end(), inputs.begin(), inputs.end());
      return arguments;
    }()));
  } catch (const FormulaError& error) {
    text = error.what();
  }
  EXPECT_NE(text.find("tables of over 268435456 bytes (the limit); use fewer different ones"),
            std::string::npos)
      << text;
}

}  // namespace
}  // namespace oche::formula

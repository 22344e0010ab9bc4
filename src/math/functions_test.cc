// The elementary functions: accuracy against MPFR, special values against C99 Annex F.
// functions_target_test.cc shows that every SIMD target has the scalar form's bits.
#include "math/functions.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <cstdint>
#include <functional>
#include <limits>
#include <random>
#include <vector>

#include "math/function_list.h"
#include "math/mpfr_reference.h"

namespace oche::math {
namespace {

constexpr double kInf = std::numeric_limits<double>::infinity();
constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr double kMax = std::numeric_limits<double>::max();
constexpr double kTiny = std::numeric_limits<double>::denorm_min();
constexpr int kPerRange = 25000;

std::mt19937_64 generator(20240607);

double between(double low, double high) {
  return low + (high - low) * (static_cast<double>(generator() >> 11) * 0x1p-53);
}
double log_between(double low, double high) {
  return std::exp(between(std::log(low), std::log(high)));
}
double any_bits() { return std::bit_cast<double>(generator()); }
double subnormal() { return std::bit_cast<double>(generator() >> 12); }

using Draw = std::function<double()>;
using Unary = double (*)(double) noexcept;
using MpfrUnary = int (*)(mpfr_ptr, mpfr_srcptr, mpfr_rnd_t);

// The largest error over kPerRange arguments from each range.
double largest_error(Unary f, MpfrUnary exact, const std::vector<Draw>& ranges) {
  double largest = 0;
  Exact x, truth;
  for (const Draw& draw : ranges) {
    for (int i = 0; i < kPerRange; ++i) {
      const double argument = draw();
      mpfr_set_d(x.get(), argument, MPFR_RNDN);
      exact(truth.get(), x.get(), MPFR_RNDN);
      largest = std::max(largest, ulp_error(f(argument), truth));
    }
  }
  return largest;
}

double largest_pow_error(const std::vector<std::function<std::pair<double, double>()>>& ranges) {
  double largest = 0;
  Exact x, y, truth;
  for (const auto& draw : ranges) {
    for (int i = 0; i < kPerRange; ++i) {
      const auto [base, exponent] = draw();
      mpfr_set_d(x.get(), base, MPFR_RNDN);
      mpfr_set_d(y.get(), exponent, MPFR_RNDN);
      mpfr_pow(truth.get(), x.get(), y.get(), MPFR_RNDN);
      largest = std::max(largest, ulp_error(pow(base, exponent), truth));
    }
  }
  return largest;
}

// The bounds are those that functions.h states.
TEST(Functions, exp_is_as_accurate_as_stated) {
  const std::vector<Draw> ranges = {[] { return between(-746, 710); },
                                    [] { return between(-1, 1); },
                                    [] { return between(-746, -708); },
                                    [] { return between(709.78271, 709.7827128933840); }, any_bits};
  EXPECT_LT(largest_error(&exp, mpfr_exp, ranges), 0.9);
}

TEST(Functions, log_is_as_accurate_as_stated) {
  const std::vector<Draw> ranges = {[] { return between(0, 1); }, [] { return between(0.5, 2); },
                                    [] { return between(0.999, 1.001); }, subnormal, any_bits};
  EXPECT_LT(largest_error(&log, mpfr_log, ranges), 0.9);
}

const std::vector<Draw>& angles() {
  static const std::vector<Draw> ranges = {
      [] { return between(-10, 10); }, [] { return between(-1e6, 1e6); },
      [] { return between(-1e15, 1e15); },
      // Next to multiples of pi/2, where the reduction of the argument cancels most.
      [] {
        return std::nextafter(1.5707963267948966 * static_cast<double>(generator() % 1000000),
                              generator() % 2 == 0 ? kInf : -kInf);
      },
      subnormal, any_bits};
  return ranges;
}

TEST(Functions, sin_is_as_accurate_as_stated) {
  EXPECT_LT(largest_error(&sin, mpfr_sin, angles()), 0.9);
}

TEST(Functions, cos_is_as_accurate_as_stated) {
  EXPECT_LT(largest_error(&cos, mpfr_cos, angles()), 0.9);
}

TEST(Functions, tan_is_as_accurate_as_stated) {
  EXPECT_LT(largest_error(&tan, mpfr_tan, angles()), 0.9);
}

TEST(Functions, pow_is_as_accurate_as_stated) {
  using P = std::pair<double, double>;
  EXPECT_LT(largest_pow_error({
                [] { return P{between(0, 10), between(-10, 10)}; },
                [] { return P{log_between(1e-300, 1e300), between(-3, 3)}; },
                [] { return P{between(-100, 100), std::floor(between(-200, 200))}; },
                [] { return P{1 + between(-1e-6, 1e-6), between(-7e8, 7e8)}; },
                [] { return P{subnormal(), between(-1, 1.1)}; },
                [] { return P{any_bits(), any_bits()}; },
            }),
            0.9);
}

TEST(Functions, pow_next_to_overflow_is_as_accurate_as_stated) {
  const auto draw = [] {
    const double x = log_between(1.5, 1e300);
    return std::pair{x, between(709.78271, 709.78271289) / std::log(x)};
  };
  EXPECT_LT(largest_pow_error({draw}), kLargestErrorOfPow);
}

TEST(Functions, normal_quantile_is_as_accurate_as_stated) {
  const std::vector<Draw> ranges = {
      [] { return (static_cast<double>(generator() >> 12) + 0.5) * 0x1p-52; },
      [] { return log_between(1e-16, 0.5); }, [] { return log_between(1e-308, 1e-10); },
      [] { return 0.5 + log_between(1e-16, 1e-3); }};
  double largest = 0;
  for (const Draw& draw : ranges) {
    for (int i = 0; i < kPerRange; ++i) {
      const double u = draw();
      largest = std::max(largest, normal_quantile_ulp_error(normal_quantile(u), u));
    }
  }
  EXPECT_LT(largest, kLargestErrorOfNormalQuantile);
}

// One special value: f(x) must be `expected`, sign of zero included.
struct Special {
  double x;
  double expected;
};

void expect_same(double got, double expected, double x, double y = 0) {
  if (std::isnan(expected)) {
    EXPECT_TRUE(std::isnan(got)) << x << ' ' << y << " gave " << got;
  } else {
    EXPECT_EQ(std::bit_cast<std::uint64_t>(got), std::bit_cast<std::uint64_t>(expected))
        << x << ' ' << y << " gave " << got << " instead of " << expected;
  }
}

void expect_specials(Unary f, const std::vector<Special>& specials) {
  for (const Special& s : specials) expect_same(f(s.x), s.expected, s.x);
}

TEST(Functions, exp_has_the_special_values_of_c99) {
  expect_specials(&exp, {{0.0, 1.0},
                         {-0.0, 1.0},
                         {kTiny, 1.0},
                         {kInf, kInf},
                         {-kInf, 0.0},
                         {1e300, kInf},
                         {-1e300, 0.0},
                         {std::nextafter(0x1.62e42fefa39efp+9, kInf), kInf},
                         {-745.2, 0.0},
                         {-745.0, kTiny},
                         {kNaN, kNaN}});
  EXPECT_LT(exp(0x1.62e42fefa39efp+9), kInf);
}

TEST(Functions, log_has_the_special_values_of_c99) {
  expect_specials(&log, {{0.0, -kInf},
                         {-0.0, -kInf},
                         {1.0, 0.0},
                         {kInf, kInf},
                         {-kInf, kNaN},
                         {-1.0, kNaN},
                         {-kTiny, kNaN},
                         {kNaN, kNaN}});
}

TEST(Functions, sin_cos_and_tan_have_the_special_values_of_c99) {
  expect_specials(&sin, {{0.0, 0.0},
                         {-0.0, -0.0},
                         {kTiny, kTiny},
                         {-kTiny, -kTiny},
                         {kInf, kNaN},
                         {-kInf, kNaN},
                         {kNaN, kNaN}});
  expect_specials(
      &cos, {{0.0, 1.0}, {-0.0, 1.0}, {kTiny, 1.0}, {kInf, kNaN}, {-kInf, kNaN}, {kNaN, kNaN}});
  expect_specials(&tan, {{0.0, 0.0},
                         {-0.0, -0.0},
                         {kTiny, kTiny},
                         {-kTiny, -kTiny},
                         {kInf, kNaN},
                         {-kInf, kNaN},
                         {kNaN, kNaN}});
}

TEST(Functions, sqrt_has_the_special_values_of_c99) {
  expect_specials(&sqrt, {{0.0, 0.0},
                          {-0.0, -0.0},
                          {4.0, 2.0},
                          {kInf, kInf},
                          {-1.0, kNaN},
                          {-kInf, kNaN},
                          {kNaN, kNaN}});
}

TEST(Functions, normal_quantile_has_its_special_values) {
  expect_specials(&normal_quantile, {{0.5, 0.0},
                                     {0.0, -kInf},
                                     {-0.0, -kInf},
                                     {1.0, kInf},
                                     {-0.1, kNaN},
                                     {1.1, kNaN},
                                     {-kInf, kNaN},
                                     {kInf, kNaN},
                                     {kNaN, kNaN}});
}

TEST(Functions, normal_quantile_is_odd_about_one_half_to_the_last_bit) {
  for (int i = 0; i < kPerRange; ++i) {
    const double u = (static_cast<double>(generator() >> 12) + 0.5) * 0x1p-52;
    EXPECT_EQ(normal_quantile(1 - u), -normal_quantile(u)) << u;
  }
}

// C99 F.9.4.4, every clause.
TEST(Functions, pow_has_the_special_values_of_c99) {
  struct Case {
    double x, y, expected;
  };
  std::vector<Case> cases = {{kMax, 1.0, kMax}, {-kMax, 1.0, -kMax}};
  for (const double odd : {1.0, 3.0, 9007199254740991.0}) {
    cases.insert(cases.end(), {{0.0, -odd, kInf},
                               {-0.0, -odd, -kInf},
                               {0.0, odd, 0.0},
                               {-0.0, odd, -0.0},
                               {-kInf, -odd, -0.0},
                               {-kInf, odd, -kInf}});
  }
  for (const double not_odd : {2.0, 0.5, 2.5, 9007199254740992.0, 1e300, kInf}) {
    cases.insert(cases.end(), {{0.0, -not_odd, kInf},
                               {-0.0, -not_odd, kInf},
                               {0.0, not_odd, 0.0},
                               {-0.0, not_odd, 0.0},
                               {-kInf, -not_odd, 0.0},
                               {-kInf, not_odd, kInf}});
  }
  for (const double y : {0.0, -0.0, 1.0, -7.5, 1e300, kInf, -kInf, kNaN}) {
    cases.push_back({1.0, y, 1.0});
    cases.push_back({y, 0.0, 1.0});
    cases.push_back({y, -0.0, 1.0});
  }
  for (const double small : {0.5, -0.5, kTiny, -0.9999999999999999}) {
    cases.insert(cases.end(), {{small, -kInf, kInf}, {small, kInf, 0.0}});
  }
  for (const double large : {2.0, -2.0, kMax, -1.0000000000000002}) {
    cases.insert(cases.end(), {{large, -kInf, 0.0}, {large, kInf, kInf}});
  }
  for (const double y : {kTiny, 0.5, 1.0, 2.0, 1e300, kInf}) {
    cases.insert(cases.end(), {{kInf, -y, 0.0}, {kInf, y, kInf}});
  }
  for (const double y : {0.5, -0.5, 1.5, -2.000000000000001}) cases.push_back({-2.0, y, kNaN});
  for (const double y : {1.0, -2.5, kInf, -kInf, kNaN}) cases.push_back({kNaN, y, kNaN});
  for (const double x : {0.0, 2.0, -3.0, kInf, -kInf}) cases.push_back({x, kNaN, kNaN});
  cases.insert(cases.end(), {{-1.0, kInf, 1.0},
                             {-1.0, -kInf, 1.0},
                             {-2.0, 3.0, -8.0},
                             {-2.0, -2.0, 0.25},
                             {-2.0, 1e300, kInf},
                             {10.0, 400.0, kInf},
                             {-10.0, 401.0, -kInf},
                             {10.0, -400.0, 0.0},
                             {-10.0, -401.0, -0.0}});
  for (const Case& c : cases) expect_same(pow(c.x, c.y), c.expected, c.x, c.y);
}

TEST(Functions, minimum_and_maximum_pass_nan_on_and_order_the_zeros) {
  for (const double x : {0.0, -0.0, 1.0, -2.0, kInf, -kInf, kNaN}) {
    expect_same(minimum(x, kNaN), kNaN, x);
    expect_same(minimum(kNaN, x), kNaN, x);
    expect_same(maximum(x, kNaN), kNaN, x);
    expect_same(maximum(kNaN, x), kNaN, x);
  }
  expect_same(minimum(0.0, -0.0), -0.0, 0);
  expect_same(minimum(-0.0, 0.0), -0.0, 0);
  expect_same(maximum(0.0, -0.0), 0.0, 0);
  expect_same(maximum(-0.0, 0.0), 0.0, 0);
  expect_same(minimum(-kInf, 3.0), -kInf, 0);
  expect_same(maximum(-2.0, 3.0), 3.0, 0);
}

}  // namespace
}  // namespace oche::math

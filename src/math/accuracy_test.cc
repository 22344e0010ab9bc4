// Every function of function_list.h against MPFR: its largest error over a hundred thousand
// arguments, or as many as OCHE_ARGUMENTS says, and its special values.
#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <limits>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "math/function_list.h"
#include "math/functions.h"
#include "math/mpfr_reference.h"

namespace oche::math {
namespace {

using Unary = double (*)(double) noexcept;
using Binary = double (*)(double, double) noexcept;
using MpfrUnary = int (*)(mpfr_ptr, mpfr_srcptr, mpfr_rnd_t);
using MpfrBinary = int (*)(mpfr_ptr, mpfr_srcptr, mpfr_srcptr, mpfr_rnd_t);

// Arguments from low to high, evenly, or in their logarithm for both signs.
struct Range {
  enum Kind { even, logarithmic, either_sign, any_bits } kind;
  double low = 0;
  double high = 0;
};

struct UnaryCase {
  MpfrUnary exact;
  std::vector<Range> ranges;
};

int exact_lgamma(mpfr_ptr result, mpfr_srcptr x, mpfr_rnd_t rounding) {
  int sign = 0;
  return mpfr_lgamma(result, &sign, x, rounding);
}

int exact_normal_cdf(mpfr_ptr result, mpfr_srcptr x, mpfr_rnd_t rounding) {
  Exact half(0.5);
  mpfr_sqrt(half.get(), half.get(), rounding);
  mpfr_mul(half.get(), half.get(), x, rounding);
  mpfr_neg(half.get(), half.get(), rounding);
  mpfr_erfc(result, half.get(), rounding);
  return mpfr_div_ui(result, result, 2, rounding);
}

int exact_sign(mpfr_ptr result, mpfr_srcptr x, mpfr_rnd_t rounding) {
  if (mpfr_nan_p(x) != 0 || mpfr_zero_p(x) != 0) return mpfr_set(result, x, rounding);
  return mpfr_set_si(result, mpfr_sgn(x), rounding);
}

int exact_floor(mpfr_ptr result, mpfr_srcptr x, mpfr_rnd_t) { return mpfr_floor(result, x); }
int exact_ceil(mpfr_ptr result, mpfr_srcptr x, mpfr_rnd_t) { return mpfr_ceil(result, x); }
int exact_round(mpfr_ptr result, mpfr_srcptr x, mpfr_rnd_t) { return mpfr_round(result, x); }

// With the sign of b: C's remainder, and b more where the signs differ.
int exact_mod(mpfr_ptr result, mpfr_srcptr a, mpfr_srcptr b, mpfr_rnd_t rounding) {
  mpfr_fmod(result, a, b, rounding);
  if (mpfr_nan_p(result) != 0 || mpfr_inf_p(b) != 0) {
    if (mpfr_inf_p(b) == 0 || mpfr_nan_p(result) != 0) return 0;
  }
  if (mpfr_zero_p(result) != 0) return mpfr_setsign(result, result, mpfr_signbit(b), rounding);
  if ((mpfr_signbit(result) != 0) == (mpfr_signbit(b) != 0)) return 0;
  return mpfr_add(result, result, b, rounding);
}

const std::map<std::string, UnaryCase>& unary_cases() {
  constexpr Range kOne{Range::even, -1, 1};
  constexpr Range kTen{Range::even, -10, 10};
  constexpr Range kLarge{Range::either_sign, 1, 1.79e308};
  constexpr Range kPositive{Range::logarithmic, 1e-308, 1.79e308};
  constexpr Range kNearOne{Range::even, 0.9, 1.1};
  constexpr Range kAngles{Range::even, -1e6, 1e6};
  constexpr Range kEdge{Range::even, 0.999, 1};
  constexpr Range kHalves{Range::even, -1e6, 1e6};
  static const std::map<std::string, UnaryCase> cases = {
      {"sqrt", {mpfr_sqrt, {kPositive, kTen}}},
      {"cbrt", {mpfr_cbrt, {kLarge, kTen}}},
      {"exp", {mpfr_exp, {kOne, {Range::even, -746, 710}, {Range::even, 709.7827, 709.78272}}}},
      {"exp2", {mpfr_exp2, {kOne, {Range::even, -1080, 1025}, {Range::even, -1076, -1020}}}},
      {"exp10", {mpfr_exp10, {kOne, {Range::even, -330, 309}, {Range::even, 308, 308.26}}}},
      {"expm1", {mpfr_expm1, {kOne, {Range::even, -60, 710}, {Range::even, 709.78, 709.783}}}},
      {"log", {mpfr_log, {kPositive, kNearOne, kTen}}},
      {"log2", {mpfr_log2, {kPositive, kNearOne, kTen}}},
      {"log10", {mpfr_log10, {kPositive, kNearOne, kTen}}},
      {"log1p", {mpfr_log1p, {kOne, kPositive, {Range::even, -1, -0.9}}}},
      {"sin", {mpfr_sin, {kTen, kAngles, kLarge}}},
      {"cos", {mpfr_cos, {kTen, kAngles, kLarge}}},
      {"tan", {mpfr_tan, {kTen, kAngles, kLarge}}},
      {"asin", {mpfr_asin, {kOne, kEdge}}},
      {"acos", {mpfr_acos, {kOne, kEdge}}},
      {"atan", {mpfr_atan, {kOne, kTen, kLarge}}},
      {"sinh", {mpfr_sinh, {kOne, {Range::even, -711, 711}, {Range::even, 708.9, 710.5}}}},
      {"cosh", {mpfr_cosh, {kOne, {Range::even, -711, 711}, {Range::even, 708.9, 710.5}}}},
      {"tanh", {mpfr_tanh, {kOne, {Range::even, -30, 30}}}},
      {"asinh", {mpfr_asinh, {kOne, kTen, kLarge}}},
      {"acosh", {mpfr_acosh, {{Range::even, 1, 1.1}, {Range::even, 1, 10}, kPositive}}},
      {"atanh", {mpfr_atanh, {kOne, kEdge}}},
      {"erf", {mpfr_erf, {kOne, {Range::even, -6, 6}}}},
      {"erfc", {mpfr_erfc, {kOne, {Range::even, -6, 28}, {Range::even, 26, 27.3}}}},
      {"gamma",
       {mpfr_gamma,
        {{Range::even, 0, 20}, {Range::even, -190, 172}, {Range::even, 171, 171.63}, kHalves}}},
      {"lgamma", {exact_lgamma, {{Range::even, 0, 20}, {Range::even, -200, 200}, kPositive}}},
      {"normal_cdf",
       {exact_normal_cdf, {kOne, {Range::even, -39, 9}, {Range::even, -38.6, -37}, kTen}}},
      {"floor", {exact_floor, {kTen, kHalves, kLarge}}},
      {"ceil", {exact_ceil, {kTen, kHalves, kLarge}}},
      {"round", {exact_round, {kTen, kHalves, kLarge}}},
      {"sign", {exact_sign, {kTen, kLarge}}},
  };
  return cases;
}

class Arguments {
 public:
  double draw(const Range& range) {
    const double u = static_cast<double>(generator_() >> 11) * 0x1p-53;
    const double even = range.low + (range.high - range.low) * u;
    switch (range.kind) {
      case Range::even:
        // Every eighth a whole number or a half.
        return generator_() % 8 == 0 ? std::floor(2 * even) / 2 : even;
      case Range::either_sign:
      case Range::logarithmic: {
        const double x =
            std::exp(std::log(range.low) + (std::log(range.high) - std::log(range.low)) * u);
        return range.kind == Range::either_sign && generator_() % 2 == 0 ? -x : x;
      }
      case Range::any_bits:
        break;
    }
    return std::bit_cast<double>(generator_());
  }

 private:
  std::mt19937_64 generator_{20261124};
};

std::size_t arguments_wanted() {
  const char* const wanted = std::getenv("OCHE_ARGUMENTS");
  return wanted == nullptr ? 100'000 : std::strtoull(wanted, nullptr, 10);
}

constexpr Range kTiny{Range::either_sign, 5e-324, 1e-3};
constexpr Range kAnyBits{Range::any_bits};

const std::vector<double>& special_arguments() {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  constexpr double kMax = std::numeric_limits<double>::max();
  static const std::vector<double> values = {
      0.0,       -0.0,       5e-324,
      -5e-324,   0.5,        -0.5,
      1.0,       -1.0,       1.5,
      -1.5,      2.0,        -2.0,
      2.5,       -2.5,       3.0,
      -3.0,      170.0,      -170.5,
      1e22,      -1e22,      0x1p52,
      -0x1p53,   kMax,       -kMax,
      kInfinity, -kInfinity, std::numeric_limits<double>::quiet_NaN()};
  return values;
}

// Where functions.h states the error of lgamma and gamma as an absolute one, in its unit.
double error_of(const std::string& name, double x, double result, Exact& truth) {
  const double error = ulp_error(result, truth);
  if (name == "gamma" && x < -170) return error / 300;
  if (name != "lgamma" || !(x < 0) || !(error > 1)) return error;
  mpfr_sub_d(truth.get(), truth.get(), result, MPFR_RNDN);
  return std::fabs(mpfr_get_d(truth.get(), MPFR_RNDN)) * 0x1p52;
}

void check_unary(const std::string& name, Unary f, double bound) {
  const UnaryCase& c = unary_cases().at(name);
  std::vector<Range> ranges = c.ranges;
  ranges.insert(ranges.end(), {kTiny, kAnyBits});
  Arguments arguments;
  Exact exact_argument, truth;
  double largest = 0;
  double worst = 0;
  const auto look_at = [&](double x) {
    mpfr_set_d(exact_argument.get(), x, MPFR_RNDN);
    c.exact(truth.get(), exact_argument.get(), MPFR_RNDN);
    const double error = error_of(name, x, f(x), truth);
    if (error > largest) {
      largest = error;
      worst = x;
    }
  };
  for (const double x : special_arguments()) look_at(x);
  const std::size_t each = arguments_wanted() / ranges.size() + 1;
  for (const Range& range : ranges) {
    for (std::size_t i = 0; i < each; ++i) look_at(arguments.draw(range));
  }
  std::printf("%-12s %.3f ULP at %.17g\n", name.c_str(), largest, worst);
  EXPECT_LE(largest, bound) << name << " at " << worst << " gave " << f(worst);
}

void check_binary(const std::string& name, Binary f, MpfrBinary exact, double bound) {
  const Range ranges[] = {{Range::even, -1, 1},
                          {Range::even, -100, 100},
                          {Range::either_sign, 1, 1e9},
                          {Range::either_sign, 1e-300, 1e300},
                          {Range::either_sign, 5e-324, 1e-300},
                          kAnyBits};
  Arguments arguments;
  Exact a, b, truth;
  double largest = 0;
  std::pair<double, double> worst;
  const auto look_at = [&](double x, double y) {
    mpfr_set_d(a.get(), x, MPFR_RNDN);
    mpfr_set_d(b.get(), y, MPFR_RNDN);
    exact(truth.get(), a.get(), b.get(), MPFR_RNDN);
    const double error = ulp_error(f(x, y), truth);
    if (error > largest) {
      largest = error;
      worst = {x, y};
    }
  };
  for (const double x : special_arguments()) {
    for (const double y : special_arguments()) look_at(x, y);
  }
  const std::size_t each = arguments_wanted() / std::size(ranges) + 1;
  for (const Range& range : ranges) {
    for (std::size_t i = 0; i < each; ++i) {
      const double x = arguments.draw(range);
      look_at(x, arguments.draw(range));
    }
  }
  std::printf("%-12s %.3f ULP at %.17g, %.17g\n", name.c_str(), largest, worst.first, worst.second);
  EXPECT_LE(largest, bound) << name << " at " << worst.first << ", " << worst.second << " gave "
                            << f(worst.first, worst.second);
}

TEST(Accuracy, of_functions_of_one_argument_is_as_stated){
#define OCHE_ROW(name, Name, cost, bound) check_unary(#name, math::name, bound);
    OCHE_MATH_UNARY(OCHE_ROW)
#undef OCHE_ROW
}

TEST(Accuracy, of_functions_of_two_arguments_is_as_stated) {
  check_binary("atan2", math::atan2, mpfr_atan2, 0.9);
  check_binary("hypot", math::hypot, mpfr_hypot, 1.0);
  // Rounded once, where b is added.
  check_binary("mod", math::mod, exact_mod, 0.5);
}

}  // namespace
}  // namespace oche::math

// Every function of function_list.h, pow and normal_quantile against MPFR: its largest error over a
// hundred thousand arguments, or as many as OCHE_ARGUMENTS says, over the known hard ones, and its
// special values. Where OCHE_ACCURACY_FOLDER names a folder, each leaves a line of what was found
// in a file there, of which tests/accuracy/accuracy_table.py makes the table of
// docs/methods/functions.md.
#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iomanip>
#include <iterator>
#include <limits>
#include <map>
#include <random>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "math/accuracy_reference_test.h"
#include "math/function_list.h"
#include "math/functions.h"

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
  MpfrUnary exact;  // null where `error` stands in for it
  std::vector<Range> ranges;
  // How far the result for an argument is off, to a twentieth; null where MPFR is fast enough.
  double (*estimate)(double x, double result) = nullptr;
  double (*error)(double x, double result) = nullptr;
};

struct BinaryCase {
  MpfrBinary exact;
  // Both arguments come from the same one.
  std::vector<Range> ranges;
};

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
      {"erfc", {mpfr_erfc, {kOne, {Range::even, -6, 28}, {Range::even, 26, 27.3}}, estimate_erfc}},
      {"gamma",
       {mpfr_gamma,
        {{Range::even, 0, 20},
         {Range::even, -190, 172},
         {Range::even, -187, -169},
         {Range::even, 171, 171.63},
         kHalves}}},
      {"lgamma",
       {exact_lgamma,
        {{Range::even, 0, 20},
         {Range::even, -200, 200},
         kPositive,
         {Range::even, 2.555e305, 2.5605e305}}}},
      {"normal_cdf",
       {exact_normal_cdf,
        {kOne, {Range::even, -39, 9}, {Range::even, -38.6, -37}, kTen},
        estimate_normal_cdf}},
      {"floor", {exact_floor, {kTen, kHalves, kLarge}}},
      {"ceil", {exact_ceil, {kTen, kHalves, kLarge}}},
      {"round", {exact_round, {kTen, kHalves, kLarge}}},
      {"sign", {exact_sign, {kTen, kLarge}}},
      {"normal_quantile",
       {nullptr,
        {{Range::even, 0, 1},
         {Range::logarithmic, 1e-16, 0.5},
         {Range::logarithmic, 1e-308, 1e-10},
         {Range::even, 0.499, 0.501}},
        estimate_normal_quantile,
        normal_quantile_error}},
      {"factorial", {exact_factorial, {{Range::even, -5, 180}, kTen}}},
  };
  return cases;
}

const std::map<std::string, BinaryCase>& binary_cases() {
  static const std::vector<Range> everywhere = {{Range::even, -1, 1},
                                                {Range::even, -100, 100},
                                                {Range::either_sign, 1, 1e9},
                                                {Range::either_sign, 1e-300, 1e300},
                                                {Range::either_sign, 5e-324, 1e-300},
                                                {Range::any_bits}};
  static const std::map<std::string, BinaryCase> cases = {
      {"atan2", {mpfr_atan2, everywhere}},
      {"hypot", {mpfr_hypot, everywhere}},
      {"mod", {exact_mod, everywhere}},
      {"pow",
       {mpfr_pow,
        {{Range::even, 0, 10},
         {Range::even, -20, 20},
         {Range::logarithmic, 0.01, 300},
         {Range::any_bits}}}},
      {"beta",
       {exact_beta,
        {{Range::even, 0, 3},
         {Range::even, 0, 90},
         {Range::even, 60, 600},
         {Range::logarithmic, 1e-3, 1e4},
         {Range::logarithmic, 1e-10, 1e300},
         {Range::any_bits}}}},
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

// The known hard arguments of a function: one or two numbers each.
std::vector<std::vector<double>> hard_arguments(const std::string& name) {
  std::ifstream file(OCHE_SOURCE_DIR "/src/math/testdata/hard_arguments.txt");
  EXPECT_TRUE(file.is_open());
  std::vector<std::vector<double>> arguments;
  for (std::string line; std::getline(file, line);) {
    std::istringstream words(line);
    std::string word;
    if (!(words >> word) || word != name) continue;
    std::vector<double>& numbers = arguments.emplace_back();
    while (words >> word) numbers.push_back(std::strtod(word.c_str(), nullptr));
  }
  return arguments;
}

// Where functions.h states the error of lgamma as an absolute one, in its unit.
double error_of(const std::string& name, double x, double result, Exact& truth) {
  const double error = ulp_error(result, truth);
  if (name != "lgamma" || !(x < 0) || !(error > 1)) return error;
  mpfr_sub_d(truth.get(), truth.get(), result, MPFR_RNDN);
  return std::fabs(mpfr_get_d(truth.get(), MPFR_RNDN)) * 0x1p52;
}

// The largest errors that a function was found to have, and where.
struct Largest {
  double error = 0;
  double x = 0;
  double y = 0;
  double of_hard_ones = -1;  // among the known hard arguments alone; none: -1
  std::size_t arguments = 0;
};

void look_at(double error, double x, double y, Largest& largest) {
  ++largest.arguments;
  if (error <= largest.error) return;
  largest.error = error;
  largest.x = x;
  largest.y = y;
}

Largest largest_error(const std::string& name, Unary f) {
  const UnaryCase& c = unary_cases().at(name);
  std::vector<Range> ranges = c.ranges;
  ranges.insert(ranges.end(), {kTiny, kAnyBits});
  Arguments arguments;
  Exact exact_argument, truth;
  Largest largest;
  const auto error_at = [&](double x) {
    if (c.error != nullptr) return c.error(x, f(x));
    mpfr_set_d(exact_argument.get(), x, MPFR_RNDN);
    c.exact(truth.get(), exact_argument.get(), MPFR_RNDN);
    return error_of(name, x, f(x), truth);
  };
  for (const double x : special_arguments()) look_at(error_at(x), x, 0, largest);
  for (const auto& numbers : hard_arguments(name)) {
    const double error = error_at(numbers.at(0));
    largest.of_hard_ones = std::max(largest.of_hard_ones, error);
    look_at(error, numbers.at(0), 0, largest);
  }
  const std::size_t each = arguments_wanted() / ranges.size() + 1;
  for (const Range& range : ranges) {
    for (std::size_t i = 0; i < each; ++i) {
      const double x = arguments.draw(range);
      // NaN is no reason to pass.
      const bool may_be_largest =
          c.estimate == nullptr || !(c.estimate(x, f(x)) + 0.05 < largest.error);
      look_at(may_be_largest ? error_at(x) : 0, x, 0, largest);
    }
  }
  return largest;
}

Largest largest_error(const std::string& name, Binary f) {
  const BinaryCase& c = binary_cases().at(name);
  Arguments arguments;
  Exact a, b, truth;
  Largest largest;
  const auto error_at = [&](double x, double y) {
    mpfr_set_d(a.get(), x, MPFR_RNDN);
    mpfr_set_d(b.get(), y, MPFR_RNDN);
    c.exact(truth.get(), a.get(), b.get(), MPFR_RNDN);
    return ulp_error(f(x, y), truth);
  };
  for (const double x : special_arguments()) {
    for (const double y : special_arguments()) look_at(error_at(x, y), x, y, largest);
  }
  for (const auto& numbers : hard_arguments(name)) {
    const double error = error_at(numbers.at(0), numbers.at(1));
    largest.of_hard_ones = std::max(largest.of_hard_ones, error);
    look_at(error, numbers.at(0), numbers.at(1), largest);
  }
  const std::size_t each = arguments_wanted() / c.ranges.size() + 1;
  for (const Range& range : c.ranges) {
    for (std::size_t i = 0; i < each; ++i) {
      const double x = arguments.draw(range);
      const double y = arguments.draw(range);
      look_at(error_at(x, y), x, y, largest);
    }
  }
  return largest;
}

struct Row {
  std::string name;
  Unary unary;
  Binary binary;
  double bound;
};

std::vector<Row> rows() {
  return {
#define OCHE_ROW(name, Name, cost, bound) {#name, math::name, nullptr, bound},
      OCHE_MATH_UNARY(OCHE_ROW)
#undef OCHE_ROW
#define OCHE_ROW(name, Name, cost, bound) {#name, nullptr, math::name, bound},
          OCHE_MATH_BINARY(OCHE_ROW)
#undef OCHE_ROW
              {"pow", nullptr, math::pow, kLargestErrorOfPow},
      {"normal_quantile", math::normal_quantile, nullptr, kLargestErrorOfNormalQuantile}};
}

// name, number of arguments, largest error and where, largest error of the known hard ones.
void report(const Row& row, const Largest& largest) {
  std::ostringstream line;
  line << row.name << '\t' << largest.arguments << '\t' << largest.error << '\t'
       << std::setprecision(17) << largest.x;
  if (row.binary != nullptr) line << ", " << largest.y;
  line << '\t' << std::setprecision(6) << largest.of_hard_ones << '\n';
  std::printf("%s", line.str().c_str());
  if (const char* const folder = std::getenv("OCHE_ACCURACY_FOLDER")) {
    std::ofstream file(folder + ("/" + row.name) + ".tsv");
    file << line.str();
    EXPECT_TRUE(file.good()) << folder;
  }
}

class Accuracy : public ::testing::TestWithParam<Row> {};

INSTANTIATE_TEST_SUITE_P(Of, Accuracy, ::testing::ValuesIn(rows()),
                         [](const auto& row) { return row.param.name; });

TEST_P(Accuracy, is_as_stated) {
  const Row& row = GetParam();
  const Largest largest = row.binary != nullptr ? largest_error(row.name, row.binary)
                                                : largest_error(row.name, row.unary);
  EXPECT_LE(largest.error, row.bound)
      << row.name << " at " << std::setprecision(17) << largest.x << ", " << largest.y;
  report(row, largest);
}

TEST(Factorial, is_correctly_rounded_for_every_argument) {
  Exact truth;
  for (unsigned n = 0; n <= 170; ++n) {
    mpfr_set_prec(truth.get(), 53);
    mpfr_fac_ui(truth.get(), n, MPFR_RNDN);
    EXPECT_EQ(factorial(n), mpfr_get_d(truth.get(), MPFR_RNDN)) << n;
  }
}

// That the estimates are as close as their use supposes.
TEST(Estimates, agree_with_mpfr_to_a_fiftieth) {
  Arguments arguments;
  Exact x, truth;
  for (const char* name : {"erfc", "normal_cdf", "normal_quantile"}) {
    const UnaryCase& c = unary_cases().at(name);
    for (const Range& range : c.ranges) {
      for (int i = 0; i < 1000; ++i) {
        const double argument = arguments.draw(range);
        double result = normal_quantile(argument);
        double error = 0;
        if (c.error != nullptr) {
          error = c.error(argument, result);
        } else {
          mpfr_set_d(x.get(), argument, MPFR_RNDN);
          c.exact(truth.get(), x.get(), MPFR_RNDN);
          result = mpfr_get_d(truth.get(), MPFR_RNDN);
          error = ulp_error(result, truth);
        }
        const double estimate = c.estimate(argument, result);
        if (result == 0 || std::isnan(estimate)) continue;
        EXPECT_NEAR(estimate, error, 0.02) << name << ' ' << argument;
      }
    }
  }
}

}  // namespace
}  // namespace oche::math

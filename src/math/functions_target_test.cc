// Every SIMD target of this processor gives the bits of the scalar form, whatever its neighbours in
// the vector are.
#include "math/simd_targets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "math/functions_target_test.cc"
#include <hwy/foreach_target.h>
// Above, before the kernels of each target.
#include "math/dispatch.h"
#include "math/function_list.h"
#include "math/functions-inl.h"

#ifndef OCHE_FUNCTIONS_TARGET_TEST_ONCE_
#define OCHE_FUNCTIONS_TARGET_TEST_ONCE_
#define OCHE_ROW(name, Name, cost, error) k_##name,
enum Which : int { OCHE_MATH_UNARY(OCHE_ROW) OCHE_MATH_BINARY(OCHE_ROW) kOthers };
#undef OCHE_ROW
#endif

HWY_BEFORE_NAMESPACE();
namespace oche {
namespace HWY_NAMESPACE {

// z[i] = operation number `which` of x[i], y[i] and, for the fused ones, x[i] + 1. n is a multiple
// of 8, arrays are aligned. The order is that of kOperations below.
void Apply(int which, const double* x, const double* y, double* z, std::size_t n) {
  const DoubleTag d;
  for (std::size_t i = 0; i < n; i += hn::Lanes(d)) {
    const auto a = hn::Load(d, x + i);
    const auto b = hn::Load(d, y + i);
    const auto c = hn::Add(a, hn::Set(d, 1.0));
    DoubleVector r = hn::Zero(d);
    // clang-format off
    switch (which) {
#define OCHE_ROW(name, Name, cost, error) case k_##name: r = Name(d, a); break;
      OCHE_MATH_UNARY(OCHE_ROW)
#undef OCHE_ROW
#define OCHE_ROW(name, Name, cost, error) case k_##name: r = Name(d, a, b); break;
      OCHE_MATH_BINARY(OCHE_ROW)
#undef OCHE_ROW
      case kOthers + 0: r = Pow(d, a, b); break;
      case kOthers + 1: r = NormalQuantile(d, a); break;
      case kOthers + 2: r = Minimum(a, b); break;
      case kOthers + 3: r = Maximum(a, b); break;
      case kOthers + 4: r = Fma(a, b, c); break;
      case kOthers + 5: r = FmaSub(a, b, c); break;
      case kOthers + 6: r = NegFma(a, b, c); break;
      case kOthers + 7: r = RoundHalfEven(a); break;
      case kOthers + 8: r = RoundDown(a); break;
      case kOthers + 9: r = RoundUp(a); break;
      case kOthers + 10: r = RoundTowardZero(a); break;
      case kOthers + 11: r = OneWhere(d, IsNotEqual(a, b)); break;
      case kOthers + 12: r = OneWhere(d, IsNotANumber(a)); break;
      case kOthers + 13: r = OneWhere(d, IsFiniteNumber(a)); break;
      case kOthers + 14: r = OneWhere(d, hn::Lt(a, b)); break;
      case kOthers + 15: r = OneWhere(d, hn::Le(a, b)); break;
      case kOthers + 16: r = OneWhere(d, hn::Eq(a, b)); break;
      case kOthers + 17: r = hn::Div(a, b); break;
      case kOthers + 18: r = hn::Abs(a); break;
      case kOthers + 19: r = hn::Neg(a); break;
      default: break;
    }
    // clang-format on
    hn::Store(r, d, z + i);
  }
}

// Which target this is, by Highway's number.
std::int64_t ThisTarget() { return HWY_TARGET; }

}  // namespace HWY_NAMESPACE
}  // namespace oche
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
#include <gtest/gtest.h>
#include <hwy/aligned_allocator.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include "math/functions.h"
#include "math/simd.h"
#include "oche/error.h"

namespace oche {

OCHE_EXPORT(Apply);
OCHE_EXPORT(ThisTarget);

namespace math {
namespace {

using Scalar = double (*)(double, double);

struct Operation {
  const char* name;
  Scalar scalar;
};

// In the order of Apply.
constexpr Operation kOperations[] = {
#define OCHE_ROW(name, Name, cost, error) {#name, [](double x, double) { return math::name(x); }},
    OCHE_MATH_UNARY(OCHE_ROW)
#undef OCHE_ROW
#define OCHE_ROW(name, Name, cost, error) \
  {#name, [](double x, double y) { return math::name(x, y); }},
        OCHE_MATH_BINARY(OCHE_ROW)
#undef OCHE_ROW
            {"pow", [](double x, double y) { return pow(x, y); }},
    {"normal_quantile", [](double x, double) { return normal_quantile(x); }},
    {"minimum", [](double x, double y) { return minimum(x, y); }},
    {"maximum", [](double x, double y) { return maximum(x, y); }},
    {"fma", [](double x, double y) { return std::fma(x, y, x + 1.0); }},
    {"fma_sub", [](double x, double y) { return std::fma(x, y, -(x + 1.0)); }},
    {"neg_fma", [](double x, double y) { return std::fma(-x, y, x + 1.0); }},
    {"round_half_even", [](double x, double) { return std::nearbyint(x); }},
    {"round_down", [](double x, double) { return std::floor(x); }},
    {"round_up", [](double x, double) { return std::ceil(x); }},
    {"round_toward_zero", [](double x, double) { return std::trunc(x); }},
    {"is_not_equal", [](double x, double y) { return x != y ? 1.0 : 0.0; }},
    {"is_nan", [](double x, double) { return std::isnan(x) ? 1.0 : 0.0; }},
    {"is_finite", [](double x, double) { return std::isfinite(x) ? 1.0 : 0.0; }},
    {"less", [](double x, double y) { return x < y ? 1.0 : 0.0; }},
    {"less_or_equal", [](double x, double y) { return x <= y ? 1.0 : 0.0; }},
    {"equal", [](double x, double y) { return x == y ? 1.0 : 0.0; }},
    {"divide", [](double x, double y) { return x / y; }},
    {"abs", [](double x, double) { return std::fabs(x); }},
    {"neg", [](double x, double) { return -x; }},
};

class SimdTarget : public ::testing::TestWithParam<std::string> {
 protected:
  void SetUp() override { select_simd_target(GetParam()); }
  void TearDown() override { select_simd_target("auto"); }
};

INSTANTIATE_TEST_SUITE_P(All, SimdTarget, ::testing::ValuesIn(supported_simd_targets()),
                         [](const auto& target) { return target.param; });

std::vector<double> special_values() {
  std::vector<double> values;
  for (const double x : {0.0,
                         5e-324,
                         1e-310,
                         2.2250738585072014e-308,
                         1e-300,
                         1e-20,
                         0.075,
                         0.25,
                         0.5,
                         0.9999999999999999,
                         1.0,
                         1.0000000000000002,
                         1.5,
                         2.0,
                         2.5,
                         3.0,
                         15.0,
                         100.0,
                         709.0,
                         709.78271114955743,
                         709.782712,
                         709.7827128933840,
                         709.79,
                         745.1,
                         745.2,
                         1e5,
                         1e14,
                         1e15,
                         4503599627370495.5,
                         4503599627370497.5,
                         9007199254740993.0,
                         1e22,
                         1e300,
                         std::numeric_limits<double>::max(),
                         std::numeric_limits<double>::infinity(),
                         std::numeric_limits<double>::quiet_NaN()}) {
    values.push_back(x);
    values.push_back(-x);
  }
  return values;
}

// Random bits, moderate numbers, uniforms and special values, shuffled so that neighbours differ.
double draw(std::mt19937_64& generator, const std::vector<double>& specials) {
  const double u = static_cast<double>(generator() >> 11) * 0x1p-53;
  switch (generator() % 6) {
    case 0:
      return std::bit_cast<double>(generator());
    case 1:
      return (u - 0.5) * 20;
    case 2:
      return (u - 0.5) * 2000;
    case 3:
      return std::floor((u - 0.5) * 100) / 2;
    case 4:
      return specials[generator() % specials.size()];
    default:
      return u;
  }
}

constexpr std::size_t kArguments = 1 << 16;

TEST_P(SimdTarget, has_the_bits_of_the_scalar_form) {
  std::mt19937_64 generator(7);
  const std::vector<double> specials = special_values();
  const auto x = hwy::AllocateAligned<double>(kArguments);
  const auto y = hwy::AllocateAligned<double>(kArguments);
  const auto z = hwy::AllocateAligned<double>(kArguments);
  for (std::size_t i = 0; i < kArguments; ++i) {
    x[i] = draw(generator, specials);
    y[i] = draw(generator, specials);
  }
  int which = 0;
  for (const Operation& operation : kOperations) {
    OCHE_DISPATCH(Apply)(which++, x.get(), y.get(), z.get(), kArguments);
    int wrong = 0;
    for (std::size_t i = 0; i < kArguments; ++i) {
      const double expected = operation.scalar(x[i], y[i]);
      const bool same = std::isnan(expected) ? std::isnan(z[i])
                                             : std::bit_cast<std::uint64_t>(expected) ==
                                                   std::bit_cast<std::uint64_t>(z[i]);
      if (!same && ++wrong <= 3) {
        ADD_FAILURE() << operation.name << '(' << x[i] << ", " << y[i] << ") gave " << z[i]
                      << " instead of " << expected;
      }
    }
    EXPECT_EQ(wrong, 0) << operation.name;
  }
}

// Where the rounded quotient is a whole number although the exact one isn't, and at the ends of
// what vectors do themselves.
TEST_P(SimdTarget, has_the_remainder_next_to_multiples) {
  std::mt19937_64 generator(9);
  const auto x = hwy::AllocateAligned<double>(kArguments);
  const auto y = hwy::AllocateAligned<double>(kArguments);
  const auto z = hwy::AllocateAligned<double>(kArguments);
  for (std::size_t i = 0; i < kArguments; ++i) {
    const double u = static_cast<double>(generator() >> 11) * 0x1p-53;
    // Of every size, subnormal ones among them.
    y[i] = std::ldexp(u - 0.5, static_cast<int>(generator() % 1200) - 1080);
    const double times = std::floor(std::ldexp(u, static_cast<int>(generator() % 56)));
    x[i] = times * y[i] * (generator() % 2 == 0 ? 1 : -1);
    if (generator() % 4 != 0) x[i] = std::nextafter(x[i], generator() % 2 == 0 ? 1e300 : -1e300);
  }
  constexpr int kWhich = k_mod;
  OCHE_DISPATCH(Apply)(kWhich, x.get(), y.get(), z.get(), kArguments);
  for (std::size_t i = 0; i < kArguments; ++i) {
    ASSERT_EQ(std::bit_cast<std::uint64_t>(z[i]), std::bit_cast<std::uint64_t>(mod(x[i], y[i])))
        << "mod(" << x[i] << ", " << y[i] << ") gave " << z[i];
  }
}

TEST_P(SimdTarget, gives_an_array_of_normal_quantiles_with_the_bits_of_the_scalar_form) {
  std::mt19937_64 generator(8);
  const std::vector<double> specials = special_values();
  const auto u = hwy::AllocateAligned<double>(2048);
  const auto z = hwy::AllocateAligned<double>(2048);
  for (const std::size_t n : {1, 8, 13, 512, 520, 1999}) {
    for (const bool only_tails : {false, true}) {
      for (std::size_t i = 0; i < n; ++i) {
        u[i] = only_tails ? 0x1p-52 * static_cast<double>(generator() >> 20) * 0x1p-8
                          : draw(generator, specials);
      }
      normal_quantiles(u.get(), z.get(), n);
      for (std::size_t i = 0; i < n; ++i) {
        const double expected = normal_quantile(u[i]);
        if (std::isnan(expected)) {
          EXPECT_TRUE(std::isnan(z[i])) << u[i];
        } else {
          EXPECT_EQ(z[i], expected) << u[i];
        }
      }
      normal_quantiles(u.get(), u.get(), n);
      for (std::size_t i = 0; i < n; ++i) {
        EXPECT_EQ(std::bit_cast<std::uint64_t>(u[i]), std::bit_cast<std::uint64_t>(z[i]));
      }
    }
  }
}

TEST_P(SimdTarget, is_what_dispatch_uses_after_its_selection) {
  const std::int64_t target = OCHE_DISPATCH(ThisTarget)();
  std::string name = hwy::TargetName(target);
  std::transform(name.begin(), name.end(), name.begin(),
                 [](char c) { return static_cast<char>(c >= 'A' && c <= 'Z' ? c + 32 : c); });
  if (name == "emu128") name = "portable";
  EXPECT_EQ(GetParam() == "jit" ? "avx3_dl" : GetParam(), name);
  EXPECT_EQ(simd_target_compiles(), GetParam() == "jit");
  EXPECT_EQ(current_simd_target(), GetParam());
}

TEST(SelectSimdTarget, auto_is_the_best_one) {
  select_simd_target("portable");
  select_simd_target("auto");
  EXPECT_EQ(current_simd_target(), supported_simd_targets().front());
  EXPECT_EQ(supported_simd_targets().back(), "portable");
}

TEST(SelectSimdTarget, refuses_an_unknown_name_and_lists_the_possible_ones) {
  try {
    select_simd_target("sse9");
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::usage);
    const std::string message = error.what();
    EXPECT_NE(message.find("sse9"), std::string::npos) << message;
    for (const std::string& name : supported_simd_targets()) {
      EXPECT_NE(message.find(name), std::string::npos) << message;
    }
  }
  EXPECT_EQ(current_simd_target(), supported_simd_targets().front());
}

}  // namespace
}  // namespace math
}  // namespace oche
#endif  // HWY_ONCE

// The hand-written limits compute what they claim: otherwise a ratio to them means nothing.
#include "bench/limits.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "math/functions.h"
#include "math/simd.h"
#include "random/stream.h"

namespace oche::bench {
namespace {

TEST(Limits, pi_counts_exactly_the_darts_of_the_library_s_stream) {
  for (const std::uint64_t seed : {1ULL, 0xffffffffffffffffULL}) {
    for (const std::uint64_t first : {0ULL, 5ULL, 0xfffffff0ULL}) {
      for (const std::uint64_t n : {0ULL, 1ULL, 15ULL, 16ULL, 1000003ULL}) {
        EXPECT_EQ(limit_pi_hits(seed, first, n), reference_pi_hits(seed, first, n)) << first << n;
      }
    }
  }
}

std::vector<ExpressionLimit> all_limits() {
  std::vector<ExpressionLimit> all = expression_limits();
  all.push_back(propagation_limit());
  return all;
}

TEST(Limits, expressions_have_the_moments_of_the_scalar_functions_on_every_target) {
  constexpr std::uint64_t kFirst = 1000;
  constexpr std::uint64_t kCount = 4096;
  const random::StreamKey key{1, 0, random::Domain::samples};
  for (const ExpressionLimit& limit : all_limits()) {
    std::vector<double> values;
    for (std::uint64_t i = 0; i < kCount; ++i) {
      double u[6];
      for (unsigned j = 0; j < 6; ++j) u[j] = random::uniform(key, kFirst + i, j);
      values.push_back(limit.value(u));
    }
    long double sum = 0, squares = 0;
    for (const double f : values) sum += f;
    const long double mean = sum / kCount;
    for (const double f : values) squares += (f - mean) * (f - mean);
    const auto [least, most] = std::minmax_element(values.begin(), values.end());
    for (const std::string& target : math::supported_simd_targets()) {
      math::select_simd_target(target);
      const Moments m = limit.run(1, kFirst, kCount);
      // Sums of 4096 doubles near 1 lose far less than 4096 roundings; the functions are fused or
      // not.
      EXPECT_EQ(m.n, static_cast<double>(kCount));
      EXPECT_NEAR(m.mean, static_cast<double>(mean), 1e-12 * std::fabs(static_cast<double>(mean)))
          << limit.expression << target;
      EXPECT_NEAR(m.squares, static_cast<double>(squares), 1e-11 * static_cast<double>(squares))
          << target;
      EXPECT_NEAR(m.minimum, *least, 1e-12 * std::fabs(*most)) << limit.expression << target;
      EXPECT_NEAR(m.maximum, *most, 1e-12 * std::fabs(*most)) << limit.expression << target;
    }
    math::select_simd_target("auto");
  }
}

TEST(Limits, with_distributions_have_the_same_moments_and_count_every_value) {
  constexpr std::uint64_t kFirst = 1000;
  constexpr std::uint64_t kCount = 4096;
  const random::StreamKey key{1, 0, random::Domain::samples};
  int with_shapes = 0;
  for (const ExpressionLimit& limit : all_limits()) {
    if (limit.run_shape == nullptr) continue;
    ++with_shapes;
    const Moments plain = limit.run(1, kFirst, kCount);
    const auto varies = [](const std::string& input) { return input.find('~') < input.size(); };
    const auto inputs = std::ranges::count_if(limit.inputs, varies);
    std::vector<long double> co_moments(static_cast<std::size_t>(inputs));
    for (std::uint64_t i = 0; i < kCount; ++i) {
      double u[6];
      for (unsigned j = 0; j < 6; ++j) u[j] = random::uniform(key, kFirst + i, j);
      const long double f = limit.value(u);
      for (unsigned j = 0; j < co_moments.size(); ++j) {
        co_moments[j] += (f - plain.mean) * limit.input(u, j);
      }
    }
    for (const std::string& target : math::supported_simd_targets()) {
      math::select_simd_target(target);
      Shape shape;
      const Moments m = limit.run_shape(1, kFirst, kCount, shape);
      EXPECT_NEAR(m.mean, plain.mean, 1e-12 * plain.maximum);
      EXPECT_NEAR(m.squares, plain.squares, 1e-11 * plain.squares);
      EXPECT_EQ(shape.counted, kCount);
      ASSERT_EQ(shape.inputs.size(), co_moments.size());
      EXPECT_GT(shape.fourths, m.squares * m.squares / kCount);  // Jensen
      for (unsigned j = 0; j < co_moments.size(); ++j) {
        const double scale = std::sqrt(m.squares * shape.inputs[j].squares);
        EXPECT_NEAR(shape.co_moments[j], static_cast<double>(co_moments[j]), 1e-10 * scale)
            << limit.expression << target << j;
      }
    }
    math::select_simd_target("auto");
  }
  EXPECT_EQ(with_shapes, 3);
}

}  // namespace
}  // namespace oche::bench

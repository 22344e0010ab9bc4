// The hand-written limits compute what they claim: otherwise a ratio to them means nothing.
#include "bench/limits.h"

#include <gtest/gtest.h>

#include <cmath>

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

double value(std::size_t which, std::uint64_t sample) {
  const random::StreamKey key{1, 0, random::Domain::samples};
  const double x = random::uniform(key, sample, 0);
  const double y = random::uniform(key, sample, 1);
  switch (which) {
    case 0:
      return 1 / (x + 1);
    case 1:
      return math::exp(-(x * x)) * math::sin(3 * y) + math::sqrt(x * y);
    default:
      return math::maximum(100 * math::exp(0.05 + 0.2 * math::normal_quantile(x)) - 100, 0);
  }
}

TEST(Limits, expressions_have_the_moments_of_the_scalar_functions_on_every_target) {
  constexpr std::uint64_t kFirst = 1000;
  constexpr std::uint64_t kCount = 4096;
  for (std::size_t which = 0; which < expression_limits().size(); ++which) {
    long double sum = 0, squares = 0;
    for (std::uint64_t i = 0; i < kCount; ++i) sum += value(which, kFirst + i);
    const long double mean = sum / kCount;
    for (std::uint64_t i = 0; i < kCount; ++i) {
      const long double distance = value(which, kFirst + i) - mean;
      squares += distance * distance;
    }
    for (const std::string& target : math::supported_simd_targets()) {
      math::select_simd_target(target);
      const Moments m = expression_limits()[which].run(1, kFirst, kCount);
      // Sums of 4096 doubles of one sign lose far less than 4096 roundings.
      EXPECT_EQ(m.n, static_cast<double>(kCount));
      EXPECT_NEAR(m.mean, static_cast<double>(mean), 1e-12 * static_cast<double>(mean)) << target;
      EXPECT_NEAR(m.squares, static_cast<double>(squares), 1e-11 * static_cast<double>(squares))
          << target;
    }
    math::select_simd_target("auto");
  }
}

}  // namespace
}  // namespace oche::bench

#include "job/binomial.h"

#include <gtest/gtest.h>

#include <cmath>

#include "math/functions.h"

namespace oche::job {
namespace {

// Textbook values (R's binom.test).
TEST(ExactBinomial, is_clopper_and_pearsons) {
  struct Case {
    std::uint64_t hits, n;
    double low, high;
  };
  for (const Case& c : {Case{5, 10, 0.1870860, 0.8129140}, Case{1, 20, 0.001265089, 0.248732763},
                        Case{3, 100, 0.006229972, 0.085176053}}) {
    const auto interval = exact_binomial_interval(c.hits, c.n, 0.95);
    ASSERT_TRUE(interval);
    EXPECT_NEAR(interval->low, c.low, 1e-7);
    EXPECT_NEAR(interval->high, c.high, 1e-7);
    const auto misses = exact_binomial_interval(c.n - c.hits, c.n, 0.95);
    EXPECT_NEAR(misses->low, 1 - c.high, 1e-7);
    EXPECT_NEAR(misses->high, 1 - c.low, 1e-7);
  }
}

// No hit in n: (1 - p)^n = tail.
TEST(ExactBinomial, of_no_hit_is_known) {
  for (const std::uint64_t n : {1ull, 7ull, 1000ull, 1000000000000ull, 9007199254740992ull}) {
    for (const double confidence : {0.5, 0.95, 0.999999}) {
      const auto interval = exact_binomial_interval(0, n, confidence);
      ASSERT_TRUE(interval);
      EXPECT_EQ(interval->low, 0);
      const double tail = (1 - confidence) / 2;
      const double high = -math::expm1(math::log(tail) / static_cast<double>(n));
      EXPECT_NEAR(interval->high / high, 1, 1e-9) << n;
      const auto all = exact_binomial_interval(n, n, confidence);
      EXPECT_EQ(all->high, 1);
      EXPECT_NEAR(all->low, 1 - high, 1e-9);
    }
  }
}

// Few hits among very many: Poisson's limits, half of chi-squared quantiles (for 1 hit 0.0253178
// and 5.571643; for 10 hits 4.795389 and 18.39036).
TEST(ExactBinomial, of_rare_hits_is_poissons) {
  const double n = 1e14;
  const auto one = exact_binomial_interval(1, 100'000'000'000'000, 0.95);
  EXPECT_NEAR(one->low * n, 0.0253178, 1e-6);
  EXPECT_NEAR(one->high * n, 5.571643, 1e-5);
  const auto ten = exact_binomial_interval(10, 100'000'000'000'000, 0.95);
  EXPECT_NEAR(ten->low * n, 4.795389, 1e-5);
  EXPECT_NEAR(ten->high * n, 18.39036, 1e-4);
}

TEST(ExactBinomial, becomes_the_normal_one) {
  const std::uint64_t n = 1'000'000'000;
  const auto interval = exact_binomial_interval(kMostExactHits, n, 0.95);
  ASSERT_TRUE(interval);
  const double p = 1e-6;
  const double half = interval_factor(0.95) * std::sqrt(p / static_cast<double>(n));
  EXPECT_NEAR((interval->high - interval->low) / 2 / half, 1, 0.03);
  EXPECT_FALSE(exact_binomial_interval(kMostExactHits + 1, n, 0.95));
}

}  // namespace
}  // namespace oche::job

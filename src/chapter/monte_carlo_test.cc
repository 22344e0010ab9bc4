#include "chapter/monte_carlo.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>

namespace oche::chapter {
namespace {

std::uint64_t hits(Quantity quantity, std::uint64_t samples, const char* seed) {
  MersenneTwister random(*seed_key(seed));
  return count_hits(quantity, samples, random);
}

TEST(CountHits, agrees_with_the_chapters_transcripts) {
  EXPECT_EQ(hits(Quantity::pi, kChapterSamples, "1"), 7852532u);
  EXPECT_EQ(hits(Quantity::pi, kChapterSamples, "2"), 7854903u);
}

TEST(CountHits, agrees_with_python_on_few_darts) {
  // By CPython 3.11: the chapter's loop with NBR = 1000, and for ln(2) the same loop with
  // XPT = random.uniform(1, 2), YPT = random.uniform(0, 1) and the test YPT <= 1/XPT.
  EXPECT_EQ(hits(Quantity::pi, 1000, "3"), 792u);
  EXPECT_EQ(hits(Quantity::ln2, 1000, "3"), 710u);
}

TEST(CountHits, estimates_the_quantity) {
  // Four standard errors of a proportion p of 10^6 darts: 4 sqrt(p (1 - p) / 10^6) < 0.002.
  EXPECT_NEAR(static_cast<double>(hits(Quantity::pi, 1'000'000, "5")) / 1e6, std::numbers::pi / 4,
              0.002);
  EXPECT_NEAR(static_cast<double>(hits(Quantity::ln2, 1'000'000, "5")) / 1e6, std::numbers::ln2,
              0.002);
}

TEST(EstimateAndError, is_the_line_of_the_multiprocessing_program) {
  // print(3.1417, 'error : %.3e' % abs(3.1417 - pi)) by CPython 3.11.
  EXPECT_EQ(estimate_and_error(3.1417, std::numbers::pi), "3.1417 error : 1.073e-04");
  EXPECT_EQ(estimate_and_error(3.0, std::numbers::pi), "3.0 error : 1.416e-01");
}

}  // namespace
}  // namespace oche::chapter

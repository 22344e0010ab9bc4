// The quality of the streams, in every order in which their words are used; and, of each test, that
// it rejects generators which are bad. About half a million words for each statistic, or as many as
// OCHE_WORDS says.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <string>
#include <vector>

#include "streams/statistics.h"
#include "streams/tail.h"

namespace oche::streams {
namespace {

std::uint64_t words_wanted() {
  const char* const wanted = std::getenv("OCHE_WORDS");
  return wanted == nullptr ? std::uint64_t{1} << 19 : std::strtoull(wanted, nullptr, 10);
}

using Test = Findings (*)(Words&, std::uint64_t);

struct NamedTest {
  const char* name;
  Test run;
};

constexpr NamedTest kTests[] = {{"collisions", collisions},
                                {"gaps", gaps},
                                {"ranks", ranks},
                                {"hamming_weights", hamming_weights},
                                {"serial_correlation", serial_correlation}};

// NaN is no success.
bool rejected(const Finding& finding) { return !(finding.tail >= kRejected); }

bool rejects(const Findings& findings) { return std::ranges::any_of(findings, rejected); }

double smallest_tail(const Findings& findings) {
  double smallest = 0.5;
  for (const Finding& finding : findings) smallest = std::min(smallest, finding.tail);
  return smallest;
}

void expect_none_rejected(const Findings& findings, std::string_view where) {
  ASSERT_FALSE(findings.empty());
  for (const Finding& finding : findings) {
    EXPECT_FALSE(rejected(finding))
        << where << ": " << finding.what << " has tail " << finding.tail;
  }
  std::printf("%-16s %2zu statistics, smallest tail %.2e\n", std::string(where).c_str(),
              findings.size(), smallest_tail(findings));
}

class StreamQuality : public ::testing::TestWithParam<NamedTest> {};

INSTANTIATE_TEST_SUITE_P(All, StreamQuality, ::testing::ValuesIn(kTests),
                         [](const auto& test) { return test.param.name; });

TEST_P(StreamQuality, is_that_of_random_bits_in_every_order) {
  for (const NamedOrder& order : orders()) {
    const auto words = ordered_words(&random::bits, order.order, 1);
    expect_none_rejected(GetParam().run(*words, words_wanted()), order.name);
  }
  expect_none_rejected(GetParam().run(*uniforms_of_the_engine(1), words_wanted()), "engine");
}

TEST(StreamQuality, has_the_avalanche_of_random_bits) {
  expect_none_rejected(avalanche(&random::bits, words_wanted() / 256), "avalanche");
}

constexpr std::uint64_t kFewWords = std::uint64_t{1} << 17;

TEST(BadGenerators, of_two_rounds_are_rejected_by_every_test_in_every_order) {
  for (const NamedTest& test : kTests) {
    for (const NamedOrder& order : orders()) {
      const auto sequence = ordered_words(&with_rounds<2>, order.order, 1);
      EXPECT_TRUE(rejects(test.run(*sequence, kFewWords))) << test.name << ' ' << order.name;
    }
  }
}

// With three rounds every byte depends on every other, and a million words are enough to see how.
TEST(BadGenerators, of_three_rounds_are_rejected_by_every_test_in_some_order) {
  for (const NamedTest& test : kTests) {
    EXPECT_TRUE(std::ranges::any_of(orders(), [&](const NamedOrder& order) {
      const auto sequence = ordered_words(&with_rounds<3>, order.order, 1);
      return rejects(test.run(*sequence, std::uint64_t{1} << 20));
    })) << test.name;
  }
}

TEST(BadGenerators, fail_the_avalanche_with_three_rounds_or_fewer) {
  EXPECT_TRUE(rejects(avalanche(&with_rounds<1>, 512)));
  EXPECT_TRUE(rejects(avalanche(&with_rounds<2>, 512)));
  EXPECT_TRUE(rejects(avalanche(&with_rounds<3>, 512)));
}

struct Bad {
  const char* name;
  std::unique_ptr<Words> (*make)();
  std::vector<std::string> rejected_by;
};

// The linear one is there for the ranks, which none of the others see.
TEST(BadGenerators, of_other_kinds_are_rejected_by_the_tests_made_for_them) {
  const Bad bad[] = {
      {"low bits of an LCG",
       low_bits_of_lcg,
       {"collisions", "gaps", "hamming_weights", "serial_correlation"}},
      {"xorshift of 32 bits", linear_words, {"ranks"}},
      {"Weyl's sequence",
       weyl_words,
       {"collisions", "gaps", "ranks", "hamming_weights", "serial_correlation"}},
  };
  for (const Bad& generator : bad) {
    for (const NamedTest& test : kTests) {
      const Findings findings = test.run(*generator.make(), kFewWords);
      const bool expected = std::ranges::count(generator.rejected_by, test.name) > 0;
      EXPECT_EQ(rejects(findings), expected)
          << test.name << " of " << generator.name << ", smallest tail " << smallest_tail(findings);
    }
  }
}

// Quantiles of tables: NIST/SEMATECH e-Handbook of Statistical Methods, 1.3.6.7.4 (chi-squared), to
// its three decimals, and 1.3.6.7.1 (normal).
TEST(Tail, is_that_of_the_tables) {
  EXPECT_NEAR(chi_squared_tail(18.307, 10), 0.05, 5e-6);
  EXPECT_NEAR(chi_squared_tail(3.940, 10), 0.05, 2e-5);
  EXPECT_NEAR(chi_squared_tail(124.342, 100), 0.05, 5e-6);
  EXPECT_NEAR(chi_squared_tail(29.588, 10), 0.001, 1e-6);
  EXPECT_NEAR(normal_tail(1.959964), 0.025, 1e-7);
  EXPECT_NEAR(normal_tail(-1.959964), 0.025, 1e-7);
  // With two degrees of freedom it is e^(-t/2), and with very many it is normal.
  EXPECT_NEAR(chi_squared_tail(40, 2) / std::exp(-20.0), 1, 1e-9);
  EXPECT_NEAR(chi_squared_tail(1e6 + 3 * std::sqrt(2e6), 1e6), normal_tail(3), 2e-5);
}

}  // namespace
}  // namespace oche::streams

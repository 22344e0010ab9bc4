#include "job/distribution.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <vector>

#include "tally/bins.h"
#include "tally/moments.h"

namespace oche::job {
namespace {

constexpr int kValues = 20'000;

// The quantiles at (i + 1/2)/n of a distribution, as an output's tally.
template <class Quantile>
OutputTally tally_of(Quantile quantile) {
  OutputTally output;
  std::vector<tally::Bin> bins;
  for (int i = 0; i < kValues; ++i) {
    const double v = quantile((i + 0.5) / kValues);
    output.moments = tally::merge(output.moments, tally::moments_of_block(&v, 1, 0));
    bins.push_back({tally::bin_of(v), 1});
  }
  std::ranges::sort(bins, {}, &tally::Bin::index);
  for (const tally::Bin& bin : bins) {
    output.shape.bins = tally::merge(std::move(output.shape.bins), tally::Bins{bin});
  }
  return output;
}

std::vector<HistogramBar> histogram_of(const OutputTally& output, unsigned bars) {
  Show show;
  show.bars = bars;
  return distribution_of(output, 0.95, show).histogram;
}

std::uint64_t total(const std::vector<HistogramBar>& bars) {
  std::uint64_t sum = 0;
  for (const HistogramBar& bar : bars) sum += bar.count;
  return sum;
}

double width(const HistogramBar& bar) { return bar.high - bar.low; }

TEST(Histogram, divides_a_range_without_tails_evenly) {
  const auto bars = histogram_of(tally_of([](double u) { return 1 + u; }), 50);
  ASSERT_EQ(bars.size(), 50u);
  EXPECT_EQ(total(bars), std::uint64_t{kValues});
  // Ends of bars are ends of bins, which are 1/1024 wide from 1 on.
  for (const HistogramBar& bar : bars) EXPECT_NEAR(width(bar), 0.02, 0.0021);
}

TEST(Histogram, leaves_what_tails_have_to_the_outer_bars) {
  // Of (-log u)^1.5 all but 0.0005 are below 7.601^1.5 = 20.96; the largest of these values is
  // log(40000)^1.5 = 34.5.
  const auto bars =
      histogram_of(tally_of([](double u) { return std::pow(-std::log(u), 1.5); }), 50);
  EXPECT_EQ(total(bars), std::uint64_t{kValues});
  // Bars end at values, which are up to 0.42 apart there.
  EXPECT_NEAR(bars.back().low, 20.96 * 49 / 50, 0.6);
  EXPECT_NEAR(bars.back().high, 34.5, 0.1);
  EXPECT_NEAR(width(bars[20]), 20.96 / 50, 0.02);
}

TEST(Histogram, resolves_the_core_of_a_heavy_tail) {
  // The quantiles of the Cauchy distribution at 0.025 and 0.975 are -12.7 and 12.7, those at 0.0005
  // and 0.9995 are fifty times as far out.
  const auto cauchy = [](double u) { return std::tan(std::numbers::pi * (u - 0.5)); };
  const auto bars = histogram_of(tally_of(cauchy), 60);
  EXPECT_EQ(total(bars), std::uint64_t{kValues});
  EXPECT_NEAR(width(bars[30]), 6 * 12.7062 / 60, 0.05);
  // Values are 0.21 apart there.
  EXPECT_NEAR(bars.back().low, 3 * 12.7062 * 58 / 60, 0.25);
  EXPECT_NEAR(bars.back().high, cauchy(1 - 0.5 / kValues), 20);
  // The share beyond: 1 - 2 atan(36.8)/pi.
  EXPECT_NEAR(static_cast<double>(bars.front().count + bars.back().count) / kValues, 0.0173, 0.001);
}

TEST(Histogram, has_a_bar_for_each_of_few_values) {
  const auto bars = histogram_of(tally_of([](double u) { return std::floor(6 * u); }), 60);
  ASSERT_EQ(bars.size(), 6u);
  EXPECT_EQ(total(bars), std::uint64_t{kValues});
  for (const HistogramBar& bar : bars)
    EXPECT_NEAR(static_cast<double>(bar.count), kValues / 6.0, 1);
}

}  // namespace
}  // namespace oche::job

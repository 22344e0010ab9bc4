#include "job/distribution.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numbers>
#include <utility>
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

// ---- Numbers, against the values themselves ----

// An output of these values, in blocks, and what long double makes of them.
class Values {
 public:
  explicit Values(std::vector<double> values, double origin = 0.0) : sorted_(std::move(values)) {
    output_.origin = origin;
    for (const double v : sorted_) {
      tally::Moments m = tally::moments_of_block(&v, 1, 0);
      output_.shape.higher = tally::merge(output_.moments, output_.shape.higher, m, {});
      output_.moments = tally::merge(output_.moments, m);
    }
    std::ranges::sort(sorted_);
    for (const double v : sorted_) {
      tally::Bins& bins = output_.shape.bins;
      const std::uint32_t index = tally::bin_of(v - origin);
      if (bins.empty() || bins.back().index != index) bins.push_back({index, 0});
      ++bins.back().count;
    }
  }

  const OutputTally& output() const { return output_; }
  const std::vector<double>& sorted() const { return sorted_; }
  long double n() const { return static_cast<long double>(sorted_.size()); }
  long double mean() const {
    long double sum = 0;
    for (const double v : sorted_) sum += v;
    return sum / n();
  }
  // The mean of f(standardized value).
  template <class F>
  long double average(F f) const {
    const long double m = mean();
    long double squares = 0;
    for (const double v : sorted_) squares += (v - m) * (v - m);
    const long double sd = std::sqrt(squares / n());
    long double sum = 0;
    for (const double v : sorted_) sum += f((v - m) / sd);
    return sum / n();
  }
  long double spread() const {  // with the divisor n
    const long double m = mean();
    long double squares = 0;
    for (const double v : sorted_) squares += (v - m) * (v - m);
    return std::sqrt(squares / n());
  }

 private:
  std::vector<double> sorted_;
  OutputTally output_;
};

// Skewed; the largest is 20 standard deviations away.
std::vector<double> skewed(std::size_t n, double shift = 0) {
  std::vector<double> values;
  for (std::size_t i = 0; i < n; ++i) {
    const double u = (static_cast<double>((i * 7919) % n) + 0.5) / static_cast<double>(n);
    values.push_back(shift + std::pow(-std::log(u), 1.5));
  }
  return values;
}

Distribution distribution(const OutputTally& output, std::vector<double> quantiles = {},
                          double coverage = 0.95) {
  Show show;
  show.quantiles = std::move(quantiles);
  show.coverage = coverage;
  return distribution_of(output, 0.95, show);
}

// The errors are those of influence functions f: sqrt(sum f^2 + 3 max f^2)/n. The bins that stand
// in for the values are 1/1024 of their distance from the origin wide, and fourth powers four times
// that.
TEST(Distribution, has_the_standardized_moments_of_the_values_and_their_errors) {
  struct Case {
    std::vector<double> values;
    double origin;
  };
  for (const Case& c : {Case{skewed(3000), 0.0}, Case{skewed(3000, 1000), 1000.0},
                        Case{skewed(100, -3), 0.0}, Case{{1, 2, 4, 8, 16}, 0.0}}) {
    const Values values(c.values, c.origin);
    const Distribution d = distribution(values.output());
    const auto n = values.n();
    const auto g = values.average([](long double z) { return z * z * z; });
    const auto k = values.average([](long double z) { return z * z * z * z; });
    const auto near = [&](const Measured& m, long double value, long double size, auto influence) {
      EXPECT_NEAR(m.value, static_cast<double>(value), 1e-10 * static_cast<double>(size));
      long double largest = 0;
      const auto mean_square = values.average([&](long double z) {
        const long double f = influence(z);
        largest = std::max(largest, f * f);
        return f * f;
      });
      const auto error = static_cast<double>(std::sqrt((n * mean_square + 3 * largest) / (n * n)));
      EXPECT_NEAR(m.standard_error, error, 0.01 * error);
    };
    const auto spread = values.spread();
    const auto sd = spread * std::sqrt(n / (n - 1));
    near(d.standard_deviation, sd, sd, [&](auto z) { return spread * (z * z - 1) / 2; });
    near(d.skewness, g, 1 + std::fabs(g),
         [&](auto z) { return z * z * z - g - 3 * z - 1.5L * g * (z * z - 1); });
    near(d.excess_kurtosis, k - 3, k,
         [&](auto z) { return z * z * z * z - k - 4 * g * z - 2 * k * (z * z - 1); });
  }
}

TEST(Distribution, of_one_value_or_of_equal_values_has_no_spread) {
  const Distribution one = distribution(Values({7.5}).output(), {0.5});
  EXPECT_TRUE(std::isnan(one.standard_deviation.value));
  EXPECT_TRUE(std::isnan(one.skewness.value) && std::isnan(one.excess_kurtosis.value));
  EXPECT_EQ(one.quantiles[0].value, 7.5);
  EXPECT_EQ(one.quantiles[0].interval.low, -INFINITY);
  EXPECT_EQ(one.quantiles[0].interval.high, INFINITY);
  EXPECT_EQ(one.symmetric.low, 7.5);
  EXPECT_EQ(one.shortest.high, 7.5);
  const Distribution equal = distribution(Values(std::vector<double>(1000, -0.3)).output(), {0.5});
  EXPECT_EQ(equal.standard_deviation.value, 0);
  EXPECT_EQ(equal.standard_deviation.standard_error, 0);
  EXPECT_TRUE(std::isnan(equal.skewness.value) && std::isnan(equal.skewness.standard_error));
  EXPECT_EQ(equal.quantiles[0].value, -0.3);
  EXPECT_EQ(equal.quantiles[0].interval.low, -0.3);
  EXPECT_EQ(equal.quantiles[0].interval.high, -0.3);
  ASSERT_EQ(equal.histogram.size(), 1u);
  EXPECT_EQ(equal.histogram[0].count, 1000u);
}

// Within the bin, at most 1/1024 of the distance from the origin wide, of the value of that rank.
TEST(Distribution, has_the_quantiles_of_the_values) {
  for (const double shift : {0.0, 5.0, -2.0}) {
    const Values values(skewed(5000, shift));
    const std::vector<double> probabilities = {0.001, 0.025, 0.25, 0.5, 0.9, 0.975, 0.999};
    const Distribution d = distribution(values.output(), probabilities);
    ASSERT_EQ(d.quantiles.size(), probabilities.size());
    for (const Quantile& q : d.quantiles) {
      const double rank = q.probability * 5000;
      const auto value = [&](double k) {
        return values.sorted()[static_cast<std::size_t>(std::clamp(k, 1.0, 5000.0)) - 1];
      };
      const double near = value(std::ceil(rank));
      EXPECT_NEAR(q.value, near, std::fabs(near) / 1024) << q.probability;
      // The interval's ends are the order statistics a rank beyond 1.96 sqrt(n p (1-p)), and the
      // far ends of their bins.
      const double reach = 1.959963984540054 * std::sqrt(rank * (1 - q.probability));
      const double low = value(std::floor(rank - reach));
      const double high = value(std::ceil(rank + reach) + 1);
      if (rank - reach < 1) {
        EXPECT_EQ(q.interval.low, -INFINITY);
      } else {
        EXPECT_LE(q.interval.low, low);
        EXPECT_GE(q.interval.low, low - std::fabs(low) / 1024);
      }
      if (std::ceil(rank + reach) + 1 > 5000) {
        EXPECT_EQ(q.interval.high, INFINITY);
      } else {
        EXPECT_GE(q.interval.high, high);
        EXPECT_LE(q.interval.high, high + std::fabs(high) / 1024);
      }
    }
  }
}

// Values that are alone in their bins are told exactly where they have few digits.
TEST(Distribution, has_the_exact_quantiles_of_few_values) {
  std::vector<double> dice;
  for (int i = 0; i < 6000; ++i) dice.push_back(i % 6 - 2);
  const Distribution d = distribution(Values(dice).output(), {0.01, 0.2, 0.5, 0.6, 0.99});
  const double expected[] = {-2, -1, 0, 1, 3};
  for (std::size_t i = 0; i < 5; ++i) EXPECT_EQ(d.quantiles[i].value, expected[i]) << i;
}

// Bins of 1/1024 of a value: what is printed is the value, or an interval that holds it.
TEST(Distribution, has_the_values_themselves_where_they_are_decimals) {
  const std::vector<std::vector<double>> all = {
      {-3.3, 7.7}, {0.1, 0.2, 0.3, 0.7}, {0, 1, 2, 3, 40}};
  for (const std::vector<double>& few : all) {
    std::vector<double> drawn;
    for (std::size_t i = 0; i < 6000; ++i) drawn.push_back(few[i % few.size()]);
    const Distribution d = distribution(Values(drawn).output(), {0.01, 0.25, 0.5, 0.99});
    EXPECT_TRUE(d.few_values);
    for (const Quantile& q : d.quantiles) {
      for (const double v : {q.value, q.interval.low, q.interval.high}) {
        EXPECT_NE(std::ranges::find(few, v), few.end()) << v << " of " << q.probability;
      }
    }
    EXPECT_EQ(d.symmetric.low, few.front());
    EXPECT_EQ(d.symmetric.high, few.back());
    EXPECT_EQ(d.shortest.low, few.front());
    EXPECT_EQ(d.shortest.high, few.back());
  }
}

// A number that the bin doesn't tell: the interval holds it, and its outermost neighbours are
// exact.
TEST(Distribution, holds_values_that_are_no_decimals) {
  std::vector<double> drawn;
  const std::vector<double> few = {0, 1.0 / 3, std::sqrt(2), std::numbers::pi};
  for (std::size_t i = 0; i < 6000; ++i) drawn.push_back(few[i % 4]);
  const Distribution d = distribution(Values(drawn).output(), {0.1, 0.3, 0.6, 0.9});
  EXPECT_TRUE(d.few_values);
  for (std::size_t i = 0; i < 4; ++i) {
    EXPECT_LE(d.quantiles[i].interval.low, few[i]);
    EXPECT_GE(d.quantiles[i].interval.high, few[i]);
    EXPECT_NEAR(d.quantiles[i].value, few[i], few[i] / 1024);
  }
  EXPECT_EQ(d.quantiles[0].interval.high, 0);
  EXPECT_EQ(d.quantiles[3].value, std::numbers::pi);
  EXPECT_EQ(d.symmetric.high, std::numbers::pi);
}

TEST(Distribution, takes_few_samples_for_no_few_values) {
  EXPECT_FALSE(distribution(Values({0.5123456, 1.7654321, 3.1234567}).output(), {0.5}).few_values);
}

TEST(Distribution, has_no_spread_to_tell_where_squares_underflow) {
  const Distribution d = distribution(Values({1e-200, 2e-200, 3e-200}).output(), {0.5});
  EXPECT_TRUE(std::isnan(d.standard_deviation.value));
}

TEST(Distribution, has_intervals_that_hold_the_coverage) {
  for (const double coverage : {0.5, 0.95, 0.99}) {
    const Values values(skewed(4000));
    const Distribution d = distribution(values.output(), {}, coverage);
    const auto& v = values.sorted();
    const auto held = [&](const Range& r) {
      return static_cast<double>(
                 std::ranges::count_if(v, [&](double x) { return r.low <= x && x <= r.high; })) /
             4000;
    };
    // A bin at each end may hold some more or fewer.
    EXPECT_NEAR(held(d.symmetric), coverage, 0.003);
    EXPECT_GE(held(d.shortest), coverage);
    EXPECT_NEAR(held(d.shortest), coverage, 0.003);
    const auto below = static_cast<double>(std::ranges::count_if(
                           v, [&](double x) { return x < d.symmetric.low; })) /
                       4000;
    EXPECT_NEAR(below, (1 - coverage) / 2, 0.002);
    // The narrowest of all runs of that many values.
    const auto wanted = static_cast<std::size_t>(std::ceil(coverage * 4000));
    double narrowest = INFINITY;
    for (std::size_t i = 0; i + wanted <= v.size(); ++i) {
      narrowest = std::min(narrowest, v[i + wanted - 1] - v[i]);
    }
    const double width = d.shortest.high - d.shortest.low;
    EXPECT_GE(width, narrowest);
    EXPECT_LE(width, narrowest + 2 * d.shortest.high / 1024);
  }
}

TEST(Distribution, with_zeros_is_that_of_the_values_and_zeros) {
  for (const double origin : {0.0, 3.0}) {
    std::vector<double> values = skewed(500, 2);
    const OutputTally some = with_zeros(Values(values, origin).output(), 250);
    values.insert(values.end(), 250, 0.0);
    const OutputTally all = Values(values, origin).output();
    EXPECT_EQ(some.moments.count, 750u);
    EXPECT_EQ(some.shape.bins, all.shape.bins);
    EXPECT_EQ(some.moments.minimum, 0);
    EXPECT_EQ(some.moments.maximum, all.moments.maximum);
    EXPECT_NEAR(some.moments.mean, all.moments.mean, 1e-12);
    EXPECT_NEAR(some.moments.m2 / all.moments.m2, 1, 1e-12);
    EXPECT_NEAR(some.shape.higher.m3 / all.shape.higher.m3, 1, 1e-10);
    EXPECT_NEAR(some.shape.higher.m4 / all.shape.higher.m4, 1, 1e-12);
    const OutputTally same = with_zeros(all, 0);
    EXPECT_TRUE(tally::identical(same.moments, all.moments));
  }
}

// The delta method from its definition: the error of the mean of x - r y, over the mean of y.
TEST(RatioOfMeans, has_the_error_of_the_delta_method) {
  const std::vector<double> x = skewed(300, 1);
  std::vector<double> y;
  for (std::size_t i = 0; i < x.size(); ++i) y.push_back(-2 - 0.3 * x[i] + 0.01 * (i % 17));
  const Values of_x(x);
  const Values of_y(y);
  long double co_moment = 0;
  for (std::size_t i = 0; i < x.size(); ++i)
    co_moment += (x[i] - of_x.mean()) * (y[i] - of_y.mean());
  const long double r = of_x.mean() / of_y.mean();
  long double squares = 0;
  for (std::size_t i = 0; i < x.size(); ++i) squares += std::pow(x[i] - r * y[i], 2.0L);
  const long double error = std::sqrt(squares / 299 / 300) / std::fabs(of_y.mean());
  const Measured m =
      ratio_of_means(of_x.output().moments, of_y.output().moments, static_cast<double>(co_moment));
  EXPECT_NEAR(m.value, static_cast<double>(r), 1e-14);
  EXPECT_NEAR(m.standard_error, static_cast<double>(error), 1e-12);
  tally::Moments zero;
  zero.count = 300;
  EXPECT_TRUE(std::isnan(ratio_of_means(of_x.output().moments, zero, 0).value));
  tally::Moments one;
  one.count = 1;
  one.mean = 3;
  EXPECT_TRUE(std::isnan(ratio_of_means(one, one, 0).standard_error));
}

}  // namespace
}  // namespace oche::job

#include "job/distribution.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "base/assert.h"
#include "job/counts.h"
#include "job/stop_rule.h"

namespace oche::job {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr double kInfinity = std::numeric_limits<double>::infinity();
// Below this, squares of deviations have underflowed.
constexpr double kLeastM2 = 1e-290;

// The order statistics X_(l) and X_(u) hold the quantile p with the probability that a binomial
// variable of n and p is at least l and below u (H. A. David, H. N. Nagaraja, Order Statistics, 3rd
// ed., 2003, section 7.1); l and u by its normal approximation, a rank further out.
Quantile quantile_of(const Counts& counts, double p, double confidence) {
  const double n = static_cast<double>(counts.total());
  const double reach = interval_factor(confidence) * std::sqrt(n * p * (1 - p));
  const double lower = std::floor(n * p - reach);
  const double upper = std::ceil(n * p + reach) + 1;
  Quantile q;
  q.probability = p;
  q.value = counts.value(n * p);
  q.interval.low =
      lower < 1 ? -kInfinity : counts.from(counts.of_rank(static_cast<std::uint64_t>(lower)));
  q.interval.high =
      upper > n ? kInfinity : counts.to(counts.of_rank(static_cast<std::uint64_t>(upper)));
  return q;
}

// The narrowest run of bins that holds the share `coverage`.
Range shortest_interval(const Counts& counts, double coverage) {
  const auto wanted = static_cast<std::uint64_t>(
      std::max(1.0, std::ceil(coverage * static_cast<double>(counts.total()))));
  Range best{counts.from(0), counts.to(counts.size() - 1)};
  for (std::size_t i = 0; i < counts.size(); ++i) {
    if (counts.before(i) + wanted > counts.total()) break;
    const std::size_t last = counts.of_rank(counts.before(i) + wanted);
    const Range range{counts.from(i), counts.to(last)};
    if (range.high - range.low < best.high - best.low) best = range;
  }
  return best;
}

// How many times the largest square is added to the sum of the squares of an influence function:
// for the values beyond the largest, of which one in n is to be expected, a/(a - 1) times as large
// on average where the tail of the squares falls with the power a. 3 is that of 3/2. Without it the
// error of a skewness is far too small wherever it rests on a few values, as it soon does.
constexpr double kBeyondLargest = 3;

// sqrt(E[IF^2] / n) of an influence function of the standardized value, over the bins.
template <class F>
double error_by_influence(const Counts& counts, const tally::Moments& m, double sd, F influence) {
  double sum = 0.0;
  double largest = 0.0;
  for (std::size_t i = 0; i < counts.size(); ++i) {
    const double f = influence((counts.middle(i) - m.mean) / sd);
    sum += static_cast<double>(counts.count(i)) * (f * f);
    largest = std::max(largest, f * f);
  }
  const double n = static_cast<double>(counts.total());
  return std::sqrt((sum + kBeyondLargest * largest) / n / n);
}

void measure_shape(const OutputTally& output, const Counts& counts, Distribution& d) {
  const tally::Moments& m = output.moments;
  const tally::HigherMoments& h = output.shape.higher;
  const double n = static_cast<double>(m.count);
  d.standard_deviation = d.skewness = d.excess_kurtosis = {kNaN, kNaN};
  if (m.count < 2 || !std::isfinite(m.m2) || lost_squares(m)) return;
  const double sd = std::sqrt(m.m2 / (n - 1));
  d.standard_deviation = {sd, 0.0};
  if (m.minimum == m.maximum) return;
  const double spread = std::sqrt(m.m2 / n);
  const double g = h.m3 / n / (spread * spread * spread);
  const double k = h.m4 / n / (spread * spread * spread * spread);
  const auto finite = [](double v) { return std::isfinite(v) ? v : kNaN; };
  d.standard_deviation.standard_error = finite(
      error_by_influence(counts, m, spread, [&](double z) { return 0.5 * spread * (z * z - 1); }));
  d.skewness = {finite(g), finite(error_by_influence(counts, m, spread, [&](double z) {
                  return z * z * z - g - 3 * z - 1.5 * g * (z * z - 1);
                }))};
  d.excess_kurtosis = {finite(k - 3), finite(error_by_influence(counts, m, spread, [&](double z) {
                         return z * z * z * z - k - 4 * g * z - 2 * k * (z * z - 1);
                       }))};
}

// Bars between ends that are ends of bins: every value is in one bar, and counts are whole.
class Bars {
 public:
  explicit Bars(const Counts& counts) : counts_(counts) {}

  // Adds the bins from where the last bar ended up to those that begin at or after `high`.
  void add_upto(double high) {
    std::size_t end = next_;
    while (end < counts_.size() && counts_.middle(end) < high) ++end;
    add(end);
  }
  void add_rest() { add(counts_.size()); }
  std::vector<HistogramBar> take() { return std::move(bars_); }

 private:
  void add(std::size_t end) {
    if (end == next_) return;
    const double low = bars_.empty() ? counts_.low(0) : bars_.back().high;
    const double high =
        end == counts_.size() ? counts_.high(end - 1) : std::max(counts_.high(end - 1), low);
    bars_.push_back(
        {low, high, counts_.before(end - 1) + counts_.count(end - 1) - counts_.before(next_)});
    next_ = end;
  }

  const Counts& counts_;
  std::vector<HistogramBar> bars_;
  std::size_t next_ = 0;
};

// Of few different values: a bar for each.
std::vector<HistogramBar> bars_of_values(const Counts& counts) {
  std::vector<HistogramBar> bars;
  for (std::size_t i = 0; i < counts.size(); ++i) {
    bars.push_back({counts.low(i), counts.high(i), counts.count(i)});
  }
  return bars;
}

// The share of the values that the bars of equal width leave to the first and the last bar, on each
// side, where the rest would need many times the width.
constexpr double kTail = 5e-4;
// How many times the width of the central part the whole range may be and still be divided evenly.
constexpr double kLongTails = 1.5;
// Of what is left, at most so many times the distance of the quantiles kCore and 1 - kCore is
// divided: once that distance beyond each of them.
constexpr double kCore = 0.025;
constexpr double kHeavyTails = 4;

// The part of the axis that bars of equal width divide.
Range divided_range(const Counts& counts, unsigned bars) {
  const double n = static_cast<double>(counts.total());
  const Range whole{counts.low(0), counts.high(counts.size() - 1)};
  Range range{counts.value(kTail * n), counts.value((1 - kTail) * n)};
  const double width = range.high - range.low;
  if (bars <= 2 || !(width > 0) || whole.high - whole.low <= kLongTails * width) return whole;
  const double from = counts.value(kCore * n);
  const double to = counts.value((1 - kCore) * n);
  const double core = to - from;
  if (core > 0 && width > kHeavyTails * core) {
    range = {std::max(range.low, from - core), std::min(range.high, to + core)};
  }
  return range;
}

std::vector<HistogramBar> histogram_of(const Counts& counts, unsigned bars) {
  if (counts.size() <= bars) return bars_of_values(counts);
  const auto [low, high] = divided_range(counts, bars);
  Bars divided(counts);
  for (unsigned b = 1; b < bars; ++b) {
    divided.add_upto(low + (high - low) * (static_cast<double>(b) / bars));
  }
  divided.add_rest();
  return divided.take();
}

}  // namespace

bool lost_squares(const tally::Moments& m) { return m.minimum != m.maximum && m.m2 < kLeastM2; }

OutputTally with_zeros(OutputTally output, std::uint64_t zeros) {
  if (zeros == 0) return output;
  tally::Moments more;
  more.count = zeros;
  more.minimum = more.maximum = 0.0;
  output.shape.higher = tally::merge(output.moments, output.shape.higher, more, {});
  output.shape.bins = tally::merge(std::move(output.shape.bins),
                                   tally::Bins{{tally::bin_of(-output.origin), zeros}});
  output.moments = tally::merge(output.moments, more);
  return output;
}

Distribution distribution_of(const OutputTally& output, double confidence, const Show& show) {
  OCHE_ASSERT(output.moments.count > 0 && !output.shape.bins.empty());
  const Counts counts(output);
  const double n = static_cast<double>(counts.total());
  Distribution d;
  measure_shape(output, counts, d);
  for (const double p : show.quantiles) d.quantiles.push_back(quantile_of(counts, p, confidence));
  d.few_values = counts.takes_few_values();
  d.coverage = show.coverage;
  d.symmetric = {counts.value((1 - show.coverage) / 2 * n),
                 counts.value((1 + show.coverage) / 2 * n)};
  d.shortest = shortest_interval(counts, show.coverage);
  d.histogram = histogram_of(counts, show.bars);
  return d;
}

Measured ratio_of_means(const tally::Moments& x, const tally::Moments& y, double co_moment) {
  if (x.count < 2 || y.mean == 0) return {kNaN, kNaN};
  const double n = static_cast<double>(x.count);
  const double ratio = x.mean / y.mean;
  const double variance = (x.m2 - 2 * ratio * co_moment + ratio * ratio * y.m2) / (n * (n - 1));
  return {ratio, std::sqrt(std::max(0.0, variance)) / std::fabs(y.mean)};
}

}  // namespace oche::job

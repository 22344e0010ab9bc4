#include "job/binomial.h"

#include "math/functions.h"

namespace oche::job {
namespace {

// log C(n, k), by its factors: a difference of log-gammas would lose every digit for large n.
double log_choices(double n, std::uint64_t k) {
  double sum = 0.0;
  for (std::uint64_t i = 0; i < k; ++i) {
    const double j = static_cast<double>(i);
    sum += math::log((n - j) / (j + 1.0));
  }
  return sum;
}

// P(X = k) for X binomial with n and p, 0 < p < 1.
double probability_of(std::uint64_t k, double n, double p, double choices) {
  const double hits = static_cast<double>(k);
  return math::exp(choices + hits * math::log(p) + (n - hits) * math::log1p(-p));
}

// P(X <= k). Terms fall from k down wherever the sum is small.
double at_most(std::uint64_t k, double n, double p, double choices) {
  double term = probability_of(k, n, p, choices);
  double sum = term;
  for (std::uint64_t i = k; i > 0 && term > sum * 1e-17; --i) {
    const double j = static_cast<double>(i);
    term *= j / (n - j + 1.0) * ((1.0 - p) / p);
    sum += term;
  }
  return sum;
}

// P(X >= k). Terms fall from k up wherever the sum is small.
double at_least(std::uint64_t k, double n, double p, double choices) {
  double term = probability_of(k, n, p, choices);
  double sum = term;
  for (double j = static_cast<double>(k); j < n && term > sum * 1e-17 && sum < 1.0; j += 1.0) {
    term *= (n - j) / (j + 1.0) * (p / (1.0 - p));
    sum += term;
  }
  return sum;
}

// The p in (low, high) at which f crosses zero, f being below it at low: to the last bit or so.
template <class F>
double crossing(double low, double high, F f) {
  for (int i = 0; i < 2000; ++i) {
    // Between ends far apart the geometric mean is the better middle.
    const double middle =
        low > 0 && high > 4 * low ? math::sqrt(low) * math::sqrt(high) : low + (high - low) / 2;
    if (middle <= low || middle >= high) break;
    (f(middle) < 0 ? low : high) = middle;
  }
  return high;
}

// For few hits.
Interval interval_of(std::uint64_t hits, std::uint64_t n, double confidence) {
  const double tail = (1.0 - confidence) / 2;
  const double size = static_cast<double>(n);
  const double choices = log_choices(size, hits);
  const double share = static_cast<double>(hits) / size;
  constexpr double kLeast = 1e-300;
  Interval interval{0.0, 1.0};
  if (hits > 0) {
    interval.low =
        crossing(kLeast, share, [&](double p) { return at_least(hits, size, p, choices) - tail; });
  }
  if (hits < n) {
    interval.high = crossing(hits > 0 ? share : kLeast, 1.0,
                             [&](double p) { return tail - at_most(hits, size, p, choices); });
  }
  return interval;
}

}  // namespace

std::optional<Interval> exact_binomial_interval(std::uint64_t hits, std::uint64_t n,
                                                double confidence) {
  if (hits <= kMostExactHits) return interval_of(hits, n, confidence);
  if (n - hits > kMostExactHits) return std::nullopt;
  const Interval of_misses = interval_of(n - hits, n, confidence);
  return Interval{1.0 - of_misses.high, 1.0 - of_misses.low};
}

}  // namespace oche::job

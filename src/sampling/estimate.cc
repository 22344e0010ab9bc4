#include "sampling/estimate.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace oche::sampling {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

// Below these, squares have underflowed: what is lost of a stratum's M2 is less than kLeastM2,
// which matters only when all the variance is less than kLeastVariance.
constexpr double kLeastM2 = 1e-290;
constexpr double kLeastVariance = 1e-280;

std::size_t strata_of(const PassResult& pass) {
  return pass.plan.stratified() ? pass.plan.allocation.size() : 1;
}

// A pilot only shows where the variance is: what its few samples missed would bias the value, and
// by more than the error tells.
bool counts(const PassResult& pass, const std::vector<PassResult>& passes) {
  return pass.plan.pass > 0 || passes.size() == 1;
}

// The moments of an output in each stratum of a pass; empty ones where it has none.
std::vector<tally::Moments> moments_of(const PassResult& pass, std::uint32_t output,
                                       NonFinite policy) {
  std::vector<tally::Moments> moments(strata_of(pass));
  for (const tally::StratumMoments& s : pass.tally.strata) {
    tally::Moments& m = moments[s.stratum];
    m = s.moments;
    if (output > 0) {
      m = pass.tally.others[output - 1];
      m.non_finite = s.moments.non_finite;
      m.first_non_finite = s.moments.first_non_finite;
    }
    if (policy == NonFinite::zero && m.non_finite > 0) {
      tally::Moments zeros;
      zeros.count = m.non_finite;
      zeros.minimum = zeros.maximum = 0.0;
      m = tally::merge(m, zeros);  // and they stay counted as what they are
    }
  }
  return moments;
}

struct Spread {
  double variance = 0.0;       // of the estimate
  double largest_share = 0.0;  // the most that one sample's deviation brings to it
  bool lost_squares = false;   // some values differ, and the squares of their deviations underflow
};

// Adds what strata bring whose variances are as `moments` shows; `error_per_variance[h]` is the
// estimate's error^2 that a variance of 1 in stratum h would make.
void add_spread(const std::vector<tally::Moments>& moments,
                const std::vector<double>& error_per_variance, Spread& spread) {
  for (std::size_t h = 0; h < moments.size(); ++h) {
    const tally::Moments& m = moments[h];
    const double factor = error_per_variance[h];
    if (m.count < 2 || std::isinf(factor)) {
      spread.variance = kInfinity;
      continue;
    }
    if (m.minimum == m.maximum) continue;
    if (m.m2 < kLeastM2) spread.lost_squares = true;
    const double n = static_cast<double>(m.count);
    spread.variance += factor * (m.m2 / (n - 1.0));
    const double deviation = std::max(m.maximum - m.mean, m.mean - m.minimum);
    spread.largest_share = std::max(spread.largest_share, factor * (deviation * deviation / n));
  }
}

void count_extremes(Estimate& e, const PassResult& pass,
                    const std::vector<tally::Moments>& moments) {
  for (const tally::Moments& m : moments) {
    e.minimum = std::min(e.minimum, m.minimum);
    e.maximum = std::max(e.maximum, m.maximum);
    if (m.non_finite > 0 && e.first_non_finite == tally::kNoSample) {
      e.first_non_finite = m.first_non_finite;
      e.first_non_finite_pass = pass.plan.pass;
    }
    e.non_finite += m.non_finite;
  }
}

}  // namespace

Estimate estimate(const std::vector<PassResult>& passes, double scale, std::uint32_t output,
                  NonFinite policy) {
  Estimate e;
  e.minimum = kInfinity;
  e.maximum = -kInfinity;
  double counted = 0.0;
  std::size_t largest = 0;
  for (std::size_t p = 0; p < passes.size(); ++p) {
    e.samples += passes[p].samples;
    if (counts(passes[p], passes)) counted += static_cast<double>(passes[p].samples);
    if (passes[p].samples >= passes[largest].samples) largest = p;
    count_extremes(e, passes[p], moments_of(passes[p], output, policy));
  }
  Spread spread;
  if (passes.empty()) spread.variance = kInfinity;
  const std::size_t strata = passes.empty() ? 0 : strata_of(passes.front());
  const double volume = 1.0 / static_cast<double>(strata);
  std::vector<double> error_per_variance(strata, 0.0);
  for (std::size_t p = 0; p < passes.size(); ++p) {
    if (!counts(passes[p], passes)) continue;
    const double share = static_cast<double>(passes[p].samples) / counted;
    const double weight = share * volume;
    const std::vector<tally::Moments> moments = moments_of(passes[p], output, policy);
    if (p > largest) error_per_variance.assign(strata, 0.0);
    double sum = 0.0;
    for (std::size_t h = 0; h < strata; ++h) {
      if (moments[h].count > 0) sum += moments[h].mean;
      error_per_variance[h] += weight * weight / static_cast<double>(moments[h].count);
    }
    e.value += share * (sum * volume);
    if (p >= largest) add_spread(moments, error_per_variance, spread);
  }
  if (spread.lost_squares && spread.variance < kLeastVariance) spread.variance = kInfinity;
  e.value *= scale;
  e.standard_error = std::sqrt(spread.variance) * std::fabs(scale);
  e.effective_hits = spread.largest_share > 0 ? spread.variance / spread.largest_share : 0.0;
  if (scale < 0) std::swap(e.minimum, e.maximum);
  e.minimum *= scale;
  e.maximum *= scale;
  return e;
}

std::vector<Estimate> estimates(const std::vector<PassResult>& passes, double scale,
                                std::uint32_t outputs, NonFinite policy) {
  std::vector<Estimate> all;
  for (std::uint32_t o = 0; o < outputs; ++o) all.push_back(estimate(passes, scale, o, policy));
  return all;
}

}  // namespace oche::sampling

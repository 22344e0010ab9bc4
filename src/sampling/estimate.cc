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

struct PassEstimate {
  double value = 0.0;
  double variance = 0.0;       // of the value
  double largest_share = 0.0;  // the most that one sample's deviation brings to the variance
  bool lost_squares = false;   // some values differ, and the squares of their deviations underflow
};

// Adds one stratum of volume `volume`.
void add_stratum(PassEstimate& pass, const tally::Moments& m, double volume) {
  if (m.count == 0) {
    pass.variance = kInfinity;
    return;
  }
  const double n = static_cast<double>(m.count);
  pass.value += volume * m.mean;
  if (m.minimum == m.maximum && m.count >= 2) return;
  if (m.count >= 2 && m.m2 < kLeastM2) pass.lost_squares = true;
  const double spread = m.count >= 2 ? m.m2 / (n - 1.0) : kInfinity;
  pass.variance += volume * volume * (spread / n);
  const double deviation = volume * std::max(m.maximum - m.mean, m.mean - m.minimum) / n;
  pass.largest_share = std::max(pass.largest_share, deviation * deviation);
}

PassEstimate estimate_pass(const PassResult& pass) {
  PassEstimate e;
  if (!pass.plan.stratified()) {
    add_stratum(e, pass.tally.total(), 1.0);
    return e;
  }
  const double volume = 1.0 / static_cast<double>(pass.plan.allocation.size());
  for (const tally::StratumMoments& s : pass.tally.strata) add_stratum(e, s.moments, volume);
  if (pass.tally.strata.size() < pass.plan.allocation.size()) e.variance = kInfinity;
  return e;
}

void count_extremes(Estimate& e, const PassResult& pass) {
  for (const tally::StratumMoments& s : pass.tally.strata) {
    const tally::Moments& m = s.moments;
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

Estimate estimate(const std::vector<PassResult>& passes, double scale) {
  Estimate e;
  e.minimum = kInfinity;
  e.maximum = -kInfinity;
  for (const PassResult& pass : passes) e.samples += pass.samples;
  double variance = 0.0;
  double largest_share = 0.0;
  bool lost_squares = false;
  for (const PassResult& pass : passes) {
    const double weight = static_cast<double>(pass.samples) / static_cast<double>(e.samples);
    const PassEstimate p = estimate_pass(pass);
    e.value += weight * p.value;
    variance += weight * weight * p.variance;
    largest_share = std::max(largest_share, weight * weight * p.largest_share);
    lost_squares = lost_squares || p.lost_squares;
    count_extremes(e, pass);
  }
  if (lost_squares && variance < kLeastVariance) variance = kInfinity;
  e.value *= scale;
  e.standard_error = passes.empty() ? kInfinity : std::sqrt(variance) * std::fabs(scale);
  e.effective_hits = largest_share > 0 ? variance / largest_share : 0.0;
  if (scale < 0) std::swap(e.minimum, e.maximum);
  e.minimum *= scale;
  e.maximum *= scale;
  return e;
}

}  // namespace oche::sampling

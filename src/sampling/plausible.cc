#include "sampling/plausible.h"

#include <algorithm>
#include <cmath>

#include "sampling/strata.h"

namespace oche::sampling {
namespace {

// What rounding may add to a sum of squares or products, relative to the sum about the centre that
// was cancelled: far more than it does.
constexpr double kRounding = 1e-9;
// Squares may have vanished.
constexpr double kVanishing = 1e-300;

// Values relative to the centre of their sums, which bounds what rounding does to them. Of strata
// the sums are about their means.
struct Range {
  double width = 0.0;     // maximum - minimum
  double farthest = 0.0;  // from the centre

  Range(const tally::Moments& m, double centre)
      : width(m.maximum - m.minimum),
        farthest(std::max(std::fabs(m.maximum - centre), std::fabs(m.minimum - centre))) {}
};

bool plausible_counts(const tally::Moments& m, std::uint64_t begin, std::uint64_t samples) {
  if (m.count > samples || m.non_finite != samples - m.count) return false;
  if (m.non_finite == 0) return m.first_non_finite == tally::kNoSample;
  return m.first_non_finite >= begin && m.first_non_finite - begin < samples;
}

// Mean, variance and ends, whatever the counts.
bool plausible_values(const tally::Moments& m, double centre) {
  if (m.count == 0) {
    tally::Moments empty;
    empty.non_finite = m.non_finite;
    empty.first_non_finite = m.first_non_finite;
    return tally::identical(m, empty);
  }
  if (!std::isfinite(m.minimum) || !std::isfinite(m.maximum) || m.minimum > m.maximum) return false;
  // The mean may leave the range by the rounding of its sums.
  const double slack = 1e-9 * std::max(std::fabs(m.minimum), std::fabs(m.maximum));
  if (!(m.mean >= m.minimum - slack && m.mean <= m.maximum + slack && m.m2 >= 0)) return false;
  // n values within a range R have R^2/2 <= M2 <= n R^2/4 (the upper bound is Popoviciu's), here
  // with some air; a square may have overflowed or vanished on either side.
  const double n = static_cast<double>(m.count);
  const Range range(m, centre);
  const double rounding = kRounding * n * (range.farthest * range.farthest) + kVanishing;
  const double least = 0.7 * std::max(0.0, range.width - 4 * slack);
  const double most = 0.51 * (range.width + 4 * slack);
  return m.m2 + rounding >= least * least && m.m2 <= n * (most * most) + rounding;
}

// A sum of powers or products is only then beyond the range of doubles, and told as NaN, when this
// bound of it is not far below the largest of them.
bool may_overflow(double bound) { return !(bound < 1e250); }

// |C| <= sqrt(M2a M2b), by Cauchy and Schwarz.
bool plausible_co_moment(double value, const tally::Moments& a, double centre_a,
                         const tally::Moments& b, double centre_b) {
  if (a.count == 0) return value == 0;
  const double n = static_cast<double>(a.count);
  const double farthest_a = Range(a, centre_a).farthest;
  const double farthest_b = Range(b, centre_b).farthest;
  if (std::isnan(value)) return may_overflow(n * farthest_a * farthest_b);
  const auto root = [n](double m2, double farthest) {
    return std::sqrt(m2 + kRounding * n * (farthest * farthest) + kVanishing);
  };
  return std::isfinite(value) &&
         std::fabs(value) <= root(a.m2, farthest_a) * root(b.m2, farthest_b) * (1 + 1e-6);
}

// With R the width of the range: M2^2/n <= M4 <= M2 R^2. What is NaN needs a range that may
// overflow; where a bound overflows to NaN it says nothing.
bool plausible_fourth(double m4, const tally::Moments& m, const Range& range) {
  const double n = static_cast<double>(m.count);
  const double square = range.farthest * range.farthest;
  const double rounding = kRounding * n * square * square + kVanishing;
  if (std::isnan(m4)) return may_overflow(n * square * square);
  if (!std::isfinite(m4)) return false;
  const double m2 = m.m2 + kRounding * n * square + kVanishing;
  return !(m4 + rounding < m.m2 * (m.m2 / n) * (1 - 1e-6)) &&
         !(m4 > m2 * (range.width * range.width) * (1 + 1e-6) + rounding);
}

// |M3| <= M2 R, and M3^2 <= M2 M4.
bool plausible_third(const tally::HigherMoments& h, const tally::Moments& m, const Range& range) {
  const double n = static_cast<double>(m.count);
  const double square = range.farthest * range.farthest;
  const double rounding = kRounding * n * square;
  if (std::isnan(h.m3)) return may_overflow(n * square * range.farthest);
  if (!std::isfinite(h.m3)) return false;
  const double m2 = m.m2 + rounding + kVanishing;
  const double m4 = h.m4 + rounding * square + kVanishing;
  const double size = std::fabs(h.m3) * (1 - 1e-6);
  return !(size > m2 * range.width + rounding * range.farthest) &&
         !(size > std::sqrt(m2) * std::sqrt(m4));
}

bool plausible_higher(const tally::HigherMoments& h, const tally::Moments& m, double centre) {
  if (m.count == 0) return h.m3 == 0 && h.m4 == 0;
  const Range range(m, centre);
  return plausible_fourth(h.m4, m, range) && plausible_third(h, m, range);
}

// They ascend and the last is that of the maximum, so all are bins of numbers.
bool plausible_bins(const tally::Bins& bins, const tally::Moments& m, double origin) {
  std::uint64_t count = 0;
  for (std::size_t i = 0; i < bins.size(); ++i) {
    if (bins[i].count == 0) return false;
    if (bins[i].count > m.count - count) return false;
    if (i > 0 && bins[i].index <= bins[i - 1].index) return false;
    count += bins[i].count;
  }
  if (count != m.count) return false;
  return m.count == 0 || (bins.front().index == tally::bin_of(m.minimum - origin) &&
                          bins.back().index == tally::bin_of(m.maximum - origin));
}

bool plausible_joint(const PassContext& pass, const tally::Tally& tally) {
  const integrand::Measure& measure = pass.integrand->measure();
  const Pilot& pilot = pass.pilot;
  const std::uint64_t count = tally.strata.front().moments.count;
  for (std::size_t q = 1; q < measure.quantities(); ++q) {
    const tally::Moments& m = tally.others[q - 1];
    if (!plausible_counts(m, 0, count) || m.non_finite != 0) return false;
    if (!plausible_values(m, pilot.centres[q])) return false;
  }
  for (std::size_t p = 0; p < measure.pairs.size(); ++p) {
    const tally::CoMoment& c = tally.co_moments[p];
    if (c.a != measure.pairs[p].a || c.b != measure.pairs[p].b) return false;
    if (!plausible_co_moment(c.value, tally.quantity(c.a), pilot.centres[c.a], tally.quantity(c.b),
                             pilot.centres[c.b])) {
      return false;
    }
  }
  for (std::size_t o = 0; o < tally.shapes.size(); ++o) {
    const tally::Moments& m = tally.quantity(o);
    if (!plausible_higher(tally.shapes[o].higher, m, pilot.centres[o])) return false;
    if (!plausible_bins(tally.shapes[o].bins, m, pilot.origins[o])) return false;
  }
  return true;
}

// Whether it has the parts that the job measures, and no others.
bool has_the_parts(const PassContext& pass, const tally::Tally& tally) {
  const integrand::Measure& measure = pass.integrand->measure();
  const bool joint = !pass.plan.stratified() && !measure.is_simple();
  return tally.others.size() == (joint ? measure.quantities() - 1 : 0) &&
         tally.co_moments.size() == (joint ? measure.pairs.size() : 0) &&
         tally.shapes.size() == (joint && measure.shapes ? measure.outputs : 0);
}

// Of the samples [at, end).
bool plausible_samples(const PassContext& pass, std::uint64_t at, std::uint64_t end,
                       const tally::Tally& tally) {
  if (tally.strata.empty() || !has_the_parts(pass, tally)) return false;
  for (const tally::StratumMoments& s : tally.strata) {
    if (at >= end) return false;
    const bool stratified = pass.plan.stratified();
    if (s.stratum != (stratified ? stratum_of(pass, at) : 0)) return false;
    const std::uint64_t upto = stratified ? std::min(end, pass.first_sample[s.stratum + 1]) : end;
    const double centre = pass.pilot.centres.empty() ? s.moments.mean : pass.pilot.centres[0];
    if (!plausible_counts(s.moments, at, upto - at) || !plausible_values(s.moments, centre)) {
      return false;
    }
    at = upto;
  }
  if (at != end) return false;
  return tally.others.empty() && tally.shapes.empty() ? true : plausible_joint(pass, tally);
}

}  // namespace

bool plausible(const PassContext& pass, tally::Node node, std::uint64_t end_sample,
               const tally::Tally& tally) {
  std::uint64_t end = node.end() * pass.chunk_samples;
  if (end_sample != 0) end = std::min(end, end_sample);
  return plausible_samples(pass, node.first() * pass.chunk_samples, end, tally);
}

bool plausible_prefix(const PassContext& pass, std::uint64_t samples, const tally::Tally& tally) {
  if (samples == 0 || samples > kMaxSamples) return false;
  if (pass.plan.stratified() && samples != pass.plan.samples()) return false;
  return plausible_samples(pass, 0, samples, tally);
}

}  // namespace oche::sampling

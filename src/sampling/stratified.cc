#include "sampling/stratified.h"

#include <algorithm>
#include <cmath>

#include "base/assert.h"

namespace oche::sampling {
namespace {

std::vector<std::uint8_t> cells_of(std::uint32_t dimensions) {
  std::vector<std::uint8_t> log2(std::min(dimensions, kMaxLog2Strata), 0);
  if (log2.empty()) return log2;
  for (std::uint32_t bit = 0; bit < kMaxLog2Strata; ++bit) ++log2[bit % log2.size()];
  return log2;
}

std::uint64_t least_pass(std::uint64_t strata) { return 4 * strata; }

// The standard deviation that a stratum showed; 0 when it has fewer than two finite values.
double spread(const tally::Moments& m) {
  if (m.count < 2) return 0.0;
  return std::sqrt(m.m2 / static_cast<double>(m.count - 1));
}

// Divides `samples` in proportion to `weights` (finite, not all zero), by rounding running totals:
// the parts are whole and their sum is exact.
std::vector<std::uint64_t> divide(std::uint64_t samples, const std::vector<double>& weights) {
  double total = 0.0;
  for (const double w : weights) total += w;
  std::vector<std::uint64_t> parts;
  double running = 0.0;
  std::uint64_t given = 0;
  for (const double w : weights) {
    running += w;
    const double share = std::min(1.0, running / total);
    std::uint64_t upto =
        static_cast<std::uint64_t>(std::floor(share * static_cast<double>(samples)));
    upto = std::clamp(upto, given, samples);
    parts.push_back(upto - given);
    given = upto;
  }
  parts.back() += samples - given;
  return parts;
}

}  // namespace

Plan first_plan(Method method, std::uint32_t dimensions) {
  Plan plan;
  if (method == Method::plain) return plan;
  plan.log2_cells = cells_of(dimensions);
  const std::size_t strata = plan.log2_cells.empty() ? 1 : std::size_t{1} << kMaxLog2Strata;
  plan.allocation.assign(strata, kPilotSamplesPerStratum);
  return plan;
}

std::optional<Plan> next_plan(const Plan& plan, const tally::Tally& root, std::uint64_t remaining,
                              bool capped) {
  if (!plan.stratified() || (capped && remaining == 0)) return std::nullopt;
  const std::uint64_t strata = plan.allocation.size();
  std::uint64_t samples = std::uint64_t{1} << std::min(kLog2FirstPass + plan.pass, 48u);
  if (capped && remaining < samples + least_pass(strata)) samples = remaining;
  std::vector<double> weights(strata, 0.0);
  for (const tally::StratumMoments& s : root.strata) weights[s.stratum] = spread(s.moments);
  const double most = *std::max_element(weights.begin(), weights.end());
  if (!(most > 0) || !std::isfinite(most)) {
    weights.assign(strata, 1.0);
  } else {
    for (double& w : weights) w /= most;  // sums must not overflow
  }
  const double even = static_cast<double>(samples) / static_cast<double>(strata);
  const std::uint64_t least =
      std::max<std::uint64_t>(2, static_cast<std::uint64_t>(kDefensiveShare * even));
  OCHE_ASSERT(samples >= least * strata);
  Plan next;
  next.pass = plan.pass + 1;
  next.log2_cells = plan.log2_cells;
  next.allocation = divide(samples - least * strata, weights);
  for (std::uint64_t& n : next.allocation) n += least;
  return next;
}

std::uint64_t least_samples(Method method, std::uint32_t dimensions) {
  if (method == Method::plain) return 1;
  const std::uint64_t strata = first_plan(method, dimensions).allocation.size();
  return strata * kPilotSamplesPerStratum + least_pass(strata);
}

}  // namespace oche::sampling

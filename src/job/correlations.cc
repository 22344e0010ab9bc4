#include "job/correlations.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <vector>

#include "math/functions.h"
#include "sampling/workspace.h"

namespace oche::job {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr std::size_t kBlock = integrand::kBlock;

// What is this near to 1 differs from it by the rounding of sums.
constexpr double kRounding = 64 * std::numeric_limits<double>::epsilon();

// What is drawn again costs at most this, in the unit of static_cost(): some 20 ms. The pilot draws
// a block, too.
constexpr std::uint64_t kMostCost = std::uint64_t{1} << 28;

std::uint64_t samples_to_replay(const Job& job, std::uint64_t samples) {
  const std::uint64_t cost = std::max<std::uint64_t>(job.integrand().static_cost(), 1);
  const std::uint64_t most = std::max<std::uint64_t>(kMostCost / cost, kBlock);
  return std::min({samples, most, Correlations::kReplayed});
}

// Of one pair; its quantities are values[i] of the block's columns.
struct Influence {
  const double* a = nullptr;
  const double* b = nullptr;
  double mean_a = 0.0, scale_a = 0.0;  // z = (a - mean) scale
  double mean_b = 0.0, scale_b = 0.0;
  double r = 0.0;
  double squares = 0.0;
  std::uint64_t count = 0;

  void add(std::size_t n) {
    for (std::size_t i = 0; i < n; ++i) {
      const double x = (a[i] - mean_a) * scale_a;
      const double y = (b[i] - mean_b) * scale_b;
      const double influence = x * y - 0.5 * r * (x * x + y * y);
      if (!std::isfinite(influence)) continue;
      squares += influence * influence;
      ++count;
    }
  }
};

double scale_of(const tally::Moments& m) {
  return 1 / std::sqrt(m.m2 / static_cast<double>(m.count));
}

}  // namespace

double pearson(const tally::Moments& a, const tally::Moments& b, double co_moment) {
  const double scale = std::sqrt(a.m2) * std::sqrt(b.m2);
  if (a.count < 2 || !(scale > 0) || !std::isfinite(scale) || std::isnan(co_moment)) return kNaN;
  const double r = co_moment / scale;
  return std::fabs(r) > 1 - kRounding ? std::copysign(1.0, r) : r;
}

double rank_correlation(double r) { return 6 / std::numbers::pi * math::asin(r / 2); }

Correlations::Correlations(const Job& job, const tally::Tally& tally) {
  // What sensitivity indices are made of has co-moments, too.
  const integrand::Measure& measure = job.integrand().measure();
  const std::uint32_t correlated = measure.outputs + measure.inputs;
  for (const tally::CoMoment& c : tally.co_moments) {
    Pair& pair = pairs_[{c.a, c.b}];
    pair.co_moment = c.value;
    const double r = std::max(c.a, c.b) < correlated
                         ? pearson(tally.quantity(c.a), tally.quantity(c.b), c.value)
                         : kNaN;
    pair.correlation = {r, std::fabs(r) == 1 ? 0.0 : kNaN};
  }
  measure_errors(job, tally);
}

void Correlations::measure_errors(const Job& job, const tally::Tally& tally) {
  const integrand::Integrand& f = job.integrand();
  sampling::Workspace workspace;
  const sampling::Block block(f, workspace);
  std::vector<Influence> influences;
  std::vector<Pair*> measured;
  for (auto& [quantities, pair] : pairs_) {
    if (!(std::fabs(pair.correlation.value) < 1)) continue;
    const auto [a, b] = quantities;
    const tally::Moments& of_a = tally.quantity(a);
    const tally::Moments& of_b = tally.quantity(b);
    influences.push_back({block.values + a * kBlock, block.values + b * kBlock, of_a.mean,
                          scale_of(of_a), of_b.mean, scale_of(of_b), pair.correlation.value});
    measured.push_back(&pair);
  }
  if (influences.empty()) return;
  const random::StreamKey key{job.seed(), 0, random::Domain::samples};
  const std::uint64_t samples = samples_to_replay(job, tally.samples());
  for (std::uint64_t first = 0; first < samples; first += kBlock) {
    const auto n = static_cast<std::size_t>(std::min<std::uint64_t>(kBlock, samples - first));
    sampling::evaluate_block(f, key, first, n, block);
    for (Influence& influence : influences) influence.add(n);
  }
  const auto n = static_cast<double>(tally.quantity(0).count);
  for (std::size_t p = 0; p < measured.size(); ++p) {
    const Influence& influence = influences[p];
    if (influence.count == 0) continue;
    measured[p]->correlation.standard_error =
        std::sqrt(influence.squares / static_cast<double>(influence.count) / (n - 1));
  }
}

}  // namespace oche::job

#include "sampling/pilot.h"

#include <algorithm>
#include <cmath>

#include "random/stream.h"
#include "sampling/workspace.h"

namespace oche::sampling {
namespace {

constexpr std::size_t kBlock = integrand::kBlock;

// The value that is larger than `share` of the others. + 0.0: no -0.
double quantile(std::vector<double>& values, double share) {
  const auto k = static_cast<std::ptrdiff_t>(share * static_cast<double>(values.size() - 1));
  std::nth_element(values.begin(), values.begin() + k, values.end());
  return values[static_cast<std::size_t>(k)] + 0.0;
}

}  // namespace

Pilot pilot_of(const integrand::Integrand& f, std::uint64_t seed) {
  const integrand::Measure& measure = f.measure();
  Workspace workspace;
  const Block block(f, workspace);
  const random::StreamKey key{seed, 0, random::Domain::pilot};
  evaluate_block(f, key, 0, kBlock, block);
  Pilot pilot;
  for (std::uint32_t q = 0; q < measure.quantities(); ++q) {
    std::vector<double> finite(block.values + q * kBlock, block.values + (q + 1) * kBlock);
    std::erase_if(finite, [](double v) { return !std::isfinite(v); });
    if (finite.empty()) finite.push_back(0.0);
    const double median = quantile(finite, 0.5);
    pilot.centres.push_back(median);
    if (!measure.shapes || q >= measure.outputs) continue;
    const double spread = 0.5 * quantile(finite, 0.84) - 0.5 * quantile(finite, 0.16);
    pilot.origins.push_back(spread < kSpreadForOrigin * std::fabs(median) ? median : 0.0);
  }
  return pilot;
}

}  // namespace oche::sampling

#include "sampling/joint.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "integrand/integrand.h"

namespace oche::sampling {
namespace {

constexpr std::size_t kBlock = integrand::kBlock;
constexpr std::size_t kNoPair = std::numeric_limits<std::size_t>::max();

struct Dropped {
  std::size_t kept = 0;
  std::uint64_t first = tally::kNoSample;
};

// Moves the samples of which all quantities are finite to the front.
Dropped drop_non_finite(std::uint32_t quantities, double* values, std::size_t n,
                        std::uint64_t first_sample) {
  Dropped dropped;
  for (std::size_t i = 0; i < n; ++i) {
    bool finite = true;
    for (std::uint32_t q = 0; q < quantities; ++q) {
      finite = finite && std::isfinite(values[q * kBlock + i]);
    }
    if (!finite) {
      dropped.first = std::min(dropped.first, first_sample + i);
      continue;
    }
    for (std::uint32_t q = 0; q < quantities; ++q) {
      values[q * kBlock + dropped.kept] = values[q * kBlock + i];
    }
    ++dropped.kept;
  }
  return dropped;
}

double one_nan(double v) { return std::isfinite(v) ? v : std::numeric_limits<double>::quiet_NaN(); }

tally::HigherMoments careful_higher_moments(const double* values, std::size_t n, double mean) {
  double m3 = 0.0;
  double m4 = 0.0;
  for (std::size_t i = 0; i < n; ++i) {
    const double x = values[i] - mean;
    m3 += x * x * x;
    m4 += x * x * (x * x);
  }
  return {one_nan(m3), one_nan(m4)};
}

double careful_co_moment(const double* a, double mean_a, const double* b, double mean_b,
                         std::size_t n) {
  double sum = 0.0;
  for (std::size_t i = 0; i < n; ++i) sum += (a[i] - mean_a) * (b[i] - mean_b);
  return one_nan(sum);
}

}  // namespace

JointSums::JointSums(const integrand::Measure& measure, const Pilot& pilot, JointMemory& memory)
    : measure_(measure),
      pilot_(pilot),
      counters_(memory.counters),
      sums_(memory.sums),
      before_(memory.before),
      pair_of_(memory.pair_of) {
  const std::size_t shapes = measure.shapes ? measure.outputs : 0;
  while (counters_.size() < shapes) counters_.emplace_back();
  sums_.lanes.assign(measure.quantities(), {});
  sums_.powers.assign(shapes, {});
  sums_.products.assign(measure.pairs.size(), {});
  pair_of_.assign(measure.quantities(), kNoPair);
  for (std::size_t p = measure.pairs.size(); p-- > 0;) {
    const integrand::Pair& pair = measure.pairs[p];
    if (pair.a < pair.b && pair.b >= sums_.powers.size()) pair_of_[pair.b] = p;
  }
}

bool JointSums::add(double* values, std::size_t n) {
  before_ = sums_;
  add_to_sums(values, n);
  if (!std::ranges::all_of(sums_.lanes, tally::of_finite_values)) {
    sums_ = before_;
    return false;
  }
  count_bins(n);
  return true;
}

void JointSums::add_finite_ones(double* values, std::size_t n, std::uint64_t first_sample) {
  const Dropped dropped = drop_non_finite(measure_.quantities(), values, n, first_sample);
  non_finite_ += n - dropped.kept;
  first_non_finite_ = std::min(first_non_finite_, dropped.first);
  add_to_sums(values, dropped.kept);
  count_bins(dropped.kept);
}

void JointSums::add_to_sums(double* values, std::size_t n) {
  const auto shapes = static_cast<std::uint32_t>(sums_.powers.size());
  for (std::uint32_t q = 0; q < measure_.quantities(); ++q) {
    double* const v = values + q * kBlock;
    if (q < shapes) {
      counters_[q].find(v, n, pilot_.origins[q]);
      tally::accumulate_shape(v, n, pilot_.centres[q], v, sums_.lanes[q], sums_.powers[q]);
    } else if (const std::size_t p = pair_of_[q]; p != kNoPair) {
      tally::accumulate_shifted_with(values + measure_.pairs[p].a * kBlock, v, n, pilot_.centres[q],
                                     v, sums_.lanes[q], sums_.products[p]);
    } else {
      tally::accumulate_shifted(v, n, pilot_.centres[q], v, sums_.lanes[q]);
    }
  }
  for (std::size_t p = 0; p < sums_.products.size(); ++p) {
    const integrand::Pair& pair = measure_.pairs[p];
    if (pair_of_[pair.b] == p) continue;
    tally::accumulate_products(values + pair.a * kBlock, values + pair.b * kBlock, n,
                               sums_.products[p]);
  }
}

void JointSums::count_bins(std::size_t n) {
  count_ += n;
  for (std::size_t q = 0; q < sums_.powers.size(); ++q) counters_[q].count_found();
}

std::optional<tally::Tally> JointSums::tally() const {
  std::vector<tally::Sums> sums;
  for (const tally::LaneSums& lanes : sums_.lanes) {
    sums.emplace_back(lanes);
    if (!sums.back().usable()) return std::nullopt;
  }
  tally::Tally tally;
  tally.shapes.resize(sums_.powers.size());
  for (std::uint32_t q = 0; q < sums.size(); ++q) {
    tally::Moments m;
    if (count_ > 0) m = tally::moments_of(sums[q], count_, pilot_.centres[q]);
    if (q == 0) {
      m.non_finite = non_finite_;
      m.first_non_finite = first_non_finite_;
      tally.strata.push_back({0, m});
    } else {
      tally.others.push_back(m);
    }
    if (q < sums_.powers.size() && count_ > 0) {
      tally.shapes[q].higher = tally::higher_moments_of(sums[q], sums_.powers[q], count_);
    }
  }
  for (std::size_t p = 0; p < sums_.products.size(); ++p) {
    const integrand::Pair& pair = measure_.pairs[p];
    const double value =
        count_ > 0 ? tally::co_moment_of(sums[pair.a], sums[pair.b], sums_.products[p], count_)
                   : 0.0;
    tally.co_moments.push_back({pair.a, pair.b, value});
  }
  return tally;
}

tally::Tally careful_joint_block(const integrand::Measure& measure, double* values, std::size_t n,
                                 std::uint64_t first_sample) {
  const Dropped dropped = drop_non_finite(measure.quantities(), values, n, first_sample);
  const std::size_t kept = dropped.kept;
  tally::Tally tally;
  std::vector<double> means;
  for (std::uint32_t q = 0; q < measure.quantities(); ++q) {
    tally::Moments m = tally::moments_of_block(values + q * kBlock, kept, 0);
    means.push_back(m.mean);
    if (measure.shapes && q < measure.outputs) {
      tally.shapes.push_back({careful_higher_moments(values + q * kBlock, kept, m.mean), {}});
    }
    if (q > 0) {
      tally.others.push_back(m);
      continue;
    }
    m.non_finite = n - kept;
    m.first_non_finite = dropped.first;
    tally.strata.push_back({0, m});
  }
  for (const integrand::Pair& pair : measure.pairs) {
    tally.co_moments.push_back({pair.a, pair.b,
                                careful_co_moment(values + pair.a * kBlock, means[pair.a],
                                                  values + pair.b * kBlock, means[pair.b], kept)});
  }
  return tally;
}

}  // namespace oche::sampling

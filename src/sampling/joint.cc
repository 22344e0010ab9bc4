#include "sampling/joint.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "integrand/integrand.h"

namespace oche::sampling {
namespace {

constexpr std::size_t kBlock = integrand::kBlock;

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

bool all_finite(std::uint32_t quantities, const double* values, std::size_t n) {
  bool finite = true;
  for (std::uint32_t q = 0; q < quantities && finite; ++q) {
    finite = tally::all_finite(values + q * kBlock, n);
  }
  return finite;
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

JointSums::JointSums(const integrand::Measure& measure, const Pilot& pilot,
                     std::vector<tally::BinCounter>& counters)
    : measure_(measure),
      pilot_(pilot),
      counters_(counters),
      lanes_(measure.quantities()),
      powers_(measure.shapes ? measure.outputs : 0),
      products_(measure.pairs.size()) {}

void JointSums::add(double* values, std::size_t n, std::uint64_t first_sample) {
  if (!all_finite(measure_.quantities(), values, n)) {
    const Dropped dropped = drop_non_finite(measure_.quantities(), values, n, first_sample);
    non_finite_ += n - dropped.kept;
    first_non_finite_ = std::min(first_non_finite_, dropped.first);
    n = dropped.kept;
  }
  count_ += n;
  for (std::uint32_t q = 0; q < measure_.quantities(); ++q) {
    double* const t = values + q * kBlock;
    if (q < powers_.size()) counters_[q].count(t, n, pilot_.origins[q]);
    tally::accumulate_shifted(t, n, pilot_.centres[q], t, lanes_[q]);
    if (q < powers_.size()) tally::accumulate_powers(t, n, powers_[q]);
  }
  for (std::size_t p = 0; p < products_.size(); ++p) {
    const integrand::Pair& pair = measure_.pairs[p];
    tally::accumulate_products(values + pair.a * kBlock, values + pair.b * kBlock, n, products_[p]);
  }
}

std::optional<tally::Tally> JointSums::tally() const {
  std::vector<tally::Sums> sums;
  for (const tally::LaneSums& lanes : lanes_) {
    sums.emplace_back(lanes);
    if (!sums.back().usable()) return std::nullopt;
  }
  tally::Tally tally;
  tally.shapes.resize(powers_.size());
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
    if (q < powers_.size() && count_ > 0) {
      tally.shapes[q].higher = tally::higher_moments_of(sums[q], powers_[q], count_);
    }
  }
  for (std::size_t p = 0; p < products_.size(); ++p) {
    const integrand::Pair& pair = measure_.pairs[p];
    const double value =
        count_ > 0 ? tally::co_moment_of(sums[pair.a], sums[pair.b], products_[p], count_) : 0.0;
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

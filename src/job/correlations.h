// How pairs of quantities go together, with errors that hold for any distribution.
#ifndef OCHE_JOB_CORRELATIONS_H_
#define OCHE_JOB_CORRELATIONS_H_

#include <cstdint>
#include <map>
#include <optional>
#include <utility>

#include "job/job.h"
#include "oche/result.h"
#include "tally/tally.h"

namespace oche::job {

// Pearson's correlations of the pairs of quantities that a plain job measures
// (integrand/measure.h), from its tally. Either number is NaN where it can't be told, as of a
// constant.
//
// With z the standardized quantities, the influence of a sample on r is
//   IF = z_a z_b - r (z_a^2 + z_b^2)/2
// (S. J. Devlin, R. Gnanadesikan, J. R. Kettenring, "Robust estimation and outlier detection with
// correlation coefficients", Biometrika 62 (1975) 531-545), and the error sqrt(E[IF^2]/n). Of
// normal quantities that is (1 - r^2)/sqrt(n); where tails are long it is larger. The tally has no
// fourth moments of pairs: E[IF^2] is averaged over the first kReplayed samples of the run, drawn
// again, or fewer where they are costly.
class Correlations {
 public:
  Correlations(const Job& job, const tally::Tally& tally);

  Measured of(std::uint32_t a, std::uint32_t b) const { return pairs_.at({a, b}).correlation; }
  // sum (a - mean a)(b - mean b)
  double co_moment(std::uint32_t a, std::uint32_t b) const { return pairs_.at({a, b}).co_moment; }

  static constexpr std::uint64_t kReplayed = std::uint64_t{1} << 16;

 private:
  struct Pair {
    double co_moment = 0.0;
    Measured correlation;
  };
  void measure_errors(const Job& job, const tally::Tally& tally);

  std::map<std::pair<std::uint32_t, std::uint32_t>, Pair> pairs_;
};

// Pearson's correlation from second central moments and the co-moment; NaN where one is 0 or can't
// be told. Where it differs from 1 or -1 by no more than rounding, 1.4e-14, it is that.
double pearson(const tally::Moments& a, const tally::Moments& b, double co_moment);

// Spearman's correlation of two continuous quantities whose normal scores have the correlation r:
// 6/pi asin(r/2) (W. H. Kruskal, "Ordinal measures of association", J. Amer. Statist. Assoc. 53
// (1958) 814-861).
double rank_correlation(double r);

}  // namespace oche::job

#endif  // OCHE_JOB_CORRELATIONS_H_

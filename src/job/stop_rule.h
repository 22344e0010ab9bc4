// When a run ends. A pure function of estimates at fixed stop points, so that no worker's speed can
// sway it.
#ifndef OCHE_JOB_STOP_RULE_H_
#define OCHE_JOB_STOP_RULE_H_

#include <bit>
#include <cstdint>
#include <optional>

#include "base/clock.h"
#include "sampling/estimate.h"

namespace oche::job {

// What the user asked for. A target is met when the half-width of the interval at `confidence` is
// at most rel_error * |estimate| or at most abs_error, either one. samples and time are caps.
struct StopRule {
  std::optional<double> rel_error;
  std::optional<double> abs_error;
  std::optional<std::uint64_t> samples;
  std::optional<Duration> time;
  double confidence = 0.95;

  bool has_target() const { return rel_error || abs_error; }
};

// Stop points of plain sampling, in chunks: 1 … 7, then (8 + j) 2^k, j = 0 … 7. A target is only
// looked at from the eighth chunk on; the earlier ones serve --time and Ctrl-C.
inline constexpr std::uint64_t kLeastChunksForTarget = 8;
// A target is not met on fewer effective hits (sampling::Estimate::effective_hits) than this:
// before that, the observed variance is itself a guess. Values that were all the same, or the
// same in each stratum, must be as many as kLeastSamplesIfConstant instead.
inline constexpr double kLeastEffectiveHits = 32;
inline constexpr std::uint64_t kLeastSamplesIfConstant = std::uint64_t{1} << 20;

// The distance from a stop point to the next.
inline std::uint64_t stop_spacing(std::uint64_t chunks) {
  return chunks < 16 ? 1 : std::bit_floor(chunks) / 8;
}

// The first stop point after `chunks`.
inline std::uint64_t next_stop_point(std::uint64_t chunks) {
  const std::uint64_t spacing = stop_spacing(chunks);
  return (chunks / spacing + 1) * spacing;
}

inline bool is_stop_point(std::uint64_t chunks) {
  return chunks > 0 && chunks % stop_spacing(chunks) == 0;
}

// The two-sided normal quantile: 1.96 for 0.95. Confidence is in (0, 1).
double interval_factor(double confidence);

struct Interval {
  double low = 0.0;
  double high = 0.0;
};
Interval interval(const sampling::Estimate& estimate, double confidence);

// Whether the estimate meets a target of the rule, trustworthiness included.
bool target_met(const StopRule& rule, const sampling::Estimate& estimate);

// Whether the error may be far off because few samples make the variance. Of many samples: where
// there are fewer than kLeastEffectiveHits. Of few, even a light tail has no more, so that there
// must be fewer than the square of a normal variable has but in one or two of a hundred runs: 1 +
// n/t^2, of which M2 = t^2 + n and t is the distance from the mean, in standard deviations, that
// one of n values exceeds with the probability kRareRun. Where the variance is infinite the hits
// have a limit law whatever n, of mean 1/(1 - a) for a density that falls as the power -(1 + 2a)
// (D. A. Darling, "The influence of the maximum term in the addition of independent random
// variables", Trans. Amer. Math. Soc. 73 (1952) 95-107).
inline constexpr double kRareRun = 0.01;
bool rests_on_few_samples(const sampling::Estimate& estimate);

// Whether only the size of the error is as asked, however few the hits.
bool error_small_enough(const StopRule& rule, const sampling::Estimate& estimate);

}  // namespace oche::job

#endif  // OCHE_JOB_STOP_RULE_H_

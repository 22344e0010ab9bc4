#include "job/stop_rule.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "math/functions.h"

namespace oche::job {

double interval_factor(double confidence) { return math::normal_quantile(0.5 + confidence / 2); }

Interval interval(const sampling::Estimate& e, double confidence) {
  const double half_width = interval_factor(confidence) * e.standard_error;
  return {e.value - half_width, e.value + half_width};
}

bool rests_on_few_samples(const sampling::Estimate& e) {
  const double n = static_cast<double>(e.samples);
  // z^2 is beyond 1 + t sqrt(2) where z is beyond this quantile on either side.
  const double z = math::normal_quantile(kRareRun / (2 * n));
  const double t = (z * z - 1) / std::numbers::sqrt2;
  return e.effective_hits < std::min(kLeastEffectiveHits, 1 + n / (t * t));
}

bool error_small_enough(const StopRule& rule, const sampling::Estimate& e) {
  const double half_width = interval_factor(rule.confidence) * e.standard_error;
  if (!std::isfinite(half_width)) return false;
  if (rule.rel_error && e.value != 0 && half_width <= *rule.rel_error * std::fabs(e.value))
    return true;
  return rule.abs_error && half_width <= *rule.abs_error;
}

bool target_met(const StopRule& rule, const sampling::Estimate& e) {
  if (!rule.has_target() || !error_small_enough(rule, e)) return false;
  if (e.standard_error == 0) return e.samples >= kLeastSamplesIfConstant;
  return e.effective_hits >= kLeastEffectiveHits;
}

}  // namespace oche::job

#include "crew/progress.h"

#include <algorithm>
#include <cmath>
#include <optional>

namespace oche::crew {
namespace {

// Samples that are still to be drawn, by the caps and by how the error shrinks (with the square
// root of the samples); a guess.
std::optional<double> samples_left(const job::Dispatcher& dispatcher, const job::StopRule& rule,
                                   const Progress& p) {
  std::optional<double> total;
  if (rule.samples) total = static_cast<double>(*rule.samples);
  if (rule.has_target() && p.estimate && p.half_width > 0) {
    const double wanted = std::max(rule.abs_error.value_or(0.0),
                                   rule.rel_error.value_or(0.0) * std::fabs(*p.estimate));
    double settled = 0.0;
    for (const auto& pass : dispatcher.answer()) settled += static_cast<double>(pass.samples);
    const double by_target = settled * (p.half_width / wanted) * (p.half_width / wanted);
    total = std::min(total.value_or(by_target), by_target);
  }
  if (!total || !std::isfinite(*total)) return std::nullopt;
  return std::max(0.0, *total - static_cast<double>(p.samples));
}

}  // namespace

Progress progress_of(const job::Dispatcher& dispatcher, const job::StopRule& rule, Instant now) {
  Progress p;
  if (dispatcher.begun()) p.seconds = seconds(now - *dispatcher.begun());
  p.samples = dispatcher.samples_done();
  p.workers = dispatcher.workers_present();
  if (!dispatcher.answer().empty()) {
    const sampling::Estimate e = dispatcher.job().estimates(dispatcher.answer()).front();
    p.estimate = e.value;
    p.half_width = job::interval_factor(rule.confidence) * e.standard_error;
  }
  if (p.samples > 0 && p.seconds > 0) {
    if (const auto left = samples_left(dispatcher, rule, p)) {
      p.seconds_left = *left * p.seconds / static_cast<double>(p.samples);
    }
    if (rule.time) {
      const double until_cap = std::max(0.0, seconds(*rule.time) - p.seconds);
      p.seconds_left = std::min(p.seconds_left.value_or(until_cap), until_cap);
    }
  }
  return p;
}

}  // namespace oche::crew

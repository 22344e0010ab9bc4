#include "job/outputs.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "job/binomial.h"
#include "job/stop_rule.h"
#include "sampling/pilot.h"

namespace oche::job {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

// Where the value can only be one of two, and one of them is rare: the interval of its probability,
// exact however few the hits, as an interval of the estimate.
std::optional<Interval> exact_interval(const formula::TwoValues& two, const tally::Moments& m,
                                       double scale, double confidence) {
  const double n = static_cast<double>(m.count);
  const double apart = two.hit - two.miss;
  // M2 = apart^2 k (n - k) / n for k of the rarer value, solved for k. The mean tells less: what
  // distinguishes it from the commoner value may be rounded away.
  const double product = m.m2 / (apart * apart);
  const double rare = 2 * product / (1 + std::sqrt(std::max(0.0, 1 - 4 * product / n)));
  const double whole = std::round(rare);
  if (!(std::fabs(rare - whole) < 0.25)) return std::nullopt;
  const bool hits_are_rare = std::fabs(m.mean - two.miss) < std::fabs(m.mean - two.hit);
  const auto count = static_cast<std::uint64_t>(whole);
  const auto p =
      exact_binomial_interval(hits_are_rare ? count : m.count - count, m.count, confidence);
  if (!p) return std::nullopt;
  const double a = scale * (two.miss + apart * p->low);
  const double b = scale * (two.miss + apart * p->high);
  return Interval{std::min(a, b), std::max(a, b)};
}

// A plain run's tally with the ways to look things up in it.
class PlainAnswer {
 public:
  PlainAnswer(const Job& job, const tally::Tally& tally, const Correlations& correlations)
      : job_(job), tally_(tally), correlations_(correlations) {}

  double co_moment(std::uint32_t a, std::uint32_t b) const { return correlations_.co_moment(a, b); }
  const tally::Moments& quantity(std::uint32_t q) const { return tally_.quantity(q); }

  std::optional<Interval> exact(std::uint32_t output, double confidence) const {
    const tally::Moments& m = quantity(output);
    if (job_.is_constant() || tally_.strata.front().moments.non_finite > 0 || m.count == 0) {
      return std::nullopt;
    }
    const auto two = job_.integrand().two_values_of(output);
    if (!two) return std::nullopt;
    return exact_interval(*two, m, job_.scale(), confidence);
  }

  std::optional<Distribution> distribution(std::uint32_t output, double confidence,
                                           const sampling::Pilot& pilot, const Show& show) const {
    if (output >= tally_.shapes.size() || job_.integrand().two_values_of(output)) {
      return std::nullopt;
    }
    const std::uint64_t zeros = job_.non_finite() == sampling::NonFinite::zero
                                    ? tally_.strata.front().moments.non_finite
                                    : 0;
    const OutputTally whole =
        with_zeros({quantity(output), tally_.shapes[output], pilot.origins[output]}, zeros);
    if (whole.moments.count == 0) return std::nullopt;
    return distribution_of(whole, confidence, show);
  }

  std::vector<InputEffect> effects(std::uint32_t output) const {
    const integrand::Measure& measure = job_.integrand().measure();
    std::vector<InputEffect> effects;
    if (lacks_inputs(job_, tally_)) return effects;
    for (std::uint32_t i = 0; i < measure.inputs; ++i) {
      const std::uint32_t input = measure.outputs + i;
      const tally::Moments& m = quantity(input);
      const double n = static_cast<double>(m.count);
      InputEffect effect;
      const auto& program = job_.integrand().program();
      effect.input = program.inputs[job_.integrand().measured_inputs()[i]].name;
      effect.standard_deviation = lost_squares(m) ? kNaN : std::sqrt(m.m2 / (n - 1));
      effect.mean = {m.mean, effect.standard_deviation / std::sqrt(n)};
      effect.correlation = correlations_.of(output, input);
      if (measure.sensitivity > 0) add_indices(output, i, effect);
      effects.push_back(std::move(effect));
    }
    return effects;
  }

 private:
  // Expression says which quantity is what.
  void add_indices(std::uint32_t output, std::uint32_t input, InputEffect& effect) const {
    const integrand::Measure& measure = job_.integrand().measure();
    const std::uint32_t variance =
        measure.outputs + measure.inputs + output * (1 + 2 * measure.inputs);
    const std::uint32_t total = variance + 1 + input;
    const std::uint32_t rest = total + measure.inputs;
    effect.total = ratio_of_means(quantity(total), quantity(variance), co_moment(variance, total));
    const Measured others =
        ratio_of_means(quantity(rest), quantity(variance), co_moment(variance, rest));
    effect.first_order = Measured{1 - others.value, others.standard_error};
  }

  const Job& job_;
  const tally::Tally& tally_;
  const Correlations& correlations_;
};

void tell_estimate(const Job& job, const sampling::Estimate& e, OutputAnswer& answer) {
  OutputResult& result = answer.result;
  result.standard_error = e.standard_error;
  result.minimum = e.minimum;
  result.maximum = e.maximum;
  const bool failed = job.non_finite() == sampling::NonFinite::fail && e.non_finite > 0;
  const bool nothing_left =
      job.non_finite() == sampling::NonFinite::skip && e.non_finite == e.samples;
  if (!failed && !nothing_left && std::isfinite(e.value)) result.estimate = e.value;
}

}  // namespace

bool lacks_inputs(const Job& job, const tally::Tally& tally) {
  return job.non_finite() == sampling::NonFinite::zero && job.integrand().measure().inputs > 0 &&
         tally.strata.front().moments.non_finite > 0;
}

std::vector<OutputAnswer> answers_of(const Job& job,
                                     const std::vector<sampling::PassResult>& passes,
                                     const std::vector<sampling::Estimate>& estimates,
                                     const Correlations& correlations, double confidence,
                                     const Show& show) {
  const bool plain = job.method() == sampling::Method::plain;
  const PlainAnswer tally(job, passes.front().tally, correlations);
  sampling::Pilot pilot;
  if (plain && job.integrand().measure().shapes) {
    pilot = sampling::pilot_of(job.integrand(), job.seed());
  }
  std::vector<OutputAnswer> answers;
  for (std::uint32_t o = 0; o < job.outputs(); ++o) {
    const sampling::Estimate& e = estimates[o];
    OutputAnswer answer;
    answer.result.expression = job.labels()[o];
    tell_estimate(job, e, answer);
    Interval i = interval(e, confidence);
    if (const auto exact = plain ? tally.exact(o, confidence) : std::nullopt) {
      i = *exact;
      answer.exact = true;
    }
    answer.result.interval = {i.low, i.high};
    if (plain && answer.result.estimate && job.is_expectation() && e.samples > 1) {
      const double n = static_cast<double>(
          job.non_finite() == sampling::NonFinite::skip ? e.samples - e.non_finite : e.samples);
      if (std::isfinite(e.standard_error)) {
        answer.result.standard_deviation = e.standard_error * std::sqrt(n);
      }
      answer.result.distribution = tally.distribution(o, confidence, pilot, show);
      answer.result.effects = tally.effects(o);
    }
    answers.push_back(std::move(answer));
  }
  return answers;
}

std::vector<Association> output_pairs_of(const Job& job, const tally::Tally& tally,
                                         const Correlations& correlations) {
  std::vector<Association> pairs;
  const double scale = job.scale() * job.scale();
  for (std::uint32_t a = 0; a < job.outputs(); ++a) {
    for (std::uint32_t b = a + 1; b < job.outputs(); ++b) {
      pairs.push_back({job.labels()[a], job.labels()[b],
                       scale * correlations.co_moment(a, b) /
                           (static_cast<double>(tally.quantity(a).count) - 1),
                       correlations.of(a, b)});
    }
  }
  return pairs;
}

std::vector<InputPair> input_pairs_of(const Job& job, const tally::Tally& tally,
                                      const Correlations& correlations) {
  const formula::Program& program = job.integrand().program();
  std::vector<InputPair> pairs;
  for (const formula::Correlation& c : program.correlations) {
    InputPair pair{program.inputs[c.first].name,
                   program.inputs[c.second].name,
                   c.value,
                   {kNaN, kNaN},
                   std::nullopt};
    const auto q = job.integrand().pair_of(c);
    if (q && !lacks_inputs(job, tally)) pair.correlation = correlations.of(q->a, q->b);
    if (c.fixed_margins) pair.rank_correlation = rank_correlation(c.value);
    pairs.push_back(std::move(pair));
  }
  return pairs;
}

}  // namespace oche::job

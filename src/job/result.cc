#include "job/result.h"

#include <algorithm>
#include <cmath>
#include <sstream>

#include "job/binomial.h"
#include "job/digest.h"
#include "math/numerics.h"
#include "oche/error.h"
#include "random/stream.h"

namespace oche::job {
namespace {

std::string text_of(double v) {
  std::ostringstream out;
  out.precision(6);
  out << v;
  return out.str();
}

sampling::Method method_of(const std::string& name) {
  if (name == "auto") return sampling::Method::plain;
  if (const auto method = sampling::method_from(name)) return *method;
  throw Error(ErrorKind::usage, "'" + name +
                                    "' is not a method (there are auto, plain and stratified); "
                                    "choose one of those with --method");
}

void check_positive(const char* option, const std::optional<double>& value, std::string& problems) {
  if (!value || (*value > 0 && std::isfinite(*value))) return;
  problems += std::string(problems.empty() ? "" : "\n") + option + " is " + text_of(*value) +
              " (it must be a positive, finite number); give such a number, for example 1e-3";
}

std::string check(const oche::Job& job) {
  std::string problems;
  check_positive("--rel-error", job.rel_error, problems);
  check_positive("--abs-error", job.abs_error, problems);
  check_positive("--time", job.seconds, problems);
  if (job.seconds && *job.seconds > 1e9) {
    problems += std::string(problems.empty() ? "" : "\n") +
                "--time is over 1e9 seconds (30 years, the limit); give less, or leave it out";
  }
  if (!(job.confidence > 0 && job.confidence < 1)) {
    problems += std::string(problems.empty() ? "" : "\n") + "--confidence is " +
                text_of(job.confidence) +
                " (a probability between 0 and 1 is needed); give for example 0.95";
  } else if (!std::isfinite(interval_factor(job.confidence))) {
    problems += std::string(problems.empty() ? "" : "\n") +
                "--confidence is too near 1 (its interval is infinite); give less, for example "
                "0.999999";
  }
  if (job.samples && (*job.samples == 0 || *job.samples > sampling::kMaxSamples)) {
    problems += std::string(problems.empty() ? "" : "\n") + "--samples is out of range (1 to " +
                std::to_string(sampling::kMaxSamples) + ", about 9e15); give a number in it";
  }
  return problems;
}

void warn_of_few_hits(const sampling::Estimate& e, std::vector<std::string>& warnings) {
  if (e.standard_error == 0) {
    const char* const where = e.minimum == e.maximum ? " samples" : " samples in each of the boxes";
    warnings.push_back("the value was the same in all of the " + std::to_string(e.samples) + where +
                       ", so that the error shows nothing: what happens in fewer than about 1 of " +
                       text_of(static_cast<double>(e.samples) / 3) +
                       " samples would not have been seen");
  } else if (e.effective_hits < kLeastEffectiveHits) {
    warnings.push_back(
        "the error rests on few samples (about " + text_of(std::floor(e.effective_hits)) +
        " like the most extreme one make all of the variance): the interval may be far too "
        "narrow; draw more samples, or rewrite the integrand without its peak");
  }
}

void warn_of_target(const StopRule& rule, const sampling::Estimate& e, bool met,
                    std::vector<std::string>& warnings) {
  if (!rule.has_target() || met || e.samples < 2) return;
  const Interval i = interval(e, rule.confidence);
  if (rule.rel_error && i.low <= 0 && i.high >= 0) {
    warnings.push_back(
        "the estimate is within its error of 0, so that a relative target can't be met; "
        "ask for --abs-error");
  } else {
    warnings.push_back("the error asked for was not reached; allow more samples or time");
  }
}

// Where the value can only be one of two, and one of them is rare: the interval of its probability,
// exact however few the hits, as an interval of the estimate.
std::optional<Interval> exact_interval(const Dispatcher& dispatcher, double confidence) {
  const Job& job = dispatcher.job();
  const auto two = job.integrand().two_values();
  if (!two || job.is_constant() || job.method() != sampling::Method::plain) return std::nullopt;
  const tally::Moments m = dispatcher.answer().front().tally.total();
  const double n = static_cast<double>(m.count);
  const double apart = two->hit - two->miss;
  // M2 = apart^2 k (n - k) / n for k of the rarer value, solved for k. The mean tells less: what
  // distinguishes it from the commoner value may be rounded away.
  const double product = m.m2 / (apart * apart);
  const double rare = 2 * product / (1 + std::sqrt(std::max(0.0, 1 - 4 * product / n)));
  const double whole = std::round(rare);
  if (!(std::fabs(rare - whole) < 0.25)) return std::nullopt;
  const bool hits_are_rare = std::fabs(m.mean - two->miss) < std::fabs(m.mean - two->hit);
  const auto count = static_cast<std::uint64_t>(whole);
  const auto p =
      exact_binomial_interval(hits_are_rare ? count : m.count - count, m.count, confidence);
  if (!p) return std::nullopt;
  const double a = job.scale() * (two->miss + apart * p->low);
  const double b = job.scale() * (two->miss + apart * p->high);
  return Interval{std::min(a, b), std::max(a, b)};
}

void tell_non_finite(const Dispatcher& dispatcher, const sampling::Estimate& e,
                     oche::Result& result) {
  for (const sampling::PassResult& pass : dispatcher.answer()) {
    if (pass.plan.pass != e.first_non_finite_pass) continue;
    result.warnings.push_back(std::to_string(e.non_finite) + " of " + std::to_string(e.samples) +
                              " values were not finite (an average over the others would be "
                              "wrong); the first is sample " +
                              std::to_string(e.first_non_finite) + ": " +
                              dispatcher.job().describe_sample(pass.plan, e.first_non_finite) +
                              "; rewrite the expression so that it is finite there");
  }
}

void tell_crew(const Dispatcher& dispatcher, oche::Result& result) {
  for (const CrewMember& m : dispatcher.crew()) {
    result.crew.push_back(
        {m.name, m.chunks_accepted, m.repeats, m.leases_lost, oche::seconds(m.computing)});
  }
}

}  // namespace

Order make_order(const oche::Job& job) {
  const std::string problems = check(job);
  if (!problems.empty()) throw Error(ErrorKind::usage, problems);
  Order order;
  order.job = Job::from_arguments(job.definition, method_of(job.method), job.seed);
  StopRule& rule = order.rule;
  rule.rel_error = job.rel_error;
  rule.abs_error = job.abs_error;
  rule.samples = job.samples;
  rule.confidence = job.confidence;
  if (job.seconds) {
    rule.time = std::chrono::duration_cast<Duration>(std::chrono::duration<double>(*job.seconds));
  }
  if (!rule.has_target() && !rule.samples && !rule.time) {
    rule.rel_error = 1e-3;
    rule.time = std::chrono::seconds(10);
  }
  return order;
}

oche::Result make_result(const Dispatcher& dispatcher, const StopRule& rule) {
  const Job& job = dispatcher.job();
  oche::Result result;
  result.confidence = rule.confidence;
  result.seed = job.seed();
  result.method = sampling::to_string(job.method());
  result.stream = random::kStreamName;
  result.numerics = kNumerics;
  result.stop_reason = to_string(dispatcher.reason().value_or(StopReason::interrupted));
  result.digest = digest(job, dispatcher.answer());
  tell_crew(dispatcher, result);
  if (dispatcher.reason() == StopReason::mismatch) {
    result.warnings.push_back(
        "the worker " + dispatcher.mismatch() +
        " gave other bits than another worker for the same chunks (one of the two "
        "computers is wrong); find out which with a run on each alone");
    return result;
  }
  if (dispatcher.answer().empty()) {
    result.warnings.push_back(
        "there is no estimate yet (the run ended before its first stop point)");
    return result;
  }
  const sampling::Estimate e = sampling::estimate(dispatcher.answer(), job.scale());
  result.samples = e.samples;
  result.non_finite = e.non_finite;
  result.minimum = e.minimum;
  result.maximum = e.maximum;
  result.standard_error = e.standard_error;
  const auto exact = e.non_finite > 0 ? std::nullopt : exact_interval(dispatcher, rule.confidence);
  const Interval i = exact.value_or(interval(e, rule.confidence));
  result.low = i.low;
  result.high = i.high;
  if (e.non_finite > 0) {
    tell_non_finite(dispatcher, e, result);
    return result;
  }
  if (!std::isfinite(e.value)) {
    result.warnings.push_back(
        "the estimate is beyond the largest double (1.8e308); scale the expression");
    return result;
  }
  result.estimate = e.value;
  result.met =
      rule.has_target() ? dispatcher.at_target(e) : dispatcher.reason() != StopReason::interrupted;
  // Where nothing was hit the rule saw no error at all; the exact interval does.
  if (exact && e.standard_error == 0 && rule.has_target()) {
    const double allowed =
        std::max(rule.abs_error.value_or(0.0), rule.rel_error.value_or(0.0) * std::fabs(e.value));
    result.met = result.met && (i.high - i.low) / 2 <= allowed;
  }
  if (!std::isfinite(e.standard_error)) {
    result.warnings.push_back(
        e.samples < 2 ? "one sample has no error; draw more"
                      : "the error can't be told (squares of the values' deviations are beyond the "
                        "range of doubles); scale the expression");
  } else if (!job.is_constant()) {
    if (!exact) warn_of_few_hits(e, result.warnings);
    warn_of_target(rule, e, result.met, result.warnings);
  }
  if (job.method() == sampling::Method::plain && e.samples > 1 && job.is_expectation()) {
    result.standard_deviation = e.standard_error * std::sqrt(static_cast<double>(e.samples));
  }
  return result;
}

}  // namespace oche::job

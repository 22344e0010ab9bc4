#include "job/order.h"

#include <algorithm>
#include <cmath>

#include "job/brief_number.h"
#include "oche/error.h"

namespace oche::job {
namespace {

sampling::Method method_of(const std::string& name) {
  if (name == "auto") return sampling::Method::plain;
  if (const auto method = sampling::method_from(name)) return *method;
  throw Error(ErrorKind::usage, "'" + name +
                                    "' is not a method (there are auto, plain and stratified); "
                                    "choose one of those with --method");
}

void check_positive(const char* option, const std::optional<double>& value, std::string& problems) {
  if (!value || (*value > 0 && std::isfinite(*value))) return;
  problems += std::string(problems.empty() ? "" : "\n") + option + " is " + brief_number(*value) +
              " (it must be a positive, finite number); give such a number, for example 1e-3";
}

void check_probability(const char* option, double p, std::string& problems) {
  if (p > 0 && p < 1) return;
  problems += std::string(problems.empty() ? "" : "\n") + option + " has " + brief_number(p) +
              " (a probability between 0 and 1 is needed); give for example 0.95";
}

void check_shown(const oche::Job& job, std::string& problems) {
  check_probability("--coverage", job.coverage, problems);
  if (job.quantiles.size() > kMostQuantiles) {
    problems += std::string(problems.empty() ? "" : "\n") + "--quantiles has " +
                std::to_string(job.quantiles.size()) + " probabilities (the limit is " +
                std::to_string(kMostQuantiles) + "); give fewer, or use --histogram";
  }
  for (const double p : job.quantiles) {
    if (!(p > 0 && p < 1)) {
      check_probability("--quantiles", p, problems);
      break;
    }
  }
  if (job.bars < 1 || job.bars > kMostBars) {
    problems += std::string(problems.empty() ? "" : "\n") + "--bars is " +
                std::to_string(job.bars) + " (1 to " + std::to_string(kMostBars) +
                " are possible); give a number in it";
  }
}

sampling::NonFinite policy_of(const std::string& name) {
  if (const auto policy = sampling::non_finite_from(name)) return *policy;
  throw Error(ErrorKind::usage,
              "'" + name +
                  "' is no policy for values that are not finite (there are fail, "
                  "skip and zero); choose one of those with --non-finite");
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
                brief_number(job.confidence) +
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
  check_shown(job, problems);
  return problems;
}

}  // namespace

StopRule make_rule(const oche::Job& job) {
  const std::string problems = check(job);
  if (!problems.empty()) throw Error(ErrorKind::usage, problems);
  StopRule rule;
  rule.rel_error = job.rel_error;
  rule.abs_error = job.abs_error;
  rule.samples = job.samples;
  rule.confidence = job.confidence;
  if (job.seconds) {
    rule.time = std::chrono::duration_cast<Duration>(std::chrono::duration<double>(*job.seconds));
  }
  return rule;
}

Order make_order(const oche::Job& job) {
  Order order;
  order.rule = make_rule(job);
  order.job = Job::from_arguments(
      job.definition,
      Settings{method_of(job.method), job.seed, policy_of(job.non_finite), job.sensitivity},
      job.data_sets);
  order.show = {job.quantiles, job.coverage, job.bars};
  StopRule& rule = order.rule;
  if (!rule.has_target() && !rule.samples && !rule.time) {
    rule.rel_error = 1e-3;
    rule.time = std::chrono::seconds(10);
  }
  return order;
}

}  // namespace oche::job

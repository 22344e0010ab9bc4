#include "job/result.h"

#include <algorithm>
#include <cmath>

#include "job/brief_number.h"
#include "job/digest.h"
#include "job/outputs.h"
#include "job/target.h"
#include "math/numerics.h"
#include "random/stream.h"

namespace oche::job {
namespace {

// Of fewer, even of normal values, intervals are too narrow: those of the mean at 95% hold it in
// less than 94% of runs (Student's t at 1.96 with 28 degrees of freedom).
constexpr std::uint64_t kFewSamples = 30;

void warn_of_few_hits(const sampling::Estimate& e, sampling::NonFinite policy,
                      std::vector<std::string>& warnings) {
  // Those that count as 0 are values, too.
  const std::uint64_t values =
      policy == sampling::NonFinite::skip ? e.samples - e.non_finite : e.samples;
  if (e.standard_error == 0) {
    const char* const where = e.minimum == e.maximum ? " samples" : " samples in each of the boxes";
    warnings.push_back("the value was the same in all of the " + std::to_string(e.samples) + where +
                       ", so that the error shows nothing: what happens in fewer than about 1 of " +
                       brief_number(static_cast<double>(e.samples) / 3) +
                       " samples would not have been seen");
  } else if (rests_on_few_samples(e)) {
    warnings.push_back(
        "the error rests on few samples (about " + brief_number(std::floor(e.effective_hits)) +
        " like the most extreme one make all of the variance): the interval may be far too "
        "narrow; draw more samples, or, where the variance is infinite, rewrite the integrand "
        "without "
        "its peak");
  } else if (values < kFewSamples) {
    warnings.push_back("errors and intervals themselves rest on " + std::to_string(values) +
                       " samples (of so few they are often too small); draw " +
                       std::to_string(kFewSamples) + " or more");
  }
}

void warn_of_target(const Job& job, const StopRule& rule, const sampling::Estimate& e, bool met,
                    std::vector<std::string>& warnings) {
  if (!rule.has_target() || met || e.samples < 2) return;
  const Interval i = interval(e, rule.confidence);
  if (rule.rel_error && i.low <= 0 && i.high >= 0) {
    warnings.push_back(
        "the estimate is within its error of 0, so that a relative target can't be met; "
        "ask for --abs-error");
  } else if (error_small_enough(rule, e) && e.standard_error > 0 &&
             (e.effective_hits < kLeastEffectiveHits ||
              e.samples < kLeastChunksForTarget * job.chunk_samples())) {
    warnings.push_back(
        "the error is as small as was asked for, but rests on too few samples (a target counts "
        "from " +
        std::to_string(kLeastChunksForTarget * job.chunk_samples()) + " samples on, with " +
        brief_number(kLeastEffectiveHits) + " effective hits); allow more samples or time");
  } else {
    warnings.push_back("the error asked for was not reached; allow more samples or time");
  }
}

void tell_non_finite(const Answer& answer, const sampling::Estimate& e, oche::Result& result) {
  const Job& job = *answer.job;
  for (const sampling::PassResult& pass : answer.passes) {
    if (pass.plan.pass != e.first_non_finite_pass) continue;
    std::string text = std::to_string(e.non_finite) + " of " + std::to_string(e.samples) +
                       " samples had a value that is not finite";
    if (job.integrand().wanted() == integrand::Wanted::sensitivity) {
      text += ", at their own point or at one of those that --sensitivity adds to it";
    }
    if (job.non_finite() == sampling::NonFinite::fail) {
      text += " (an average over the others would be wrong)";
    } else {
      text += job.non_finite() == sampling::NonFinite::skip
                  ? " (they are left out of everything, as asked)"
                  : " (they count as 0, as asked)";
    }
    text += "; the first is sample " + std::to_string(e.first_non_finite) + ": " +
            job.describe_sample(pass.plan, e.first_non_finite);
    if (job.non_finite() == sampling::NonFinite::fail) {
      text += "; rewrite the expression so that it is finite there, or decide with --non-finite";
    }
    result.warnings.push_back(std::move(text));
  }
  if (lacks_inputs(job, answer.passes.front().tally)) {
    result.warnings.push_back(
        "how the output goes with its inputs is not measured (with --non-finite zero nothing is "
        "kept of the inputs of a sample that counts as 0); write the 0 into the expression, as "
        "if(x>0, log(x), 0)");
  }
}

void tell_crew(const Answer& answer, oche::Result& result) {
  for (const CrewMember& m : answer.crew) {
    result.crew.push_back(
        {m.name, m.chunks_accepted, m.repeats, m.leases_lost, oche::seconds(m.computing)});
  }
}

// What can be said of any run that began.
oche::Result about_the_run(const Answer& answer, const StopRule& rule) {
  const Job& job = *answer.job;
  oche::Result result;
  result.confidence = rule.confidence;
  result.seed = job.seed();
  result.method = sampling::to_string(job.method());
  result.stream = random::kStreamName;
  result.numerics = kNumerics;
  result.non_finite_policy = sampling::to_string(job.non_finite());
  result.stop_reason = to_string(answer.reason);
  result.digest = digest(job, answer.passes);
  tell_crew(answer, result);
  return result;
}

// The first output stands for the result where there is room for one.
void copy_first_output(oche::Result& result) {
  const OutputResult& first = result.outputs.front();
  result.estimate = first.estimate;
  result.standard_error = first.standard_error;
  result.low = first.interval.low;
  result.high = first.interval.high;
  result.standard_deviation = first.standard_deviation;
  result.minimum = first.minimum;
  result.maximum = first.maximum;
}

// Warnings about one output; `met` is whether the whole result is what was asked for.
std::vector<std::string> warnings_of(const Job& job, const StopRule& rule,
                                     const sampling::Estimate& e, const OutputAnswer& answer,
                                     bool met) {
  std::vector<std::string> warnings;
  if (!answer.result.estimate) {
    warnings.push_back("the estimate is beyond the largest double (1.8e308); scale the expression");
  } else if (!std::isfinite(e.standard_error)) {
    warnings.push_back(
        e.samples < 2 ? "one sample has no error; draw more"
                      : "the error can't be told (squares of the values' deviations are beyond the "
                        "range of doubles); scale the expression");
  } else if (!job.is_constant()) {
    if (!answer.exact) warn_of_few_hits(e, job.non_finite(), warnings);
    warn_of_target(job, rule, e, met, warnings);
  }
  return warnings;
}

void tell_outputs(const Job& job, const StopRule& rule,
                  const std::vector<sampling::Estimate>& estimates,
                  const std::vector<OutputAnswer>& answers, oche::Result& result) {
  for (std::size_t o = 0; o < answers.size(); ++o) {
    for (const std::string& text : warnings_of(job, rule, estimates[o], answers[o], result.met)) {
      result.warnings.push_back(answers.size() > 1 ? job.labels()[o] + ": " + text : text);
    }
  }
}

void tell_deadly_chunk(const Job& job, const DeadlyChunk& deadly, oche::Result& result) {
  std::string workers;
  for (const std::string& worker : deadly.workers) {
    workers += (workers.empty() ? "" : ", ") + worker;
  }
  const std::uint64_t first = deadly.chunk * job.chunk_samples();
  const std::string end = std::to_string(first + job.chunk_samples());
  const std::string pass = deadly.pass > 0 ? " of pass " + std::to_string(deadly.pass) : "";
  result.warnings.push_back(
      "chunk " + std::to_string(deadly.chunk) + pass + " (samples " + std::to_string(first) +
      " to before " + end + ") was the end of " + std::to_string(deadly.workers.size()) +
      " workers that were to compute it (" + workers +
      "), so the answer is made of what comes before it; to see what it does, run the job here "
      "with " +
      (job.method() == sampling::Method::plain ? "--samples " + end + " --workers 1"
                                               : "--workers 1"));
}

// Where nothing was hit the rule saw no error at all; the exact interval does.
bool exact_interval_is_small(const StopRule& rule, const OutputAnswer& answer) {
  const double allowed =
      std::max(rule.abs_error.value_or(0.0),
               rule.rel_error.value_or(0.0) * std::fabs(*answer.result.estimate));
  return (answer.result.interval.high - answer.result.interval.low) / 2 <= allowed;
}

bool is_met(const Answer& answer, const StopRule& rule,
            const std::vector<sampling::Estimate>& estimates,
            const std::vector<OutputAnswer>& answers) {
  if (std::ranges::any_of(answers, [](const auto& a) { return !a.result.estimate; })) return false;
  if (!rule.has_target()) {
    return answer.reason != StopReason::interrupted && answer.reason != StopReason::deadly_chunk;
  }
  bool met = at_target(*answer.job, rule, answer.passes, estimates);
  for (std::size_t o = 0; o < answers.size(); ++o) {
    if (answers[o].exact && estimates[o].standard_error == 0) {
      met = met && exact_interval_is_small(rule, answers[o]);
    }
  }
  return met;
}

}  // namespace

Answer answer_of(const Dispatcher& dispatcher) {
  return {dispatcher.shared_job(),
          dispatcher.answer(),
          dispatcher.reason().value_or(StopReason::interrupted),
          dispatcher.crew(),
          dispatcher.mismatch(),
          dispatcher.deadly_chunk()};
}

oche::Result make_result(const Answer& answer, const StopRule& rule, const Show& show) {
  const Job& job = *answer.job;
  oche::Result result = about_the_run(answer, rule);
  if (answer.reason == StopReason::mismatch) {
    result.warnings.push_back(
        "the worker " + answer.mismatch +
        " gave other bits than another worker for the same chunks (one of the two "
        "computers is wrong); find out which with a run on each alone");
    return result;
  }
  if (answer.deadly_chunk) tell_deadly_chunk(job, *answer.deadly_chunk, result);
  if (answer.passes.empty()) {
    result.warnings.push_back(
        "there is no estimate yet (the run ended before its first stop point)");
    return result;
  }
  const std::vector<sampling::Estimate> estimates = job.estimates(answer.passes);
  const sampling::Estimate& first = estimates.front();
  result.samples = first.samples;
  result.non_finite = first.non_finite;
  const tally::Tally& tally = answer.passes.front().tally;
  const Correlations correlations(job, tally);
  std::vector<OutputAnswer> answers =
      answers_of(job, answer.passes, estimates, correlations, rule.confidence, show);
  if (first.non_finite > 0) tell_non_finite(answer, first, result);
  const bool failed = first.non_finite > 0 && job.non_finite() == sampling::NonFinite::fail;
  if (!failed) {
    result.met = is_met(answer, rule, estimates, answers);
    tell_outputs(job, rule, estimates, answers, result);
    result.output_pairs = output_pairs_of(job, tally, correlations);
    result.input_pairs = input_pairs_of(job, tally, correlations);
  }
  for (OutputAnswer& one : answers) result.outputs.push_back(std::move(one.result));
  copy_first_output(result);
  return result;
}

}  // namespace oche::job

// What is told of outputs, against the samples, drawn again one by one.
#include "job/outputs.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "formula/oracle.h"
#include "job/binomial.h"
#include "job/whole_run_test.h"

namespace oche::job {
namespace {

using Column = std::vector<double>;

long double mean(const Column& v) {
  long double sum = 0;
  for (const double x : v) sum += x;
  return sum / static_cast<long double>(v.size());
}

// sum (a - mean a)(b - mean b)
long double co_moment(const Column& a, const Column& b) {
  const long double mean_a = mean(a);
  const long double mean_b = mean(b);
  long double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += (a[i] - mean_a) * (b[i] - mean_b);
  return sum;
}

double correlation(const Column& a, const Column& b) {
  return static_cast<double>(co_moment(a, b) / std::sqrt(co_moment(a, a) * co_moment(b, b)));
}

double standard_deviation(const Column& v) {
  return static_cast<double>(std::sqrt(co_moment(v, v) / static_cast<long double>(v.size() - 1)));
}

// A run and its samples.
struct Told {
  std::shared_ptr<const Job> job;
  tally::Tally tally;
  std::vector<OutputAnswer> answers;
  std::vector<Association> output_pairs;
  std::vector<InputPair> input_pairs;
  std::vector<Column> outputs;
  std::vector<Column> inputs;

  Told(const std::vector<std::string>& arguments, const Settings& settings, std::uint64_t samples)
      : job(Job::from_arguments(arguments, settings)) {
    const auto answer = alone(job, samples_rule(samples)).answer;
    tally = answer.front().tally;
    const Correlations correlations(*job, tally);
    Show show;
    show.quantiles = {0.25, 0.5};
    answers = answers_of(*job, answer, job->estimates(answer), correlations, 0.95, show);
    output_pairs = output_pairs_of(*job, tally, correlations);
    input_pairs = input_pairs_of(*job, tally, correlations);
    outputs.resize(job->outputs());
    for (std::uint64_t i = 0; i < answer.front().samples; ++i) {
      const SamplePoint point = job->sample_point(answer.front().plan, i);
      inputs.resize(point.inputs.size());
      for (std::size_t k = 0; k < inputs.size(); ++k) inputs[k].push_back(point.inputs[k].value);
      for (std::size_t o = 0; o < outputs.size(); ++o) outputs[o].push_back(point.values[o]);
    }
  }
};

TEST(Outputs, are_told_with_what_the_samples_say_of_them_and_their_inputs) {
  const Told told({"exp(x)*y; x-y; y", "x~normal(0,1)", "k=3", "y~uniform(1,2)"}, {}, 3000);
  ASSERT_EQ(told.answers.size(), 3u);
  for (std::size_t o = 0; o < 3; ++o) {
    const OutputResult& result = told.answers[o].result;
    const Column& values = told.outputs[o];
    const double sd = standard_deviation(values);
    EXPECT_EQ(result.expression, told.job->labels()[o]);
    EXPECT_NEAR(result.estimate.value(), static_cast<double>(mean(values)), 1e-12);
    EXPECT_NEAR(result.standard_error, sd / std::sqrt(3000), 1e-12);
    EXPECT_NEAR(result.standard_deviation.value(), sd, 1e-11);
    EXPECT_NEAR(result.distribution->standard_deviation.value, sd, 1e-11);
    EXPECT_EQ(result.minimum, std::ranges::min(values));
    EXPECT_EQ(result.maximum, std::ranges::max(values));
    EXPECT_FALSE(told.answers[o].exact);
    ASSERT_EQ(result.effects.size(), 2u) << "the inputs that vary";
    for (std::size_t i = 0; i < 2; ++i) {
      const InputEffect& effect = result.effects[i];
      const Column& input = told.inputs[i == 0 ? 0 : 2];
      EXPECT_EQ(effect.input, i == 0 ? "x" : "y");
      EXPECT_NEAR(effect.mean.value, static_cast<double>(mean(input)), 1e-13);
      EXPECT_NEAR(effect.standard_deviation, standard_deviation(input), 1e-13);
      EXPECT_NEAR(effect.mean.standard_error, standard_deviation(input) / std::sqrt(3000), 1e-14);
      EXPECT_NEAR(effect.correlation.value, correlation(values, input), 1e-12);
      EXPECT_FALSE(effect.first_order || effect.total);
    }
  }
  ASSERT_EQ(told.output_pairs.size(), 3u);
  std::size_t pair = 0;
  for (std::size_t a = 0; a < 3; ++a) {
    for (std::size_t b = a + 1; b < 3; ++b, ++pair) {
      const Association& p = told.output_pairs[pair];
      EXPECT_EQ(p.a, told.job->labels()[a]);
      EXPECT_EQ(p.b, told.job->labels()[b]);
      EXPECT_NEAR(p.covariance,
                  static_cast<double>(co_moment(told.outputs[a], told.outputs[b]) / 2999), 1e-12);
      EXPECT_NEAR(p.correlation.value, correlation(told.outputs[a], told.outputs[b]), 1e-12);
    }
  }
  EXPECT_TRUE(told.input_pairs.empty());
}

// Of integrals: values are those of the integrand times the volume, here 2 * 3.
TEST(Outputs, of_integrals_have_the_covariance_with_the_volume) {
  const Told told({"x*y; x-y", "x=0..2", "y=1..4"}, {}, 1000);
  ASSERT_EQ(told.output_pairs.size(), 1u);
  const auto covariance =
      static_cast<double>(co_moment(told.outputs[0], told.outputs[1]) / 999 * (6 * 6));
  EXPECT_NEAR(told.output_pairs[0].covariance, covariance, 1e-10);
  EXPECT_NEAR(told.answers[0].result.estimate.value(),
              6 * static_cast<double>(mean(told.outputs[0])), 1e-11);
}

// f at A, at B, and at A with one input from B, all of each sample.
TEST(Outputs, have_the_sobol_indices_of_the_samples) {
  Settings settings;
  settings.sensitivity = true;
  constexpr std::size_t kSamples = 2000;
  const Told told({"x*y+x; y-3*x*x+z", "x~normal(1,1)", "y~uniform(0,1)", "z~exponential(1)"},
                  settings, kSamples);
  const formula::Program& program = told.job->integrand().program();
  const sampling::PassContext pass(told.job->integrand(), told.job->seed(),
                                   told.job->chunk_samples(), {});
  for (std::size_t o = 0; o < 2; ++o) {
    for (std::size_t i = 0; i < 3; ++i) {
      Column variance, total, rest;
      for (std::size_t s = 0; s < kSamples; ++s) {
        const std::vector<double> u = sampling::uniforms_at(pass, s);
        ASSERT_EQ(u.size(), 6u);
        const std::vector<double> at_a(u.begin(), u.begin() + 3);
        const std::vector<double> at_b(u.begin() + 3, u.end());
        std::vector<double> mixed = at_a;
        const std::uint32_t d = *program.inputs[i].dimension;
        mixed[d] = at_b[d];
        const double a = formula::evaluate(program, at_a)[o];
        const double b = formula::evaluate(program, at_b)[o];
        const double m = formula::evaluate(program, mixed)[o];
        variance.push_back((a - b) * (a - b) / 2);
        total.push_back((a - m) * (a - m) / 2);
        rest.push_back((b - m) * (b - m) / 2);
      }
      const InputEffect& effect = told.answers[o].result.effects.at(i);
      const auto expect = [&](const Measured& measured, const Column& part, double sign,
                              double offset) {
        const long double ratio = mean(part) / mean(variance);
        Column residual;
        for (std::size_t s = 0; s < kSamples; ++s) {
          residual.push_back(static_cast<double>(part[s] - ratio * variance[s]));
        }
        EXPECT_NEAR(measured.value, offset + sign * static_cast<double>(ratio), 1e-11);
        EXPECT_NEAR(measured.standard_error,
                    standard_deviation(residual) / std::sqrt(static_cast<double>(kSamples)) /
                        static_cast<double>(mean(variance)),
                    1e-10);
      };
      expect(effect.total.value(), total, 1, 0);
      expect(effect.first_order.value(), rest, -1, 1);
    }
  }
}

// ---- Values that are not finite ----

const std::vector<std::string> kSometimes = {"if(x<0.25,1/(x-x),x)", "x~uniform(0,1)"};

TEST(Outputs, leave_out_what_is_skipped) {
  Settings settings;
  settings.non_finite = sampling::NonFinite::skip;
  const Told told(kSometimes, settings, 2000);
  Column finite;
  for (const double v : told.outputs[0]) {
    if (std::isfinite(v)) finite.push_back(v);
  }
  ASSERT_LT(finite.size(), 1600u);
  const OutputResult& result = told.answers[0].result;
  EXPECT_NEAR(result.estimate.value(), static_cast<double>(mean(finite)), 1e-13);
  EXPECT_NEAR(result.standard_deviation.value(), standard_deviation(finite), 1e-12);
  EXPECT_NEAR(result.distribution->standard_deviation.value, standard_deviation(finite), 1e-12);
  std::ranges::sort(finite);
  EXPECT_NEAR(result.distribution->quantiles[1].value, finite[finite.size() / 2], 2e-3);
  // The input's moments are those of the samples that count.
  EXPECT_NEAR(result.effects[0].mean.value, static_cast<double>(mean(finite)), 1e-13);
}

TEST(Outputs, count_as_zero_what_is_to_be_zero) {
  Settings settings;
  settings.non_finite = sampling::NonFinite::zero;
  const Told told(kSometimes, settings, 2000);
  Column values = told.outputs[0];
  for (double& v : values) v = std::isfinite(v) ? v : 0.0;
  const OutputResult& result = told.answers[0].result;
  EXPECT_NEAR(result.estimate.value(), static_cast<double>(mean(values)), 1e-13);
  EXPECT_NEAR(result.standard_deviation.value(), standard_deviation(values), 1e-12);
  EXPECT_NEAR(result.distribution->standard_deviation.value, standard_deviation(values), 1e-12);
  EXPECT_TRUE(result.effects.empty()) << "the inputs of those samples are not measured";
  std::uint64_t counted = 0;
  for (const HistogramBar& bar : result.distribution->histogram) counted += bar.count;
  EXPECT_EQ(counted, 2000u);
  std::ranges::sort(values);
  EXPECT_NEAR(result.distribution->quantiles[1].value, values[1000], 2e-3);
}

TEST(Outputs, have_no_estimate_where_a_value_fails_the_run_or_none_is_left) {
  const Told failed(kSometimes, {}, 2000);
  EXPECT_FALSE(failed.answers[0].result.estimate);
  EXPECT_FALSE(failed.answers[0].result.distribution);
  EXPECT_TRUE(failed.answers[0].result.effects.empty());
  Settings settings;
  settings.non_finite = sampling::NonFinite::skip;
  const Told nothing({"log(x-2)", "x~uniform(0,1)"}, settings, 2000);
  EXPECT_FALSE(nothing.answers[0].result.estimate);
  EXPECT_FALSE(nothing.answers[0].result.distribution);
}

// ---- Indicators ----

// Few hits, few misses, and two values of which neither is 0.
TEST(Outputs, have_exact_intervals_where_they_are_indicators) {
  struct Case {
    std::string text;
    double hit, miss;
  };
  for (const Case& c : {Case{"x>3", 1, 0}, Case{"x<3", 1, 0}, Case{"x>9", 1, 0}, Case{"x<9", 1, 0},
                        Case{"4*(x>2.5)", 4, 0}, Case{"-2*(x>2.5)", -2, 0}}) {
    const Told told({c.text + "; x", "x~normal(0,1)"}, {}, 5000);
    const OutputAnswer& answer = told.answers[0];
    const auto hits = static_cast<std::uint64_t>(std::ranges::count(told.outputs[0], c.hit));
    const auto p = exact_binomial_interval(hits, 5000, 0.95).value();
    ASSERT_TRUE(answer.exact) << c.text;
    const double a = c.miss + (c.hit - c.miss) * p.low;
    const double b = c.miss + (c.hit - c.miss) * p.high;
    EXPECT_NEAR(answer.result.interval.low, std::min(a, b), 1e-12) << c.text;
    EXPECT_NEAR(answer.result.interval.high, std::max(a, b), 1e-12) << c.text;
    EXPECT_FALSE(answer.result.distribution) << "its probability says it all";
    EXPECT_FALSE(told.answers[1].exact);
    EXPECT_TRUE(told.answers[1].result.distribution);
  }
  // An integral's interval has the volume of its ranges.
  const Told integral({"x<1e-3", "x=0..4"}, {}, 5000);
  const auto hits = static_cast<std::uint64_t>(
      std::ranges::count_if(integral.outputs[0], [](double v) { return v != 0; }));
  const auto p = exact_binomial_interval(hits, 5000, 0.95).value();
  ASSERT_TRUE(integral.answers[0].exact);
  EXPECT_NEAR(integral.answers[0].result.interval.low, 4 * p.low, 1e-12);
  EXPECT_NEAR(integral.answers[0].result.interval.high, 4 * p.high, 1e-12);
  // Not where some samples count in neither.
  Settings settings;
  settings.non_finite = sampling::NonFinite::skip;
  EXPECT_FALSE(Told({"x>1; log(x)", "x~normal(0,1)"}, settings, 5000).answers[0].exact);
}

TEST(InputPairs, have_the_correlation_of_the_samples_and_that_of_their_ranks) {
  const Told told({"x+y+z", "x~normal(0,1)", "y~exponential(1)", "z~uniform(0,1)", "corr(x,y)=0.4",
                   "corr(y,z)=-0.7"},
                  {}, 4000);
  ASSERT_EQ(told.input_pairs.size(), 2u);
  for (std::size_t p = 0; p < 2; ++p) {
    const InputPair& pair = told.input_pairs[p];
    EXPECT_EQ(pair.a, p == 0 ? "x" : "y");
    EXPECT_EQ(pair.b, p == 0 ? "y" : "z");
    EXPECT_EQ(pair.score_correlation, p == 0 ? 0.4 : -0.7);
    EXPECT_NEAR(pair.correlation.value, correlation(told.inputs[p], told.inputs[p + 1]), 1e-12);
    EXPECT_EQ(pair.rank_correlation.value(), rank_correlation(p == 0 ? 0.4 : -0.7));
    // Spearman's, from the ranks, within five of its errors; 1/sqrt(n) is the largest.
    const auto ranks = [](const Column& v) {
      Column sorted = v;
      std::ranges::sort(sorted);
      Column r;
      for (const double x : v) {
        r.push_back(static_cast<double>(std::ranges::lower_bound(sorted, x) - sorted.begin()));
      }
      return r;
    };
    EXPECT_NEAR(pair.rank_correlation.value(),
                correlation(ranks(told.inputs[p]), ranks(told.inputs[p + 1])),
                5 / std::sqrt(4000.0));
  }
}

}  // namespace
}  // namespace oche::job

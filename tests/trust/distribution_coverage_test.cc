// Coverage of what is told of a distribution: over many seeds, how often does the 95% interval hold
// the truth? Of a quantile that is its interval, of standard deviation, skewness, correlation and
// Sobol' indices the number and 1.96 of its errors on each side.
//
// 1000 runs each, seeds 1 to 1000. If the true coverage is 0.95, the number of hits is binomial
// with a standard deviation of sqrt(0.95 * 0.05 / 1000) = 0.0069 of the runs. At least 0.95 less
// three of these is asked for; seeds are fixed, so nothing flakes.
#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <cstdio>
#include <map>
#include <memory>
#include <numbers>
#include <string>
#include <vector>

#include "job/outputs.h"
#include "job/stop_rule.h"
#include "job/whole_run_test.h"

namespace oche::job {
namespace {

constexpr int kSeeds = 1000;
constexpr double kDeviation = 0.0069;
const std::vector<double> kProbabilities = {0.025, 0.5, 0.975};
// Of the standard normal distribution, from its tables.
const std::vector<double> kZ = {-1.959963984540054, 0.0, 1.959963984540054};

OutputResult answer_of(const std::vector<std::string>& arguments, const Settings& settings,
                       std::uint64_t samples) {
  const auto job = Job::from_arguments(arguments, settings);
  const std::vector<sampling::PassResult> answer = alone(job, samples_rule(samples)).answer;
  const Correlations correlations(*job, answer.front().tally);
  Show show;
  show.quantiles = kProbabilities;
  return answers_of(*job, answer, job->estimates(answer), correlations, 0.95, show).front().result;
}

class Coverage {
 public:
  explicit Coverage(std::string what) : what_(std::move(what)) {}

  void add(const std::string& name, const Range& interval, double truth) {
    Cell& cell = cells_[name];
    ++cell.runs;
    cell.held += interval.low <= truth && truth <= interval.high ? 1 : 0;
  }
  void add(const std::string& name, const Measured& measured, double truth) {
    const double reach = interval_factor(0.95) * measured.standard_error;
    add(name, Range{measured.value - reach, measured.value + reach}, truth);
  }
  // `but`: what need not be covered so often, but nine times of ten less three standard deviations,
  // sqrt(0.9 * 0.1 / 1000).
  void expect_nominal(const std::string& but = {}) const {
    for (const auto& [name, cell] : cells_) {
      ASSERT_EQ(cell.runs, kSeeds) << what_ << ", " << name;
      const double share = static_cast<double>(cell.held) / kSeeds;
      std::printf("%s, %s: coverage %.4f\n", what_.c_str(), name.c_str(), share);
      EXPECT_GE(share, name == but ? 0.9 - 3 * 0.0095 : 0.95 - 3 * kDeviation)
          << what_ << ", " << name;
    }
  }

 private:
  struct Cell {
    int runs = 0;
    int held = 0;
  };
  std::string what_;
  std::map<std::string, Cell> cells_;
};

struct Model {
  const char* name;
  std::vector<std::string> arguments;
  double standard_deviation;
  double skewness;
  double correlation;  // with the first input
  std::vector<double> quantiles;
};

Model normal_model() {
  Model m{"normal", {"3+x+y", "x~normal(0,1)", "y~normal(0,2)"}, std::sqrt(5), 0, std::sqrt(0.2),
          {}};
  for (const double z : kZ) m.quantiles.push_back(3 + std::sqrt(5) * z);
  return m;
}

// The product of two lognormal variables with s^2 = 1/8 is lognormal with 1/4.
Model lognormal_model() {
  const double e = std::exp(0.25);
  Model m{"lognormal",
          {"x*y", "x~lognormal(0,sqrt(1/8))", "y~lognormal(0,sqrt(1/8))"},
          std::sqrt((e - 1) * e),
          (e + 2) * std::sqrt(e - 1),
          1 / std::sqrt(std::exp(0.125) + 1),
          {}};
  for (const double z : kZ) m.quantiles.push_back(std::exp(0.5 * z));
  return m;
}

// E[(xy)^k] = (k + 1)^-2: variance 7/144, third central moment 1/96; P(xy <= t) = t - t log t.
Model product_model() {
  Model m{"product of uniforms", {"x*y", "x~uniform(0,1)", "y~uniform(0,1)"},
          std::sqrt(7.0) / 12,   std::pow(7.0 / 144, -1.5) / 96,
          std::sqrt(3.0 / 7),    {}};
  for (const double p : kProbabilities) {
    double low = 1e-9;
    double high = 1;
    for (int i = 0; i < 100; ++i) {
      const double t = (low + high) / 2;
      (t - t * std::log(t) < p ? low : high) = t;
    }
    m.quantiles.push_back(low);
  }
  return m;
}

void expect_covers(const Model& model, std::uint64_t samples, const std::string& but = {}) {
  Coverage coverage(std::string(model.name) + ", " + std::to_string(samples));
  for (int seed = 1; seed <= kSeeds; ++seed) {
    const OutputResult result = answer_of(
        model.arguments, {sampling::Method::plain, static_cast<std::uint64_t>(seed)}, samples);
    const Distribution& d = result.distribution.value();
    coverage.add("standard deviation", d.standard_deviation, model.standard_deviation);
    coverage.add("skewness", d.skewness, model.skewness);
    coverage.add("correlation", result.effects.at(0).correlation, model.correlation);
    for (std::size_t i = 0; i < kProbabilities.size(); ++i) {
      coverage.add("quantile " + std::to_string(kProbabilities[i]), d.quantiles.at(i).interval,
                   model.quantiles[i]);
    }
  }
  coverage.expect_nominal(but);
}

TEST(DistributionCoverage, of_a_normal_output) {
  for (const std::uint64_t samples : {1000u, 20000u}) expect_covers(normal_model(), samples);
}

// Sixth powers make the error of a skewness: of 1000 values one or two make most of it, and what
// they don't show no formula knows.
TEST(DistributionCoverage, of_a_lognormal_output) {
  expect_covers(lognormal_model(), 1000, "skewness");
  expect_covers(lognormal_model(), 20000);
}

TEST(DistributionCoverage, of_a_product_of_uniforms) {
  for (const std::uint64_t samples : {1000u, 20000u}) expect_covers(product_model(), samples);
}

// T. Ishigami, T. Homma, "An importance quantification technique in uncertainty analysis for
// computer models", ISUMA 1990, 398-403: sin x + a sin^2 y + b z^4 sin x, its parts of the variance
// in closed form.
TEST(DistributionCoverage, of_sobol_indices) {
  const double a = 7;
  const double b = 0.1;
  const double p4 = std::pow(std::numbers::pi, 4);
  const double of_x = 0.5 * std::pow(1 + b * p4 / 5, 2);
  const double of_y = a * a / 8;
  const double of_xz = 8 * b * b * p4 * p4 / 225;
  const double all = of_x + of_y + of_xz;
  const double first[] = {of_x / all, of_y / all, 0};
  const double total[] = {(of_x + of_xz) / all, of_y / all, of_xz / all};
  Settings settings;
  settings.sensitivity = true;
  for (const std::uint64_t samples : {1000u, 20000u}) {
    Coverage coverage("Ishigami, " + std::to_string(samples));
    for (int seed = 1; seed <= kSeeds; ++seed) {
      settings.seed = static_cast<std::uint64_t>(seed);
      const OutputResult result =
          answer_of({"sin(x)+7*sin(y)^2+0.1*z^4*sin(x)", "x~uniform(-pi,pi)", "y~uniform(-pi,pi)",
                     "z~uniform(-pi,pi)"},
                    settings, samples);
      ASSERT_EQ(result.effects.size(), 3u);
      for (std::size_t i = 0; i < 3; ++i) {
        const InputEffect& effect = result.effects[i];
        coverage.add("first order of " + effect.input, effect.first_order.value(), first[i]);
        coverage.add("total of " + effect.input, effect.total.value(), total[i]);
      }
    }
    coverage.expect_nominal();
  }
}

}  // namespace
}  // namespace oche::job

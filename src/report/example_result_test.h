// Results made by hand, as the tests of reports need them.
#ifndef OCHE_REPORT_EXAMPLE_RESULT_TEST_H_
#define OCHE_REPORT_EXAMPLE_RESULT_TEST_H_

#include <cmath>
#include <cstdint>
#include <limits>
#include <string>

#include "oche/result.h"

namespace oche::report {

inline constexpr double kTestNan = std::numeric_limits<double>::quiet_NaN();
inline constexpr double kTestInfinity = std::numeric_limits<double>::infinity();

// Bars of a normal distribution between `low` and `high`, the tails in the first and the last.
inline std::vector<HistogramBar> normal_bars(double mean, double sd, double low, double high,
                                             unsigned bars, double samples) {
  const auto cdf = [&](double x) { return 0.5 * std::erfc((mean - x) / (sd * std::sqrt(2.0))); };
  std::vector<HistogramBar> result;
  const double width = (high - low) / bars;
  for (unsigned i = 0; i < bars; ++i) {
    const double a = low + i * width;
    const double b = a + width;
    const double p = (i + 1 == bars ? 1 : cdf(b)) - (i == 0 ? 0 : cdf(a));
    result.push_back({a, b, static_cast<std::uint64_t>(std::llround(p * samples))});
  }
  return result;
}

// Mean 5, standard deviation 2, a million samples; inputs a and b.
inline OutputResult normal_output(const std::string& expression) {
  OutputResult output;
  output.expression = expression;
  output.estimate = 5.0;
  output.standard_error = 0.002;
  output.interval = {5.0 - 1.959963984540054 * 0.002, 5.0 + 1.959963984540054 * 0.002};
  output.minimum = -4.5;
  output.maximum = 14.25;
  output.standard_deviation = 2.0;
  Distribution& d = output.distribution.emplace();
  d.standard_deviation = {2.0, 0.0015};
  d.skewness = {0.001, 0.0025};
  d.excess_kurtosis = {-0.002, 0.005};
  d.quantiles = {
      {0.025, 1.08, {1.07, 1.09}}, {0.5, 5.001, {4.996, 5.006}}, {0.975, 8.92, {8.91, 8.93}}};
  d.coverage = 0.95;
  d.symmetric = {1.08, 8.92};
  d.shortest = {1.06, 8.90};
  d.histogram = normal_bars(5, 2, -3, 13, 64, 1e6);
  output.effects = {{"a", {1.0, 0.0005}, 0.5, {0.25, 0.001}, std::nullopt, std::nullopt},
                    {"b", {4.0, 0.002}, 1.9, {-0.96, 0.0001}, std::nullopt, std::nullopt}};
  return output;
}

inline Result result_of(std::vector<OutputResult> outputs) {
  Result result;
  result.outputs = std::move(outputs);
  const OutputResult& first = result.outputs.front();
  result.estimate = first.estimate;
  result.standard_error = first.standard_error;
  result.low = first.interval.low;
  result.high = first.interval.high;
  result.standard_deviation = first.standard_deviation;
  result.minimum = first.minimum;
  result.maximum = first.maximum;
  result.samples = 1'000'000;
  result.seconds = 0.5;
  result.method = "plain";
  result.stream = "test";
  result.digest = "d1";
  result.stop_reason = "samples";
  result.met = true;
  return result;
}

inline Result normal_result() { return result_of({normal_output("a+b")}); }

}  // namespace oche::report

#endif  // OCHE_REPORT_EXAMPLE_RESULT_TEST_H_

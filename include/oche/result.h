// What a run yields.
#ifndef OCHE_RESULT_H_
#define OCHE_RESULT_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace oche {

// One thread or one worker that took part.
struct CrewMember {
  std::string name;
  std::uint64_t chunks = 0;       // chunks accepted from it
  std::uint64_t repeats = 0;      // chunks that another had delivered before
  std::uint64_t leases_lost = 0;  // leases that ran past their deadline or ended with it
  double seconds = 0.0;           // of computing, as it says
};

// A number that the samples show, and its standard error. Either is NaN where it can't be told.
struct Measured {
  double value = 0.0;
  double standard_error = 0.0;
};

struct Range {
  double low = 0.0;
  double high = 0.0;
};

// The value that a share `probability` of the distribution is at most.
struct Quantile {
  double probability = 0.0;
  double value = 0.0;
  // Holds the true quantile with the run's confidence, whatever the distribution; the width of the
  // bins that values are counted in is part of it. Infinite where the samples are too few to say.
  Range interval;
};

// Of a histogram: how many samples lie from low to high. Which end belongs to the bar is that of
// the bins (tally/bins.h): the one nearer to their origin.
struct HistogramBar {
  double low = 0.0;
  double high = 0.0;
  std::uint64_t count = 0;
};

// How an output goes with one input that varies.
struct InputEffect {
  std::string input;
  Measured mean;                    // of the input
  double standard_deviation = 0.0;  // of the input
  Measured correlation;  // Pearson's, of the output with the input; NaN where one is constant
  // Sobol' indices, where they were asked for: the share of the output's variance that the input
  // explains alone, and the share that would vanish were the input known last.
  std::optional<Measured> first_order;
  std::optional<Measured> total;
};

// The distribution of one output: of a plain run whose inputs all have distributions.
struct Distribution {
  Measured standard_deviation;
  Measured skewness;         // third standardized moment
  Measured excess_kurtosis;  // fourth standardized moment less 3
  std::vector<Quantile> quantiles;
  // Whether the output takes few values, each alone in its bin: then quantiles and the ends of
  // coverage intervals are values, not places between them.
  bool few_values = false;
  double coverage = 0.95;  // probability of the two intervals below
  Range symmetric;         // as much probability below it as above it
  Range shortest;
  // Bars of about equal width, as many as asked for or fewer, in ascending order; where tails are
  // long, the first and the last bar are wider and hold them. Every sample is in one bar. An output
  // that takes few different values has a narrow bar for each.
  std::vector<HistogramBar> histogram;
};

// One of the expressions that were to be estimated.
struct OutputResult {
  std::string expression;  // in canonical spelling
  // Nothing when there is none to be trusted, see Result::estimate.
  std::optional<double> estimate;
  double standard_error = 0.0;
  Range interval;        // at the run's confidence
  double minimum = 0.0;  // of the integrand's values
  double maximum = 0.0;
  // Of the values, for a plain run whose inputs all have distributions.
  std::optional<double> standard_deviation;
  std::optional<Distribution> distribution;  // not of an output that has only two values
  std::vector<InputEffect> effects;          // in the order of the inputs
};

// How two outputs go together.
struct Association {
  std::string a, b;
  double covariance = 0.0;
  Measured correlation;
};

// How two inputs go together that are correlated by a Gaussian copula.
struct InputPair {
  std::string a, b;
  double score_correlation = 0.0;  // of their normal scores: what the job says
  Measured correlation;            // Pearson's, of their samples; NaN where it was not measured
  // Spearman's, a consequence of the copula; nothing where the distribution of one of the two
  // depends on other inputs.
  std::optional<double> rank_correlation;
};

struct Result {
  // The estimate of the first output; nothing when there is none to be trusted: a value was not
  // finite or the mean too large for a double, two workers differed, or the run ended before its
  // first stop point.
  std::optional<double> estimate;
  double standard_error = 0.0;
  double low = 0.0;  // the interval at `confidence`
  double high = 0.0;
  double confidence = 0.95;
  // Of the integrand's values, for a plain run whose inputs all have distributions.
  std::optional<double> standard_deviation;
  double minimum = 0.0;  // of the integrand's values
  double maximum = 0.0;

  // All outputs, the first one included; empty when there is no answer at all.
  std::vector<OutputResult> outputs;
  // Of every pair of outputs, row by row of the upper triangle.
  std::vector<Association> output_pairs;
  // Of each corr(a,b) of the job, in its order.
  std::vector<InputPair> input_pairs;

  std::uint64_t samples = 0;
  std::uint64_t kept_samples = 0;          // of those, that were in a file when the run went on
  std::uint64_t non_finite = 0;            // values that were NaN or infinite
  std::string non_finite_policy = "fail";  // fail, skip or zero
  double seconds = 0.0;                    // wall time
  std::uint64_t seed = 1;
  std::string method;
  std::string stream;          // the name of the map of random numbers
  std::uint32_t numerics = 0;  // the number of the numerics (docs/decisions/0001-numerics.md)
  std::string digest;          // 64 hexadecimal digits; equal digests: equal to the last bit
  // target, samples, time, interrupted, non_finite, mismatch or deadly_chunk.
  std::string stop_reason;
  // Whether the answer is what was asked for: the target met, or no target and the cap reached.
  bool met = false;
  std::vector<std::string> warnings;
  std::vector<CrewMember> crew;
};

}  // namespace oche

#endif  // OCHE_RESULT_H_

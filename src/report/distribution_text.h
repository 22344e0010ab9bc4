// The outputs of a run as text for people: each with its distribution, how they go together, how
// they go with the inputs.
#ifndef OCHE_REPORT_DISTRIBUTION_TEXT_H_
#define OCHE_REPORT_DISTRIBUTION_TEXT_H_

#include <string>
#include <vector>

#include "oche/result.h"

namespace oche::report {

// How much is said. What is left out is in the JSON object in any case.
struct TextOptions {
  bool full = false;       // all that is known
  bool quantiles = false;  // quantiles were asked for: they are shown for every output
};

// Standard deviation, shape, quantiles, coverage intervals and inputs of one output of `result`,
// each line begun by `indent`. Errors are half-widths at the run's confidence.
std::string distribution_text(const OutputResult& output, const Result& result,
                              const TextOptions& options, const std::string& indent);

// A section for each of several outputs, then their correlations.
std::string outputs_text(const Result& result, const TextOptions& options);

// A row for each pair of correlated inputs; empty if there are none.
std::string input_pairs_text(const Result& result, const TextOptions& options);
// Pearson's correlation of a pair, with its half-width, and Spearman's.
std::string pearson_text(const InputPair& pair, double factor);
std::string rank_text(const InputPair& pair);

// "0.12 ± 0.03   (95% interval 0.09 to 0.15)\n".
std::string estimate_text(double estimate, const Range& interval, double confidence);

// The effects on one output, the strongest first: by total index where there is one, else by the
// correlation's magnitude; those that can't be told last.
std::vector<InputEffect> strongest_first(std::vector<InputEffect> effects);

// The powers of ten of the first uncertain digit of the ends of the coverage intervals: from the
// intervals of the quantiles at the same probabilities; where those were not asked for, from what
// the error would be of a normal distribution with `samples` values.
struct CoveragePlaces {
  int symmetric = 0;
  int shortest = 0;
};
CoveragePlaces places_of_coverage(const Distribution& distribution, double samples);

// Says that too few samples lie beyond the ends of the coverage intervals; empty if enough do.
std::string few_beyond_text(const Distribution& distribution, double samples);

}  // namespace oche::report

#endif  // OCHE_REPORT_DISTRIBUTION_TEXT_H_

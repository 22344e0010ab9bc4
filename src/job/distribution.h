// From what a tally holds of an output to its distribution, with the error of each number.
#ifndef OCHE_JOB_DISTRIBUTION_H_
#define OCHE_JOB_DISTRIBUTION_H_

#include <vector>

#include "job/counts.h"
#include "oche/result.h"
#include "tally/tally.h"

namespace oche::job {

// What is shown of a distribution.
struct Show {
  std::vector<double> quantiles;  // in (0, 1)
  double coverage = 0.95;         // in (0, 1)
  unsigned bars = 60;             // at least 1
};

// Whether values differ, and the squares of their deviations underflow: then no spread can be told.
bool lost_squares(const tally::Moments& moments);

// As if `zeros` more samples had given 0.
OutputTally with_zeros(OutputTally output, std::uint64_t zeros);

// Standard deviation, skewness and kurtosis have errors by their influence functions, for which the
// bins stand in for the values (F. R. Hampel, "The influence curve and its role in robust
// estimation", J. Amer. Statist. Assoc. 69 (1974) 383-393); docs/methods/distribution.md has all
// formulas. The intervals of quantiles hold at `confidence`.
Distribution distribution_of(const OutputTally& output, double confidence, const Show& show);

// The mean of x over the mean of y, and its error to first order (the delta method).
Measured ratio_of_means(const tally::Moments& x, const tally::Moments& y, double co_moment);

}  // namespace oche::job

#endif  // OCHE_JOB_DISTRIBUTION_H_

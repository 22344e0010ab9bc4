// How improbable a statistic is: the smaller of P(T <= t) and P(T >= t), so that too good is as
// suspect as too bad. Relative accuracy about 1e-9.
#ifndef OCHE_TESTS_STREAMS_TAIL_H_
#define OCHE_TESTS_STREAMS_TAIL_H_

#include <span>

namespace oche::streams {

// For T standard normal.
double normal_tail(double t);

// For T chi-squared with `freedom` degrees of freedom: the incomplete gamma function by its series
// below the mean and its continued fraction above (NIST DLMF 8.7.1, 8.9.2).
double chi_squared_tail(double t, double freedom);

// Pearson's statistic of counts in classes of the given probabilities (their sum is 1), and its
// tail. Neighbouring classes are joined until each has an expected count of at least 20, so that
// the statistic is chi-squared, well enough for a tail of 1e-6 to be within a factor of 2 or so.
double pearson_tail(std::span<const double> counts, std::span<const double> probabilities);

}  // namespace oche::streams

#endif  // OCHE_TESTS_STREAMS_TAIL_H_

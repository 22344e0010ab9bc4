// The exact interval of a probability.
#ifndef OCHE_JOB_BINOMIAL_H_
#define OCHE_JOB_BINOMIAL_H_

#include <cstdint>
#include <optional>

#include "job/stop_rule.h"

namespace oche::job {

// Above so many hits, and as many misses, the normal interval is as good.
inline constexpr std::uint64_t kMostExactHits = 1000;

// The interval of Clopper and Pearson for a probability of which `hits` were seen in n samples: it
// holds the truth with at least `confidence`, whatever the probability is, also with no hit at all.
// Nothing where hits and misses are both more than kMostExactHits. hits <= n, n > 0.
// C. J. Clopper, E. S. Pearson, "The use of confidence or fiducial limits illustrated in the case
// of the binomial", Biometrika 26 (1934) 404-413.
std::optional<Interval> exact_binomial_interval(std::uint64_t hits, std::uint64_t n,
                                                double confidence);

}  // namespace oche::job

#endif  // OCHE_JOB_BINOMIAL_H_

// What to estimate, and when to stop.
#ifndef OCHE_JOB_H_
#define OCHE_JOB_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace oche {

// A job as a user states it. Two jobs are the same, and have the same digests, if definition,
// method and seed mean the same; the other fields only say when to stop.
struct Job {
  // The expression, then its inputs, as on the command line: {"1/x", "x=1..2"} or {"1/x, x=1..2"}.
  std::vector<std::string> definition;
  // "auto", "plain" or "stratified". auto is plain.
  std::string method = "auto";
  std::uint64_t seed = 1;

  // Stop when the half-width of the interval at `confidence` is at most rel_error * |estimate| or
  // at most abs_error, either one; both are positive.
  std::optional<double> rel_error;
  std::optional<double> abs_error;
  // Caps: at most so many samples (1 to 2^53); no longer than so many seconds.
  std::optional<std::uint64_t> samples;
  std::optional<double> seconds;
  double confidence = 0.95;  // in (0, 1)
};

}  // namespace oche

#endif  // OCHE_JOB_H_

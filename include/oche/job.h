// What to estimate, and when to stop.
#ifndef OCHE_JOB_H_
#define OCHE_JOB_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "oche/data_set.h"

namespace oche {

// A job as a user states it. Two jobs are the same, and have the same digests, if definition,
// the values of its data sets, method, seed, non_finite and sensitivity mean the same; the other
// fields only say when to stop and what to show.
struct Job {
  // The expression, then its inputs, as on the command line: {"1/x", "x=1..2"} or {"1/x, x=1..2"}.
  std::vector<std::string> definition;
  // Those that the definition names in data(NAME): a program's own, or of read_data_sets(). No file
  // is read when the job runs.
  std::vector<DataSet> data_sets;
  // "auto", "plain" or "stratified". auto is plain.
  std::string method = "auto";
  std::uint64_t seed = 1;
  // What becomes of a sample with a value that is not finite: "fail" ends the run without an
  // estimate; "skip" leaves the sample out, as if it had not been drawn; "zero" takes the value for
  // 0 (one output only). They are counted in any case.
  std::string non_finite = "fail";
  // First-order and total Sobol' indices of the inputs: 2 + the number of inputs times the cost of
  // a sample. All inputs have distributions and are independent; method plain.
  bool sensitivity = false;

  // Stop when the half-width of the interval at `confidence` is at most rel_error * |estimate| or
  // at most abs_error, either one; both are positive.
  std::optional<double> rel_error;
  std::optional<double> abs_error;
  // Caps: at most so many samples (1 to 2^53); no longer than so many seconds.
  std::optional<std::uint64_t> samples;
  std::optional<double> seconds;
  double confidence = 0.95;  // in (0, 1)

  // What is shown of the distribution of an output; no part of the job's identity.
  std::vector<double> quantiles = {0.025, 0.25, 0.5, 0.75, 0.975};  // in (0, 1)
  double coverage = 0.95;  // of coverage intervals, in (0, 1)
  unsigned bars = 60;      // of a histogram, 1 to 100000
};

}  // namespace oche

#endif  // OCHE_JOB_H_

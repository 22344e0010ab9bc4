// What estimate, pi and ln2 have in common: the options of a run, the run itself, and its report.
#ifndef OCHE_CLI_RUN_COMMAND_H_
#define OCHE_CLI_RUN_COMMAND_H_

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <optional>
#include <string>
#include <vector>

#include "cli/keys.h"
#include "oche/job.h"
#include "oche/result.h"
#include "oche/run.h"

namespace CLI {  // NOLINT(readability-identifier-naming): CLI11's own
class App;
}

namespace oche::cli {

// As typed; checked by run_and_report(), so that the errors are ours.
struct RunFlags {
  std::optional<std::string> samples, rel_error, abs_error, time, seed, confidence, workers, wait,
      lease, listen, at, priority, checkpoint, method, simd, quantiles, coverage, bars, histogram,
      report, non_finite;
  bool detach = false;
  bool sensitivity = false;
  bool full = false;
  bool json = false;
  bool quiet = false;
  bool verbose = false;
  KeyFlags keys;
};

// Throws Error (usage) if one of the options was given.
void refuse_options(const CLI::App& command, std::initializer_list<const char*> options,
                    const std::string& why);

void add_run_options(CLI::App& command, RunFlags& flags);

// Fills the job from the flags, all but its definition.
void apply_flags(const RunFlags& flags, Job& job);

// Runs the job as the flags say. Ctrl-C ends it with what it has.
Result run_job(const RunFlags& flags, const Job& job);

// Those of any run on this computer: --workers, --simd, --json, --quiet, --verbose.
void add_local_options(CLI::App& command, RunFlags& flags);

// Calls `run` with the options that the flags say, and shows the progress meanwhile. Ctrl-C ends it
// with what it has.
Result run_here(const RunFlags& flags, const std::function<Result(const RunOptions&)>& run);

// The report on stdout. Returns the exit code.
int report_here(const RunFlags& flags, const Job& job, const Result& result,
                const std::string& name);

// run_job(), or with --at the same at a host; then the report on stdout. `name` is what stands
// before the estimate, "" for nothing. Returns the exit code.
int run_and_report(const RunFlags& flags, const Job& job, const std::string& name);

}  // namespace oche::cli

#endif  // OCHE_CLI_RUN_COMMAND_H_

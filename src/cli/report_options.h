// What of an answer is shown, and where: the options of it, and the report itself.
#ifndef OCHE_CLI_REPORT_OPTIONS_H_
#define OCHE_CLI_REPORT_OPTIONS_H_

#include <string>

#include "cli/run_command.h"
#include "job/job.h"

namespace oche::cli {

// --quantiles, --coverage, --bars, --histogram, --report, --full.
void add_display_options(CLI::App& command, RunFlags& flags);
// The same, --sensitivity and --non-finite.
void add_distribution_options(CLI::App& command, RunFlags& flags);

// Fills the job from those flags; checks the form of all of them. Throws Error (usage).
void apply_distribution_flags(const RunFlags& flags, Job& job);

// Before a run: throws Error (usage) for flags that don't go together or with the job, and Error
// (file) if the histogram's file is there already. The job is a valid one.
void check_report_flags(const RunFlags& flags, const Job& job);
void check_report_flags(const RunFlags& flags, const job::Job& job);

// The report on stdout, as the flags say, and the histogram's file. Throws Error (file) if that
// can't be written. `name` is what stands before the estimate, "" for nothing.
void print_report(const RunFlags& flags, const Job& job, const Result& result,
                  const std::string& name);

}  // namespace oche::cli

#endif  // OCHE_CLI_REPORT_OPTIONS_H_

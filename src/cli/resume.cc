// oche resume and oche extend: a run that a file keeps goes on.
#include <CLI/CLI.hpp>

#include <algorithm>
#include <memory>
#include <string>

#include "cli/command.h"
#include "cli/report_options.h"
#include "cli/run_command.h"
#include "crew/run_to_end.h"
#include "job/order.h"
#include "math/float_environment.h"
#include "oche/error.h"

namespace oche::cli {
namespace {

struct ResumeOptions {
  std::string file;
  RunFlags flags;
};

// From where the file stands to the end.
int go_on(const RunFlags& flags, job::CheckpointFile& file) {
  Job shown;  // for what is to be shown
  apply_distribution_flags(flags, shown);
  job::RunRecord record = file.record();
  if (record.range) {
    throw Error(ErrorKind::usage,
                "this file is a shard, which has no answer of its own; go on with it by the oche "
                "shard that made it, and put all together with oche merge");
  }
  const std::string& canonical = record.job->canonical();
  shown.definition = {canonical.substr(canonical.find("estimate ") + 9)};
  check_report_flags(flags, *record.job);
  const job::StopRule rule = record.rule;
  const std::uint64_t kept = job::samples_of(record);
  Result result = run_here(flags, [&](const RunOptions& options) {
    return job::make_result(crew::run_to_end(std::move(record), options, &file), rule,
                            {shown.quantiles, shown.coverage, shown.bars});
  });
  result.kept_samples = std::min(kept, result.samples);
  return report_here(flags, shown, result, "");
}

int resume(const ResumeOptions& options) {
  const math::StandardFloatEnvironment environment;
  job::CheckpointFile file = job::CheckpointFile::open(options.file);
  return go_on(options.flags, file);
}

int extend(const ResumeOptions& options) {
  const math::StandardFloatEnvironment environment;
  Job wanted;
  apply_flags(options.flags, wanted);
  const job::StopRule rule = job::make_rule(wanted);
  if (!rule.has_target() && !rule.samples && !rule.time) {
    throw Error(ErrorKind::usage,
                "extend without an end (it would go on for ever); give --rel-error, --abs-error, "
                "--samples or --time");
  }
  job::CheckpointFile file = job::CheckpointFile::open(options.file);
  file.extend(rule);
  return go_on(options.flags, file);
}

void add(CLI::App& command, ResumeOptions& options) {
  command.add_option("file", options.file, "What --checkpoint has made")
      ->type_name("FILE")
      ->required();
  add_local_options(command, options.flags);
  add_display_options(command, options.flags);
}

}  // namespace

void add_resume(CLI::App& app, Outcome& outcome) {
  const auto options = std::make_shared<ResumeOptions>();
  CLI::App* const command = app.add_subcommand(
      "resume", "Go on with a run that a file keeps, to the end that it was to have");
  add(*command, *options);
  command->footer("A --time counts from here on.");
  command->callback([options, &outcome] { outcome.exit_code = resume(*options); });

  const auto more = std::make_shared<ResumeOptions>();
  CLI::App* const longer = app.add_subcommand(
      "extend", "Go on with a run that a file keeps, to a smaller error or more samples");
  add(*longer, *more);
  longer->add_option("--samples", more->flags.samples, "At most N samples, with those it has")
      ->type_name("N");
  longer
      ->add_option("--rel-error", more->flags.rel_error,
                   "Stop when the interval's half-width is at most E times the estimate")
      ->type_name("E");
  longer
      ->add_option("--abs-error", more->flags.abs_error,
                   "Stop when the interval's half-width is at most E")
      ->type_name("E");
  longer->add_option("--time", more->flags.time, "Stop within T of computing, from here on")
      ->type_name("T");
  longer->add_option("--confidence", more->flags.confidence, "Of the interval (default 0.95)")
      ->type_name("P");
  longer->footer(
      "What is there is not computed again, but for a last chunk that was cut short. The digest is "
      "that of one run to the new end.");
  longer->callback([more, &outcome] { outcome.exit_code = extend(*more); });
}

}  // namespace oche::cli

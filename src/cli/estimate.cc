// oche estimate: an integral, an expectation or a probability.
#include <CLI/CLI.hpp>

#include <cstdio>
#include <memory>
#include <optional>

#include "cli/arguments.h"
#include "cli/command.h"
#include "cli/job_file.h"
#include "cli/new_file.h"
#include "cli/report_options.h"
#include "cli/run_command.h"
#include "cli/values.h"
#include "job/result.h"
#include "oche/error.h"
#include "report/json.h"
#include "report/text.h"

namespace oche::cli {
namespace {

struct EstimateOptions {
  std::vector<std::string> definition;
  RunFlags flags;
  std::optional<std::string> save_job, at_sample;
};

// Only of the plain method: which points a later pass of another one draws depends on the values of
// the passes before it.
int show_sample(const Job& job, const std::string& number, bool json) {
  const std::uint64_t sample = parse_count("--at-sample", number, 0, sampling::kMaxSamples - 1);
  const job::Order order = job::make_order(job);
  if (order.job->method() != sampling::Method::plain) {
    throw Error(ErrorKind::usage,
                "--at-sample with another method than plain (its samples depend on the pass); "
                "leave --method out");
  }
  const job::SamplePoint point = order.job->sample_point({}, sample);
  const std::string text =
      json ? report::to_json(sample, point) + "\n" : report::to_text(point, order.job->labels());
  std::fputs(text.c_str(), stdout);
  return exit_ok;
}

int run(const CLI::App& command, const EstimateOptions& options) {
  Job job;
  RunFlags flags = options.flags;
  std::string folder;  // that names of data files are relative to
  job.definition = options.definition;
  if (options.save_job && !names_job_file(*options.save_job)) {
    throw Error(ErrorKind::usage, "--save-job " + shown_path(*options.save_job) +
                                      " is no name of a job file (oche estimate knows one by its "
                                      "end, .toml); give a name that ends in .toml");
  }
  if (options.at_sample) {
    refuse_options(command,
                   {"--listen", "--wait", "--lease", "--at", "--priority", "--detach",
                    "--histogram", "--report"},
                   "--at-sample looks at one sample and runs nothing");
  }
  if (names_job_file(job.definition.front())) {
    if (job.definition.size() > 1) {
      throw Error(ErrorKind::usage,
                  "a job file and inputs beside it (its inputs are in the file); give one of them");
    }
    folder = folder_of(job.definition.front());
    read_job_file(job.definition.front(), job.definition, flags);
  }
  apply_flags(flags, job);
  job.data_sets = read_data_sets(job.definition, folder);
  if (options.save_job) {
    static_cast<void>(job::make_order(job));  // a wrong job is not worth a file
    check_report_flags(flags, job);
    write_job_file(*options.save_job, job.definition, folder, flags);
  }
  if (options.at_sample) return show_sample(job, *options.at_sample, flags.json);
  return run_and_report(flags, job, "");
}

}  // namespace

void add_estimate(CLI::App& app, Outcome& outcome) {
  auto options = std::make_shared<EstimateOptions>();
  CLI::App* command =
      app.add_subcommand("estimate", "An integral, an expectation or a probability");
  command
      ->add_option("definition", options->definition,
                   "One or more expressions, separated by ;, and their inputs: x=1..2 (integrate), "
                   "x~normal(0,1) (average), x~data(FILE.csv) (rows of a file), x=3 (constant), "
                   "x[1..8]=0..1 (an array); or a job file, FILE.toml")
      ->type_name("EXPR INPUT")
      ->required();
  add_run_options(*command, options->flags);
  add_distribution_options(*command, options->flags);
  command->add_option("--save-job", options->save_job, "Write the job to a new file, and run it")
      ->type_name("FILE");
  command
      ->add_option("--at-sample", options->at_sample,
                   "Show the inputs and the value of sample N (from 0), and run nothing")
      ->type_name("N");
  command->footer(
      "Examples:\n  oche estimate '1/x' x=1..2 --rel-error 1e-5\n"
      "  oche estimate 'x^2+y^2<=1' 'x~uniform(-1,1)' 'y~uniform(-1,1)'\n"
      "  oche estimate 'let r=hypot(x,y); exp(-r^2); r' x=0..1 y=0..1\n"
      "  oche estimate 'sum(j=1..8, x[j]^2) < 1' 'x[1..8]~uniform(-1,1)'\n"
      "  oche estimate 'a*exp(-b)+c' 'a~normal(5,0.1)' 'b~uniform(1,2)' c=3 --histogram show\n"
      "Functions: oche --help functions; distributions: oche --help distributions. Without a "
      "target or a cap it stops at --rel-error 1e-3 or "
      "after 10 s.");
  unprotect_values(*command);
  command->callback([options, command, &outcome] { outcome.exit_code = run(*command, *options); });
}

}  // namespace oche::cli

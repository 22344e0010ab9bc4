// oche estimate: an integral, an expectation or a probability.
#include <CLI/CLI.hpp>

#include <memory>

#include "cli/arguments.h"
#include "cli/command.h"
#include "cli/run_command.h"

namespace oche::cli {
namespace {

struct EstimateOptions {
  std::vector<std::string> definition;
  RunFlags flags;
};

int run(const EstimateOptions& options) {
  Job job;
  for (const std::string& part : options.definition) job.definition.push_back(unprotect(part));
  apply_flags(options.flags, job);
  return run_and_report(options.flags, job, "");
}

}  // namespace

void add_estimate(CLI::App& app, Outcome& outcome) {
  auto options = std::make_shared<EstimateOptions>();
  CLI::App* command =
      app.add_subcommand("estimate", "An integral, an expectation or a probability");
  command
      ->add_option("definition", options->definition,
                   "The expression and its inputs: x=1..2 (integrate), x~normal(0,1) (average), "
                   "x=3 (constant)")
      ->type_name("EXPR INPUT")
      ->required();
  add_run_options(*command, options->flags);
  command->footer(
      "Examples:\n  oche estimate '1/x' x=1..2 --rel-error 1e-5\n"
      "  oche estimate 'x^2+y^2<=1' 'x~uniform(-1,1)' 'y~uniform(-1,1)'\n"
      "Functions: oche --help functions. Without a target or a cap it stops at --rel-error 1e-3 or "
      "after 10 s.");
  command->callback([options, &outcome] { outcome.exit_code = run(*options); });
}

}  // namespace oche::cli

// oche result: the answer of a job of a host.
#include <CLI/CLI.hpp>

#include <memory>
#include <string>

#include "cli/at_host.h"
#include "cli/command.h"
#include "cli/report_options.h"

namespace oche::cli {
namespace {

struct ResultOptions {
  std::string host;
  std::string number;
  RunFlags flags;
};

}  // namespace

void add_result(CLI::App& app, Outcome& outcome) {
  auto options = std::make_shared<ResultOptions>();
  CLI::App* command =
      app.add_subcommand("result", "The answer of a job of a host; waits until there is one");
  command->add_option("host", options->host, "Where the host listens")
      ->type_name("HOST[:PORT]")
      ->required();
  command->add_option("number", options->number, "The job's number")
      ->type_name("NUMBER")
      ->required();
  command->add_flag("--json", options->flags.json, "Print one JSON object");
  command->add_flag("--quiet", options->flags.quiet, "No progress and no notes");
  add_key_file_option(*command, options->flags.keys);
  add_certificate_options(*command, options->flags.keys);
  add_insecure_option(*command, options->flags.keys);
  add_display_options(*command, options->flags);
  command->callback([options, &outcome] {
    outcome.exit_code =
        report_of_host(options->flags, options->host, parse_job_number(options->number));
  });
}

}  // namespace oche::cli

// oche cancel: end a job of a host with what it has.
#include <CLI/CLI.hpp>

#include <memory>
#include <string>

#include "cli/at_host.h"
#include "cli/command.h"

namespace oche::cli {
namespace {

struct CancelOptions {
  std::string host;
  std::string number;
  KeyFlags keys;
};

int run(const CancelOptions& options) {
  const std::uint64_t number = parse_job_number(options.number);
  host::Client(client_of(options.host, options.keys)).cancel(number);
  return exit_ok;
}

}  // namespace

void add_cancel(CLI::App& app, Outcome& outcome) {
  auto options = std::make_shared<CancelOptions>();
  CLI::App* command =
      app.add_subcommand("cancel", "End a job of a host, one's own, with what it has");
  command->add_option("host", options->host, "Where the host listens")
      ->type_name("HOST[:PORT]")
      ->required();
  command->add_option("number", options->number, "The job's number")
      ->type_name("NUMBER")
      ->required();
  add_key_file_option(*command, options->keys);
  add_certificate_options(*command, options->keys);
  add_insecure_option(*command, options->keys);
  command->callback([options, &outcome] { outcome.exit_code = run(*options); });
}

}  // namespace oche::cli

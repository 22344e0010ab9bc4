// oche drain: let a worker of a host go when it has delivered what it has.
#include <CLI/CLI.hpp>

#include <memory>
#include <string>

#include "cli/at_host.h"
#include "cli/command.h"

namespace oche::cli {
namespace {

struct DrainOptions {
  std::string host;
  std::string worker;
  KeyFlags keys;
};

int run(const DrainOptions& options) {
  host::Client(client_of(options.host, options.keys)).drain(options.worker);
  return exit_ok;
}

}  // namespace

void add_drain(CLI::App& app, Outcome& outcome) {
  auto options = std::make_shared<DrainOptions>();
  CLI::App* command = app.add_subcommand(
      "drain", "Lend a worker of a host nothing more, and let it go when it has delivered");
  command->add_option("host", options->host, "Where the host listens")
      ->type_name("HOST[:PORT]")
      ->required();
  command->add_option("worker", options->worker, "The worker's name (oche workers)")
      ->type_name("WORKER")
      ->required();
  add_key_file_option(*command, options->keys);
  add_certificate_options(*command, options->keys);
  add_insecure_option(*command, options->keys);
  command->callback([options, &outcome] { outcome.exit_code = run(*options); });
}

}  // namespace oche::cli

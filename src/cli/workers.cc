// oche workers: who lends cores to a host.
#include <CLI/CLI.hpp>

#include <cstdio>
#include <memory>
#include <string>

#include "cli/at_host.h"
#include "cli/command.h"

namespace oche::cli {
namespace {

struct WorkersOptions {
  std::string host;
  bool json = false;
  KeyFlags keys;
};

int run(const WorkersOptions& options) {
  host::Client client(client_of(options.host, options.keys));
  const auto workers = client.workers();
  const std::string text =
      options.json ? report::to_json(workers) + "\n" : report::to_text(workers);
  std::fputs(text.c_str(), stdout);
  return exit_ok;
}

}  // namespace

void add_workers(CLI::App& app, Outcome& outcome) {
  auto options = std::make_shared<WorkersOptions>();
  CLI::App* command = app.add_subcommand("workers", "The workers of a host");
  command->add_option("host", options->host, "Where the host listens")
      ->type_name("HOST[:PORT]")
      ->required();
  command->add_flag("--json", options->json, "Print one JSON array");
  add_key_file_option(*command, options->keys);
  add_certificate_options(*command, options->keys);
  add_insecure_option(*command, options->keys);
  command->callback([options, &outcome] { outcome.exit_code = run(*options); });
}

}  // namespace oche::cli

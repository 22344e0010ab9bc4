// oche jobs: what a host runs, and what it has run.
#include <CLI/CLI.hpp>

#include <cstdio>
#include <memory>
#include <string>

#include "cli/at_host.h"
#include "cli/command.h"

namespace oche::cli {
namespace {

struct JobsOptions {
  std::string host;
  bool json = false;
  KeyFlags keys;
};

int run(const JobsOptions& options) {
  host::Client client(client_of(options.host, options.keys));
  const auto jobs = client.jobs();
  const std::string text = options.json ? report::to_json(jobs) + "\n" : report::to_text(jobs);
  std::fputs(text.c_str(), stdout);
  return exit_ok;
}

}  // namespace

void add_jobs(CLI::App& app, Outcome& outcome) {
  auto options = std::make_shared<JobsOptions>();
  CLI::App* command = app.add_subcommand("jobs", "The jobs of a host");
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

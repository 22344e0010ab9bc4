// oche host: the exchange that workers and jobs dial.
#include "host/host.h"

#include <CLI/CLI.hpp>

#include <chrono>
#include <cstdio>
#include <memory>
#include <optional>
#include <string>

#include "cli/command.h"
#include "cli/host_file.h"
#include "cli/interrupt.h"
#include "cli/values.h"

namespace oche::cli {
namespace {

struct HostFlags {
  std::optional<std::string> listen, config, drain;
  bool quiet = false;
  bool verbose = false;
};

void say(const std::string& line) { std::fprintf(stderr, "%s\n", line.c_str()); }

int run(const HostFlags& flags) {
  host::HostOptions options;
  if (flags.config) read_host_file(*flags.config, options);
  if (flags.listen) options.listen = *flags.listen;
  if (flags.drain) {
    options.drain = std::chrono::duration_cast<Duration>(
        std::chrono::duration<double>(parse_seconds("--drain", *flags.drain)));
  }
  options.on_listen = [&](const std::string& endpoint) {
    say("listening on " + endpoint);
    if (flags.quiet) return;
    say("lend cores:   oche work " + endpoint);
    say("run a job:    oche estimate '1/x' x=1..2 --at " + endpoint);
    say("look around:  oche jobs " + endpoint + ", oche workers " + endpoint);
  };
  if (!flags.quiet) options.on_event = say;
  if (flags.verbose) options.on_result = say;
  options.interrupt = &interrupt_requested();
  host::run_host(options);
  return exit_ok;
}

}  // namespace

void add_host(CLI::App& app, Outcome& outcome) {
  auto flags = std::make_shared<HostFlags>();
  CLI::App* command =
      app.add_subcommand("host", "Be the exchange: workers lend it cores, clients give it jobs");
  command
      ->add_option("--listen", flags->listen,
                   "Where (default 127.0.0.1:11267; port 0: any free one)")
      ->type_name("ADDR:PORT");
  command->add_option("--config", flags->config, "Its limits, in TOML (docs/host.md)")
      ->type_name("FILE");
  command
      ->add_option("--drain", flags->drain,
                   "How long jobs may go on after Ctrl-C or SIGTERM (default 30s)")
      ->type_name("T");
  command->add_flag("--quiet", flags->quiet, "No lines about comings, goings and jobs");
  command->add_flag("--verbose", flags->verbose, "A line for each result of a worker as well");
  command->callback([flags, &outcome] { outcome.exit_code = run(*flags); });
}

}  // namespace oche::cli

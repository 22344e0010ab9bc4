// main(): builds the parser, runs the command, turns what it throws into a message and an exit code.
#include <CLI/CLI.hpp>

#include <cstdio>
#include <exception>

#include "cli/command.h"
#include "oche/error.h"

namespace oche::cli {
namespace {

int exit_code_of(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::usage: return exit_usage;
    case ErrorKind::network: return exit_network;
    case ErrorKind::file: return exit_file;
  }
  return exit_usage;
}

int run(int argc, char** argv) {
  CLI::App app("oche: integrals, expectations and probabilities by Monte Carlo, with an error bar");
  app.set_version_flag("--version", "oche " OCHE_VERSION);
  app.require_subcommand(1);
  Outcome outcome;
  add_estimate(app, outcome);
  add_pi(app, outcome);
  add_ln2(app, outcome);
  add_work(app, outcome);
  add_talk(app, outcome);
  add_send(app, outcome);
  add_receive(app, outcome);
  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& success) {
    return app.exit(success);
  } catch (const CLI::ParseError& error) {
    app.exit(error);
    return exit_usage;
  }
  return outcome.exit_code;
}

}  // namespace
}  // namespace oche::cli

int main(int argc, char** argv) {
  try {
    return oche::cli::run(argc, argv);
  } catch (const oche::Error& error) {
    std::fprintf(stderr, "oche: %s\n", error.what());
    return oche::cli::exit_code_of(error.kind());
  } catch (const std::exception& error) {
    std::fprintf(stderr, "oche: %s\n", error.what());
    return oche::cli::exit_not_met;
  }
}

// main(): builds the parser, runs the command, turns what it throws into a message and an exit code.
#include <CLI/CLI.hpp>

#include <algorithm>
#include <cstdio>
#include <exception>

#include "cli/arguments.h"
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

// CLI11's words for what is wrong with a command line, and what to do.
std::string explain(const CLI::ParseError& error) {
  std::string text = error.what();
  if (error.get_exit_code() == static_cast<int>(CLI::ExitCodes::ExtrasError)) {
    const std::size_t colon = text.find(": ");
    text = "no option or argument of this command:" +
           (colon == std::string::npos ? std::string() : text.substr(colon + 1));
  }
  if (dynamic_cast<const CLI::RequiredError*>(&error) != nullptr && text == "A subcommand is required") {
    text = "a command is needed: estimate, pi, ln2, work, talk, send or receive";
  }
  return text + " (see oche --help, or oche COMMAND --help)";
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
  std::vector<std::string> arguments(argv + std::min(argc, 1), argv + argc);
  protect_expressions(app, arguments);
  std::reverse(arguments.begin(), arguments.end());  // what CLI11 wants of a vector
  try {
    app.parse(std::move(arguments));
  } catch (const CLI::Success& success) {
    return app.exit(success);
  } catch (const CLI::ParseError& error) {
    throw Error(ErrorKind::usage, explain(error));
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

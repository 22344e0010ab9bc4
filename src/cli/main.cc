// main(): builds the parser, runs the command, turns what it throws into a message and an exit
// code.
#include <fcntl.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <csignal>
#include <cstdio>
#include <exception>

#include "base/cheap_memory.h"
#include "base/descriptor_limit.h"
#include "cli/arguments.h"
#include "cli/command.h"
#include "cli/interrupt.h"
#include "cli/prompt.h"
#include "formula/distributions.h"
#include "formula/formula_error.h"
#include "formula/functions.h"
#include "host/client.h"
#include "oche/error.h"
#include "wire/key.h"

namespace oche::cli {
namespace {

int exit_code_of(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::usage:
      return exit_usage;
    case ErrorKind::network:
      return exit_network;
    case ErrorKind::file:
      return exit_file;
  }
  return exit_usage;
}

constexpr const char* kCommands =
    "estimate, pi, ln2, work, host, jobs, result, cancel, workers, drain, invite, revoke, keys, "
    "doctor, resume, extend, shard, merge, talk, send or receive";

// CLI11's words for what is wrong with a command line, and what to do.
std::string explain(const CLI::ParseError& error, const std::string& first_argument) {
  std::string text = error.what();
  if (error.get_exit_code() == static_cast<int>(CLI::ExitCodes::ExtrasError)) {
    const std::size_t colon = text.find(": ");
    text = "no option or argument of this command:" +
           (colon == std::string::npos ? std::string() : text.substr(colon + 1));
  }
  if (text == "A subcommand is required") {
    text = first_argument.empty() ? std::string("a command is needed: ") + kCommands
                                  : "'" + first_argument + "' is not a command; give " + kCommands;
  }
  return text + " (see oche --help, or oche COMMAND --help)";
}

void add_commands(CLI::App& app, Outcome& outcome) {
  app.set_version_flag("--version", "oche " OCHE_VERSION);
  app.require_subcommand(1);
  add_estimate(app, outcome);
  add_pi(app, outcome);
  add_ln2(app, outcome);
  add_work(app, outcome);
  add_keys(app, outcome);
  add_doctor(app, outcome);
  add_host(app, outcome);
  add_jobs(app, outcome);
  add_result(app, outcome);
  add_cancel(app, outcome);
  add_workers(app, outcome);
  add_drain(app, outcome);
  add_resume(app, outcome);
  add_shard(app, outcome);
  add_talk(app, outcome);
  add_send(app, outcome);
  add_receive(app, outcome);
  // --json=3 would otherwise be taken for a count of flags.
  for (CLI::App* command : app.get_subcommands(nullptr)) {
    for (CLI::Option* option : command->get_options()) {
      if (option->get_expected_max() == 0) option->disable_flag_override();
    }
  }
}

constexpr char kDescription[] =
    "oche: integrals, expectations and probabilities by Monte Carlo, with an error bar.\n"
    "Alone on a terminal it is a prompt to work at.";

// A descriptor that is closed at the start would be the number of the next file or socket, and what
// is meant for stdout would go there. Opened the wrong way round, stdin and stdout fail as they
// should.
void keep_standard_descriptors() {
  constexpr int kModes[] = {O_WRONLY, O_RDONLY, O_WRONLY};
  for (int descriptor = 0; descriptor < 3; ++descriptor) {
    if (fcntl(descriptor, F_GETFD) == -1) static_cast<void>(open("/dev/null", kModes[descriptor]));
  }
}

// An answer that didn't arrive is no success.
void check_output() {
  if (std::fflush(stdout) == 0 && std::ferror(stdout) == 0) return;
  throw Error(
      ErrorKind::file,
      "stdout can't be written (the disk is full, or the reader has gone); the answer is lost");
}

// Every function that an expression may call, with the bound of its error.
void print_functions() {
  std::puts(
      "Functions, and the bound of their error in units in the last place (ULP); the same bits on\n"
      "every computer. 0 is exact, 0.5 is correctly rounded.\n");
  std::string loops;
  for (const formula::Function& f : formula::functions()) {
    if (formula::is_loop(f)) {
      loops.append("  ").append(f.name).append("(").append(f.arguments).append(")  ");
      loops.append(f.description).append("\n");
      continue;
    }
    const std::string call = std::string(f.name) + "(" + std::string(f.arguments) + ")";
    std::printf("  %-24s %4.1f  %s\n", call.c_str(), formula::largest_error(f),
                std::string(f.description).c_str());
  }
  std::printf("\nOver an index, in ascending order, each step rounded to nearest:\n\n%s",
              loops.c_str());
}

// Every distribution that an input may follow, with the bound of its error.
void print_distributions() {
  std::puts(
      "Distributions, and the bound of a sample's error in probability, relative to the smaller "
      "of\n"
      "u and 1-u, for every uniform number u that there is; the same bits on every computer.\n");
  for (const formula::Distribution& d : formula::distributions()) {
    std::printf("  %-32s %.0e  %s; %s\n", formula::signature(d).c_str(), d.error,
                std::string(d.description).c_str(), std::string(d.domain).c_str());
  }
}

// `--help functions`, wherever it stands.
bool asks_for(std::string_view topic, const std::vector<std::string>& arguments) {
  const auto help = std::find(arguments.begin(), arguments.end(), "--help");
  return help != arguments.end() && help + 1 != arguments.end() && help[1] == topic;
}

// `--help pi` means what `pi --help` does.
void put_help_behind_command(const CLI::App& app, std::vector<std::string>& arguments) {
  if (arguments.size() < 2 || (arguments[0] != "--help" && arguments[0] != "-h")) return;
  if (arguments[1].starts_with('-')) return;
  const auto commands = app.get_subcommands(nullptr);
  if (std::none_of(commands.begin(), commands.end(),
                   [&](const CLI::App* command) { return command->get_name() == arguments[1]; })) {
    throw Error(ErrorKind::usage, "--help " + formula::shown(arguments[1]) +
                                      " has nothing to show (it is about functions, distributions "
                                      "or a command: " +
                                      kCommands + "); give one of those");
  }
  std::swap(arguments[0], arguments[1]);
}

// Whoever is logged in may read the arguments of all processes; and messages quote what is wrong.
void refuse_keys(const std::vector<std::string>& arguments) {
  for (const std::string& argument : arguments) {
    const std::size_t begin = argument.find("oche1.");
    if (begin == std::string::npos || !wire::key_from_text(argument.substr(begin))) continue;
    throw Error(ErrorKind::usage,
                "a key stands on the command line (other users can read it there); have it "
                "replaced by its owner, and give the new one with --key-file or OCHE_KEY");
  }
}

int run(std::vector<std::string> arguments) {
  refuse_keys(arguments);
  const bool functions = asks_for("functions", arguments);
  if (functions || asks_for("distributions", arguments)) {
    functions ? print_functions() : print_distributions();
    check_output();
    return exit_ok;
  }
  CLI::App app(kDescription, "oche");
  Outcome outcome;
  add_commands(app, outcome);
  const std::string first_argument = arguments.empty() ? "" : arguments.front();
  put_help_behind_command(app, arguments);
  protect_expressions(app, arguments);
  std::reverse(arguments.begin(), arguments.end());  // what CLI11 wants of a vector
  try {
    app.parse(std::move(arguments));
  } catch (const CLI::Success& success) {
    outcome.exit_code = app.exit(success);
  } catch (const CLI::ParseError& error) {
    throw Error(ErrorKind::usage, explain(error, first_argument));
  }
  check_output();
  return outcome.exit_code;
}

int run_and_report_errors(std::vector<std::string> arguments) {
  try {
    return run(std::move(arguments));
  } catch (const host::Interrupted& interrupted) {
    std::fprintf(stderr, "oche: %s\n", interrupted.what());
    return exit_interrupted;
  } catch (const Error& error) {
    std::fprintf(stderr, "oche: %s\n", error.what());
    return exit_code_of(error.kind());
  } catch (const std::bad_alloc&) {
    std::fputs("oche: memory ran out (the system gave no more); use fewer --workers\n", stderr);
    return exit_not_met;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "oche: %s\n", error.what());
    return exit_not_met;
  }
}

int prompt() {
  CLI::App app;
  Outcome outcome;
  add_commands(app, outcome);
  std::vector<std::string> commands;
  for (const CLI::App* command : app.get_subcommands(nullptr))
    commands.push_back(command->get_name());
  end_command();
  work_at_prompt(commands, [](std::vector<std::string> arguments) {
    begin_command();
    run_and_report_errors(std::move(arguments));
    end_command();
  });
  return exit_ok;
}

}  // namespace
}  // namespace oche::cli

int main(int argc, char** argv) {
  oche::cli::keep_standard_descriptors();
  oche::raise_descriptor_limit();
  oche::make_memory_cheap();
  std::signal(SIGPIPE, SIG_IGN);  // a reader that has gone is an error to report, not one to die of
  if (argc <= 1 && isatty(STDIN_FILENO) == 1) return oche::cli::prompt();
  return oche::cli::run_and_report_errors(
      std::vector<std::string>(argv + std::min(argc, 1), argv + argc));
}

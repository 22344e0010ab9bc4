#include "cli/arguments.h"

#include <CLI/CLI.hpp>

namespace oche::cli {

void protect_expressions(const CLI::App& app, std::vector<std::string>& arguments) {
  if (arguments.empty() || arguments.front() != "estimate") return;
  const CLI::App* estimate = app.get_subcommand("estimate");
  for (std::string& argument : arguments) {
    if (argument.size() < 2 || argument[0] != '-' || argument[1] == '-') continue;
    if (estimate->get_option_no_throw(argument) == nullptr) argument.insert(0, 1, ' ');
  }
}

std::string unprotect(std::string argument) {
  if (argument.starts_with(" -")) argument.erase(0, 1);
  return argument;
}

}  // namespace oche::cli

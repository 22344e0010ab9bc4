#include "cli/arguments.h"

#include <CLI/CLI.hpp>

namespace oche::cli {
namespace {

std::string without_our_space(const std::string& value) {
  return value.starts_with(' ') ? value.substr(1) : value;
}

}  // namespace

void protect_expressions(const CLI::App& app, std::vector<std::string>& arguments) {
  if (arguments.empty() || arguments.front() != "estimate") return;
  const CLI::App* estimate = app.get_subcommand("estimate");
  for (std::string& argument : arguments) {
    const bool is_minus = argument.size() > 1 && argument[0] == '-' && argument[1] != '-' &&
                          estimate->get_option_no_throw(argument) == nullptr;
    const bool is_more = argument.starts_with('[') || argument == "++" || argument.starts_with(' ');
    if (is_minus || is_more) argument.insert(0, 1, ' ');
  }
}

void unprotect_values(CLI::App& estimate) {
  for (CLI::Option* option : estimate.get_options()) {
    if (option->get_expected_max() > 0) option->transform(without_our_space);
  }
}

}  // namespace oche::cli

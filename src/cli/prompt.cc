#include "cli/prompt.h"

#include <algorithm>
#include <cstdio>
#include <iostream>

#include "oche/error.h"

namespace oche::cli {
namespace {

constexpr char kHelp[] =
    "Type an expression and its inputs, with options behind them:\n"
    "  1/x, x=1..2 --rel-error 1e-5\n"
    "  x^2+y^2<=1, x~uniform(-1,1), y~uniform(-1,1) --samples 1e8\n"
    "or a command as on the command line (pi, ln2, work, …; each with --help), or quit.\n";

std::string trimmed(const std::string& text) {
  const std::size_t begin = text.find_first_not_of(" \t\r");
  if (begin == std::string::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t\r") - begin + 1);
}

std::vector<std::string> split(const std::string& line) {
  std::vector<std::string> words;
  std::string word;
  char quote = 0;
  bool in_word = false;
  for (const char c : line) {
    if (quote != 0) {
      if (c == quote) {
        quote = 0;
      } else {
        word += c;
      }
    } else if (c == '\'' || c == '"') {
      quote = c;
      in_word = true;
    } else if (c == ' ' || c == '\t') {
      if (in_word) words.push_back(word);
      word.clear();
      in_word = false;
    } else {
      word += c;
      in_word = true;
    }
  }
  if (quote != 0) {
    throw Error(ErrorKind::usage,
                std::string("the quote ") + quote +
                    " is not closed (the line ends in it); close it, or leave it out");
  }
  if (in_word) words.push_back(word);
  return words;
}

}  // namespace

std::optional<std::vector<std::string>> arguments_of_line(
    const std::string& line, const std::vector<std::string>& commands) {
  std::string text = trimmed(line);
  if (text.starts_with("oche ")) text = trimmed(text.substr(5));  // as in a shell
  if (text.empty()) return std::nullopt;
  const std::string first = text.substr(0, text.find_first_of(" \t"));
  if (std::find(commands.begin(), commands.end(), first) != commands.end()) return split(text);
  const std::size_t options = std::min(text.find(" --"), text.size());
  std::vector<std::string> arguments = {"estimate", trimmed(text.substr(0, options))};
  for (std::string& word : split(text.substr(options))) arguments.push_back(std::move(word));
  return arguments;
}

void work_at_prompt(const std::vector<std::string>& commands,
                    const std::function<void(std::vector<std::string>)>& run) {
  std::fputs("oche: type an expression, help, or quit\n", stdout);
  std::string line;
  for (;;) {
    std::fputs("oche> ", stdout);
    std::fflush(stdout);
    if (!std::getline(std::cin, line)) break;
    const std::string text = trimmed(line);
    if (text == "quit" || text == "exit") return;
    if (text == "help") {
      std::fputs(kHelp, stdout);
      continue;
    }
    try {
      if (auto arguments = arguments_of_line(text, commands)) run(std::move(*arguments));
    } catch (const Error& error) {
      std::fprintf(stderr, "oche: %s\n", error.what());
    }
  }
  std::fputs("\n", stdout);
}

}  // namespace oche::cli

#include "cli/toml_text.h"

#include <algorithm>

#include "talk/printable.h"

namespace oche::cli {
namespace {

// The end of the text in quotes that begins at `at`. One of a single line ends with it, closed or
// not: TOML goes no further either.
std::size_t end_of_quoted(std::string_view text, std::size_t at) {
  const char quote = text[at];
  const std::string three(3, quote);
  const bool many_lines = text.substr(at, 3) == three;
  std::size_t i = at + (many_lines ? 3 : 1);
  while (i < text.size()) {
    if (text[i] == '\\' && quote == '"') {
      i += 2;
    } else if (many_lines ? text.substr(i, 3) == three : text[i] == quote) {
      return i + (many_lines ? 3 : 1);
    } else if (!many_lines && text[i] == '\n') {
      return i;
    } else {
      ++i;
    }
  }
  return text.size();
}

// What is between the first two of that quote in `text`, printable; empty if there is none.
std::string between_quotes(std::string_view text) {
  const std::size_t begin = text.find('\'');
  const std::size_t end = text.rfind('\'');
  if (begin == std::string_view::npos || end <= begin + 1) return {};
  return talk::excerpt(text.substr(begin + 1, end - begin - 1));
}

}  // namespace

std::size_t line_of_deep_key(std::string_view text) {
  std::size_t line = 1;
  std::size_t dots = 0;  // since the last character that no key goes on behind
  for (std::size_t i = 0; i < text.size();) {
    const char c = text[i];
    if (c == '"' || c == '\'') {
      const std::size_t end = end_of_quoted(text, i);
      for (; i < end; ++i) line += text[i] == '\n' ? 1 : 0;
      continue;
    }
    if (c == '#') {
      i = std::min(text.find('\n', i), text.size());
      continue;
    }
    if (c == '.' && ++dots > kMostKeyDots) return line;
    if (c == '\n') ++line;
    if (std::string_view("\n=,[]{}").find(c) != std::string_view::npos) dots = 0;
    ++i;
  }
  return 0;
}

std::string explain_toml(std::string_view description, std::size_t column) {
  constexpr std::string_view kBegin = "Error while parsing ";
  std::string why(description.starts_with(kBegin) ? description.substr(kBegin.size())
                                                  : description);
  const std::string name = between_quotes(why);
  if (why.find("cannot redefine existing") != std::string::npos) {
    return (name.empty() ? "a key" : "the key " + name) +
           " is given twice (it has one value); leave one out";
  }
  if (why.find("is not representable in 64 bits") != std::string::npos) {
    return "the whole number " + name +
           " is too large for TOML (64 bits); write a smaller one, or put it in quotes";
  }
  if (why.ends_with("control character")) why = "a control character";
  for (const std::string_view word : {"Encountered ", "encountered "}) {
    if (const std::size_t at = why.find(word); at != std::string::npos) why.erase(at, word.size());
  }
  return "no TOML from column " + std::to_string(column) + " on (" + talk::printable(why) +
         "); a line is a comment, or key = value, with texts in quotes: see toml.io";
}

}  // namespace oche::cli

#include "chapter/prompt.h"

#include <cmath>

#include "base/parse_number.h"
#include "talk/printable.h"

namespace oche::chapter {
namespace {

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kSpaces = " \t\r\n\v\f";
  const std::size_t first = text.find_first_not_of(kSpaces);
  if (first == text.npos) return {};
  return text.substr(first, text.find_last_not_of(kSpaces) - first + 1);
}

// Digits, or a decimal fraction or power of ten whose value is whole and exact as a double.
std::optional<std::uint64_t> parse_count(std::string_view text) {
  if (const auto whole = parse_number<std::uint64_t>(text)) return whole;
  const auto value = parse_number<double>(text);
  constexpr double kExact = 9007199254740992.0;  // 2^53
  if (!value || !(*value >= 0 && *value <= kExact) || std::floor(*value) != *value)
    return std::nullopt;
  return static_cast<std::uint64_t>(*value);
}

}  // namespace

void throw_no_answer(std::string_view prompt) {
  throw Error(ErrorKind::usage,
              "no answer to '" + std::string(trimmed(prompt)) +
                  "' (the input has ended); type one, or give it on the command line");
}

std::uint64_t parse_whole_number(std::string_view text, std::string_view what, std::uint64_t lowest,
                                 std::uint64_t highest) {
  const std::optional<std::uint64_t> number = parse_count(trimmed(text));
  if (!number || *number < lowest || *number > highest) {
    const std::string range = std::to_string(lowest) + " to " + std::to_string(highest);
    throw Error(ErrorKind::usage, "'" + talk::excerpt(text) + "' can't be " + std::string(what) +
                                      " (it is no whole number from " + range + "); give one");
  }
  return *number;
}

std::uint64_t ask_whole_number(Console& console, std::string_view prompt, std::string_view what,
                               std::uint64_t lowest, std::uint64_t highest) {
  return ask_until(console, prompt, [&](const std::string& answer) {
    return parse_whole_number(answer, what, lowest, highest);
  });
}

SamplesAndWorkers ask_samples_and_workers(Console& console, const AskLimits& limits) {
  const std::uint64_t samples = ask_whole_number(
      console, "Give the number of samples : ", "the number of samples", 1, limits.most_samples);
  const std::uint64_t workers =
      ask_whole_number(console, "Give the number of processes : ", "the number of processes", 1,
                       limits.most_workers);
  return {samples, workers};
}

}  // namespace oche::chapter

// Questions: the chapter's input(), with its answers checked.
#ifndef OCHE_CHAPTER_PROMPT_H_
#define OCHE_CHAPTER_PROMPT_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "chapter/console.h"
#include "oche/error.h"

namespace oche::chapter {

// Throws the Error (usage) for an input that ended where an answer was wanted.
[[noreturn]] void throw_no_answer(std::string_view prompt);

// Asks, and returns accept(answer). Where accept throws an Error, a person is told and asked again;
// other input (a pipe, a file) gets the Error, because the next line answers another question.
template <class Accept>
auto ask_until(Console& console, std::string_view prompt, Accept accept) {
  for (;;) {
    const std::optional<std::string> answer = console.ask(prompt);
    if (!answer) throw_no_answer(prompt);
    try {
      return accept(*answer);
    } catch (const Error& error) {
      if (!console.interactive()) throw;
      console.note(error.what());
    }
  }
}

// A whole number from `lowest` to `highest`, with spaces around it or not; also as 1e9 where that
// is whole. `what` names it in the message of the Error (usage), e.g. "the number of clients".
std::uint64_t parse_whole_number(std::string_view text, std::string_view what, std::uint64_t lowest,
                                 std::uint64_t highest);

std::uint64_t ask_whole_number(Console& console, std::string_view prompt, std::string_view what,
                               std::uint64_t lowest, std::uint64_t highest);

// What the chapter's multiprocessing program asks for.
struct SamplesAndWorkers {
  std::uint64_t samples;
  std::uint64_t workers;
};
struct AskLimits {
  std::uint64_t most_samples = 1'000'000'000'000'000;
  std::uint64_t most_workers = 1024;
};

// Asks `Give the number of samples : ` and `Give the number of processes : `.
SamplesAndWorkers ask_samples_and_workers(Console& console, const AskLimits& limits = {});

}  // namespace oche::chapter

#endif  // OCHE_CHAPTER_PROMPT_H_

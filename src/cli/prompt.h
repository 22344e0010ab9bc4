// `oche` alone on a terminal: a prompt to work at.
#ifndef OCHE_CLI_PROMPT_H_
#define OCHE_CLI_PROMPT_H_

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace oche::cli {

// A line as the arguments of a command. A line that begins with the name of a command is split at
// blanks, with '…' and "…" as in a shell; any other line is an estimate, with options from the
// first " --" on:
//   1/x, x=1..2 --rel-error 1e-5   →   estimate, "1/x, x=1..2", --rel-error, 1e-5
// Nothing for a blank line. Throws Error (usage) for a quote that isn't closed.
std::optional<std::vector<std::string>> arguments_of_line(const std::string& line,
                                                          const std::vector<std::string>& commands);

// Reads lines and runs them with `run`, which reports its own errors, until `quit` or the end of
// input.
void work_at_prompt(const std::vector<std::string>& commands,
                    const std::function<void(std::vector<std::string>)>& run);

}  // namespace oche::cli

#endif  // OCHE_CLI_PROMPT_H_

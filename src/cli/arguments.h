// The command line before CLI11 sees it: an expression may be what CLI11 has another meaning for.
#ifndef OCHE_CLI_ARGUMENTS_H_
#define OCHE_CLI_ARGUMENTS_H_

#include <string>
#include <vector>

namespace CLI {  // NOLINT(readability-identifier-naming): CLI11's own
class App;
}

namespace oche::cli {

// Puts a space before each argument of `estimate` that begins with a single minus and is not one of
// its options ("-x^2"), or that CLI11 would take for a list ("[1,2]") or the end of a command
// ("++"), so that it is taken for an expression; and before a space, so that the first one of a
// value is always ours. `arguments` has no program name.
void protect_expressions(const CLI::App& app, std::vector<std::string>& arguments);

// Takes the space away again, from the values of all options that `estimate` has so far.
void unprotect_values(CLI::App& estimate);

}  // namespace oche::cli

#endif  // OCHE_CLI_ARGUMENTS_H_

// The command line before CLI11 sees it: an expression may begin with a minus.
#ifndef OCHE_CLI_ARGUMENTS_H_
#define OCHE_CLI_ARGUMENTS_H_

#include <string>
#include <vector>

namespace CLI {  // NOLINT(readability-identifier-naming): CLI11's own
class App;
}

namespace oche::cli {

// Puts a space before each argument of `estimate` that begins with a single minus and is not one of
// its options ("-x^2"), so that it is taken for an expression; unprotect() takes it away again.
// `arguments` has no program name.
void protect_expressions(const CLI::App& app, std::vector<std::string>& arguments);
std::string unprotect(std::string argument);

}  // namespace oche::cli

#endif  // OCHE_CLI_ARGUMENTS_H_

// What went wrong, for the caller to read and for a person to act on.
//
// A message has one grammar: "<problem> (<why it is one>); <what to do>". Errors of an expression
// add lines with the text and a caret. Expected events of a run (a peer gone, a bad frame, a budget
// reached) are values, not exceptions; see the functions that return them.
#ifndef OCHE_ERROR_H_
#define OCHE_ERROR_H_

#include <stdexcept>
#include <string>

namespace oche {

// Decides the exit code of the program (README.md, "Exit codes").
enum class ErrorKind {
  usage,    // the command line, a job or an expression is wrong: exit 2
  network,  // the network or a peer: exit 3
  file,     // a file: exit 4
};

// Bad input or an unusable environment. The library throws nothing else on purpose.
class Error : public std::runtime_error {
 public:
  Error(ErrorKind kind, const std::string& message) : std::runtime_error(message), kind_(kind) {}
  ErrorKind kind() const noexcept { return kind_; }

 private:
  ErrorKind kind_;
};

}  // namespace oche

#endif  // OCHE_ERROR_H_

// Errors that point at a place in an expression or an input.
#ifndef OCHE_FORMULA_FORMULA_ERROR_H_
#define OCHE_FORMULA_FORMULA_ERROR_H_

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "oche/error.h"

namespace oche::formula {

// What is wrong with a text, and where. what() has the message, the line of the source (shortened
// around the place where it is long, unprintable bytes made visible), and carets below the place:
//
//   sen is not a function (…); did you mean sin?
//     1 + sen(x)
//         ^~~
class FormulaError : public Error {
 public:
  // `message` follows the grammar of oche/error.h. `offset` and `length` are bytes of `source`;
  // offset may be source.size(), which means the end of the text.
  FormulaError(const std::string& message, std::string_view source, std::size_t offset,
               std::size_t length);

  // Several problems as one error: their texts one below the other; the place is the first one's.
  // `more` counts problems that were found but are not shown. `problems` must not be empty.
  static FormulaError of(const std::vector<FormulaError>& problems, std::size_t more);

  const std::string& message() const noexcept { return message_; }  // without source and carets
  std::size_t line() const noexcept { return line_; }               // from 1
  std::size_t column() const noexcept { return column_; }           // from 1, in characters

 private:
  FormulaError(const std::string& whole, const FormulaError& first);

  std::string message_;
  std::size_t line_ = 1;
  std::size_t column_ = 1;
};

// `text` made safe and short enough for a message: unprintable and invalid bytes as \xHH, and at
// most about 40 characters, the middle left out.
std::string shown(std::string_view text);

}  // namespace oche::formula

#endif  // OCHE_FORMULA_FORMULA_ERROR_H_

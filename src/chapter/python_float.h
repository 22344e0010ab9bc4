// Python's float(text) and repr(number), as far as the chapter's programs need them.
#ifndef OCHE_CHAPTER_PYTHON_FLOAT_H_
#define OCHE_CHAPTER_PYTHON_FLOAT_H_

#include <optional>
#include <string>
#include <string_view>

namespace oche::chapter {

// The shortest decimal that reads back as `value`, laid out as Python prints a
// float: 3.141487, 3.0, 1e-05, 1e+16, nan, -inf. Pure.
std::string python_repr(double value);

// `value` with 12 significant digits, as Python printed a float before its version 2.7: 3.141487
// where python_repr() gives 3.1414869999999997. The chapter's transcript of the server was made so.
// Pure.
std::string python_rounded(double value);

// The number that `text` spells, with spaces around it or not; nan and inf count as numbers.
// Nothing if it spells none, or if it is too large or too small for a double.
std::optional<double> parse_python_float(std::string_view text);

}  // namespace oche::chapter

#endif  // OCHE_CHAPTER_PYTHON_FLOAT_H_

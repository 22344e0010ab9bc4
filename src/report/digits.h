// Numbers as people read them: only as many digits as their error allows.
#ifndef OCHE_REPORT_DIGITS_H_
#define OCHE_REPORT_DIGITS_H_

#include <string>
#include <vector>

#include "oche/result.h"

namespace oche::report {

// What stands where a number can't be had from the samples.
inline constexpr char kCantBeTold[] = "can't be told";

// The power of ten that the last of `digits` significant digits of `error` stands for, once
// `error` is rounded to them: -3 for 0.0123 and two digits, -2 for 0.0996. `error` is positive and
// finite.
int last_place(double error, int digits);

// `value` rounded to a multiple of 10^place. A decimal, or, where that would be long, with an
// exponent: "0.123", "123000", "1.23e-7". Not finite: "inf", "-inf" or "nan".
std::string at_place(double value, int place);

// `value` to so many significant digits: "-1.20e9" of three.
std::string significant(double value, int digits);

// "3.14159 ± 0.00012": the value to the second digit of its half-width. A half-width of 0 gives the
// value's shortest text; one that is not finite gives "± inf".
std::string value_and_error(double value, double half_width);

// The same with the half-width that is `factor` standard errors; says what can't be told.
std::string value_and_error(const Measured& measured, double factor);

// Every text padded with spaces so that the decimal points stand in one column; all results are
// equally wide.
std::vector<std::string> aligned(std::vector<std::string> numbers);

// Columns of UTF-8 text whose characters are one column wide.
std::size_t columns(const std::string& text);

// `text` if it has at most `most` columns, else its beginning and "…".
std::string shortened(const std::string& text, std::size_t most);

}  // namespace oche::report

#endif  // OCHE_REPORT_DIGITS_H_

#include "chapter/python_float.h"

#include <cmath>
#include <cstdio>
#include <cstdlib>

#include "base/parse_number.h"

namespace oche::chapter {

std::string python_repr(double value) {
  if (std::isnan(value)) return "nan";
  if (std::isinf(value)) return value < 0 ? "-inf" : "inf";
  char buffer[32];
  const auto [end, error] =
      std::to_chars(buffer, buffer + sizeof buffer, value, std::chars_format::scientific);
  (void)error;  // 32 characters hold every double
  std::string text(buffer, end);

  // Python takes the exponent form below 1e-4 and from 1e16 on.
  const std::size_t e = text.find('e');
  const int exponent = std::atoi(text.c_str() + e + 1);
  if (exponent < -4 || exponent >= 16) return text;

  const std::string sign = text.front() == '-' ? "-" : "";
  std::string digits = text.substr(sign.size(), e - sign.size());
  if (digits.size() > 1) digits.erase(1, 1);  // the point after the first digit
  if (exponent < 0)
    return sign + "0." + std::string(static_cast<std::size_t>(-exponent - 1), '0') + digits;
  const std::size_t whole = static_cast<std::size_t>(exponent) + 1;
  if (digits.size() <= whole) return sign + digits + std::string(whole - digits.size(), '0') + ".0";
  return sign + digits.substr(0, whole) + "." + digits.substr(whole);
}

std::string python_rounded(double value) {
  if (!std::isfinite(value)) return python_repr(value);
  char buffer[32];
  std::snprintf(buffer, sizeof buffer, "%.12g", value);
  std::string text = buffer;
  return text.find_first_of(".e") == text.npos ? text + ".0" : text;
}

std::optional<double> parse_python_float(std::string_view text) {
  constexpr std::string_view kSpaces = " \t\r\n\v\f";
  const std::size_t first = text.find_first_not_of(kSpaces);
  if (first == text.npos) return std::nullopt;
  text = text.substr(first, text.find_last_not_of(kSpaces) - first + 1);
  if (text.front() == '+') {  // which from_chars doesn't take
    text.remove_prefix(1);
    if (text.starts_with('-')) return std::nullopt;
  }
  return parse_number<double>(text);
}

}  // namespace oche::chapter

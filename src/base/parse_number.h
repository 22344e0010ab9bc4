// Text → number, whole texts only.
#ifndef OCHE_BASE_PARSE_NUMBER_H_
#define OCHE_BASE_PARSE_NUMBER_H_

#include <charconv>
#include <optional>
#include <string_view>

namespace oche {

// All of `text` as a number: digits with '-' where Number has a sign, and for floating-point types
// a fraction and an exponent too. Nothing for a blank, a '+', anything left over, or a value that
// Number can't hold.
template <class Number>
std::optional<Number> parse_number(std::string_view text) {
  Number value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

}  // namespace oche

#endif  // OCHE_BASE_PARSE_NUMBER_H_

#include "base/round_number.h"

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <string_view>

namespace oche {
namespace {

// No double has more digits that mean anything.
constexpr int kMostDigits = 17;
// "-1.7976931348623157e+308" and more.
constexpr int kMostCharacters = 40;

}  // namespace

double roundest_between(double low, double high) {
  const double middle = low + (high - low) / 2;
  if (low <= 0 && high >= 0) return 0;
  for (int digits = 1; digits <= kMostDigits; ++digits) {
    char text[kMostCharacters] = {};  // ended by a zero
    std::to_chars(text, text + kMostCharacters - 1, middle, std::chars_format::scientific,
                  digits - 1);
    const double rounded = std::strtod(text, nullptr);
    if (rounded >= low && rounded <= high) return rounded;
  }
  return low;
}

int last_decimal_place(double value) {
  char text[kMostCharacters] = {};
  const char* const end =
      std::to_chars(text, text + kMostCharacters - 1, value, std::chars_format::scientific).ptr;
  const std::string_view all(text, static_cast<std::size_t>(end - text));
  const std::size_t e = all.find('e');
  const std::size_t point = all.find('.');
  const auto decimals = point == all.npos ? 0 : static_cast<int>(e - point - 1);
  return std::atoi(text + e + 1) - decimals;
}

}  // namespace oche

#include "report/digits.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <limits>

namespace oche::report {
namespace {

// Decimals from 10^-5 up to 10^7, exponents beyond.
constexpr int kLeastLeading = -5;
constexpr int kMostLeading = 6;
// No double has more digits that mean anything.
constexpr int kMostDigits = 17;

// The power of ten of the first digit, once the value is rounded to `digits` of them.
int leading_place(double value, int digits) {
  const std::string text = fmt::format("{:.{}e}", value, digits - 1);
  return std::atoi(text.c_str() + text.find('e') + 1);
}

bool is_negative_zero(const std::string& text) {
  return text.starts_with('-') && text.find_first_of("123456789") == std::string::npos;
}

std::string without_sign_of_zero(std::string text) {
  if (is_negative_zero(text)) text.erase(0, 1);
  return text;
}

double rounded_to(double value, int place) {
  const double unit = std::pow(10.0, place);
  const double rounded = std::round(value / unit) * unit;
  return std::isfinite(rounded) ? rounded : value;
}

// A decimal without an exponent.
std::string plain(double value, int place) {
  return without_sign_of_zero(
      fmt::format("{:.{}f}", place > 0 ? rounded_to(value, place) : value, std::max(-place, 0)));
}

bool is_plain(int leading) { return leading >= kLeastLeading && leading <= kMostLeading; }

// 1.5e-07 as 1.5e-7.
std::string short_exponent(const std::string& text) {
  const std::size_t e = text.find('e');
  return text.substr(0, e + 1) + std::to_string(std::atoi(text.c_str() + e + 1));
}

}  // namespace

int last_place(double error, int digits) { return leading_place(error, digits) - (digits - 1); }

std::string at_place(double value, int place) {
  if (std::isnan(value)) return "nan";
  if (std::isinf(value)) return value < 0 ? "-inf" : "inf";
  const int leading = value == 0 ? place : std::max(leading_place(value, kMostDigits), place);
  if (is_plain(leading)) return plain(value, place);
  if (rounded_to(value, place) == 0) return "0";
  const int digits = std::clamp(leading - place, 0, kMostDigits - 1);
  return short_exponent(fmt::format("{:.{}e}", rounded_to(value, place), digits));
}

std::string significant(double value, int digits) {
  if (value == 0 || !std::isfinite(value)) return at_place(value, 0);
  return at_place(value, last_place(std::fabs(value), digits));
}

std::string value_and_error(double value, double half_width) {
  if (!std::isfinite(half_width)) return fmt::format("{:.6g} ± inf", value);
  if (half_width == 0) return fmt::format("{} ± 0", value);
  const int place = last_place(half_width, 2);
  const int leading = leading_place(std::max(std::fabs(value), half_width), kMostDigits);
  if (is_plain(leading)) return plain(value, place) + " ± " + plain(half_width, place);
  // One exponent for both, so that they can be compared.
  const int digits = std::clamp(leading - place, 0, kMostDigits);
  // In two steps: 10^-320 is no normal double.
  const double half = std::pow(10.0, -leading / 2);
  const double rest = std::pow(10.0, -leading - -leading / 2);
  return fmt::format("({} ± {})e{}", plain(value * half * rest, -digits),
                     plain(half_width * half * rest, -digits), leading);
}

std::string value_and_error(const Measured& measured, double factor) {
  if (!std::isfinite(measured.value)) return kCantBeTold;
  const double half_width = factor * measured.standard_error;
  if (!std::isfinite(half_width)) {
    return fmt::format("{:.4g} (its error {})", measured.value, kCantBeTold);
  }
  return value_and_error(measured.value, half_width);
}

std::vector<std::string> aligned(std::vector<std::string> numbers) {
  const auto point = [](const std::string& text) {
    const std::size_t at = text.find_first_of(".e");
    return at == std::string::npos ? text.size() : at;
  };
  std::size_t before = 0;
  std::size_t after = 0;
  for (const std::string& text : numbers) {
    before = std::max(before, point(text));
    after = std::max(after, text.size() - point(text));
  }
  for (std::string& text : numbers) {
    const std::size_t at = point(text);
    text = std::string(before - at, ' ') + text + std::string(after - (text.size() - at), ' ');
  }
  return numbers;
}

std::size_t columns(const std::string& text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xC0) != 0x80; }));
}

std::string shortened(const std::string& text, std::size_t most) {
  if (columns(text) <= most) return text;
  std::string result;
  std::size_t used = 0;
  for (const char c : text) {
    if ((c & 0xC0) != 0x80 && ++used == most) break;
    result += c;
  }
  return result + "…";
}

}  // namespace oche::report

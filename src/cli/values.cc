#include "cli/values.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <ctime>
#include <optional>
#include <string_view>
#include <vector>

#include "base/parse_number.h"
#include "formula/formula_error.h"
#include "oche/error.h"

namespace oche::cli {
namespace {

std::string shown(const std::string& text) { return text.empty() ? "''" : formula::shown(text); }

// from_chars says "out of range" for 1e999: that is a number all the same, only too large.
std::optional<double> number_in(std::string_view text) {
  double value = 0.0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (end != text.data() + text.size() || error == std::errc::invalid_argument) return std::nullopt;
  if (error == std::errc::result_out_of_range) return HUGE_VAL;
  return value;
}

}  // namespace

std::uint64_t parse_count(const std::string& option, const std::string& text, std::uint64_t least,
                          std::uint64_t most) {
  const std::string range = std::to_string(least) + " to " + std::to_string(most);
  const auto exact = oche::parse_number<std::uint64_t>(text);
  const bool digits = !text.empty() && text.find_first_not_of("0123456789") == text.npos;
  if (exact && *exact >= least && *exact <= most) return *exact;
  const std::optional<double> value = number_in(text);
  if (!value || std::isnan(*value)) {
    throw Error(ErrorKind::usage, option + " " + shown(text) +
                                      " is not a number (a whole number is needed, " + range +
                                      "); give for example " + option +
                                      (least <= 1'000'000 && 1'000'000 <= most ? " 1e6" : " 10"));
  }
  // Digits are judged exactly: as a double, the number after the last allowed one may be that one.
  if (digits || *value < static_cast<double>(least) || *value > static_cast<double>(most)) {
    throw Error(ErrorKind::usage, option + " " + shown(text) + " is out of range (" + range +
                                      "); give a number in it");
  }
  // Above 2^53 doubles skip numbers: there only digits, taken above, say which one is meant.
  if (*value != std::floor(*value) || *value > 0x1p53) {
    throw Error(ErrorKind::usage,
                option + " " + shown(text) +
                    " is not a whole number (part of one can't be had); give a whole number");
  }
  return static_cast<std::uint64_t>(*value);
}

double parse_number(const std::string& option, const std::string& text, const char* example) {
  const std::optional<double> value = number_in(text);
  if (!value || !std::isfinite(*value)) {
    throw Error(ErrorKind::usage,
                option + " " + shown(text) +
                    " is not a finite number (one is needed here); give for example " + option +
                    " " + example);
  }
  return *value;
}

double parse_seconds(const std::string& option, const std::string& text) {
  struct Unit {
    std::string_view name;
    double seconds;
  };
  constexpr Unit kUnits[] = {{"ms", 1e-3}, {"min", 60.0}, {"s", 1.0},
                             {"m", 60.0},  {"h", 3600.0}, {"", 1.0}};
  for (const Unit& unit : kUnits) {
    if (!text.ends_with(unit.name)) continue;
    const auto value = number_in(std::string_view(text).substr(0, text.size() - unit.name.size()));
    if (value && std::isfinite(*value) && *value > 0) return *value * unit.seconds;
    break;
  }
  throw Error(ErrorKind::usage,
              option + " " + shown(text) +
                  " is not a time (a positive number with ms, s, min or h is needed); give "
                  "for example 10s");
}

Duration parse_duration(const std::string& option, const std::string& text) {
  const double seconds = parse_seconds(option, text);
  if (seconds > 1e6) {
    throw Error(ErrorKind::usage, option + " is over 1e6 seconds (the limit); give less");
  }
  return std::chrono::duration_cast<Duration>(std::chrono::duration<double>(seconds));
}

std::chrono::system_clock::time_point parse_time_of_day(const std::string& option,
                                                        const std::string& text,
                                                        std::chrono::system_clock::time_point now) {
  // Hours, minutes, seconds.
  const unsigned most[] = {23, 59, 59};
  std::vector<int> parts;
  for (std::size_t at = 0; at <= text.size() && parts.size() <= std::size(most);) {
    const std::size_t end = std::min(text.find(':', at), text.size());
    const auto number = oche::parse_number<unsigned>(std::string_view(text).substr(at, end - at));
    const bool right = parts.empty() ? end - at <= 2 : end - at == 2;
    const unsigned limit = most[std::min(parts.size(), std::size(most) - 1)];
    parts.push_back(number && right && *number <= limit ? static_cast<int>(*number) : -1);
    at = end + 1;
  }
  if (parts.size() < 2 || parts.size() > std::size(most) || std::ranges::count(parts, -1) > 0) {
    throw Error(ErrorKind::usage,
                option + " " + shown(text) +
                    " is not a time of day (hours and minutes are needed, 0:00 to 23:59); give for "
                    "example 18:00");
  }
  const std::time_t seconds = std::chrono::system_clock::to_time_t(now);
  std::tm day{};
  localtime_r(&seconds, &day);
  day.tm_hour = parts[0];
  day.tm_min = parts[1];
  day.tm_sec = parts.size() > 2 ? parts[2] : 0;
  day.tm_isdst = -1;  // to be found out
  std::tm tomorrow = day;
  ++tomorrow.tm_mday;
  const auto today = std::chrono::system_clock::from_time_t(std::mktime(&day));
  return today > now ? today : std::chrono::system_clock::from_time_t(std::mktime(&tomorrow));
}

std::uint64_t parse_bytes(const std::string& option, const std::string& text) {
  struct Unit {
    std::string_view name;
    double bytes;
  };
  constexpr Unit kUnits[] = {{"KiB", 0x1p10}, {"MiB", 0x1p20}, {"GiB", 0x1p30}, {"kB", 1e3},
                             {"MB", 1e6},     {"GB", 1e9},     {"", 1.0}};
  for (const Unit& unit : kUnits) {
    if (!text.ends_with(unit.name)) continue;
    const auto value = number_in(std::string_view(text).substr(0, text.size() - unit.name.size()));
    const double bytes = value.value_or(0.0) * unit.bytes;
    if (bytes >= 1 && bytes <= 0x1p53 && bytes == std::floor(bytes)) {
      return static_cast<std::uint64_t>(bytes);
    }
    break;
  }
  throw Error(
      ErrorKind::usage,
      option + " " + shown(text) +
          " is not a size (a whole number of bytes, or of KiB, MiB or GiB, is needed); give "
          "for example 64MiB");
}

}  // namespace oche::cli

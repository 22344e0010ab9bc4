#include "host/log_line.h"

#include <algorithm>
#include <cstdio>
#include <nlohmann/json.hpp>

namespace oche::host {
namespace {

// ISO 8601, UTC, with milliseconds.
std::string time_text(std::chrono::system_clock::time_point time) {
  const auto ms = std::chrono::floor<std::chrono::milliseconds>(time);
  const auto day = std::chrono::floor<std::chrono::days>(ms);
  const std::chrono::year_month_day date{day};
  const std::chrono::hh_mm_ss clock{ms - day};
  char text[64];
  std::snprintf(text, sizeof text, "%04d-%02u-%02uT%02d:%02d:%02d.%03dZ", int{date.year()},
                unsigned{date.month()}, unsigned{date.day()},
                static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()),
                static_cast<int>(clock.seconds().count()),
                static_cast<int>(clock.subseconds().count()));
  return text;
}

// Everything but printable ASCII escaped; bytes that aren't UTF-8 as U+FFFD.
std::string quoted(const std::string& text) {
  return nlohmann::json(text).dump(-1, ' ', true, nlohmann::json::error_handler_t::replace);
}

bool is_plain(const std::string& text) {
  static constexpr std::string_view kSigns = "._:/+-@%,()[]<>*^";
  return !text.empty() && std::ranges::all_of(text, [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           kSigns.find(c) != kSigns.npos;
  });
}

std::string value_text(LogForm form, const LogEntry::Value& value) {
  if (const auto* number = std::get_if<std::uint64_t>(&value)) return std::to_string(*number);
  const std::string& text = std::get<std::string>(value);
  return form == LogForm::text && is_plain(text) ? text : quoted(text);
}

}  // namespace

std::string log_line(LogForm form, const LogEntry& entry,
                     std::chrono::system_clock::time_point time) {
  const std::string level(to_string(entry.level));
  const std::string event(to_string(entry.event));
  if (form == LogForm::text) {
    std::string line = time_text(time) + " " + level + " " + event;
    for (const auto& [key, value] : entry.fields) {
      line += " " + std::string(key) + "=" + value_text(form, value);
    }
    return line;
  }
  std::string line =
      R"({"time":")" + time_text(time) + R"(","level":")" + level + R"(","event":")" + event + '"';
  for (const auto& [key, value] : entry.fields) {
    line += ",\"" + std::string(key) + "\":" + value_text(form, value);
  }
  return line + "}";
}

}  // namespace oche::host

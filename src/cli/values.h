// Values of options, as people type them. Each throws Error (usage) that names the option.
#ifndef OCHE_CLI_VALUES_H_
#define OCHE_CLI_VALUES_H_

#include <chrono>
#include <cstdint>
#include <string>

#include "base/clock.h"

namespace oche::cli {

// A whole number from least to most, of which 10 is one; 1000000, 1e6 and 2.5e6 are all right.
std::uint64_t parse_count(const std::string& option, const std::string& text, std::uint64_t least,
                          std::uint64_t most);

// A finite number. The error says `example`.
double parse_number(const std::string& option, const std::string& text, const char* example);

// "10", "10s", "500ms", "5min", "2h": seconds. Positive.
double parse_seconds(const std::string& option, const std::string& text);
// The same, at most 1e6 s.
Duration parse_duration(const std::string& option, const std::string& text);

// "18:00", "6:30:15": the next time that it is so late here.
std::chrono::system_clock::time_point parse_time_of_day(const std::string& option,
                                                        const std::string& text,
                                                        std::chrono::system_clock::time_point now);

// "65536", "64KiB", "1.5MiB", "1GiB", "10MB": bytes, a whole number of at least 1.
std::uint64_t parse_bytes(const std::string& option, const std::string& text);

}  // namespace oche::cli

#endif  // OCHE_CLI_VALUES_H_

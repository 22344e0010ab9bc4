// An entry of the log as one line. Pure.
//
//   text   2026-11-27T17:20:00.123Z info left peer=192.0.2.7:4000 service=work text="the peer …"
//   json
//   {"time":"2026-11-27T17:20:00.123Z","level":"info","event":"left","peer":"192.0.2.7:4000",…}
//
// A value of the text form that isn't plain (letters, digits and a few signs) is quoted as in JSON.
// Whatever bytes a field has, the line is ASCII without control characters: no peer can make two of
// it, or drive a terminal.
#ifndef OCHE_HOST_LOG_LINE_H_
#define OCHE_HOST_LOG_LINE_H_

#include <chrono>
#include <string>

#include "host/log.h"

namespace oche::host {

enum class LogForm : std::uint8_t { text, json };

// Without the newline.
std::string log_line(LogForm form, const LogEntry& entry,
                     std::chrono::system_clock::time_point time);

}  // namespace oche::host

#endif  // OCHE_HOST_LOG_LINE_H_

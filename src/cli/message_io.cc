#include "cli/message_io.h"

#include <unistd.h>

#include <algorithm>
#include <chrono>

#include "chapter/prompt.h"
#include "cli/values.h"
#include "oche/error.h"
#include "wire/handshake.h"
#include "wire/limits.h"

namespace oche::cli {
namespace {

// Longer deadlines are none: a hundred days.
constexpr double kLongestStall = 8'640'000.0;

}  // namespace

talk::Source message_source(const std::optional<std::string>& given, chapter::Console& console) {
  talk::Source source;
  if (given) {
    source.text = *given + "\n";
  } else if (console.interactive()) {
    source.text = chapter::ask_until(console, "Give message : ", [](const std::string& answer) {
      if (!answer.empty()) return answer + "\n";
      throw Error(ErrorKind::usage,
                  "can't send an empty line (there is nothing in it); say something");
    });
  } else {
    source.descriptor = STDIN_FILENO;
  }
  return source;
}

talk::Source line_source() {
  talk::Source source;
  source.descriptor = STDIN_FILENO;
  source.cut = talk::Cut::lines;
  return source;
}

talk::Sink message_sink() { return {STDOUT_FILENO, ::isatty(STDOUT_FILENO) == 1}; }

const std::string& checked_name(const std::string& option, const std::string& name) {
  if (wire::printable(name, wire::kMaxRingNameBytes) == name) return name;
  throw Error(ErrorKind::usage, option + " can't be that name (it has at most " +
                                    std::to_string(wire::kMaxRingNameBytes) +
                                    " bytes, printable ASCII); give another");
}

talk::MessageLimits message_limits(const std::optional<std::string>& max_message,
                                   const std::optional<std::string>& stall) {
  talk::MessageLimits limits;
  if (max_message) limits.message_bytes = parse_bytes("--max-message", *max_message);
  if (stall) {
    const double seconds = std::min(parse_seconds("--stall", *stall), kLongestStall);
    limits.stall = std::chrono::duration_cast<Duration>(std::chrono::duration<double>(seconds));
  }
  return limits;
}

}  // namespace oche::cli

// Messages of oche's own protocol (talk, send and receive without --text) and this program's stdin
// and stdout.
#ifndef OCHE_CLI_MESSAGE_IO_H_
#define OCHE_CLI_MESSAGE_IO_H_

#include <optional>
#include <string>

#include "chapter/console.h"
#include "talk/input.h"
#include "talk/limits.h"
#include "talk/output.h"

namespace oche::cli {

// What to send: the text given, or a line that is asked for on a terminal, each with a newline, as
// lines have one; else all of stdin, byte by byte.
talk::Source message_source(const std::optional<std::string>& given, chapter::Console& console);
// Each line of stdin a message, on a terminal too.
talk::Source line_source();
// stdout, byte by byte, but with escapes to a terminal.
talk::Sink message_sink();

// The name of a ring or of who waits for a message, as it may go over the wire. Throws Error
// (usage) that names the option.
const std::string& checked_name(const std::string& option, const std::string& name);

// --max-message and --stall of whoever hosts; unset: the default.
talk::MessageLimits message_limits(const std::optional<std::string>& max_message,
                                   const std::optional<std::string>& stall);

}  // namespace oche::cli

#endif  // OCHE_CLI_MESSAGE_IO_H_

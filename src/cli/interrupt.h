// Ctrl-C for commands that end in an orderly way, and the program's own clock.
#ifndef OCHE_CLI_INTERRUPT_H_
#define OCHE_CLI_INTERRUPT_H_

#include <atomic>

namespace oche::cli {

// From this call on, SIGINT, SIGTERM and SIGHUP (unless it is ignored, as under nohup) set the flag
// that it returns; another one, a second or more later, ends the program at once, with exit code
// 130.
const std::atomic<bool>& interrupt_requested();

// Wall time since the program began, or since begin_command().
double seconds_since_start();
// A new command at the prompt: its own time, and its own interrupts.
void begin_command();
// Between commands Ctrl-C only drops the line that is being typed.
void end_command();

}  // namespace oche::cli

#endif  // OCHE_CLI_INTERRUPT_H_

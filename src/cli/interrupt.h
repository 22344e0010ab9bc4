// Ctrl-C for commands that end in an orderly way, and the program's own clock.
#ifndef OCHE_CLI_INTERRUPT_H_
#define OCHE_CLI_INTERRUPT_H_

#include <atomic>

namespace oche::cli {

// From the first call on, SIGINT and SIGTERM set this; a second one ends the program at once, with
// exit code 130.
const std::atomic<bool>& interrupt_requested();

// Wall time since the program began, or since restart_clock().
double seconds_since_start();
// A new command at the prompt: its own time, and no interrupt from the one before.
void restart_clock();

}  // namespace oche::cli

#endif  // OCHE_CLI_INTERRUPT_H_

#include "cli/interrupt.h"

#include <unistd.h>

#include <csignal>

#include "base/clock.h"
#include "cli/command.h"

namespace oche::cli {
namespace {

std::atomic<bool> requested = false;
static_assert(std::atomic<bool>::is_always_lock_free);

Instant program_start = monotonic_now();

extern "C" void on_signal(int) {
  if (requested.exchange(true)) _exit(exit_interrupted);
}

}  // namespace

const std::atomic<bool>& interrupt_requested() {
  static const bool installed = [] {
    struct sigaction action = {};
    action.sa_handler = on_signal;
    sigaction(SIGINT, &action, nullptr);
    sigaction(SIGTERM, &action, nullptr);
    return true;
  }();
  static_cast<void>(installed);
  return requested;
}

double seconds_since_start() { return seconds(monotonic_now() - program_start); }

void restart_clock() {
  program_start = monotonic_now();
  requested = false;
}

}  // namespace oche::cli

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

// Two signals can be one wish: timeout(1) sends one to the program and one to its group.
constexpr Duration kOneWish = std::chrono::seconds(1);
std::atomic<Duration::rep> first_signal = 0;
static_assert(std::atomic<Duration::rep>::is_always_lock_free);

extern "C" void on_signal(int) {
  const Duration::rep now = monotonic_now().time_since_epoch().count();
  if (!requested.exchange(true)) {
    first_signal = now;
  } else if (now - first_signal > Duration(kOneWish).count()) {
    _exit(exit_interrupted);
  }
}

void handle(int signal, void (*handler)(int)) {
  struct sigaction action = {};
  action.sa_handler = handler;
  sigaction(signal, &action, nullptr);
}

bool is_ignored(int signal) {
  struct sigaction action = {};
  return sigaction(signal, nullptr, &action) == 0 && action.sa_handler == SIG_IGN;
}

}  // namespace

const std::atomic<bool>& interrupt_requested() {
  handle(SIGINT, on_signal);
  handle(SIGTERM, on_signal);
  if (!is_ignored(SIGHUP)) handle(SIGHUP, on_signal);  // nohup's wish
  return requested;
}

double seconds_since_start() { return seconds(monotonic_now() - program_start); }

void begin_command() {
  program_start = monotonic_now();
  requested = false;
  handle(SIGINT, SIG_DFL);
  handle(SIGTERM, SIG_DFL);
  handle(SIGHUP, SIG_DFL);
}

void end_command() {
  handle(SIGINT, SIG_IGN);
  handle(SIGTERM, SIG_DFL);
  handle(SIGHUP, SIG_DFL);
}

}  // namespace oche::cli

#include "cli/progress_display.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdio>

#include "report/text.h"

namespace oche::cli {
namespace {

std::size_t terminal_columns() {
  winsize size{};
  if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) return size.ws_col;
  return 80;
}

}  // namespace

ProgressDisplay::ProgressDisplay(bool wanted) : enabled_(wanted && isatty(STDERR_FILENO) == 1) {}

void ProgressDisplay::show(const Progress& progress) {
  if (!enabled_) return;
  const std::string line = report::progress_line(progress, terminal_columns() - 1);
  const std::scoped_lock lock(mutex_);
  std::fprintf(stderr, "\r\x1b[K%s", line.c_str());
  std::fflush(stderr);
  shown_ = true;
}

void ProgressDisplay::note(const std::string& line) {
  const std::scoped_lock lock(mutex_);
  clear_line();
  std::fprintf(stderr, "%s\n", line.c_str());
}

void ProgressDisplay::clear() {
  const std::scoped_lock lock(mutex_);
  clear_line();
}

void ProgressDisplay::clear_line() {
  if (shown_) std::fputs("\r\x1b[K", stderr);
  shown_ = false;
}

}  // namespace oche::cli

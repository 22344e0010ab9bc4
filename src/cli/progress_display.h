// Progress on stderr: one line that is written over, when stderr is a terminal.
#ifndef OCHE_CLI_PROGRESS_DISPLAY_H_
#define OCHE_CLI_PROGRESS_DISPLAY_H_

#include <mutex>
#include <string>

#include "oche/run.h"

namespace oche::cli {

// Thread-safe.
class ProgressDisplay {
 public:
  explicit ProgressDisplay(bool wanted);
  ~ProgressDisplay() { clear(); }
  ProgressDisplay(const ProgressDisplay&) = delete;
  ProgressDisplay& operator=(const ProgressDisplay&) = delete;

  void show(const Progress& progress);
  // A whole line on stderr, terminal or not, above the progress.
  void note(const std::string& line);
  void clear();

 private:
  void clear_line();

  std::mutex mutex_;
  bool enabled_;
  bool shown_ = false;
};

}  // namespace oche::cli

#endif  // OCHE_CLI_PROGRESS_DISPLAY_H_

#include "cli/host_log.h"

#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <mutex>
#include <string_view>
#include <thread>

namespace oche::cli {
namespace {

constexpr std::size_t kMostLines = 1000;
constexpr std::chrono::seconds kLastWords{1};

void write_all(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t n = ::write(STDERR_FILENO, bytes.data(), bytes.size());
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return;
    bytes.remove_prefix(static_cast<std::size_t>(n));
  }
}

}  // namespace

// Shared with the thread, which may outlive the log where nobody reads.
struct HostLog::Lines {
  std::mutex mutex;
  std::condition_variable changed;
  std::deque<std::string> waiting;
  std::size_t lost = 0;  // and not told yet
  std::uint64_t lost_in_all = 0;
  std::function<std::string(std::size_t)> lost_line;
  bool ending = false;
  bool done = false;

  void write() {
    std::unique_lock lock(mutex);
    for (;;) {
      changed.wait(lock, [this] { return ending || !waiting.empty(); });
      if (waiting.empty()) break;
      std::string line = std::move(waiting.front()) + "\n";
      waiting.pop_front();
      if (lost > 0) line += lost_line(lost) + "\n";
      lost = 0;
      lock.unlock();
      write_all(line);
      lock.lock();
    }
    done = true;
    changed.notify_all();
  }
};

HostLog::HostLog(std::function<std::string(std::size_t)> lost) : lines_(std::make_shared<Lines>()) {
  lines_->lost_line = std::move(lost);
  std::thread([lines = lines_] { lines->write(); }).detach();
}

HostLog::~HostLog() {
  std::unique_lock lock(lines_->mutex);
  lines_->ending = true;
  lines_->changed.notify_all();
  lines_->changed.wait_for(lock, kLastWords, [this] { return lines_->done; });
}

void HostLog::say(const std::string& line) {
  const std::scoped_lock lock(lines_->mutex);
  if (lines_->waiting.size() >= kMostLines) {
    ++lines_->lost;
    ++lines_->lost_in_all;
    return;
  }
  lines_->waiting.push_back(line);
  lines_->changed.notify_all();
}

std::uint64_t HostLog::lost() const {
  const std::scoped_lock lock(lines_->mutex);
  return lines_->lost_in_all;
}

}  // namespace oche::cli

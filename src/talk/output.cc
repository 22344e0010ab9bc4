#include "talk/output.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <condition_variable>
#include <deque>
#include <limits>
#include <mutex>
#include <string_view>
#include <system_error>
#include <thread>
#include <utility>

#include "talk/poster.h"
#include "talk/terminal_text.h"
#include "talk/wake_pipe.h"

namespace oche::talk {
namespace {

// A pipe that can be written takes this much without waiting (PIPE_BUF of Linux).
constexpr std::size_t kPipeBytes = 4096;

struct Chunk {
  std::string bytes;
  std::uint64_t cost = 0;
  bool ends_message = false;
};

std::size_t most_at_once(int descriptor) {
  struct stat status = {};
  const bool file = ::fstat(descriptor, &status) == 0 && S_ISREG(status.st_mode);
  return file ? std::numeric_limits<std::size_t>::max() : kPipeBytes;
}

}  // namespace

struct Output::Impl {
  Impl(wire::Loop& loop, const Sink& to, Output& owner)
      : sink(to),
        most(most_at_once(to.descriptor)),
        written(loop, [&owner](std::uint64_t&& cost) { owner.on_written(cost); }),
        failed(loop, [&owner](std::string&& why) { owner.on_failed(why); }),
        thread([this] { run(); }) {}
  ~Impl() {
    {
      const std::lock_guard lock(mutex);
      stopped = true;
    }
    changed.notify_one();
    wake.wake();
    thread.join();
  }

  void add(Chunk chunk) {
    {
      const std::lock_guard lock(mutex);
      chunks.push_back(std::move(chunk));
    }
    changed.notify_one();
  }

  void run() {
    for (;;) {
      Chunk chunk;
      {
        std::unique_lock lock(mutex);
        changed.wait(lock, [this] { return stopped || !chunks.empty(); });
        if (stopped) return;
        chunk = std::move(chunks.front());
        chunks.pop_front();
      }
      if (sink.terminal) {
        chunk.bytes = text.show(chunk.bytes) + (chunk.ends_message ? text.end() : std::string());
      }
      if (!write_all(chunk.bytes)) return;
      written.post(chunk.cost);
    }
  }

  bool write_all(std::string_view bytes) {
    while (!bytes.empty()) {
      if (!wake.wait_writable(sink.descriptor)) return false;
      const ssize_t n = ::write(sink.descriptor, bytes.data(), std::min(bytes.size(), most));
      if (n >= 0) {
        bytes.remove_prefix(static_cast<std::size_t>(n));
      } else if (errno != EINTR && errno != EAGAIN) {
        failed.post(std::generic_category().message(errno));
        return false;
      }
    }
    return true;
  }

  const Sink sink;
  const std::size_t most;
  TerminalText text;  // the thread's own

  std::mutex mutex;
  std::condition_variable changed;
  std::deque<Chunk> chunks;
  bool stopped = false;
  WakePipe wake;
  Poster<std::uint64_t> written;
  Poster<std::string> failed;
  std::thread thread;  // last: it uses all the others
};

Output::Output(wire::Loop& loop, const Sink& sink)
    : impl_(std::make_unique<Impl>(loop, sink, *this)) {}
Output::~Output() = default;

void Output::write(std::string bytes, std::uint64_t cost) {
  impl_->add({std::move(bytes), cost, false});
}
void Output::end_message(std::uint64_t cost) { impl_->add({{}, cost, true}); }

}  // namespace oche::talk

#include "talk/input.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <condition_variable>
#include <mutex>
#include <string_view>
#include <system_error>
#include <thread>
#include <utility>

#include "talk/poster.h"
#include "talk/wake_pipe.h"

namespace oche::talk {
namespace {

class TextInput : public Input {
 public:
  TextInput(wire::Loop& loop, std::string text)
      : text_(std::move(text)),
        poster_(loop, [this](InputPiece&& piece) { on_piece(std::move(piece)); }) {}
  std::optional<std::uint64_t> size() const override { return text_.size(); }
  void ask(std::size_t most) override {
    InputPiece piece;
    piece.bytes = text_.substr(given_, most);
    given_ += piece.bytes.size();
    piece.ends_message = piece.ends_input = given_ == text_.size();
    poster_.post(std::move(piece));
  }

 private:
  std::string text_;
  std::size_t given_ = 0;
  Poster<InputPiece> poster_;
};

// What is left of a regular file; nothing of anything else.
std::optional<std::uint64_t> size_left(int descriptor) {
  struct stat status = {};
  if (::fstat(descriptor, &status) != 0 || !S_ISREG(status.st_mode)) return std::nullopt;
  const off_t at = ::lseek(descriptor, 0, SEEK_CUR);
  if (at < 0) return std::nullopt;
  return static_cast<std::uint64_t>(std::max<off_t>(status.st_size - at, 0));
}

class DescriptorInput : public Input {
 public:
  DescriptorInput(wire::Loop& loop, int descriptor, Cut cut)
      : descriptor_(descriptor),
        cut_(cut),
        size_(cut == Cut::whole ? size_left(descriptor) : std::nullopt),
        poster_(loop, [this](InputPiece&& piece) { on_piece(std::move(piece)); }),
        thread_([this] { run(); }) {}
  ~DescriptorInput() override {
    {
      const std::lock_guard lock(mutex_);
      stopped_ = true;
    }
    asked_.notify_one();
    wake_.wake();
    thread_.join();
  }

  std::optional<std::uint64_t> size() const override { return size_; }
  void ask(std::size_t most) override {
    {
      const std::lock_guard lock(mutex_);
      most_ = most;
    }
    asked_.notify_one();
  }

 private:
  void run() {
    for (;;) {
      std::size_t most = 0;
      {
        std::unique_lock lock(mutex_);
        asked_.wait(lock, [this] { return stopped_ || most_ > 0; });
        if (stopped_) return;
        most = std::exchange(most_, 0);
      }
      std::optional<InputPiece> piece = next_piece(most);
      if (!piece) return;
      poster_.post(*std::move(piece));
    }
  }

  // Nothing: it is to stop.
  std::optional<InputPiece> next_piece(std::size_t most) {
    InputPiece piece;
    // Of lines there may be more in what was read before.
    if (given_ == held_.size() && !ended_) {
      if (!wake_.wait_readable(descriptor_)) return std::nullopt;
      if (!read_up_to(most)) {
        piece.failure = std::generic_category().message(errno);
        return piece;
      }
    }
    const std::string_view rest = std::string_view(held_).substr(given_);
    std::size_t length = std::min(rest.size(), most);
    if (cut_ == Cut::lines) {
      const std::size_t newline = rest.find('\n');
      piece.ends_message = newline < length;
      if (piece.ends_message) length = newline + 1;
    }
    piece.bytes = rest.substr(0, length);
    given_ += length;
    in_line_ = (in_line_ || length > 0) && !piece.ends_message;
    piece.ends_input = ended_ && given_ == held_.size();
    if (piece.ends_input) piece.ends_message = cut_ == Cut::whole || in_line_;
    if (piece.ends_input && size_ && read_ != *size_) piece.failure = "it became shorter";
    return piece;
  }

  // False with errno set.
  bool read_up_to(std::size_t most) {
    if (size_) most = std::min<std::uint64_t>(most, *size_ - read_);
    held_.resize(most);
    given_ = 0;
    ssize_t n = 0;
    do {
      n = ::read(descriptor_, held_.data(), held_.size());
    } while (n < 0 && errno == EINTR);
    held_.resize(static_cast<std::size_t>(std::max<ssize_t>(n, 0)));
    read_ += held_.size();
    ended_ = n == 0 || (size_ && read_ == *size_);
    return n >= 0;
  }

  const int descriptor_;
  const Cut cut_;
  const std::optional<std::uint64_t> size_;

  // The thread's own.
  std::string held_;       // what the last read yielded
  std::size_t given_ = 0;  // of that
  std::uint64_t read_ = 0;
  bool ended_ = false;    // no read will yield more
  bool in_line_ = false;  // bytes of a line were given, and not its newline

  std::mutex mutex_;
  std::condition_variable asked_;
  std::size_t most_ = 0;  // asked for; 0: nothing is
  bool stopped_ = false;
  WakePipe wake_;
  Poster<InputPiece> poster_;
  std::thread thread_;  // last: it uses all the others
};

}  // namespace

std::unique_ptr<Input> open_input(wire::Loop& loop, const Source& source) {
  if (source.text) return std::make_unique<TextInput>(loop, *source.text);
  return std::make_unique<DescriptorInput>(loop, source.descriptor, source.cut);
}

}  // namespace oche::talk

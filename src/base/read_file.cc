#include "base/read_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstring>

namespace oche {
namespace {

class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  ~Descriptor() {
    if (number_ >= 0) close(number_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int operator*() const { return number_; }

 private:
  int number_;
};

ssize_t read_some(int descriptor, char* buffer, std::size_t size) {
  for (;;) {
    const ssize_t n = read(descriptor, buffer, size);
    if (n >= 0 || errno != EINTR) return n;
  }
}

void append_all(int descriptor, bool is_pipe, std::size_t most, FileBytes& file) {
  char buffer[1 << 16];
  bool first = true;
  for (;;) {
    const ssize_t n = read_some(descriptor, buffer, sizeof buffer);
    const int error = errno;
    // While reads don't wait, the first one tells an end (no writer) from a writer that is slow.
    if (first && n == 0 && is_pipe) {
      file.failure = "it is a pipe that nobody writes to";
      return;
    }
    if (first && fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) & ~O_NONBLOCK) != 0) {
      file.failure = std::strerror(errno);
      return;
    }
    const bool must_wait = first && n < 0 && (error == EAGAIN || error == EWOULDBLOCK);
    first = false;
    if (must_wait) continue;
    if (n < 0) file.failure = std::strerror(error);
    if (n <= 0) return;
    if (static_cast<std::size_t>(n) > most - file.bytes.size()) {
      file.too_long = true;
      return;
    }
    file.bytes.append(buffer, static_cast<std::size_t>(n));
  }
}

}  // namespace

FileBytes read_file(const std::string& path, std::size_t most) {
  FileBytes file;
  // Without O_NONBLOCK a pipe is not even opened before somebody writes to it.
  const Descriptor descriptor(open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY));
  struct stat status{};
  if (*descriptor < 0 || fstat(*descriptor, &status) != 0) {
    file.failure = std::strerror(errno);
  } else if (S_ISDIR(status.st_mode)) {
    file.failure = "it is a folder";
  } else if (S_ISREG(status.st_mode) && static_cast<std::uintmax_t>(status.st_size) > most) {
    file.too_long = true;
  } else {
    if (S_ISREG(status.st_mode)) file.bytes.reserve(static_cast<std::size_t>(status.st_size));
    append_all(*descriptor, S_ISFIFO(status.st_mode), most, file);
  }
  return file;
}

}  // namespace oche

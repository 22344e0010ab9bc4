#include "talk/wake_pipe.h"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

#include "oche/error.h"

namespace oche::talk {

WakePipe::WakePipe() {
  if (::pipe2(ends_, O_CLOEXEC) == 0) return;
  throw Error(ErrorKind::network, "no pipe can be had (" + std::generic_category().message(errno) +
                                      "); raise the limit of open files");
}

WakePipe::~WakePipe() {
  ::close(ends_[0]);
  ::close(ends_[1]);
}

void WakePipe::wake() {
  // It can't be full of one byte, and nobody takes it out: it is there for all who wait.
  [[maybe_unused]] const ssize_t written = ::write(ends_[1], "", 1);
}

bool WakePipe::wait(int descriptor, short events) const {
  pollfd descriptors[] = {{ends_[0], POLLIN, 0}, {descriptor, events, 0}};
  while (::poll(descriptors, 2, -1) < 0 && errno == EINTR) {
  }
  return descriptors[0].revents == 0;
}

bool WakePipe::wait_readable(int descriptor) const { return wait(descriptor, POLLIN); }
bool WakePipe::wait_writable(int descriptor) const { return wait(descriptor, POLLOUT); }

}  // namespace oche::talk

// For tests of the wire and of what stands on it: a loop on a thread of its own, events to wait
// for, and a socket that says what it likes. Only *_test.cc files include it.
#ifndef OCHE_WIRE_TESTING_H_
#define OCHE_WIRE_TESTING_H_

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <future>
#include <mutex>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

#include "wire/loop.h"

namespace oche::wire::testing {

// How long a test waits for an event that must come. Generous: a loaded machine under a sanitizer
// is slow, and no test is right or wrong by how long it takes.
inline constexpr std::chrono::seconds kPatience{60};

// Events from callbacks on the loop's thread to the test's thread, in order.
template <class T>
class Mailbox {
 public:
  void put(T value) {
    const std::lock_guard lock(mutex_);
    values_.push_back(std::move(value));
    filled_.notify_one();
  }
  // The next event; throws if none comes.
  T take() {
    std::unique_lock lock(mutex_);
    if (!filled_.wait_for(lock, kPatience, [&] { return !values_.empty(); })) {
      throw std::runtime_error("no event came");
    }
    T value = std::move(values_.front());
    values_.pop_front();
    return value;
  }
  bool empty() {
    const std::lock_guard lock(mutex_);
    return values_.empty();
  }

 private:
  std::mutex mutex_;
  std::condition_variable filled_;
  std::deque<T> values_;
};

// Runs a loop for the life of the object.
class LoopThread {
 public:
  LoopThread() : thread_([this] { loop_.run(); }) {}
  ~LoopThread() {
    loop_.stop();
    thread_.join();
  }
  Loop& loop() { return loop_; }
  // Runs fn on the loop's thread; returns what it returned, throws what it threw.
  template <class F>
  auto call(F fn) {
    std::packaged_task<decltype(fn())()> task(std::move(fn));
    auto result = task.get_future();
    const auto shared = std::make_shared<decltype(task)>(std::move(task));
    loop_.post([shared] { (*shared)(); });
    result.wait();
    // The task ends here and not over there, where a test may have taken all descriptors: to look
    // at an object with a virtual table the undefined-behaviour sanitizer needs one.
    while (shared.use_count() > 1) std::this_thread::yield();
    return result.get();
  }

 private:
  Loop loop_;
  std::thread thread_;
};

// A blocking TCP client that knows nothing of frames.
class RawClient {
 public:
  explicit RawClient(std::uint16_t port) : RawClient() { connect(port); }
  // Not connected yet, but with its descriptor.
  RawClient() : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    if (fd_ < 0) throw std::runtime_error("no socket");
    timeval patience{};
    patience.tv_sec = kPatience.count();
    ::setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  }
  ~RawClient() { close(); }
  RawClient(const RawClient&) = delete;
  RawClient& operator=(const RawClient&) = delete;

  void connect(std::uint16_t port) {
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(port);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::connect(fd_, reinterpret_cast<const sockaddr*>(&to), sizeof to) != 0) {
      throw std::runtime_error("can't connect");
    }
  }
  void send(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t n = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (n <= 0) throw std::runtime_error("can't send");
      bytes.remove_prefix(static_cast<std::size_t>(n));
    }
  }
  // Exactly n bytes, or fewer if the stream ends before.
  std::string receive(std::size_t n) {
    std::string bytes(n, '\0');
    std::size_t got = 0;
    while (got < n) {
      const ssize_t more = ::recv(fd_, bytes.data() + got, n - got, 0);
      if (more <= 0) break;
      got += static_cast<std::size_t>(more);
    }
    bytes.resize(got);
    return bytes;
  }
  // Everything up to the end of the stream.
  std::string receive_all() {
    std::string bytes;
    for (std::string more = receive(4096); !more.empty(); more = receive(4096)) bytes += more;
    return bytes;
  }
  void end_writing() { ::shutdown(fd_, SHUT_WR); }
  // Closes with a reset instead of an orderly end.
  void reset() {
    const linger now{1, 0};
    ::setsockopt(fd_, SOL_SOCKET, SO_LINGER, &now, sizeof now);
    close();
  }
  void close() {
    if (fd_ >= 0) ::close(fd_);
    fd_ = -1;
  }

 private:
  int fd_;
};

}  // namespace oche::wire::testing

#endif  // OCHE_WIRE_TESTING_H_

// What a host could cost at least, in a process of one thread: one read and one write of as many
// bytes as the host reads and writes for two leases (exchange_load.cc measures the host itself),
// and nothing else: no encryption, no messages, no dispatcher. Prints microseconds of processor
// time per exchange.
//
//   exchange_limit_bench [SECONDS]
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <stdexcept>
#include <vector>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>

#include "base/clock.h"
#include "bench/measure.h"

namespace oche::bench {
namespace {

// Two Results in one record; and two Accepted and two Leases in one: as they were seen on the line.
constexpr std::size_t kResultBytes = 212;
constexpr std::size_t kAnswerBytes = 150;
constexpr int kConnections = 100;

void check(bool good, const char* what) {
  if (!good) throw std::runtime_error(what);
}

// Two ends of a connection over loopback.
std::array<int, 2> connected(int listener, const sockaddr_in& address) {
  const int near = ::socket(AF_INET, SOCK_STREAM, 0);
  const auto* const any = reinterpret_cast<const sockaddr*>(&address);
  check(::connect(near, any, sizeof address) == 0, "connect");
  const int far = ::accept(listener, nullptr, nullptr);
  const int on = 1;
  for (const int end : {near, far}) {
    check(::setsockopt(end, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) == 0, "setsockopt");
  }
  return {near, far};
}

// Answers whatever comes on each with so many bytes, until an end is closed. Returns how often.
std::uint64_t answer(const std::vector<int>& ends, std::size_t bytes, Duration length) {
  const int poll = ::epoll_create1(0);
  for (const int end : ends) {
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.fd = end;
    check(::epoll_ctl(poll, EPOLL_CTL_ADD, end, &event) == 0, "epoll_ctl");
  }
  std::array<epoll_event, 128> ready{};
  std::array<char, 1024> buffer{};
  std::uint64_t exchanges = 0;
  const Instant end_of_it = monotonic_now() + length;
  while (monotonic_now() < end_of_it) {
    const int n = ::epoll_wait(poll, ready.data(), static_cast<int>(ready.size()), 100);
    for (int i = 0; i < n; ++i) {
      const int end = ready[static_cast<std::size_t>(i)].data.fd;
      if (::recv(end, buffer.data(), buffer.size(), 0) <= 0) return exchanges;
      if (::send(end, buffer.data(), bytes, MSG_NOSIGNAL) <= 0) return exchanges;
      ++exchanges;
    }
  }
  return exchanges;
}

void run(double length) {
  const int listener = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* const any = reinterpret_cast<sockaddr*>(&address);
  check(::bind(listener, any, size) == 0 && ::listen(listener, kConnections) == 0 &&
            ::getsockname(listener, any, &size) == 0,
        "listen");
  std::vector<int> workers, host;
  for (int i = 0; i < kConnections; ++i) {
    const auto [near, far] = connected(listener, address);
    workers.push_back(near);
    host.push_back(far);
  }
  const auto duration = std::chrono::duration_cast<Duration>(std::chrono::duration<double>(length));
  const pid_t child = ::fork();
  check(child >= 0, "fork");
  if (child == 0) {
    for (const int end : host) ::close(end);
    answer(workers, kResultBytes, 100 * duration);
    std::_Exit(0);
  }
  for (const int end : workers) ::close(end);
  const std::array<char, kAnswerBytes> lease{};
  for (const int end : host) check(::send(end, lease.data(), lease.size(), 0) > 0, "send");
  const double begin = thread_seconds();
  const std::uint64_t exchanges = answer(host, kAnswerBytes, duration);
  const double used = thread_seconds() - begin;
  for (const int end : host) ::close(end);
  ::waitpid(child, nullptr, 0);
  check(exchanges > 0, "nothing came");
  std::printf("%.3f\n", 1e6 * used / static_cast<double>(exchanges));
}

}  // namespace
}  // namespace oche::bench

int main(int count, char** values) {
  try {
    oche::bench::run(count > 1 ? std::atof(values[1]) : 2.0);
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "exchange_limit_bench: %s\n", error.what());
    return 1;
  }
}

#include "chapter/socket.h"

#include <netinet/in.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

#include "oche/error.h"

namespace oche::chapter {
namespace {

using Clock = std::chrono::steady_clock;

std::string reason(int error) { return std::system_category().message(error); }

[[noreturn]] void fail(const std::string& problem, int error, const std::string& advice) {
  throw Error(ErrorKind::network, problem + " (" + reason(error) + "); " + advice);
}

// Calls again what a signal interrupted before it did anything.
template <class Call>
auto restarted(Call call) {
  auto result = call();
  while (result == -1 && errno == EINTR) result = call();
  return result;
}

// Waits for `events` at the descriptor until `deadline`; false if they didn't come.
bool wait_for(int descriptor, short events, Clock::time_point deadline) {
  for (;;) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now());
    pollfd entry{descriptor, events, 0};
    const int ready = ::poll(&entry, 1, static_cast<int>(std::max<std::int64_t>(left.count(), 0)));
    if (ready > 0) return true;
    if (ready == 0) return false;
    if (errno != EINTR) fail("can't wait for the network", errno, "try again");
  }
}

void set_option(int descriptor, int level, int option, int value) {
  if (::setsockopt(descriptor, level, option, &value, sizeof value) == -1) {
    fail("can't set up a socket", errno, "try again");
  }
}

// Lets send() and connect() give up; the two share one option of the system.
void limit_sending(int descriptor) {
  static_assert(kConnectLimit == kSendLimit);
  timeval limit{};
  limit.tv_sec = kSendLimit.count();
  if (::setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit) == -1) {
    fail("can't set up a socket", errno, "try again");
  }
}

// The outcome of a connect() that a signal interrupted: it goes on by itself. 0 or an error number.
int outcome_of_connecting(int descriptor) {
  if (!wait_for(descriptor, POLLOUT, Clock::now() + kConnectLimit)) return ETIMEDOUT;
  int error = 0;
  socklen_t length = sizeof error;
  return ::getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &error, &length) == -1 ? errno : error;
}

}  // namespace

Socket::Socket(int family) : descriptor_(::socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  if (descriptor_ == -1) {
    fail("can't open a socket", errno, "close other programs, or use the other IP version");
  }
  limit_sending(descriptor_);
}

Socket::Socket(Socket&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)), peer_(std::move(other.peer_)) {}

Socket& Socket::operator=(Socket&& other) noexcept {
  if (this != &other) {
    close();
    descriptor_ = std::exchange(other.descriptor_, -1);
    peer_ = std::move(other.peer_);
  }
  return *this;
}

void Socket::bind(const Endpoint& address) {
  // Without it, a server can't be started again for a minute after its last connection.
  set_option(descriptor_, SOL_SOCKET, SO_REUSEADDR, 1);
  // An IPv6 socket takes no IPv4 calls in disguise: --allow and the loopback rule see real
  // addresses.
  if (address.family() == AF_INET6) set_option(descriptor_, IPPROTO_IPV6, IPV6_V6ONLY, 1);
  if (::bind(descriptor_, address.data(), address.length()) == -1) {
    fail("can't listen at " + to_string(address), errno,
         errno == EADDRINUSE ? "end the other program or choose another port"
                             : "choose an address of this computer, and a port that you may use");
  }
}

void Socket::listen(std::size_t connections) {
  const int backlog = static_cast<int>(std::min<std::size_t>(connections, SOMAXCONN));
  if (::listen(descriptor_, backlog) == -1) {
    fail("can't listen at " + to_string(local_address()), errno,
         "end the other program or choose another port");
  }
}

Accepted Socket::accept() {
  sockaddr_storage storage{};
  socklen_t length = 0;
  const int descriptor = restarted([&] {
    length = sizeof storage;
    return ::accept4(descriptor_, reinterpret_cast<sockaddr*>(&storage), &length, SOCK_CLOEXEC);
  });
  if (descriptor == -1)
    fail("can't accept a connection", errno, "close some connections and try again");
  const Endpoint address(reinterpret_cast<const sockaddr*>(&storage), length);
  Socket client(descriptor, to_string(address));
  limit_sending(descriptor);
  return {std::move(client), address};
}

void Socket::connect(const Endpoint& address) {
  peer_ = to_string(address);
  if (::connect(descriptor_, address.data(), address.length()) == 0) return;
  int error = errno;
  if (error == EINTR) error = outcome_of_connecting(descriptor_);
  if (error == EINPROGRESS) error = ETIMEDOUT;  // Linux: the limit of limit_sending() has passed
  if (error != 0) {
    fail("connection failed: no answer from " + peer_, error,
         "start the server first, and check its address and port");
  }
}

void Socket::send(std::string_view text) {
  while (!text.empty()) {
    // MSG_NOSIGNAL: a peer that is gone is an error to report, not a SIGPIPE to die of.
    const ssize_t sent =
        restarted([&] { return ::send(descriptor_, text.data(), text.size(), MSG_NOSIGNAL); });
    if (sent == -1) {
      const int error = errno == EAGAIN ? ETIMEDOUT : errno;
      fail("can't send to " + peer_, error, "check that the program there still runs");
    }
    text.remove_prefix(static_cast<std::size_t>(sent));
  }
}

std::string Socket::recv(std::size_t limit) {
  std::string text(limit, '\0');
  const ssize_t received = restarted([&] { return ::recv(descriptor_, text.data(), limit, 0); });
  if (received == -1) {
    fail("lost the connection to " + peer_, errno, "check that the program there still runs");
  }
  text.resize(static_cast<std::size_t>(received));
  return text;
}

void Socket::shutdown(Direction direction) {
  const int how = direction == Direction::receiving ? SHUT_RD
                  : direction == Direction::sending ? SHUT_WR
                                                    : SHUT_RDWR;
  // A peer that has hung up first (ENOTCONN) has done what we are about to ask for.
  if (::shutdown(descriptor_, how) == -1 && errno != ENOTCONN) {
    fail("can't end the connection to " + peer_, errno, "check that the program there still runs");
  }
}

void Socket::close() noexcept {
  // Not restarted after a signal: Linux has given the descriptor back even then.
  if (descriptor_ != -1) ::close(std::exchange(descriptor_, -1));
}

bool Socket::wait_readable(std::chrono::milliseconds limit) const {
  return wait_for(descriptor_, POLLIN, Clock::now() + limit);
}

bool Socket::peer_has_left() const {
  char byte;
  const ssize_t received =
      restarted([&] { return ::recv(descriptor_, &byte, 1, MSG_PEEK | MSG_DONTWAIT); });
  if (received == -1) return errno != EAGAIN && errno != EWOULDBLOCK;
  return received == 0;
}

void Socket::discard_received() noexcept {
  char buffer[4096];
  // A flood must not hold us: after so many buffers the reset may come.
  for (int i = 0; i < 64; ++i) {
    if (restarted([&] { return ::recv(descriptor_, buffer, sizeof buffer, MSG_DONTWAIT); }) <= 0)
      return;
  }
}

Endpoint Socket::local_address() const {
  sockaddr_storage storage{};
  socklen_t length = sizeof storage;
  if (::getsockname(descriptor_, reinterpret_cast<sockaddr*>(&storage), &length) == -1) {
    fail("can't tell the address of a socket", errno, "try again");
  }
  return Endpoint(reinterpret_cast<const sockaddr*>(&storage), length);
}

Socket listen_at(const Endpoint& address, std::size_t connections) {
  Socket server(address.family());
  server.bind(address);
  server.listen(connections);
  return server;
}

Socket connect_to(const wire::Address& place, Reach reach) {
  if (place.host.empty() || place.port == 0) {
    throw Error(ErrorKind::usage, "can't connect to " + wire::to_string(place) +
                                      " (a client needs the server's name and its port); write "
                                      "HOST:PORT, for example 127.0.0.1:11267");
  }
  const std::vector<Endpoint> addresses = resolve(place);
  for (const Endpoint& address : addresses) {
    if (reach == Reach::loopback_only && !address.is_loopback()) {
      throw Error(ErrorKind::usage,
                  "can't connect to " + wire::to_string(place) +
                      " (it is another computer, and plain text is neither encrypted nor "
                      "authenticated); add --insecure if that is what you want");
    }
  }
  for (std::size_t i = 0;; ++i) {
    Socket client(addresses[i].family());
    try {
      client.connect(addresses[i]);
      return client;
    } catch (const Error&) {
      if (i + 1 == addresses.size()) throw;
    }
  }
}

}  // namespace oche::chapter

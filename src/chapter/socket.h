// A TCP socket with the verbs of the chapter's Table 13 as its methods.
//
//   verb          here                      the system's call
//   accept()      Socket::accept            accept4(2)
//   bind()        Socket::bind              bind(2)
//   close()       Socket::close             close(2)
//   connect(a)    Socket::connect           connect(2)
//   listen(c)     Socket::listen            listen(2)
//   shutdown(f)   Socket::shutdown          shutdown(2)
//   recv(b)       Socket::recv              recv(2)
//   send(d)       Socket::send              send(2)
//
// What the system's calls leave to their users is done here once: a signal that interrupts a call
// (EINTR) restarts it, a send to somebody who is gone is an error and not a signal (MSG_NOSIGNAL),
// all of a text is sent even if the system takes it in pieces, and connecting and sending end after
// a deadline. Receiving and accepting wait as long as it takes: a person may be typing at the other
// end; wait_readable() is for those who won't.
//
// Throws Error (network) with the peer's address in the message. Not thread-safe.
#ifndef OCHE_CHAPTER_SOCKET_H_
#define OCHE_CHAPTER_SOCKET_H_

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

#include "chapter/endpoint.h"

namespace oche::chapter {

// How long connecting, and sending one message, may take.
inline constexpr std::chrono::seconds kConnectLimit{10};
inline constexpr std::chrono::seconds kSendLimit{10};

struct Accepted;

class Socket {
 public:
  // A new socket, in neither role yet; `family` is that of the address it will use.
  explicit Socket(int family);
  ~Socket() { close(); }
  Socket(Socket&& other) noexcept;
  Socket& operator=(Socket&& other) noexcept;

  // The server's side. Port 0 lets the system choose a free one: local_address() tells which.
  void bind(const Endpoint& address);
  void listen(std::size_t connections);
  Accepted accept();

  // The client's side.
  void connect(const Endpoint& address);

  // Both sides.
  void send(std::string_view text);
  // What one receive of at most `limit` bytes yields: waits for the first byte, takes what is
  // there. Empty when the peer has shut down its sending, and never else.
  std::string recv(std::size_t limit);
  enum class Direction { receiving, sending, both };
  void shutdown(Direction direction);
  void close() noexcept;

  // Whether recv() would return at once, waiting at most `limit` for that.
  bool wait_readable(std::chrono::milliseconds limit) const;
  // Whether the peer has hung up and nothing that it sent is left to receive. Doesn't wait.
  bool peer_has_left() const;
  // Drops what has arrived and was not received. A close with such bytes pending resets the
  // connection, and the reset can overtake and destroy what the peer was just sent.
  void discard_received() noexcept;

  Endpoint local_address() const;
  // Who is at the other end, for messages: "127.0.0.1:49158".
  const std::string& peer() const { return peer_; }

 private:
  Socket(int descriptor, std::string peer) : descriptor_(descriptor), peer_(std::move(peer)) {}

  int descriptor_ = -1;
  std::string peer_;
};

struct Accepted {
  Socket socket;
  Endpoint address;
};

// bind and listen in one: where every server of the chapter begins.
Socket listen_at(const Endpoint& address, std::size_t connections);

// connect to the first address of `place` that answers. Throws Error: usage, if `reach` forbids it;
// network, if nobody answers.
Socket connect_to(const wire::Address& place, Reach reach);

}  // namespace oche::chapter

#endif  // OCHE_CHAPTER_SOCKET_H_

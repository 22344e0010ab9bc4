// One TCP connection that runs a Session.
//
// A Connection lives as long as somebody holds it or it isn't closed. Set its callbacks in the
// callback that hands it over (no message is lost: none is delivered before that returns). It drops
// its callbacks after on_closed, so that they may hold the connection itself. Loop's thread only.
#ifndef OCHE_WIRE_CONNECTION_H_
#define OCHE_WIRE_CONNECTION_H_

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "wire/address.h"
#include "wire/key.h"
#include "wire/loop.h"
#include "wire/session.h"

namespace oche::wire {

class Connection : public std::enable_shared_from_this<Connection> {
 public:
  // One message of the peer.
  std::function<void(Message&&)> on_message;
  // Once, after the last message, never within send() or close(). At once if the peer or the
  // network ended the session; if this end did, after its last words have reached the peer or
  // kLingerDeadline has passed, so that a program may end in it.
  std::function<void(const Closed&)> on_closed;

  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  SendResult send(const Message& message);
  void close(GoodbyeReason reason, std::string_view text);
  // Without a goodbye, at once; on_closed is not called.
  void drop();

  // False from the first sign of its end on, before on_closed.
  bool open() const;
  const Peer& peer() const;
  // The key that both ends have; null where there are none or certificates, and before the
  // handshake.
  const Key* key() const;
  // At a listener: whether the other end's certificate is good by that reading of the files. True
  // where it has none.
  std::optional<NotGood> wrong_by(const Certificate& own) const;
  // The other end's address, "127.0.0.1:50312".
  const std::string& remote() const;
  std::size_t queued_bytes() const;

  struct Impl;
  explicit Connection(std::unique_ptr<Impl> impl);  // for dial() and Listener
  Impl& impl() { return *impl_; }

 private:
  std::unique_ptr<Impl> impl_;
};

}  // namespace oche::wire

#endif  // OCHE_WIRE_CONNECTION_H_

// Accepts connections on one address and does their handshakes.
#ifndef OCHE_WIRE_LISTENER_H_
#define OCHE_WIRE_LISTENER_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "wire/address.h"
#include "wire/connection.h"
#include "wire/gate.h"

namespace oche::wire {

struct ListenLimits {
  std::size_t silent_connections = kMaxSilentConnections;
  std::size_t pending_handshakes = kMaxPendingHandshakes;
  std::size_t sessions = kMaxSessions;  // fewer where the process may have fewer descriptors
  GateLimits source;                    // of one other computer
};

struct ListenCallbacks {
  // A handshake is done; peer() says who.
  std::function<void(std::shared_ptr<Connection>)> on_open;
  // One failed: from which address and why (refused_here, stranger, handshake_timeout, …).
  // Optional.
  std::function<void(const std::string& remote, const Closed&)> on_failed;
  // A session has ended, however it did; called just before its own on_closed. Optional.
  std::function<void(const Connection&, const Closed&)> on_closed;
  // Its key was taken back or its certificate revoked, and it is about to end. Optional.
  std::function<void(const Connection&)> on_revoked;
  // A connection can't be accepted for now (out of descriptors or memory); it is tried again, and
  // where descriptors are wanting the oldest handshake makes room.
  // Optional.
  std::function<void(const std::string& text)> on_trouble;
};

class Listener {
 public:
  // Binds and listens. Throws Error: usage if the address isn't numeric (or "localhost");
  // network if the port is in use or may not be had. loop outlives it.
  Listener(Loop& loop, const Address& address, ListenTerms terms, ListenCallbacks callbacks,
           ListenLimits limits = {});
  // Stops listening and drops its connections, without a goodbye. No callback is called any more.
  ~Listener();
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;

  // With the real port: "127.0.0.1:40321".
  const std::string& endpoint() const;
  std::uint16_t port() const;
  // Accepted sessions that aren't closed.
  std::size_t sessions() const;
  // Connections whose handshake isn't done.
  std::size_t pending_handshakes() const;
  // Accepts nobody any more; sessions go on.
  void stop_accepting();
  // stop_accepting(), close() on every session and on every handshake that isn't done, and done
  // when all are closed (kLingerDeadline after the last that a peer took). done is never called
  // within close_all().
  void close_all(GoodbyeReason reason, std::string_view text, std::function<void()> done);

  struct Impl;

 private:
  std::shared_ptr<Impl> impl_;
};

}  // namespace oche::wire

#endif  // OCHE_WIRE_LISTENER_H_

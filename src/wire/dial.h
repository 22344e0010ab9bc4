// Connects to a listener.
#ifndef OCHE_WIRE_DIAL_H_
#define OCHE_WIRE_DIAL_H_

#include <functional>
#include <memory>

#include "wire/connection.h"

namespace oche::wire {

// Throws Error (usage) if the host is the numeric address of another computer, which dial() would
// not connect to.
void require_this_computer(const Address& address);

struct DialCallbacks {
  // The handshake is done.
  std::function<void(std::shared_ptr<Connection>)> on_open;
  // It won't be: host_not_found, cannot_connect, connect_timeout, refused_by_peer, … The text names
  // the address.
  std::function<void(const Closed&)> on_failed;
};

// Resolves the name, tries its addresses in turn, and does the handshake. deadline is for name and
// connect together; the handshake has its own (kHandshakeDeadline). Exactly one callback is called,
// once, never within dial(). There are no keys yet: only loopback addresses are dialled.
void dial(Loop& loop, const Address& address, DialTerms terms, Duration deadline,
          DialCallbacks callbacks);

}  // namespace oche::wire

#endif  // OCHE_WIRE_DIAL_H_

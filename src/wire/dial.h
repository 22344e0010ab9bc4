// Connects to a listener.
#ifndef OCHE_WIRE_DIAL_H_
#define OCHE_WIRE_DIAL_H_

#include <functional>
#include <memory>

#include "wire/connection.h"

namespace oche::wire {

// Whether it says this computer: "localhost" or a numeric loopback address.
bool is_this_computer(const Address& address);

struct DialCallbacks {
  // The handshake is done.
  std::function<void(std::shared_ptr<Connection>)> on_open;
  // It won't be: host_not_found, cannot_connect, connect_timeout, refused_by_peer, … The text names
  // the address.
  std::function<void(const Closed&)> on_failed;
};

// Resolves the name, tries its addresses in turn, and does the handshake. deadline is for name and
// connect together; the handshake has its own (kHandshakeDeadline). Exactly one callback is called,
// once, never within dial().
void dial(Loop& loop, const Address& address, DialTerms terms, Duration deadline,
          DialCallbacks callbacks);

}  // namespace oche::wire

#endif  // OCHE_WIRE_DIAL_H_

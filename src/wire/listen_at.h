// Opens a listening socket; for the shells of this folder.
#ifndef OCHE_WIRE_LISTEN_AT_H_
#define OCHE_WIRE_LISTEN_AT_H_

#include <string>

#include "wire/address.h"
#include "wire/asio.h"

namespace oche::wire {

// Binds and listens; returns the address with the real port. Throws Error: usage if it isn't
// numeric (or "localhost"), network if it may not be had; `option` is where another is given.
Address listen_at(asio::ip::tcp::acceptor& acceptor, const Address& address,
                  const std::string& option);

}  // namespace oche::wire

#endif  // OCHE_WIRE_LISTEN_AT_H_

// Asio, for this folder's .cc files and their *_impl.h headers only: the one place that includes
// it. Callbacks, no coroutines: g++ 12 miscompiles some of those (docs/decisions/0006-asio.md).
#ifndef OCHE_WIRE_ASIO_H_
#define OCHE_WIRE_ASIO_H_

#define ASIO_STANDALONE
#define ASIO_NO_DEPRECATED
// One thread runs each io_context, and its queue is behind a mutex, so that fences add nothing; and
// ThreadSanitizer doesn't understand them.
#define ASIO_DISABLE_FENCED_BLOCK

#include <asio/executor_work_guard.hpp>
#include <asio/io_context.hpp>
#include <asio/ip/tcp.hpp>
#include <asio/post.hpp>
#include <asio/steady_timer.hpp>
#include <asio/write.hpp>

namespace oche::wire {

// An IPv4 address that came in as an IPv6 one ("::ffff:10.0.0.1") as what it is.
inline asio::ip::address unmapped(const asio::ip::address& address) {
  if (!address.is_v6() || !address.to_v6().is_v4_mapped()) return address;
  return asio::ip::make_address_v4(asio::ip::v4_mapped, address.to_v6());
}
inline bool is_this_computer(const asio::ip::address& address) {
  return unmapped(address).is_loopback();
}

}  // namespace oche::wire

#endif  // OCHE_WIRE_ASIO_H_

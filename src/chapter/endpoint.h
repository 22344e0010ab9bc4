// The addresses that sockets are bound and connected to, from their names and as Python prints
// them.
#ifndef OCHE_CHAPTER_ENDPOINT_H_
#define OCHE_CHAPTER_ENDPOINT_H_

#include <sys/socket.h>

#include <cstdint>
#include <string>
#include <vector>

#include "wire/address.h"

namespace oche::chapter {

// The remote server's port. That of the talk host and of the estimate is wire::kDefaultPort.
inline constexpr std::uint16_t kMessagePort = 41267;

// The dialect is neither encrypted nor authenticated, so that it stays on this computer unless its
// user says otherwise (--insecure).
enum class Reach { loopback_only, anywhere };

// The address of one end of a connection, IPv4 or IPv6: what bind, connect and accept speak of.
class Endpoint {
 public:
  Endpoint() = default;
  Endpoint(const sockaddr* address, socklen_t length);

  int family() const { return storage_.ss_family; }
  std::string host() const;  // in digits, e.g. "127.0.0.1", "::1"
  std::uint16_t port() const;
  bool is_loopback() const;
  // The bare address in network order: 4 bytes or 16.
  std::vector<std::uint8_t> bytes() const;

  const sockaddr* data() const { return reinterpret_cast<const sockaddr*>(&storage_); }
  socklen_t length() const { return length_; }

 private:
  sockaddr_storage storage_{};
  socklen_t length_ = 0;
};

// "127.0.0.1:11267", "[::1]:11267".
std::string to_string(const Endpoint& address);

// As Python prints the address of a socket: ('127.0.0.1', 49158), and ('::1', 49158, 0, 0).
std::string python_tuple(const Endpoint& address);

// The addresses of a name, IPv4 first, because the chapter's programs speak IPv4. Asks the system's
// resolver and may wait for it. Throws Error (network) if there is none.
std::vector<Endpoint> resolve(const wire::Address& place);

// The address to listen at. Throws Error: usage, if `reach` forbids it; network, if it has none.
Endpoint listening_address(const wire::Address& place, Reach reach);

}  // namespace oche::chapter

#endif  // OCHE_CHAPTER_ENDPOINT_H_

// "HOST:PORT" and its like, as people type them.
#ifndef OCHE_WIRE_ADDRESS_H_
#define OCHE_WIRE_ADDRESS_H_

#include <cstdint>
#include <string>
#include <string_view>

namespace oche::wire {

// The host's port.
inline constexpr std::uint16_t kDefaultPort = 11267;

struct Address {
  std::string host;  // a name, or a numeric address without brackets
  std::uint16_t port = kDefaultPort;
};

enum class AddressUse {
  dial,    // port 0 is an error
  listen,  // port 0 means: any free one
};

// Reads "HOST", "HOST:PORT", "[::1]", "[::1]:PORT" or "::1". Throws Error (usage) with what is
// wrong.
Address parse_address(std::string_view text, AddressUse use,
                      std::uint16_t default_port = kDefaultPort);

// "127.0.0.1:11267", "[::1]:11267".
std::string to_string(const Address& address);

// Of who calls from "ADDR:PORT": its address, or of IPv6 the network of its first 64 bits
// ("2001:db8::/64"), which one customer has.
std::string network_of(const std::string& remote);

}  // namespace oche::wire

#endif  // OCHE_WIRE_ADDRESS_H_

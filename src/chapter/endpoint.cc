#include "chapter/endpoint.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>

#include <algorithm>
#include <cstring>
#include <memory>

#include "base/assert.h"
#include "oche/error.h"
#include "talk/printable.h"

namespace oche::chapter {
namespace {

// The sockaddr in the type that its family says; copied, which keeps the aliasing rules.
template <class Sockaddr>
Sockaddr as(const Endpoint& address) {
  Sockaddr result;
  std::memcpy(&result, address.data(), sizeof result);
  return result;
}

}  // namespace

Endpoint::Endpoint(const sockaddr* address, socklen_t length) : length_(length) {
  OCHE_ASSERT(length <= sizeof storage_);
  std::memcpy(&storage_, address, length);
}

std::vector<std::uint8_t> Endpoint::bytes() const {
  const auto copy = [](const auto& bytes) {
    std::vector<std::uint8_t> result(sizeof bytes);
    std::memcpy(result.data(), &bytes, sizeof bytes);
    return result;
  };
  if (family() == AF_INET) return copy(as<sockaddr_in>(*this).sin_addr);
  if (family() == AF_INET6) return copy(as<sockaddr_in6>(*this).sin6_addr);
  return {};
}

std::string Endpoint::host() const {
  char text[INET6_ADDRSTRLEN] = "";
  const std::vector<std::uint8_t> address = bytes();
  if (!address.empty()) inet_ntop(family(), address.data(), text, sizeof text);
  return text;
}

std::uint16_t Endpoint::port() const {
  if (family() == AF_INET) return ntohs(as<sockaddr_in>(*this).sin_port);
  if (family() == AF_INET6) return ntohs(as<sockaddr_in6>(*this).sin6_port);
  return 0;
}

bool Endpoint::is_loopback() const {
  if (family() == AF_INET) return bytes()[0] == 127;
  if (family() != AF_INET6) return false;
  const in6_addr address = as<sockaddr_in6>(*this).sin6_addr;
  return IN6_IS_ADDR_LOOPBACK(&address) ||
         (IN6_IS_ADDR_V4MAPPED(&address) && address.s6_addr[12] == 127);
}

std::string to_string(const Endpoint& address) {
  return wire::to_string({address.host(), address.port()});
}

std::string python_tuple(const Endpoint& address) {
  std::string text = "('" + address.host() + "', " + std::to_string(address.port());
  if (address.family() == AF_INET6) {
    const sockaddr_in6 ipv6 = as<sockaddr_in6>(address);
    text += ", " + std::to_string(ntohl(ipv6.sin6_flowinfo)) + ", " +
            std::to_string(ipv6.sin6_scope_id);
  }
  return text + ")";
}

std::vector<Endpoint> resolve(const wire::Address& place) {
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE;  // no name means every address of this computer
  addrinfo* found = nullptr;
  const std::string port = std::to_string(place.port);
  const int error =
      getaddrinfo(place.host.empty() ? nullptr : place.host.c_str(), port.c_str(), &hints, &found);
  if (error != 0) {
    throw Error(ErrorKind::network, "can't find the computer '" + talk::excerpt(place.host) +
                                        "' (" + gai_strerror(error) +
                                        "); check the name or give its address");
  }
  const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> owner(found, &freeaddrinfo);
  std::vector<Endpoint> addresses;
  for (const addrinfo* entry = found; entry != nullptr; entry = entry->ai_next) {
    if (entry->ai_family == AF_INET || entry->ai_family == AF_INET6) {
      addresses.emplace_back(entry->ai_addr, entry->ai_addrlen);
    }
  }
  std::stable_partition(addresses.begin(), addresses.end(),
                        [](const Endpoint& address) { return address.family() == AF_INET; });
  return addresses;
}

Endpoint listening_address(const wire::Address& place, Reach reach) {
  for (const Endpoint& address : resolve(place)) {
    if (reach == Reach::anywhere || address.is_loopback()) return address;
  }
  throw Error(ErrorKind::usage,
              "can't listen at " + wire::to_string(place) +
                  " (other computers could reach it, and plain text is neither encrypted nor "
                  "authenticated); listen at 127.0.0.1:" +
                  std::to_string(place.port) + ", or add --insecure if that is what you want");
}

}  // namespace oche::chapter

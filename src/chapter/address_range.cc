#include "chapter/address_range.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <algorithm>
#include <optional>

#include "base/parse_number.h"
#include "oche/error.h"
#include "talk/printable.h"

namespace oche::chapter {
AddressRange AddressRange::parse(std::string_view text) {
  const auto bad = [text](const std::string& why) -> Error {
    return Error(ErrorKind::usage, "'" + talk::excerpt(text) + "' is no range of addresses (" +
                                       why +
                                       "); write ADDR/LEN, for example 127.0.0.0/8 or ::1/128");
  };
  const std::size_t slash = text.find('/');
  const std::string host(text.substr(0, slash));
  in_addr ipv4{};
  in6_addr ipv6{};
  AddressRange range;
  if (inet_pton(AF_INET, host.c_str(), &ipv4) == 1) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr = ipv4;
    range.base_ = Endpoint(reinterpret_cast<const sockaddr*>(&address), sizeof address);
    range.prefix_ = 32;
  } else if (inet_pton(AF_INET6, host.c_str(), &ipv6) == 1) {
    sockaddr_in6 address{};
    address.sin6_family = AF_INET6;
    address.sin6_addr = ipv6;
    range.base_ = Endpoint(reinterpret_cast<const sockaddr*>(&address), sizeof address);
    range.prefix_ = 128;
  } else {
    throw bad("ADDR is an IPv4 or IPv6 address in digits");
  }
  if (slash == text.npos) return range;
  const auto length = parse_number<unsigned>(text.substr(slash + 1));
  if (!length || *length > range.prefix_) {
    throw bad("LEN is a whole number from 0 to " + std::to_string(range.prefix_));
  }
  range.prefix_ = *length;
  return range;
}

bool AddressRange::contains(const Endpoint& client) const {
  if (client.family() != base_.family()) return false;
  const std::vector<std::uint8_t> ours = base_.bytes();
  const std::vector<std::uint8_t> theirs = client.bytes();
  const std::size_t whole = prefix_ / 8;
  if (!std::equal(ours.begin(), ours.begin() + static_cast<std::ptrdiff_t>(whole), theirs.begin()))
    return false;
  const unsigned rest = prefix_ % 8;
  return rest == 0 || ((ours[whole] ^ theirs[whole]) >> (8 - rest)) == 0;
}

}  // namespace oche::chapter

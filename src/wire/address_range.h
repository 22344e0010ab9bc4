// Ranges of addresses, and which of them may use which service: --allow.
#ifndef OCHE_WIRE_ADDRESS_RANGE_H_
#define OCHE_WIRE_ADDRESS_RANGE_H_

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "wire/handshake.h"

namespace oche::wire {

// A range of addresses, ADDR/LEN: all that agree with ADDR in their first LEN bits. IPv4 addresses
// and IPv4 ones in IPv6's clothes (::ffff:10.0.0.1) are the same.
class AddressRange {
 public:
  // `ADDR/LEN`, or `ADDR` for that one address, IPv4 or IPv6. Throws Error (usage).
  static AddressRange parse(std::string_view text);
  // Of an address in digits; false for anything else.
  bool contains(const std::string& address) const;

 private:
  struct Bits {
    std::array<std::uint8_t, 16> bytes{};
    unsigned count = 0;  // 32 or 128
  };
  static std::optional<Bits> bits_of(const std::string& address);

  Bits base_;
  unsigned prefix_ = 0;
};

// A filter, not authentication: addresses can be forged on some networks.
class AllowList {
 public:
  // `ADDR/LEN` for all services, or `SERVICE=ADDR/LEN`. Throws Error (usage).
  void add(std::string_view text);
  // Everything, where nothing was said of the service.
  bool permits(Service service, const std::string& address) const;

 private:
  std::vector<std::pair<std::optional<Service>, AddressRange>> entries_;
};

}  // namespace oche::wire

#endif  // OCHE_WIRE_ADDRESS_RANGE_H_

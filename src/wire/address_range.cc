#include "wire/address_range.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <algorithm>
#include <cstring>

#include "base/parse_number.h"
#include "oche/error.h"

namespace oche::wire {
namespace {

constexpr std::size_t kMaxShownBytes = 60;
constexpr std::array<std::uint8_t, 12> kMapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

constexpr std::array<Service, 4> kServices{Service::work, Service::estimate, Service::talk,
                                           Service::send};

}  // namespace

std::optional<AddressRange::Bits> AddressRange::bits_of(const std::string& address) {
  Bits bits;
  if (inet_pton(AF_INET, address.c_str(), bits.bytes.data()) == 1) {
    bits.count = 32;
    return bits;
  }
  if (inet_pton(AF_INET6, address.c_str(), bits.bytes.data()) != 1) return std::nullopt;
  bits.count = 128;
  if (std::equal(kMapped.begin(), kMapped.end(), bits.bytes.begin())) {
    std::memmove(bits.bytes.data(), bits.bytes.data() + kMapped.size(), 4);
    bits.count = 32;
  }
  return bits;
}

AddressRange AddressRange::parse(std::string_view text) {
  const auto bad = [text](const std::string& why) -> Error {
    return Error(ErrorKind::usage, "'" + printable(text, kMaxShownBytes) +
                                       "' is no range of addresses (" + why +
                                       "); write ADDR/LEN, for example 127.0.0.0/8 or ::1/128");
  };
  const std::size_t slash = text.find('/');
  const std::string host(text.substr(0, slash));
  const std::optional<Bits> base = bits_of(host);
  if (!base) throw bad("ADDR is an IPv4 or IPv6 address in digits");
  AddressRange range;
  range.base_ = *base;
  range.prefix_ = base->count;
  if (slash == text.npos) return range;
  // Of an address as it was written: of 128 bits, where IPv4 has the last 32.
  const unsigned written = host.find(':') == std::string::npos ? 32 : 128;
  const unsigned skipped = written - base->count;
  const auto length = parse_number<unsigned>(text.substr(slash + 1));
  if (!length || *length > written || *length < skipped) {
    throw bad("LEN is a whole number from " + std::to_string(skipped) + " to " +
              std::to_string(written));
  }
  range.prefix_ = *length - skipped;
  return range;
}

bool AddressRange::contains(const std::string& address) const {
  const std::optional<Bits> other = bits_of(address);
  if (!other || other->count != base_.count) return false;
  const std::size_t whole = prefix_ / 8;
  if (!std::equal(base_.bytes.begin(), base_.bytes.begin() + static_cast<std::ptrdiff_t>(whole),
                  other->bytes.begin())) {
    return false;
  }
  const unsigned rest = prefix_ % 8;
  return rest == 0 || ((base_.bytes[whole] ^ other->bytes[whole]) >> (8 - rest)) == 0;
}

void AllowList::add(std::string_view text) {
  const std::size_t equals = text.find('=');
  if (equals == text.npos) {
    entries_.emplace_back(std::nullopt, AddressRange::parse(text));
    return;
  }
  const std::string_view name = text.substr(0, equals);
  for (const Service service : kServices) {
    if (to_string(service) != name) continue;
    entries_.emplace_back(service, AddressRange::parse(text.substr(equals + 1)));
    return;
  }
  throw Error(ErrorKind::usage, "'" + printable(name, kMaxShownBytes) +
                                    "' is no service (there are work, estimate, talk and send); "
                                    "write SERVICE=ADDR/LEN");
}

bool AllowList::permits(Service service, const std::string& address) const {
  bool said = false;
  for (const auto& [of, range] : entries_) {
    if (of && *of != service) continue;
    if (range.contains(address)) return true;
    said = true;
  }
  return !said;
}

}  // namespace oche::wire

#include "wire/address.h"

#include <arpa/inet.h>

#include <algorithm>
#include <optional>

#include "base/parse_number.h"
#include "oche/error.h"
#include "wire/handshake.h"

namespace oche::wire {
namespace {

// RFC 1035, section 2.3.4: a name has at most 255 octets on the wire, which leaves 253 characters.
constexpr std::size_t kMaxHostBytes = 253;

constexpr char kForms[] = "write HOST, HOST:PORT or [IPV6]:PORT";

// What is quoted in a message; an address may be anything that somebody typed.
std::string quoted(std::string_view text) {
  std::string shown = printable(text, 80);
  if (text.size() > 80) shown += "...";
  return "'" + shown + "'";
}

[[noreturn]] void fail(std::string_view text, const std::string& why, const std::string& what) {
  throw Error(ErrorKind::usage, quoted(text) + " isn't an address (" + why + "); " + what);
}

std::uint16_t parse_port(std::string_view text, std::string_view port, AddressUse use) {
  const std::optional<unsigned> value = parse_number<unsigned>(port);
  const unsigned lowest = use == AddressUse::listen ? 0 : 1;
  if (!value || *value < lowest || *value > 65535) {
    fail(text,
         "the port " + quoted(port) + " isn't a whole number from " + std::to_string(lowest) +
             " to 65535",
         kForms);
  }
  return static_cast<std::uint16_t>(*value);
}

bool is_host_character(char c) { return c > ' ' && c <= '~' && c != '[' && c != ']' && c != '/'; }

}  // namespace

Address parse_address(std::string_view text, AddressUse use, std::uint16_t default_port) {
  std::string_view host = text;
  std::optional<std::string_view> port;
  if (text.starts_with('[')) {
    const std::size_t bracket = text.find(']');
    if (bracket == std::string_view::npos) fail(text, "the bracket isn't closed", kForms);
    host = text.substr(1, bracket - 1);
    const std::string_view rest = text.substr(bracket + 1);
    if (!rest.empty() && rest.front() != ':') {
      fail(text, "only :PORT may follow the bracket", kForms);
    }
    if (!rest.empty()) port = rest.substr(1);
  } else if (std::count(text.begin(), text.end(), ':') == 1) {
    const std::size_t colon = text.find(':');
    host = text.substr(0, colon);
    port = text.substr(colon + 1);
  }
  if (host.empty()) fail(text, "it has no host", kForms);
  if (host.size() > kMaxHostBytes) {
    fail(text, "a host has at most " + std::to_string(kMaxHostBytes) + " characters", kForms);
  }
  if (!std::all_of(host.begin(), host.end(), is_host_character)) {
    fail(text, "a host has letters, digits, dots and hyphens", kForms);
  }
  return {std::string(host), port ? parse_port(text, *port, use) : default_port};
}

std::string to_string(const Address& address) {
  const bool is_v6 = address.host.find(':') != std::string::npos;
  return (is_v6 ? "[" + address.host + "]" : address.host) + ":" + std::to_string(address.port);
}

std::string network_of(const std::string& remote) {
  std::string address = parse_address(remote, AddressUse::listen).host;
  in6_addr bits{};
  if (inet_pton(AF_INET6, address.c_str(), &bits) != 1) return address;
  std::fill(bits.s6_addr + 8, bits.s6_addr + 16, std::uint8_t{0});
  char text[INET6_ADDRSTRLEN] = "";
  inet_ntop(AF_INET6, &bits, text, sizeof text);
  return std::string(text) + "/64";
}

}  // namespace oche::wire

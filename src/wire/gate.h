// How much one source of connections may ask of a listener before it has shown a key. Pure.
//
// A source is an address, or of IPv6 the network of its first 64 bits, which one customer has.
// This computer is no source: its users are not strangers, and a hostile one could lock out the
// others.
#ifndef OCHE_WIRE_GATE_H_
#define OCHE_WIRE_GATE_H_

#include <cstddef>
#include <optional>
#include <string>
#include <unordered_map>

#include "base/clock.h"

namespace oche::wire {

struct GateLimits {
  std::size_t pending = 16;     // handshakes at once of one source
  std::size_t sessions = 1024;  // sessions at once of one source
  std::size_t failures = 30;    // handshakes that came to nothing, in kFailureWindow
};
inline constexpr Duration kFailureWindow = std::chrono::minutes(1);
// Sources whose failures are remembered; beyond, the longest known is forgotten.
inline constexpr std::size_t kMaxSources = 4096;

// Not thread-safe.
class Gate {
 public:
  explicit Gate(GateLimits limits) : limits_(limits) {}

  // A connection came from there: nothing, and it counts as pending, or why it isn't wanted.
  std::optional<std::string> knock(const std::string& source, Instant now);
  // Its handshake is done, or (failed) came to nothing.
  void opened(const std::string& source);
  void failed(const std::string& source, bool by_its_fault, Instant now);
  // Its session ended.
  void closed(const std::string& source);

  std::size_t sources() const { return sources_.size(); }

 private:
  struct Source {
    std::size_t pending = 0;
    std::size_t sessions = 0;
    std::size_t failures = 0;
    Instant window;  // when the failures began to be counted
  };
  void forget_if_idle(const std::string& source, Instant now);
  void make_room(Instant now);

  GateLimits limits_;
  std::unordered_map<std::string, Source> sources_;
};

}  // namespace oche::wire

#endif  // OCHE_WIRE_GATE_H_

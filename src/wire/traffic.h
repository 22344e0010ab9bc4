// What has gone over the connections of a loop, counted where it goes.
#ifndef OCHE_WIRE_TRAFFIC_H_
#define OCHE_WIRE_TRAFFIC_H_

#include <cstdint>

namespace oche::wire {

struct Traffic {
  // Of sockets, encryption and handshakes included.
  std::uint64_t bytes_received = 0;
  std::uint64_t bytes_sent = 0;
  // Of sessions; a frame counts as sent when it is queued.
  std::uint64_t frames_received = 0;
  std::uint64_t frames_sent = 0;
};

}  // namespace oche::wire

#endif  // OCHE_WIRE_TRAFFIC_H_

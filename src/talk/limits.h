// The limits of talk and send that aren't the wire's (wire/limits.h). A host may choose others.
#ifndef OCHE_TALK_LIMITS_H_
#define OCHE_TALK_LIMITS_H_

#include <chrono>
#include <cstddef>
#include <cstdint>

#include "base/clock.h"

namespace oche::talk {

// The most seats of a ring: each costs its host one open connection.
inline constexpr std::size_t kMostTalkers = 1000;
// The longest message, in bytes.
inline constexpr std::uint64_t kMaxMessageBytes = std::uint64_t{1} << 30;
// Whoever could move a byte and doesn't for this long stalls.
inline constexpr Duration kStallDeadline = std::chrono::seconds(60);
// Nor does anybody wait longer than this for a message to begin, where it is somebody's turn.
inline constexpr Duration kTurnDeadline = std::chrono::minutes(10);
// From a connection to what it says first: the ring that it joins, the name that it waits under or
// sends to.
inline constexpr Duration kFirstWordDeadline = std::chrono::seconds(10);
// Rings of one service at once.
inline constexpr std::size_t kMostRings = 64;
// Receivers that wait at one service at once.
inline constexpr std::size_t kMostReceivers = 256;
// How often a service looks at the time.
inline constexpr Duration kServiceTick = std::chrono::milliseconds(250);

struct MessageLimits {
  std::uint64_t message_bytes = kMaxMessageBytes;
  Duration stall = kStallDeadline;
  Duration turn = kTurnDeadline;
};

struct TalkLimits {
  MessageLimits messages;
  std::size_t rings = kMostRings;
  std::size_t talkers = kMostTalkers;  // of one ring
};

struct SendLimits {
  MessageLimits messages;
  std::size_t receivers = kMostReceivers;
};

}  // namespace oche::talk

#endif  // OCHE_TALK_LIMITS_H_

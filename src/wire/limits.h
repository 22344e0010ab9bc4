// Every limit of the wire in one place. docs/PROTOCOL.md repeats those that a peer must know.
#ifndef OCHE_WIRE_LIMITS_H_
#define OCHE_WIRE_LIMITS_H_

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace oche::wire {

// ---- Frames ----

// The largest length field before the first accepted message (a Hello or a Welcome), in bytes. A
// stranger can make us hold this much and no more.
inline constexpr std::uint32_t kMaxOpeningFrame = 4 * 1024;
// The largest length field in an accepted session, in bytes. Each type has a limit of its own
// (max_payload() in frame.h).
inline constexpr std::uint32_t kMaxFrame = 1024 * 1024 + 1;
// The same for a worker: that of the longest message that managers send, a Job with its data.
// Nobody else takes so much of a peer.
inline constexpr std::uint32_t kMaxJobFrame = 9 * 1024 * 1024 + 1;

// What a peer may send before its TLS handshake is done, of one with a certificate too: its chain
// (kMaxChainBytes), and a Hello behind it.
inline constexpr std::size_t kMaxHandshakeBytes = 32 * 1024;
// A certificate with those between it and its authority, in DER: eight of a kind that is large (RSA
// of 4096 bits).
inline constexpr std::size_t kMaxChainBytes = 16 * 1024;
// Authorities between a certificate and the one that is trusted.
inline constexpr int kMaxIntermediates = 3;

// ---- Fields ----

inline constexpr std::size_t kMaxNameBytes = 64;
inline constexpr std::size_t kMaxBuildBytes = 128;
// Of a certificate; "cert:" and a name wished stand beside it in kMaxNameBytes.
inline constexpr std::size_t kMaxCertificateNameBytes = 48;
// Texts for people: refusals, goodbyes, rejections.
inline constexpr std::size_t kMaxTextBytes = 1024;
// One piece of a message of a ring, or of one that is sent.
inline constexpr std::size_t kMaxPieceBytes = 16 * 1024;
// What may be on its way from one sender to its receiver, in credit: each of the frames that carry
// messages costs its data and this much for the rest of it, which is more than that rest ever is.
inline constexpr std::size_t kFrameCost = 16;
inline constexpr std::size_t kWindow = 64 * 1024;
// The names of rings and of those who wait for a message.
inline constexpr std::size_t kMaxRingNameBytes = 64;
inline constexpr std::uint32_t kMaxSlots = 4096;
// What is longer than a message of a session goes in parts of at most this.
inline constexpr std::size_t kMaxPartBytes = 512 * 1024;

// ---- Time ----

// From the connection to the accepted handshake, at either end. Absolute: a peer that trickles
// bytes doesn't extend it.
inline constexpr std::chrono::seconds kHandshakeDeadline{5};
// Both ends send something at least this often; the listener's choice, told in its Welcome.
inline constexpr std::chrono::milliseconds kHeartbeatPeriod{2000};
inline constexpr std::chrono::milliseconds kMinHeartbeatPeriod{50};
inline constexpr std::chrono::milliseconds kMaxHeartbeatPeriod{60000};
// A peer that was silent for this many periods is lost.
inline constexpr int kMissedHeartbeats = 3;
// Bytes wait to be sent, and the peer takes none of them for this long: it is stuck.
inline constexpr std::chrono::seconds kWriteDeadline{15};
// How long a socket is kept after the session's end, for the peer to read the last words and to
// close its end; counted anew with each piece that the peer takes, but no longer than
// kWriteDeadline.
inline constexpr std::chrono::milliseconds kLingerDeadline{1000};
// A connect() to one address, where the caller's deadline allows it.
inline constexpr std::chrono::seconds kConnectDeadline{10};
// How often a listener looks whether its key file has changed.
inline constexpr std::chrono::milliseconds kKeyCheckPeriod{500};
// After accept() failed for want of descriptors or memory.
inline constexpr std::chrono::milliseconds kAcceptPause{100};

// ---- Queues and counts ----

// Bytes that wait to be sent to one peer: what a worker of many cores may have ready at once while
// its manager is busy, 48 results of the largest.
inline constexpr std::size_t kMaxQueuedBytes = 48 * 1024 * 1024;
// Bytes asked of the system by one read.
inline constexpr std::size_t kReadBytes = 64 * 1024;
// Bytes given to the system by one write.
inline constexpr std::size_t kWriteBytes = 256 * 1024;
// Connections of one listener that have not said what a handshake begins with; one more pushes out
// the oldest. They cost little, so there is room for whoever comes among many that are silent.
inline constexpr std::size_t kMaxSilentConnections = 4096;
// Those that have, and whose handshake isn't done; one more pushes out the oldest.
inline constexpr std::size_t kMaxPendingHandshakes = 64;
// Accepted sessions of one listener; one more is refused.
inline constexpr std::size_t kMaxSessions = 1024;
// Of the descriptors that the system allows this process, those that sessions don't get.
inline constexpr std::size_t kReservedDescriptors = 32;

// ---- HTTP (metrics) ----

// The head of a request.
inline constexpr std::size_t kMaxHttpHead = 8 * 1024;
// From the connection to the whole answer; absolute.
inline constexpr std::chrono::seconds kHttpDeadline{5};
// At once; one more pushes out the oldest.
inline constexpr std::size_t kMaxHttpConnections = 8;

}  // namespace oche::wire

#endif  // OCHE_WIRE_LIMITS_H_

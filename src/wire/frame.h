// Frames: how messages are cut out of a stream of bytes.
//
//   offset  bytes  what
//   0       4      length of what follows (type and payload), little-endian, at least 1
//   4       1      type (FrameType)
//   5       length - 1   the payload: a Protocol Buffers message of oche.proto
//
// A frame is valid if its length is at most the limit for the session's state, its type is known,
// and its payload is at most that type's limit. Both are checked as soon as the bytes are there
// that say them, before anything is allocated for the rest. Pure: no socket, no clock.
// docs/PROTOCOL.md is the prose; protocol_golden_test.cc binds both.
#ifndef OCHE_WIRE_FRAME_H_
#define OCHE_WIRE_FRAME_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "wire/limits.h"

namespace oche::wire {

inline constexpr std::size_t kFrameHeaderBytes = 5;

// The numbers are the protocol's: never changed, never used again.
enum class FrameType : std::uint8_t {
  hello = 1,
  welcome = 2,
  refusal = 3,
  heartbeat = 4,
  goodbye = 5,
  job = 16,
  plan = 17,
  lease = 18,
  revoke = 19,
  result = 20,
  accepted = 21,
  job_refused = 22,
  offer = 23,
  talk_join = 32,
  talk_ready = 33,
  // 34 was used before the first release.
  talk_broken = 35,
  message_begin = 40,
  message_piece = 41,
  message_end = 42,
  input_end = 43,
  credit = 44,
  // 48 was used before the first release.
  receipt = 49,
  send_to = 50,
  receive_as = 51,
  send_ready = 52,
  submit = 64,
  submit_data = 65,
  submitted = 66,
  declined = 67,
  fetch = 68,
  progress = 69,
  answer_part = 70,
  cancel = 71,
  list_jobs = 72,
  job_list = 73,
  list_workers = 74,
  worker_list = 75,
  drain = 76,
  done = 77,
};

// The type that this number stands for; nothing if none.
std::optional<FrameType> frame_type(std::uint8_t number);
// "hello", "talk_join", …
std::string_view to_string(FrameType type);

// The longest payload of that type, in bytes. What a peer can make us hold and parse at once: an
// empty stratum takes two bytes here and 40 times as many when parsed.
std::uint32_t max_payload(FrameType type);

struct Frame {
  FrameType type = FrameType::heartbeat;
  std::string payload;  // an encoded message, not checked yet
  bool operator==(const Frame&) const = default;
};

// The bytes of a frame. The payload is at most max_payload(type) bytes (asserted).
std::string encode_frame(FrameType type, std::string_view payload);

enum class FrameFault {
  too_long,      // the length is above the limit of the state or of the type
  empty,         // a length of 0: there is no type
  unknown_type,  // the type isn't one of FrameType
};

// Why no more frames come.
struct FrameProblem {
  FrameFault fault = FrameFault::empty;
  std::uint32_t length = 0;  // claimed
  std::uint32_t limit = 0;   // in force
  std::uint8_t type = 0;     // for unknown_type; for too_long where the type's limit was in force
  std::string opening;       // the first bytes of the frame, at most 8: what a stranger said
  std::string text() const;  // for people
};

// Cuts a stream into frames. Holds at most the bytes that were fed and not yet yielded. After a
// problem it yields nothing and keeps nothing, whatever is fed. Not thread-safe.
class FrameDecoder {
 public:
  explicit FrameDecoder(std::uint32_t limit) : limit_(limit) {}

  // The largest length from the next frame on.
  void set_limit(std::uint32_t limit) { limit_ = limit; }
  // Takes bytes, cut anywhere.
  void feed(std::string_view bytes);
  // The next complete frame; nothing if more bytes are needed or there is a problem.
  std::optional<Frame> next();
  const std::optional<FrameProblem>& problem() const { return problem_; }
  // Bytes held: part of a frame, or frames not asked for yet. Not 0 at the end of a stream: it was
  // cut.
  std::size_t held() const { return buffer_.size() - read_; }
  // Bytes of memory that those occupy.
  std::size_t capacity() const { return buffer_.capacity(); }

 private:
  void fail(FrameFault fault, std::uint32_t length, std::uint32_t limit, std::uint8_t type);

  std::uint32_t limit_;
  std::string buffer_;
  std::size_t read_ = 0;  // bytes of buffer_ already yielded
  std::optional<FrameProblem> problem_;
};

}  // namespace oche::wire

#endif  // OCHE_WIRE_FRAME_H_

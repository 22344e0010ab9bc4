#include "wire/frame.h"

#include "base/assert.h"

namespace oche::wire {
namespace {

// A buffer of at most this size is kept for the next frames. Small: a host has a thousand of them.
constexpr std::size_t kKeptBytes = 4 * 1024;

std::uint32_t read_u32(std::string_view bytes) {
  std::uint32_t value = 0;
  for (unsigned i = 0; i < 4; ++i) {
    value |= std::uint32_t{static_cast<unsigned char>(bytes[i])} << (8 * i);
  }
  return value;
}

}  // namespace

// NOLINTNEXTLINE(readability-function-size): a line for each type
std::string_view to_string(FrameType type) {
  switch (type) {
    case FrameType::hello:
      return "hello";
    case FrameType::welcome:
      return "welcome";
    case FrameType::refusal:
      return "refusal";
    case FrameType::heartbeat:
      return "heartbeat";
    case FrameType::goodbye:
      return "goodbye";
    case FrameType::job:
      return "job";
    case FrameType::plan:
      return "plan";
    case FrameType::lease:
      return "lease";
    case FrameType::revoke:
      return "revoke";
    case FrameType::result:
      return "result";
    case FrameType::accepted:
      return "accepted";
    case FrameType::job_refused:
      return "job_refused";
    case FrameType::offer:
      return "offer";
    case FrameType::talk_join:
      return "talk_join";
    case FrameType::talk_ready:
      return "talk_ready";
    case FrameType::talk_broken:
      return "talk_broken";
    case FrameType::message_begin:
      return "message_begin";
    case FrameType::message_piece:
      return "message_piece";
    case FrameType::message_end:
      return "message_end";
    case FrameType::input_end:
      return "input_end";
    case FrameType::credit:
      return "credit";
    case FrameType::receipt:
      return "receipt";
    case FrameType::send_to:
      return "send_to";
    case FrameType::receive_as:
      return "receive_as";
    case FrameType::send_ready:
      return "send_ready";
    case FrameType::submit:
      return "submit";
    case FrameType::submit_data:
      return "submit_data";
    case FrameType::submitted:
      return "submitted";
    case FrameType::declined:
      return "declined";
    case FrameType::fetch:
      return "fetch";
    case FrameType::progress:
      return "progress";
    case FrameType::answer_part:
      return "answer_part";
    case FrameType::cancel:
      return "cancel";
    case FrameType::list_jobs:
      return "list_jobs";
    case FrameType::job_list:
      return "job_list";
    case FrameType::list_workers:
      return "list_workers";
    case FrameType::worker_list:
      return "worker_list";
    case FrameType::drain:
      return "drain";
    case FrameType::done:
      return "done";
  }
  return {};
}

std::optional<FrameType> frame_type(std::uint8_t number) {
  const auto type = static_cast<FrameType>(number);
  if (to_string(type).empty()) return std::nullopt;
  return type;
}

// The longest messages that there can be, in bytes; a varint has at most 10, the tag of a field and
// the length of a text or message within are counted:
//   result   1024 strata of 77 (number 6, count 11, four doubles 36, non-finite 11, first 11, and
//            tag and length 2), the tally's 4, and 79 of its own: 78931
//   job      the canonical text's 512 KiB and 4, the fingerprint's 34, data of 8 MiB, 16 for each
//   of
//            1024 sets, and 5: 8929323
//   plan     1024 strata of 8, 10 cuts and 20 in a plan, its 3, and 74 of its own: 8299
//   pieces   kMaxPieceBytes and 4
//   submit   the canonical text's 512 KiB and 4, and 64 of numbers
//   parts    kMaxPartBytes and 5, and 15 of its own
//   lists    as many lines as the sender puts into one; a line of jobs has at most 620 bytes
//   others   a text for people (kMaxTextBytes and 3) and a fingerprint at most: 1061
std::uint32_t max_payload(FrameType type) {
  switch (type) {
    case FrameType::job:
      return kMaxJobFrame - 1;
    case FrameType::result:
      return 1023 * 1024;
    case FrameType::message_piece:
      return kMaxPieceBytes + 1024;
    case FrameType::submit:
      return 640 * 1024;
    case FrameType::submit_data:
    case FrameType::answer_part:
      return kMaxPartBytes + 1024;
    case FrameType::job_list:
    case FrameType::worker_list:
      return 512 * 1024;
    case FrameType::plan:
      return 16 * 1024;
    case FrameType::hello:
    case FrameType::welcome:
    case FrameType::refusal:
    case FrameType::heartbeat:
    case FrameType::goodbye:
    case FrameType::lease:
    case FrameType::revoke:
    case FrameType::accepted:
    case FrameType::job_refused:
    case FrameType::offer:
    case FrameType::talk_join:
    case FrameType::talk_ready:
    case FrameType::talk_broken:
    case FrameType::message_begin:
    case FrameType::message_end:
    case FrameType::input_end:
    case FrameType::credit:
    case FrameType::receipt:
    case FrameType::send_to:
    case FrameType::receive_as:
    case FrameType::send_ready:
    case FrameType::submitted:
    case FrameType::declined:
    case FrameType::fetch:
    case FrameType::progress:
    case FrameType::cancel:
    case FrameType::list_jobs:
    case FrameType::list_workers:
    case FrameType::drain:
    case FrameType::done:
      return 4 * 1024;
  }
  return 0;
}

std::string encode_frame(FrameType type, std::string_view payload) {
  OCHE_ASSERT(payload.size() <= max_payload(type));
  const auto length = static_cast<std::uint32_t>(payload.size() + 1);
  std::string bytes;
  bytes.reserve(kFrameHeaderBytes + payload.size());
  for (unsigned i = 0; i < 4; ++i) bytes.push_back(static_cast<char>(length >> (8 * i)));
  bytes.push_back(static_cast<char>(type));
  bytes.append(payload);
  return bytes;
}

std::string FrameProblem::text() const {
  const std::string name(to_string(static_cast<FrameType>(type)));
  switch (fault) {
    case FrameFault::too_long:
      return "a frame " + (type == 0 ? "" : "of type " + name + " ") + "claims " +
             std::to_string(length) + " bytes (the limit is " + std::to_string(limit) + " here)";
    case FrameFault::empty:
      return "a frame of length 0 (it has no room for its type)";
    case FrameFault::unknown_type:
      return "a frame of type " + std::to_string(type) + " (there is no such type)";
  }
  return {};
}

void FrameDecoder::feed(std::string_view bytes) {
  if (!problem_) buffer_.append(bytes);
}

void FrameDecoder::fail(FrameFault fault, std::uint32_t length, std::uint32_t limit,
                        std::uint8_t type) {
  const std::string_view rest = std::string_view(buffer_).substr(read_);
  problem_ = FrameProblem{fault, length, limit, type, std::string(rest.substr(0, 8))};
  buffer_ = {};
  read_ = 0;
}

std::optional<Frame> FrameDecoder::next() {
  if (problem_ || held() < 4) return std::nullopt;
  const std::string_view rest = std::string_view(buffer_).substr(read_);
  const std::uint32_t length = read_u32(rest);
  if (length > limit_) {
    fail(FrameFault::too_long, length, limit_, 0);
    return std::nullopt;
  }
  if (length == 0) {
    fail(FrameFault::empty, length, limit_, 0);
    return std::nullopt;
  }
  if (rest.size() < kFrameHeaderBytes) return std::nullopt;
  const auto number = static_cast<std::uint8_t>(rest[4]);
  const std::optional<FrameType> type = frame_type(number);
  if (!type) {
    fail(FrameFault::unknown_type, length, limit_, number);
    return std::nullopt;
  }
  if (length > max_payload(*type) + 1) {
    fail(FrameFault::too_long, length, max_payload(*type) + 1, number);
    return std::nullopt;
  }
  const std::size_t size = std::size_t{4} + length;
  if (rest.size() < size) return std::nullopt;
  Frame frame{*type, std::string(rest.substr(kFrameHeaderBytes, length - 1))};
  read_ += size;
  // At least half of it is dropped, so that each byte is moved once on average.
  if (2 * read_ >= buffer_.size()) {
    std::string rest_of_it = buffer_.substr(read_);
    // Otherwise the memory of the most that ever came at once would stay for the session's life.
    if (buffer_.capacity() > kKeptBytes) {
      buffer_.swap(rest_of_it);
    } else {
      buffer_.assign(rest_of_it);
    }
    read_ = 0;
  }
  return frame;
}

}  // namespace oche::wire

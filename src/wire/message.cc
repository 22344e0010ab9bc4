#include "wire/message.h"

#include <google/protobuf/stubs/logging.h>

#include <climits>

#include "base/assert.h"

namespace oche::wire {
namespace {

static_assert(kMaxJobFrame <= INT_MAX, "Protocol Buffers take sizes as int");

// Protocol Buffers write to stderr when a peer's text isn't UTF-8. That is the peer's fault and
// told by the session's end; a library doesn't print.
[[maybe_unused]] google::protobuf::LogHandler* const kPreviousHandler =
    google::protobuf::SetLogHandler(nullptr);

// The one table of which message goes under which type.
FrameType type_of(const Job&) { return FrameType::job; }
FrameType type_of(const Plan&) { return FrameType::plan; }
FrameType type_of(const Lease&) { return FrameType::lease; }
FrameType type_of(const Revoke&) { return FrameType::revoke; }
FrameType type_of(const Result&) { return FrameType::result; }
FrameType type_of(const Accepted&) { return FrameType::accepted; }
FrameType type_of(const JobRefused&) { return FrameType::job_refused; }
FrameType type_of(const Offer&) { return FrameType::offer; }
FrameType type_of(const TalkJoin&) { return FrameType::talk_join; }
FrameType type_of(const TalkReady&) { return FrameType::talk_ready; }
FrameType type_of(const TalkBroken&) { return FrameType::talk_broken; }
FrameType type_of(const MessageBegin&) { return FrameType::message_begin; }
FrameType type_of(const MessagePiece&) { return FrameType::message_piece; }
FrameType type_of(const MessageEnd&) { return FrameType::message_end; }
FrameType type_of(const InputEnd&) { return FrameType::input_end; }
FrameType type_of(const Credit&) { return FrameType::credit; }
FrameType type_of(const Receipt&) { return FrameType::receipt; }
FrameType type_of(const SendTo&) { return FrameType::send_to; }
FrameType type_of(const ReceiveAs&) { return FrameType::receive_as; }
FrameType type_of(const SendReady&) { return FrameType::send_ready; }
FrameType type_of(const Submit&) { return FrameType::submit; }
FrameType type_of(const SubmitData&) { return FrameType::submit_data; }
FrameType type_of(const Submitted&) { return FrameType::submitted; }
FrameType type_of(const Declined&) { return FrameType::declined; }
FrameType type_of(const Fetch&) { return FrameType::fetch; }
FrameType type_of(const Progress&) { return FrameType::progress; }
FrameType type_of(const AnswerPart&) { return FrameType::answer_part; }
FrameType type_of(const Cancel&) { return FrameType::cancel; }
FrameType type_of(const ListJobs&) { return FrameType::list_jobs; }
FrameType type_of(const JobList&) { return FrameType::job_list; }
FrameType type_of(const ListWorkers&) { return FrameType::list_workers; }
FrameType type_of(const WorkerList&) { return FrameType::worker_list; }
FrameType type_of(const Drain&) { return FrameType::drain; }
FrameType type_of(const Done&) { return FrameType::done; }

template <class M>
std::optional<Message> parse(const std::string& payload) {
  M message;
  if (!message.ParseFromString(payload)) return std::nullopt;
  return message;
}

template <class M>
std::string encode_bounded(FrameType type, const M& message) {
  std::string payload;
  const bool complete = message.SerializeToString(&payload);
  OCHE_ASSERT(complete);
  return encode_frame(type, payload);
}

}  // namespace

FrameType frame_type_of(const Message& message) {
  return std::visit([](const auto& m) { return type_of(m); }, message);
}

std::optional<std::string> encode(const Message& message) {
  return std::visit(
      [](const auto& m) -> std::optional<std::string> {
        // Asked first: serializing more than 2 GiB would fail, and more than a frame is for
        // nothing.
        if (m.ByteSizeLong() > max_payload(type_of(m))) return std::nullopt;
        return encode_bounded(type_of(m), m);
      },
      message);
}

// NOLINTNEXTLINE(readability-function-size): a line for each type
std::optional<Message> decode(const Frame& frame) {
  switch (frame.type) {
    case FrameType::job:
      return parse<Job>(frame.payload);
    case FrameType::plan:
      return parse<Plan>(frame.payload);
    case FrameType::lease:
      return parse<Lease>(frame.payload);
    case FrameType::revoke:
      return parse<Revoke>(frame.payload);
    case FrameType::result:
      return parse<Result>(frame.payload);
    case FrameType::accepted:
      return parse<Accepted>(frame.payload);
    case FrameType::job_refused:
      return parse<JobRefused>(frame.payload);
    case FrameType::offer:
      return parse<Offer>(frame.payload);
    case FrameType::talk_join:
      return parse<TalkJoin>(frame.payload);
    case FrameType::talk_ready:
      return parse<TalkReady>(frame.payload);
    case FrameType::talk_broken:
      return parse<TalkBroken>(frame.payload);
    case FrameType::message_begin:
      return parse<MessageBegin>(frame.payload);
    case FrameType::message_piece:
      return parse<MessagePiece>(frame.payload);
    case FrameType::message_end:
      return parse<MessageEnd>(frame.payload);
    case FrameType::input_end:
      return parse<InputEnd>(frame.payload);
    case FrameType::credit:
      return parse<Credit>(frame.payload);
    case FrameType::receipt:
      return parse<Receipt>(frame.payload);
    case FrameType::send_to:
      return parse<SendTo>(frame.payload);
    case FrameType::receive_as:
      return parse<ReceiveAs>(frame.payload);
    case FrameType::send_ready:
      return parse<SendReady>(frame.payload);
    case FrameType::submit:
      return parse<Submit>(frame.payload);
    case FrameType::submit_data:
      return parse<SubmitData>(frame.payload);
    case FrameType::submitted:
      return parse<Submitted>(frame.payload);
    case FrameType::declined:
      return parse<Declined>(frame.payload);
    case FrameType::fetch:
      return parse<Fetch>(frame.payload);
    case FrameType::progress:
      return parse<Progress>(frame.payload);
    case FrameType::answer_part:
      return parse<AnswerPart>(frame.payload);
    case FrameType::cancel:
      return parse<Cancel>(frame.payload);
    case FrameType::list_jobs:
      return parse<ListJobs>(frame.payload);
    case FrameType::job_list:
      return parse<JobList>(frame.payload);
    case FrameType::list_workers:
      return parse<ListWorkers>(frame.payload);
    case FrameType::worker_list:
      return parse<WorkerList>(frame.payload);
    case FrameType::drain:
      return parse<Drain>(frame.payload);
    case FrameType::done:
      return parse<Done>(frame.payload);
    case FrameType::hello:
    case FrameType::welcome:
    case FrameType::refusal:
    case FrameType::heartbeat:
    case FrameType::goodbye:
      return std::nullopt;
  }
  return std::nullopt;
}

std::optional<Answer> decode_answer(std::string_view bytes) {
  Answer answer;
  if (bytes.size() > INT_MAX) return std::nullopt;
  if (!answer.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) return std::nullopt;
  return answer;
}

std::string encode(const Hello& message) { return encode_bounded(FrameType::hello, message); }
std::string encode(const Welcome& message) { return encode_bounded(FrameType::welcome, message); }
std::string encode(const Refusal& message) { return encode_bounded(FrameType::refusal, message); }
std::string encode(const Heartbeat& message) {
  return encode_bounded(FrameType::heartbeat, message);
}
std::string encode(const Goodbye& message) { return encode_bounded(FrameType::goodbye, message); }

}  // namespace oche::wire

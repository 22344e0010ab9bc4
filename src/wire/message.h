// The messages of oche.proto as C++ values, and their way to and from frames.
#ifndef OCHE_WIRE_MESSAGE_H_
#define OCHE_WIRE_MESSAGE_H_

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "wire/frame.h"
#include "wire/oche.pb.h"

namespace oche::wire {

// What services say to each other. Hello, Welcome, Refusal, Heartbeat and Goodbye are the session's
// own and never reach them.
using Message = std::variant<Job, Plan, Lease, Revoke, Result, Accepted, JobRefused, Offer,
                             TalkJoin, TalkReady, TalkBroken, MessageBegin, MessagePiece,
                             MessageEnd, InputEnd, Credit, Receipt, SendTo, ReceiveAs, SendReady,
                             Submit, SubmitData, Submitted, Declined, Fetch, Progress, AnswerPart,
                             Cancel, ListJobs, JobList, ListWorkers, WorkerList, Drain, Done>;

FrameType frame_type_of(const Message& message);

// The frame's bytes; nothing if the message is too long for a frame.
std::optional<std::string> encode(const Message& message);

// The message in this frame. Nothing if the bytes aren't such a message, or the type is one of the
// session's own. Says nothing about whether its fields make sense: that is the receiver's to check.
std::optional<Message> decode(const Frame& frame);

// The Answer that goes in parts, whole. Nothing if the bytes aren't one.
std::optional<Answer> decode_answer(std::string_view bytes);

// One of the session's own messages as a frame's bytes. Its fields are bounded, so that it fits.
std::string encode(const Hello& message);
std::string encode(const Welcome& message);
std::string encode(const Refusal& message);
std::string encode(const Heartbeat& message);
std::string encode(const Goodbye& message);

}  // namespace oche::wire

#endif  // OCHE_WIRE_MESSAGE_H_

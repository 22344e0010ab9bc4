#include "talk/outgoing.h"

#include <string>
#include <utility>

#include "base/assert.h"

namespace oche::talk {
namespace {

Error too_long(std::optional<std::uint64_t> size, std::uint64_t limit) {
  const std::string which =
      size ? "a message of " + std::to_string(*size) + " bytes" : "the message";
  return Error(
      ErrorKind::usage,
      which + " is too long (the limit there is " + std::to_string(limit) +
          " bytes); send less, or have it raised (--max-message; of a host, message_bytes)");
}

}  // namespace

Outgoing::Outgoing(Input& input, std::uint64_t limit, Messages messages, Say say)
    : input_(input),
      limit_(limit),
      messages_(messages),
      channel_(limit, messages),
      say_(std::move(say)) {
  input_.on_piece = [this](InputPiece&& piece) { take(std::move(piece)); };
}

void Outgoing::start() {
  const std::optional<std::uint64_t> size = input_.size();
  if (size && *size > limit_) return fail(too_long(size, limit_));
  pump();
}

std::optional<ChannelFault> Outgoing::take(const wire::Credit& credit) {
  if (const auto fault = channel_.give_back(credit.bytes())) return fault;
  if (done() && on_done) on_done();
  pump();
  return std::nullopt;
}

void Outgoing::pump() {
  if (said_all_ || !wants_credit() || channel_.credit() < kEnoughCredit) return;
  asked_ = true;
  // Whole pieces, with room for what may stand around them.
  const std::uint64_t pieces =
      (channel_.credit() - 3 * wire::kFrameCost) / (wire::kMaxPieceBytes + wire::kFrameCost);
  input_.ask(pieces * wire::kMaxPieceBytes);
}

void Outgoing::take(InputPiece&& piece) {
  asked_ = false;
  if (failed_) return;
  if (piece.failure) {
    return fail(Error(ErrorKind::file, "the message can't be read (" + *piece.failure +
                                           "); check what stdin is, and send it again"));
  }
  if (!channel_.in_message() && (!piece.bytes.empty() || piece.ends_message)) {
    wire::MessageBegin begin;
    if (const auto size = input_.size()) begin.set_size(*size);
    say(Begin{input_.size()}, std::move(begin));
  }
  for (std::size_t at = 0; at < piece.bytes.size(); at += wire::kMaxPieceBytes) {
    wire::MessagePiece message;
    message.set_data(piece.bytes.substr(at, wire::kMaxPieceBytes));
    const Piece item{message.data().size()};
    say(item, std::move(message));
  }
  if (piece.ends_message) say(End{}, wire::MessageEnd{});
  if (piece.ends_input) {
    if (messages_ == Messages::many) say(InputEnd{}, wire::InputEnd{});
    said_all_ = true;
  }
  pump();
}

void Outgoing::say(const Item& item, wire::Message&& message) {
  if (failed_) return;
  if (const auto fault = channel_.take(item)) {
    // All else is impossible by how an Input cuts its messages.
    OCHE_ASSERT(*fault == ChannelFault::above_limit);
    return fail(too_long({}, limit_));
  }
  say_(std::move(message));
}

void Outgoing::fail(const Error& error) {
  failed_ = true;
  if (on_failed) on_failed(error);
}

}  // namespace oche::talk

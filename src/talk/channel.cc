#include "talk/channel.h"

#include <utility>

namespace oche::talk {

std::optional<Item> item_of(const wire::Message& message) {
  if (const auto* piece = std::get_if<wire::MessagePiece>(&message)) {
    return Piece{piece->data().size()};
  }
  if (const auto* begin = std::get_if<wire::MessageBegin>(&message)) {
    return Begin{begin->has_size() ? std::optional<std::uint64_t>(begin->size()) : std::nullopt};
  }
  if (std::holds_alternative<wire::MessageEnd>(message)) return End{};
  if (std::holds_alternative<wire::InputEnd>(message)) return InputEnd{};
  return std::nullopt;
}

wire::Message known_part(wire::Message&& message) {
  if (auto* piece = std::get_if<wire::MessagePiece>(&message)) {
    wire::MessagePiece known;
    known.set_data(std::move(*piece->mutable_data()));
    return known;
  }
  if (const auto* begin = std::get_if<wire::MessageBegin>(&message)) {
    wire::MessageBegin known;
    if (begin->has_size()) known.set_size(begin->size());
    return known;
  }
  if (const auto* credit = std::get_if<wire::Credit>(&message)) {
    wire::Credit known;
    known.set_bytes(credit->bytes());
    return known;
  }
  if (std::holds_alternative<wire::MessageEnd>(message)) return wire::MessageEnd{};
  if (std::holds_alternative<wire::InputEnd>(message)) return wire::InputEnd{};
  return std::move(message);
}

std::uint64_t cost_of(const Item& item) {
  const auto* piece = std::get_if<Piece>(&item);
  return wire::kFrameCost + (piece == nullptr ? 0 : piece->bytes);
}

std::string_view explain(ChannelFault fault) {
  switch (fault) {
    case ChannelFault::no_credit:
      return "sent more than it had credit for";
    case ChannelFault::in_message:
      return "sent something else in the middle of a message";
    case ChannelFault::no_message:
      return "sent part of a message that it hadn't begun";
    case ChannelFault::after_end:
      return "sent more after its last message";
    case ChannelFault::bad_piece:
      return "sent a piece of no bytes or of too many";
    case ChannelFault::above_limit:
      return "sent a message above the limit";
    case ChannelFault::wrong_size:
      return "sent a message of another size than it said";
    case ChannelFault::wrong_credit:
      return "gave back more credit than was taken, or none";
    case ChannelFault::second_message:
      return "sent a second message";
  }
  return {};
}

std::optional<ChannelFault> Channel::fault_of(const Item& item) const {
  if (ended_) return ChannelFault::after_end;
  if (const auto* piece = std::get_if<Piece>(&item)) {
    if (!in_message_) return ChannelFault::no_message;
    if (piece->bytes == 0 || piece->bytes > wire::kMaxPieceBytes) return ChannelFault::bad_piece;
    if (piece->bytes > limit_ - bytes_) return ChannelFault::above_limit;
    if (size_ && piece->bytes > *size_ - bytes_) return ChannelFault::wrong_size;
  } else if (std::holds_alternative<End>(item)) {
    if (!in_message_) return ChannelFault::no_message;
    if (size_ && bytes_ != *size_) return ChannelFault::wrong_size;
  } else {
    if (in_message_) return ChannelFault::in_message;
    if (messages_ == Messages::one && begun_ == 1) return ChannelFault::second_message;
    const auto* begin = std::get_if<Begin>(&item);
    if (begin != nullptr && begin->size && *begin->size > limit_) return ChannelFault::above_limit;
  }
  if (cost_of(item) > credit()) return ChannelFault::no_credit;
  return std::nullopt;
}

std::optional<ChannelFault> Channel::take(const Item& item) {
  if (const auto fault = fault_of(item)) return fault;
  held_ += cost_of(item);
  if (const auto* begin = std::get_if<Begin>(&item)) {
    in_message_ = true;
    ++begun_;
    size_ = begin->size;
    bytes_ = 0;
  } else if (const auto* piece = std::get_if<Piece>(&item)) {
    bytes_ += piece->bytes;
  } else if (std::holds_alternative<End>(item)) {
    in_message_ = false;
  } else {
    ended_ = true;
  }
  return std::nullopt;
}

std::optional<ChannelFault> Channel::give_back(std::uint64_t credit) {
  if (credit == 0 || credit > held_) return ChannelFault::wrong_credit;
  held_ -= credit;
  return std::nullopt;
}

}  // namespace oche::talk

// One sender's messages on their way to one receiver: what may come next, and how much may wait.
//
//   between ──Begin──> in a message ──End──> between …   between ──InputEnd──> ended
//                        └─Piece─┘
//
// Each item costs wire::kFrameCost, a piece its bytes on top; the receiver gives the cost back when
// it has used the item up. What is sent and not given back never costs more than wire::kWindow. The
// sender, the host and the receiver each run the same Channel on what they send or get, so that
// none trusts the others. It holds no byte of a message. Pure; deterministic; not thread-safe.
// docs/PROTOCOL.md, "Messages of any length", is the prose.
#ifndef OCHE_TALK_CHANNEL_H_
#define OCHE_TALK_CHANNEL_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <variant>

#include "wire/limits.h"
#include "wire/message.h"

namespace oche::talk {

struct Begin {
  std::optional<std::uint64_t> size;  // of the message in bytes, where it is known before
};
struct Piece {
  std::size_t bytes = 0;  // of data
};
struct End {};
struct InputEnd {};
using Item = std::variant<Begin, Piece, End, InputEnd>;

// The item that a message of the protocol is; nothing if it is none.
std::optional<Item> item_of(const wire::Message& message);
// The message (an item or credit) without the fields that this release doesn't know: on its way
// further it is to be no longer than its cost.
wire::Message known_part(wire::Message&& message);
// In credit.
std::uint64_t cost_of(const Item& item);

// What a receiver may keep from giving back in the middle of a message.
inline constexpr std::uint64_t kMostWithheld = wire::kWindow / 4;

// With so much credit a sender can say at once what two pieces of its input call for: begin,
// pieces, end, and end of input. One with less may wait, so that it moves more at a time, and it
// will get it.
inline constexpr std::uint64_t kEnoughCredit =
    2 * (wire::kMaxPieceBytes + wire::kFrameCost) + 3 * wire::kFrameCost;
static_assert(kEnoughCredit + kMostWithheld <= wire::kWindow);

enum class ChannelFault {
  no_credit,      // the item costs more than there is credit for
  in_message,     // begin or end of input before the message's end
  no_message,     // a piece or an end of none
  after_end,      // anything after the end of input
  bad_piece,      // no bytes, or more than wire::kMaxPieceBytes
  above_limit,    // more bytes than a message may have
  wrong_size,     // more or fewer bytes than it was begun with
  wrong_credit,   // no credit given back, or more than was taken
  second_message  // where there is to be one
};
// What somebody did: "sent more than its credit".
std::string_view explain(ChannelFault fault);

enum class Messages { one, many };

class Channel {
 public:
  // limit: the most bytes of a message.
  explicit Channel(std::uint64_t limit, Messages messages = Messages::many)
      : limit_(limit), messages_(messages) {}

  // The sender's next item. A fault leaves all as it was.
  std::optional<ChannelFault> take(const Item& item);
  // The receiver's credit.
  std::optional<ChannelFault> give_back(std::uint64_t credit);

  // What is sent and not given back; what more may be sent. Together wire::kWindow.
  std::uint64_t held() const { return held_; }
  std::uint64_t credit() const { return wire::kWindow - held_; }
  bool in_message() const { return in_message_; }
  // Whether no item comes any more.
  bool ended() const {
    return ended_ || (messages_ == Messages::one && begun_ == 1 && !in_message_);
  }
  // Messages that have begun.
  std::uint64_t begun() const { return begun_; }
  // In the middle of a message, with enough credit.
  bool can_go_on() const { return in_message_ && credit() >= kEnoughCredit; }
  // More is held than a receiver may withhold.
  bool owes_credit() const { return held_ > (in_message_ ? kMostWithheld : 0); }

 private:
  std::optional<ChannelFault> fault_of(const Item& item) const;

  std::uint64_t limit_;
  Messages messages_;
  std::uint64_t held_ = 0;
  bool in_message_ = false;
  bool ended_ = false;
  std::uint64_t begun_ = 0;
  std::optional<std::uint64_t> size_;  // of the message, as begun
  std::uint64_t bytes_ = 0;            // of the message, so far
};

}  // namespace oche::talk

#endif  // OCHE_TALK_CHANNEL_H_

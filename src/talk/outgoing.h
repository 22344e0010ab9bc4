// The sender's end of a Channel: what an Input yields, said to the peer as credit allows.
#ifndef OCHE_TALK_OUTGOING_H_
#define OCHE_TALK_OUTGOING_H_

#include <cstdint>
#include <functional>
#include <optional>

#include "oche/error.h"
#include "talk/channel.h"
#include "talk/input.h"
#include "wire/message.h"

namespace oche::talk {

using Say = std::function<void(wire::Message&& message)>;

// Loop's thread only. Messages::one sends one message and no InputEnd.
class Outgoing {
 public:
  // limit: that of a message, as the host told. input outlives it.
  Outgoing(Input& input, std::uint64_t limit, Messages messages, Say say);
  Outgoing(const Outgoing&) = delete;
  Outgoing& operator=(const Outgoing&) = delete;

  // Begins; on_done or on_failed may be called within.
  void start();
  std::optional<ChannelFault> take(const wire::Credit& credit);
  bool said_all() const { return said_all_; }
  // All was said, and all of it is used up: the receiver has written it out.
  bool done() const { return said_all_ && channel_.held() == 0; }
  // It would say more if it had credit, or be done.
  bool wants_credit() const { return !asked_ && !failed_ && !done(); }

  // Once, when done() becomes true.
  std::function<void()> on_done;
  // The input can't be read (file), or a message is too long (usage). Nothing is said after it.
  std::function<void(const Error&)> on_failed;

 private:
  void pump();
  void take(InputPiece&& piece);
  void say(const Item& item, wire::Message&& message);
  void fail(const Error& error);

  Input& input_;
  std::uint64_t limit_;
  Messages messages_;
  Channel channel_;
  Say say_;
  bool asked_ = false;
  bool said_all_ = false;
  bool failed_ = false;
};

}  // namespace oche::talk

#endif  // OCHE_TALK_OUTGOING_H_

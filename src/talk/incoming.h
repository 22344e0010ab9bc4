// The receiver's end of a Channel: what the peer sends, written to an Output, and its credit given
// back when it is written.
#ifndef OCHE_TALK_INCOMING_H_
#define OCHE_TALK_INCOMING_H_

#include <cstdint>
#include <functional>
#include <optional>

#include "talk/channel.h"
#include "talk/output.h"
#include "wire/message.h"

namespace oche::talk {

// Loop's thread only.
class Incoming {
 public:
  // limit: that of a message, as the host told. output outlives it.
  Incoming(Output& output, std::uint64_t limit, Messages messages,
           std::function<void(wire::Message&& message)> say);
  Incoming(const Incoming&) = delete;
  Incoming& operator=(const Incoming&) = delete;

  // message is that item (item_of()).
  std::optional<ChannelFault> take(const Item& item, wire::Message&& message);
  // The last item has come, all is written and given back.
  bool done() const { return channel_.ended() && channel_.held() == 0; }

  // Once, when done() becomes true.
  std::function<void()> on_done;

 private:
  void written(std::uint64_t cost);

  Output& output_;
  Channel channel_;
  std::function<void(wire::Message&&)> say_;
  std::uint64_t withheld_ = 0;  // written, and not given back yet
};

}  // namespace oche::talk

#endif  // OCHE_TALK_INCOMING_H_

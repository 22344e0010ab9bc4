#include "talk/reception.h"

#include <utility>

#include "wire/handshake.h"

namespace oche::talk {

Reception::Reception(wire::Loop& loop, const Sink& sink, const Notes& notes,
                     std::function<void(wire::Message&&)> say)
    : notes_(notes), say_(std::move(say)), output_(loop, sink) {
  output_.on_failed = [this](const std::string& why) {
    if (on_failed) {
      on_failed(Error(ErrorKind::file,
                      "the message can't be written (" + why + "); the sender gets no receipt"));
    }
  };
}

std::optional<std::string> Reception::hear(wire::Message&& message) {
  if (const auto* ready = std::get_if<wire::SendReady>(&message)) {
    if (incoming_) return "it brought a second sender";
    notes_("a message from " + wire::printable(ready->peer(), wire::kMaxTextBytes));
    incoming_.emplace(output_, ready->limit(), Messages::one, say_);
    incoming_->on_done = [this] {
      done_ = true;
      say_(wire::Receipt{});
      if (on_done) on_done();
    };
    return std::nullopt;
  }
  const auto item = item_of(message);
  if (!item || !incoming_) return "it sent what no receiver takes";
  if (const auto fault = incoming_->take(*item, std::move(message))) {
    return "it " + std::string(explain(*fault));
  }
  return std::nullopt;
}

}  // namespace oche::talk

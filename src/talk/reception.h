// A receiver's side of one message: from the introduction of its sender to the receipt.
#ifndef OCHE_TALK_RECEPTION_H_
#define OCHE_TALK_RECEPTION_H_

#include <functional>
#include <optional>
#include <string>

#include "oche/error.h"
#include "talk/incoming.h"
#include "talk/notes.h"
#include "talk/output.h"
#include "wire/loop.h"

namespace oche::talk {

// Loop's thread only.
class Reception {
 public:
  // say: what it answers. loop and notes outlive it.
  Reception(wire::Loop& loop, const Sink& sink, const Notes& notes,
            std::function<void(wire::Message&& message)> say);

  // From the host. What is wrong with it, if anything: the host broke the protocol.
  std::optional<std::string> hear(wire::Message&& message);
  // All is written, and the receipt was given.
  bool done() const { return done_; }

  std::function<void()> on_done;
  // The message can't be written.
  std::function<void(const Error&)> on_failed;

 private:
  const Notes& notes_;
  std::function<void(wire::Message&&)> say_;
  Output output_;
  std::optional<Incoming> incoming_;
  bool done_ = false;
};

}  // namespace oche::talk

#endif  // OCHE_TALK_RECEPTION_H_

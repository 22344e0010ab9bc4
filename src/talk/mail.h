// One-way messages: a sender, and a receiver at a host or as its own host. docs/PROTOCOL.md,
// "Send".
//
// Each function runs a Loop of its own. Errors: Error of kind network, whose text says what the
// other end gave as its reason; usage for an address that can't be used or a message that is too
// long; file if the source can't be read or the sink not written.
#ifndef OCHE_TALK_MAIL_H_
#define OCHE_TALK_MAIL_H_

#include <chrono>
#include <string>

#include "base/clock.h"
#include "talk/input.h"
#include "talk/limits.h"
#include "talk/notes.h"
#include "talk/output.h"
#include "wire/address.h"
#include "wire/handshake.h"

namespace oche::talk {

// How long a host may leave a sender without an answer that it must have: a receiver, credit, the
// receipt. Longer than a host waits for the receiver.
inline constexpr Duration kAnswerDeadline = kStallDeadline + std::chrono::seconds(30);

struct SenderOptions {
  wire::Address host;
  std::string name;  // its own, as the receiver is told it; empty: the host gives one
  std::string to;    // who waits at the host; empty: whoever waits without a name
  Duration answer = kAnswerDeadline;
  wire::Credential credential;  // none: no key and no encryption
};

// Sends one message, piece by piece, and returns with the receipt: its receiver has written it out.
void send_one(const SenderOptions& options, const Source& source);

// Waits at a host, under that name, for one message, writes it to the sink and gives the receipt.
void receive_at(const wire::Address& host, const std::string& name, const Sink& sink,
                const Notes& notes, wire::Credential credential = {});

// Waits at an address of its own for one message to the empty name. Who is turned away does it no
// harm; a sender that fails in the middle of its message ends it.
void receive_one(const wire::Address& address, const MessageLimits& limits, const Sink& sink,
                 const Notes& notes, wire::Admission admission = {});

}  // namespace oche::talk

#endif  // OCHE_TALK_MAIL_H_

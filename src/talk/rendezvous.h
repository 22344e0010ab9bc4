// Where senders and receivers meet: a receiver waits under a name for one message, a sender comes
// with one for that name, and what it sends goes to the receiver as it comes.
//
// A pure state machine like StreamingRing: events and the time go in, actions come out, and no byte
// of a message is held; each pair's Channel keeps what waits on the way below wire::kWindow.
//
//   receiver: waiting ──a sender comes──> paired ──its message begins──> receiving ──receipt──>
//   done
//                └────the sender leaves or is turned away────┘
//
// Once a message has begun, whatever goes wrong at one end ends it for both. Deterministic; not
// thread-safe.
#ifndef OCHE_TALK_RENDEZVOUS_H_
#define OCHE_TALK_RENDEZVOUS_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <variant>
#include <vector>

#include "base/clock.h"
#include "talk/channel.h"
#include "talk/limits.h"
#include "talk/obligation.h"

namespace oche::talk {

// A name that the shell gives to a connection (or to itself); never used twice.
using PartyId = std::uint64_t;

struct TurnAway {
  PartyId party;
  std::string why;
};
struct Paired {
  PartyId sender, receiver;
};
// The receiver's message begins: it is told who sends before it gets it.
struct Introduce {
  PartyId receiver, sender;
};
struct PassOn {
  PartyId to;  // gets the very item, or the very credit, that was reported
};
struct Received {
  PartyId sender, receiver;  // the sender gets the receipt; both are done
};
// Through no fault of its own, it gets no message or no receipt.
struct Failed {
  PartyId party;
  std::string why;
};
using SendAction = std::variant<TurnAway, Paired, Introduce, PassOn, Received, Failed>;
using SendActions = std::vector<SendAction>;

class Rendezvous {
 public:
  explicit Rendezvous(const SendLimits& limits) : limits_(limits) {}

  // A receiver waits under that name. Yields nothing or TurnAway.
  SendActions wait(PartyId receiver, const std::string& name);
  // A sender has a message for that name. Yields Paired or TurnAway.
  SendActions send(PartyId sender, const std::string& to, Instant now);
  // A sender's next item. Yields PassOn, after Introduce for the first; or TurnAway, and Failed.
  SendActions take(PartyId sender, const Item& item, Instant now);
  // A receiver gives credit back. Yields PassOn; or TurnAway and Failed.
  SendActions give_back(PartyId receiver, std::uint64_t credit, Instant now);
  // A receiver has written all of it out. Yields Received; or TurnAway and Failed.
  SendActions receipt(PartyId receiver);
  // A connection ended; text says why. Yields Failed or nothing.
  SendActions leave(PartyId party, const std::string& text);
  // Time passes. Yields TurnAway and Failed, or nothing.
  SendActions tick(Instant now);

  // Receivers, waiting or not.
  std::size_t receivers() const { return names_.size(); }
  // What waits on the way from that sender, in credit.
  std::uint64_t held(PartyId sender) const;

 private:
  struct Transfer {
    Transfer(PartyId from, PartyId to, const std::string& as, std::uint64_t limit)
        : sender(from), receiver(to), name(as), sent(limit, Messages::one) {}
    PartyId sender, receiver;
    std::string name;  // the receiver's
    Channel sent;
    Obligation begin, go_on;            // the sender's
    Obligation give_back, say_receipt;  // the receiver's
  };
  using Shared = std::shared_ptr<Transfer>;

  Shared sent_by(PartyId party) const;
  Shared received_by(PartyId party) const;
  static void oblige(Transfer& transfer, Instant now);
  void forget(const Transfer& transfer);
  // Ends the transfer by the fault of one end.
  SendActions blame_sender(const Shared& transfer, const std::string& why);
  SendActions blame_receiver(const Shared& transfer, const std::string& why);

  SendLimits limits_;
  std::map<std::string, PartyId> names_;
  std::unordered_map<PartyId, std::string> waiting_;  // receivers without a sender
  std::unordered_map<PartyId, Shared> transfers_;     // by either party
};

}  // namespace oche::talk

#endif  // OCHE_TALK_RENDEZVOUS_H_

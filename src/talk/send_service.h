// The service "send" over oche's protocol: receivers wait by name, senders send to a name, on
// connections that somebody else accepts. docs/PROTOCOL.md, "Send".
//
// A thin shell around Rendezvous. Of a message it holds what the connections hold that it is sent
// on: at most wire::kWindow for each sender. Loop's thread only.
#ifndef OCHE_TALK_SEND_SERVICE_H_
#define OCHE_TALK_SEND_SERVICE_H_

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

#include "talk/awake_clock.h"
#include "talk/limits.h"
#include "talk/notes.h"
#include "talk/rendezvous.h"
#include "wire/connection.h"
#include "wire/loop.h"

namespace oche::talk {

class SendService {
 public:
  // loop outlives it.
  SendService(wire::Loop& loop, const SendLimits& limits, ServiceNotes notes);
  // Lets its connections alone; they call it no more.
  ~SendService();
  SendService(const SendService&) = delete;
  SendService& operator=(const SendService&) = delete;

  // A sender or a receiver, whose handshake is done; called where the connection is handed over.
  void take(std::shared_ptr<wire::Connection> connection);

  // A receiver in this process, which waits under the empty name. say gets what a receiver's
  // connection would; ended, once and never within receive_here(), why nothing more comes (empty:
  // the receipt was given). What it answers goes to hear() with the id returned.
  PartyId receive_here(std::function<void(wire::Message&&)> say,
                       std::function<void(const std::string& why)> ended);
  void hear(PartyId id, wire::Message&& message);
  // The receiver in this process leaves.
  void leave_here(PartyId id, const std::string& why);

  // Says goodbye to everybody.
  void close_all(wire::GoodbyeReason reason, std::string_view text);

  std::size_t parties() const { return parties_.size(); }

 private:
  struct Party {
    std::shared_ptr<wire::Connection> connection;  // or these:
    std::function<void(wire::Message&&)> say;
    std::function<void(const std::string&)> ended;
    Obligation first_word;
  };

  void listen_to(PartyId id, const std::string& name);
  void send_to(PartyId id, const std::string& name);
  void forget(PartyId id, const wire::Closed& closed);
  // Says goodbye, and knows it no more.
  void close(PartyId id, wire::GoodbyeReason reason, const std::string& text);
  void say(PartyId id, const wire::Message& message);
  const wire::Connection* connection_of(PartyId id) const;  // null: it left, or is this program
  std::string who_is(PartyId id) const;
  std::string name_of(PartyId id) const;
  // passed: the message that the actions are about, if it was one.
  void carry_out(const SendActions& actions, const wire::Message& passed = {});
  void act(const TurnAway& action);
  void act(const Paired& action);
  void act(const Introduce& action);
  void act(const Received& action);
  void act(const Failed& action);
  void tick();

  wire::Loop& loop_;
  SendLimits limits_;
  ServiceNotes notes_;
  AwakeClock clock_;
  Rendezvous rendezvous_;
  std::unordered_map<PartyId, Party> parties_;
  PartyId next_id_ = 1;
  wire::Loop::TimerId timer_;
};

}  // namespace oche::talk

#endif  // OCHE_TALK_SEND_SERVICE_H_

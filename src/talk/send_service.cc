#include "talk/send_service.h"

#include <utility>
#include <vector>

#include "talk/seconds_text.h"

namespace oche::talk {

using wire::Closed;
using wire::Connection;
using wire::GoodbyeReason;

SendService::SendService(wire::Loop& loop, const SendLimits& limits, ServiceNotes notes)
    : loop_(loop),
      limits_(limits),
      notes_(std::move(notes)),
      clock_(monotonic_now()),
      rendezvous_(limits) {
  timer_ = loop_.after(kServiceTick, [this] { tick(); });
}

SendService::~SendService() {
  loop_.cancel(timer_);
  for (const auto& [id, party] : parties_) {
    if (!party.connection) continue;
    party.connection->on_message = nullptr;
    party.connection->on_closed = nullptr;
  }
}

void SendService::take(std::shared_ptr<Connection> connection) {
  const PartyId id = next_id_++;
  connection->on_message = [this, id](wire::Message&& message) { hear(id, std::move(message)); };
  connection->on_closed = [this, id](const Closed& closed) { forget(id, closed); };
  Party party;
  party.connection = std::move(connection);
  party.first_word.update(true, clock_.at(monotonic_now()));
  parties_.emplace(id, std::move(party));
}

PartyId SendService::receive_here(std::function<void(wire::Message&&)> say,
                                  std::function<void(const std::string&)> ended) {
  const PartyId id = next_id_++;
  Party party;
  party.say = std::move(say);
  party.ended = std::move(ended);
  parties_.emplace(id, std::move(party));
  listen_to(id, "");
  return id;
}

void SendService::leave_here(PartyId id, const std::string& why) {
  close(id, GoodbyeReason::stopping, why);
}

void SendService::close_all(GoodbyeReason reason, std::string_view text) {
  std::vector<PartyId> all;
  for (const auto& [id, party] : parties_) all.push_back(id);
  for (const PartyId id : all) close(id, reason, std::string(text));
}

// ---- Events ----

void SendService::hear(PartyId id, wire::Message&& message) {
  if (!parties_.contains(id)) return;
  const Instant now = clock_.at(monotonic_now());
  if (const auto* receive = std::get_if<wire::ReceiveAs>(&message)) {
    listen_to(id, receive->name());
  } else if (const auto* send = std::get_if<wire::SendTo>(&message)) {
    send_to(id, send->to());
  } else if (const auto* credit = std::get_if<wire::Credit>(&message)) {
    const SendActions actions = rendezvous_.give_back(id, credit->bytes(), now);
    carry_out(actions, known_part(std::move(message)));
  } else if (std::holds_alternative<wire::Receipt>(message)) {
    carry_out(rendezvous_.receipt(id));
  } else if (const auto item = item_of(message)) {
    carry_out(rendezvous_.take(id, *item, now), known_part(std::move(message)));
  } else {
    carry_out({TurnAway{id, "it sent what is not for this service"}});
  }
}

void SendService::listen_to(PartyId id, const std::string& name) {
  if (wire::printable(name, wire::kMaxRingNameBytes) != name) {
    return carry_out({TurnAway{id, "a name has at most " + std::to_string(wire::kMaxRingNameBytes) +
                                       " bytes, printable ASCII"}});
  }
  parties_.at(id).first_word.update(false, clock_.at(monotonic_now()));
  carry_out(rendezvous_.wait(id, name));
  const auto party = parties_.find(id);
  if (party == parties_.end() || !party->second.connection) return;
  notes_({ServiceEvent::receiver_waiting, connection_of(id), name,
          who_is(id) + " waits for a message" + (name.empty() ? "" : " as '" + name + "'")});
}

void SendService::send_to(PartyId id, const std::string& name) {
  const Instant now = clock_.at(monotonic_now());
  parties_.at(id).first_word.update(false, now);
  carry_out(rendezvous_.send(id, name, now));
}

void SendService::forget(PartyId id, const Closed& closed) {
  if (parties_.erase(id) == 0) return;
  carry_out(rendezvous_.leave(id, closed.text));
}

void SendService::tick() {
  timer_ = loop_.after(kServiceTick, [this] { tick(); });
  const Instant now = clock_.at(monotonic_now());
  carry_out(rendezvous_.tick(now));
  std::vector<PartyId> mute;
  for (const auto& [id, party] : parties_) {
    if (party.first_word.overdue(now, kFirstWordDeadline)) mute.push_back(id);
  }
  for (const PartyId id : mute) {
    carry_out(
        {TurnAway{id, "it neither waited nor sent within " + seconds_text(kFirstWordDeadline)}});
  }
}

// ---- Actions ----

void SendService::carry_out(const SendActions& actions, const wire::Message& passed) {
  for (const SendAction& action : actions) {
    if (const auto* pass = std::get_if<PassOn>(&action)) {
      say(pass->to, passed);
    } else if (const auto* turn_away = std::get_if<TurnAway>(&action)) {
      act(*turn_away);
    } else if (const auto* paired = std::get_if<Paired>(&action)) {
      act(*paired);
    } else if (const auto* introduce = std::get_if<Introduce>(&action)) {
      act(*introduce);
    } else if (const auto* received = std::get_if<Received>(&action)) {
      act(*received);
    } else {
      act(std::get<Failed>(action));
    }
  }
}

void SendService::act(const TurnAway& action) {
  notes_({ServiceEvent::turned_away, connection_of(action.party), "",
          "turned away " + who_is(action.party) + " (" + action.why + ")"});
  close(action.party, GoodbyeReason::turned_away, action.why);
}

void SendService::act(const Paired& action) {
  wire::SendReady ready;
  ready.set_peer(name_of(action.receiver));
  ready.set_limit(limits_.messages.message_bytes);
  say(action.sender, ready);
}

void SendService::act(const Introduce& action) {
  wire::SendReady ready;
  ready.set_peer(who_is(action.sender));
  ready.set_limit(limits_.messages.message_bytes);
  say(action.receiver, ready);
}

void SendService::act(const Received& action) {
  notes_({ServiceEvent::message_received, connection_of(action.sender), "",
          "the message of " + who_is(action.sender) + " was received"});
  say(action.sender, wire::Receipt{});
  close(action.sender, GoodbyeReason::finished, "the message was received");
  close(action.receiver, GoodbyeReason::finished, "");
}

void SendService::act(const Failed& action) {
  notes_({ServiceEvent::message_failed, connection_of(action.party), "",
          "no message for or from " + who_is(action.party) + " (" + action.why + ")"});
  close(action.party, GoodbyeReason::stopping, action.why);
}

void SendService::say(PartyId id, const wire::Message& message) {
  const auto party = parties_.find(id);
  // Whoever is about to leave gets no more; that it leaves comes as an event of its own.
  if (party == parties_.end()) return;
  if (party->second.connection) {
    party->second.connection->send(message);
  } else {
    party->second.say(wire::Message(message));
  }
}

void SendService::close(PartyId id, GoodbyeReason reason, const std::string& text) {
  const auto entry = parties_.find(id);
  if (entry == parties_.end()) return;
  const Party party = std::move(entry->second);
  parties_.erase(entry);
  // Where it was the service that lost interest in it.
  carry_out(rendezvous_.leave(id, text));
  if (party.connection) {
    party.connection->close(reason, text);
  } else {
    loop_.post([ended = party.ended, text] { ended(text); });
  }
}

const Connection* SendService::connection_of(PartyId id) const {
  const auto party = parties_.find(id);
  return party == parties_.end() ? nullptr : party->second.connection.get();
}

std::string SendService::who_is(PartyId id) const {
  const auto party = parties_.find(id);
  if (party == parties_.end()) return "who has left";
  if (!party->second.connection) return "this program";
  const Connection& connection = *party->second.connection;
  return connection.peer().name + " (" + connection.remote() + ")";
}

std::string SendService::name_of(PartyId id) const {
  const auto party = parties_.find(id);
  const bool remote = party != parties_.end() && party->second.connection;
  return remote ? party->second.connection->peer().name : "the host";
}

}  // namespace oche::talk

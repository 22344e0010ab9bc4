#include "talk/rendezvous.h"

#include "talk/seconds_text.h"

namespace oche::talk {

SendActions Rendezvous::wait(PartyId receiver, const std::string& name) {
  if (waiting_.contains(receiver) || transfers_.contains(receiver)) {
    return {TurnAway{receiver, "it has said already what it wants"}};
  }
  if (names_.contains(name)) {
    return {TurnAway{receiver, "somebody waits under that name already"}};
  }
  if (names_.size() >= limits_.receivers) {
    return {TurnAway{receiver, "there are " + std::to_string(names_.size()) +
                                   " receivers already (that is the limit, receivers)"}};
  }
  names_.emplace(name, receiver);
  waiting_.emplace(receiver, name);
  return {};
}

SendActions Rendezvous::send(PartyId sender, const std::string& to, Instant now) {
  if (waiting_.contains(sender) || transfers_.contains(sender)) {
    return {TurnAway{sender, "it has said already what it wants"}};
  }
  const auto name = names_.find(to);
  if (name == names_.end()) return {TurnAway{sender, "nobody of that name waits here"}};
  const PartyId receiver = name->second;
  if (waiting_.erase(receiver) == 0) {
    return {TurnAway{sender, "who waits under that name gets another message already"}};
  }
  const auto transfer =
      std::make_shared<Transfer>(sender, receiver, to, limits_.messages.message_bytes);
  transfers_.emplace(sender, transfer);
  transfers_.emplace(receiver, transfer);
  oblige(*transfer, now);
  return {Paired{sender, receiver}};
}

SendActions Rendezvous::take(PartyId sender, const Item& item, Instant now) {
  const Shared transfer = sent_by(sender);
  if (!transfer) return {TurnAway{sender, "it sent a message to nobody"}};
  const bool first = transfer->sent.begun() == 0;
  if (const auto fault = transfer->sent.take(item)) {
    return blame_sender(transfer, std::string(explain(*fault)));
  }
  transfer->begin.moved(now);
  transfer->go_on.moved(now);
  oblige(*transfer, now);
  if (first) return {Introduce{transfer->receiver, sender}, PassOn{transfer->receiver}};
  return {PassOn{transfer->receiver}};
}

SendActions Rendezvous::give_back(PartyId receiver, std::uint64_t credit, Instant now) {
  const Shared transfer = received_by(receiver);
  if (!transfer) return {TurnAway{receiver, "it gave credit to nobody"}};
  if (const auto fault = transfer->sent.give_back(credit)) {
    return blame_receiver(transfer, std::string(explain(*fault)));
  }
  transfer->give_back.moved(now);
  oblige(*transfer, now);
  return {PassOn{transfer->sender}};
}

SendActions Rendezvous::receipt(PartyId receiver) {
  const Shared transfer = received_by(receiver);
  if (!transfer) return {TurnAway{receiver, "it gave a receipt to nobody"}};
  if (!transfer->sent.ended()) {
    return blame_receiver(transfer, "gave a receipt before the message's end");
  }
  forget(*transfer);
  return {Received{transfer->sender, transfer->receiver}};
}

SendActions Rendezvous::leave(PartyId party, const std::string& text) {
  if (const auto entry = waiting_.find(party); entry != waiting_.end()) {
    names_.erase(entry->second);
    waiting_.erase(entry);
    return {};
  }
  if (const Shared transfer = sent_by(party)) {
    SendActions actions = blame_sender(transfer, "left (" + text + ")");
    actions.erase(actions.begin());  // it is gone already
    return actions;
  }
  if (const Shared transfer = received_by(party)) {
    SendActions actions = blame_receiver(transfer, "left (" + text + ")");
    actions.erase(actions.begin());
    return actions;
  }
  return {};
}

SendActions Rendezvous::tick(Instant now) {
  const Duration stall = limits_.messages.stall;
  const Duration turn = limits_.messages.turn;
  SendActions actions;
  const auto append = [&](SendActions more) {
    actions.insert(actions.end(), more.begin(), more.end());
  };
  std::vector<Shared> all;
  for (const auto& [party, transfer] : transfers_) {
    if (party == transfer->sender) all.push_back(transfer);
  }
  for (const Shared& t : all) {
    if (t->give_back.overdue(now, stall)) {
      append(blame_receiver(t, "took nothing of the message for " + seconds_text(stall)));
    } else if (t->say_receipt.overdue(now, stall)) {
      append(blame_receiver(t, "gave no receipt for " + seconds_text(stall)));
    } else if (t->go_on.overdue(now, stall)) {
      append(blame_sender(t, "sent nothing more of its message for " + seconds_text(stall)));
    } else if (t->begin.overdue(now, turn)) {
      append(blame_sender(t, "didn't begin its message for " + seconds_text(turn)));
    }
  }
  return actions;
}

std::uint64_t Rendezvous::held(PartyId sender) const {
  const Shared transfer = sent_by(sender);
  return transfer ? transfer->sent.held() : 0;
}

Rendezvous::Shared Rendezvous::sent_by(PartyId party) const {
  const auto entry = transfers_.find(party);
  const bool is = entry != transfers_.end() && entry->second->sender == party;
  return is ? entry->second : nullptr;
}

Rendezvous::Shared Rendezvous::received_by(PartyId party) const {
  const auto entry = transfers_.find(party);
  const bool is = entry != transfers_.end() && entry->second->receiver == party;
  return is ? entry->second : nullptr;
}

void Rendezvous::oblige(Transfer& transfer, Instant now) {
  const Channel& sent = transfer.sent;
  transfer.begin.update(sent.begun() == 0, now);
  transfer.go_on.update(sent.can_go_on(), now);
  transfer.give_back.update(sent.owes_credit(), now);
  transfer.say_receipt.update(sent.ended() && sent.held() == 0, now);
}

void Rendezvous::forget(const Transfer& transfer) {
  names_.erase(transfer.name);
  transfers_.erase(transfer.sender);
  transfers_.erase(transfer.receiver);
}

SendActions Rendezvous::blame_sender(const Shared& transfer, const std::string& why) {
  const bool begun = transfer->sent.begun() > 0;
  forget(*transfer);
  if (begun) {
    return {TurnAway{transfer->sender, "it " + why},
            Failed{transfer->receiver, "the sender " + why}};
  }
  names_.emplace(transfer->name, transfer->receiver);
  waiting_.emplace(transfer->receiver, transfer->name);
  return {TurnAway{transfer->sender, "it " + why}};
}

SendActions Rendezvous::blame_receiver(const Shared& transfer, const std::string& why) {
  forget(*transfer);
  return {TurnAway{transfer->receiver, "it " + why},
          Failed{transfer->sender, "the receiver " + why}};
}

}  // namespace oche::talk

#include "talk/talk_service.h"

#include <utility>
#include <vector>

#include "talk/seconds_text.h"

namespace oche::talk {
namespace {

using wire::Closed;
using wire::Connection;
using wire::GoodbyeReason;

// Who somebody is in a note: its name and address.
std::string who_is(const Connection& connection) {
  return connection.peer().name + " (" + connection.remote() + ")";
}

std::string shown(const std::string& ring) {
  return ring.empty() ? "the ring" : "the ring '" + ring + "'";
}

}  // namespace

TalkService::TalkService(wire::Loop& loop, const TalkLimits& limits, ServiceNotes notes)
    : loop_(loop), limits_(limits), notes_(std::move(notes)), clock_(monotonic_now()) {
  timer_ = loop_.after(kServiceTick, [this] { tick(); });
}

TalkService::~TalkService() {
  loop_.cancel(timer_);
  for (const auto& [id, talker] : talkers_) {
    talker.connection->on_message = nullptr;
    talker.connection->on_closed = nullptr;
  }
}

void TalkService::open_ring(const std::string& name, std::size_t size, Order order) {
  fixed_ = true;
  rings_.emplace(name, Room(StreamingRing(size, order, limits_.messages)));
}

void TalkService::take(std::shared_ptr<Connection> connection) {
  const TalkerId id = next_id_++;
  connection->on_message = [this, id](wire::Message&& message) { hear(id, std::move(message)); };
  connection->on_closed = [this, id](const Closed& closed) { forget(id, closed); };
  Talker& talker = talkers_.emplace(id, Talker{std::move(connection), {}, {}}).first->second;
  talker.join.update(true, clock_.at(monotonic_now()));
}

void TalkService::close_all(GoodbyeReason reason, std::string_view text) {
  for (const auto& [id, talker] : std::exchange(talkers_, {})) {
    talker.connection->on_message = nullptr;
    talker.connection->on_closed = nullptr;
    talker.connection->close(reason, text);
  }
  rings_.clear();
}

// ---- Events ----

void TalkService::hear(TalkerId id, wire::Message&& message) {
  const auto entry = talkers_.find(id);
  if (entry == talkers_.end()) return;
  if (std::holds_alternative<wire::TalkJoin>(message)) return join(id, message);
  const std::optional<std::string>& name = entry->second.ring;
  const auto room = name ? rings_.find(*name) : rings_.end();
  if (room == rings_.end()) {
    return turn_away(id, GoodbyeReason::protocol_error,
                     "it sent a message before it joined a ring");
  }
  const std::string ring = room->first;
  StreamingRing& machine = room->second.ring;
  const Instant now = clock_.at(monotonic_now());
  if (const auto* credit = std::get_if<wire::Credit>(&message)) {
    const RingActions actions = machine.give_back(id, credit->bytes(), now);
    carry_out(ring, actions, known_part(std::move(message)));
  } else if (const std::optional<Item> item = item_of(message)) {
    carry_out(ring, machine.take(id, *item, now), known_part(std::move(message)));
  } else {
    turn_away(id, GoodbyeReason::protocol_error, "it sent what a ring doesn't take");
  }
}

void TalkService::join(TalkerId id, const wire::Message& message) {
  const auto& join = std::get<wire::TalkJoin>(message);
  Talker& talker = talkers_.at(id);
  if (talker.ring) {
    return turn_away(id, GoodbyeReason::protocol_error, "it joined a ring twice");
  }
  const std::string name = join.ring();
  if (wire::printable(name, wire::kMaxRingNameBytes) != name) {
    return turn_away(id, GoodbyeReason::turned_away,
                     "a ring's name has at most " + std::to_string(wire::kMaxRingNameBytes) +
                         " bytes, printable ASCII");
  }
  const Instant now = clock_.at(monotonic_now());
  Room* const room = room_for(id, name, join.of());
  if (room == nullptr) return;
  talker.join.update(false, now);
  talker.ring = name;
  const auto number = join.as() == 0 ? std::nullopt : std::optional<std::size_t>(join.as());
  carry_out(name, room->ring.join(id, number, now));
  drop_if_empty(name);
}

TalkService::Room* TalkService::room_for(TalkerId id, const std::string& name, std::size_t size) {
  const auto refuse = [&](const std::string& why) {
    turn_away(id, GoodbyeReason::turned_away, why);
    return nullptr;
  };
  if (const auto entry = rings_.find(name); entry != rings_.end()) {
    const std::size_t there = entry->second.ring.size();
    if (size == 0 || size == there) return &entry->second;
    return refuse("this is a ring of " + std::to_string(there));
  }
  if (fixed_) return refuse("there is no ring of that name here");
  if (size == 0) return refuse("nobody has made that ring yet; say how many it is of");
  if (size > limits_.talkers) {
    return refuse("a ring here has at most " + std::to_string(limits_.talkers) +
                  " talkers (that is the limit, talkers)");
  }
  if (rings_.size() >= limits_.rings) {
    return refuse("there are " + std::to_string(rings_.size()) +
                  " rings already (that is the limit, rings)");
  }
  Room room(StreamingRing(size, Order::arrival, limits_.messages));
  return &rings_.emplace(name, std::move(room)).first->second;
}

void TalkService::forget(TalkerId id, const Closed& closed) {
  const auto entry = talkers_.find(id);
  if (entry == talkers_.end()) return;
  const Talker talker = std::move(entry->second);
  talkers_.erase(entry);
  const bool finished = closed.goodbye == GoodbyeReason::finished;
  leave(id, talker.ring, finished ? Leaving::finished : Leaving::early, closed.text,
        who_is(*talker.connection));
}

void TalkService::turn_away(TalkerId id, GoodbyeReason reason, const std::string& why) {
  const auto entry = talkers_.find(id);
  if (entry == talkers_.end()) return;
  const Talker talker = std::move(entry->second);
  talkers_.erase(entry);
  notes_({ServiceEvent::turned_away, talker.connection.get(), talker.ring.value_or(""),
          "turned away " + who_is(*talker.connection) + " (" + why + ")"});
  talker.connection->close(reason, why);
  leave(id, talker.ring, Leaving::early, "turned away: " + why, who_is(*talker.connection));
}

void TalkService::leave(TalkerId id, const std::optional<std::string>& ring, Leaving how,
                        const std::string& why, const std::string& who) {
  if (!ring) return;
  const auto room = rings_.find(*ring);
  // Of the same name there may be another ring by now.
  if (room == rings_.end() || !room->second.seats.contains(id)) return;
  const Instant now = clock_.at(monotonic_now());
  carry_out(*ring, room->second.ring.leave(id, how, why, now), {}, who + " left (" + why + ")");
  drop_if_empty(*ring);
}

void TalkService::tick() {
  timer_ = loop_.after(kServiceTick, [this] { tick(); });
  const Instant now = clock_.at(monotonic_now());
  std::vector<std::string> names;
  for (const auto& [name, room] : rings_) names.push_back(name);
  for (const std::string& name : names) {
    // Whoever is told of one ring's end may end all.
    const auto room = rings_.find(name);
    if (room != rings_.end()) carry_out(name, room->second.ring.tick(now));
  }
  std::vector<TalkerId> mute;
  for (const auto& [id, talker] : talkers_) {
    if (talker.join.overdue(now, kFirstWordDeadline)) mute.push_back(id);
  }
  for (const TalkerId id : mute) {
    turn_away(id, GoodbyeReason::turned_away,
              "it joined no ring within " + seconds_text(kFirstWordDeadline));
  }
}

// ---- Actions ----

void TalkService::carry_out(const std::string& name, const RingActions& actions,
                            const wire::Message& passed, const std::string& leaver) {
  for (const RingAction& action : actions) {
    if (const auto* forward = std::get_if<Forward>(&action)) {
      // Whoever is about to leave gets no more; that it leaves comes as an event of its own.
      const auto to = talkers_.find(forward->to);
      if (to != talkers_.end()) to->second.connection->send(passed);
    } else if (const auto* seated = std::get_if<Seated>(&action)) {
      Room& room = rings_.at(name);
      const Connection& talker = *talkers_.at(seated->talker).connection;
      room.seats.emplace(seated->talker, Seat{seated->seat, talker.peer().name});
      notes_({ServiceEvent::ring_joined, &talker, name,
              who_is(talker) + " is the " + ordinal(seated->seat) + " talker of " +
                  std::to_string(room.ring.size())});
    } else if (const auto* refuse = std::get_if<Refuse>(&action)) {
      turn_away(refuse->talker, GoodbyeReason::turned_away, std::string(explain(refuse->why)));
    } else if (std::holds_alternative<Ready>(action)) {
      make_ready(name, rings_.at(name));
    } else if (const auto* vacated = std::get_if<Vacated>(&action)) {
      std::erase_if(rings_.at(name).seats,
                    [&](const auto& seat) { return seat.second.number == vacated->seat; });
      notes_({ServiceEvent::ring_left, nullptr, name,
              leaver + " before " + shown(name) + " was full; seat " +
                  std::to_string(vacated->seat) + " is free again"});
    } else if (std::holds_alternative<RingDone>(action)) {
      end_ring(name, nullptr);
    } else {
      end_ring(name, &std::get<RingBroken>(action));
    }
  }
}

void TalkService::make_ready(const std::string& name, Room& room) {
  notes_({ServiceEvent::ring_full, nullptr, name, "the ring is full"});
  for (const auto& [id, seat] : room.seats) {
    const auto talker = talkers_.find(id);
    if (talker == talkers_.end()) continue;
    wire::TalkReady ready;
    ready.set_position(static_cast<std::uint32_t>(seat.number));
    ready.set_of(static_cast<std::uint32_t>(room.ring.size()));
    ready.set_limit(limits_.messages.message_bytes);
    talker->second.connection->send(wire::Message(std::move(ready)));
  }
}

void TalkService::end_ring(const std::string& name, const RingBroken* broken) {
  const auto room = rings_.extract(name);
  std::optional<std::string> failure;
  if (broken != nullptr) {
    wire::TalkBroken message;
    message.set_position(static_cast<std::uint32_t>(broken->seat));
    for (const auto& [id, seat] : room.mapped().seats) {
      if (seat.number == broken->seat) message.set_name(seat.name);
    }
    const std::string text = wire::printable(broken->text, wire::kMaxTextBytes);
    message.set_text(text);
    failure = "its " + ordinal(broken->seat) + " talker, " + message.name() + ", " + text;
    for (const auto& [id, seat] : room.mapped().seats) {
      const auto talker = talkers_.find(id);
      if (talker == talkers_.end()) continue;
      const std::shared_ptr<Connection> connection = talker->second.connection;
      talkers_.erase(talker);
      connection->send(wire::Message(message));
      connection->close(GoodbyeReason::stopping, "the ring is broken: " + *failure);
    }
    notes_(
        {ServiceEvent::ring_broken, nullptr, name, shown(name) + " is broken (" + *failure + ")"});
  } else {
    notes_({ServiceEvent::ring_ended, nullptr, name, shown(name) + " is done"});
  }
  if (on_ring_end) on_ring_end(name, failure);
}

void TalkService::drop_if_empty(const std::string& name) {
  const auto room = rings_.find(name);
  if (!fixed_ && room != rings_.end() && room->second.seats.empty()) rings_.erase(room);
}

}  // namespace oche::talk

#include "talk/talk_service.h"

#include <map>
#include <memory>
#include <optional>
#include <utility>

#include "oche/error.h"
#include "talk/printable.h"
#include "wire/connection.h"
#include "wire/dial.h"
#include "wire/limits.h"
#include "wire/listener.h"
#include "wire/loop.h"

namespace oche::talk {
namespace {

using wire::Closed;
using wire::Connection;
using wire::GoodbyeReason;

// Who somebody is in a note: its name and address.
std::string name_of(const Connection& connection) {
  return connection.peer().name + " (" + connection.remote() + ")";
}

// The connections of one ring. Carries out what the Ring says; all of it runs on the loop's thread.
class RingHost {
 public:
  RingHost(wire::Loop& loop, const wire::Address& address, std::size_t size, Order order,
           const Notes& notes, std::shared_ptr<wire::KeyTable> keys)
      : loop_(loop),
        notes_(notes),
        ring_(size, order),
        listener_(loop, address, terms(std::move(keys)), callbacks()) {
    notes_("listening on " + listener_.endpoint());
  }

  // After the loop's end: why the ring is broken, if it is.
  const std::optional<std::string>& failure() const { return failure_; }

 private:
  static wire::ListenTerms terms(std::shared_ptr<wire::KeyTable> keys) {
    wire::ListenTerms terms;
    terms.keys = std::move(keys);
    terms.services = {wire::Service::talk};
    return terms;
  }

  wire::ListenCallbacks callbacks() {
    wire::ListenCallbacks callbacks;
    callbacks.on_open = [this](std::shared_ptr<Connection> connection) {
      greet(std::move(connection));
    };
    callbacks.on_failed = [this](const std::string& remote, const Closed& closed) {
      notes_("turned away " + remote + " (" + closed.text + ")");
    };
    callbacks.on_trouble = [this](const std::string& text) { notes_(text); };
    return callbacks;
  }

  void greet(std::shared_ptr<Connection> connection) {
    const TalkerId id = next_id_++;
    connection->on_message = [this, id](wire::Message&& message) { take(id, message); };
    connection->on_closed = [this, id](const Closed& closed) { forget(id, closed); };
    connections_.emplace(id, std::move(connection));
  }

  void take(TalkerId id, const wire::Message& message) {
    if (const auto* join = std::get_if<wire::TalkJoin>(&message)) {
      take_join(id, *join);
    } else if (const auto* said = std::get_if<wire::TalkMessage>(&message)) {
      take_message(id, said->text());
    } else {
      close(id, GoodbyeReason::protocol_error, "a ring takes a talk_join and then a talk_message");
    }
  }

  void take_join(TalkerId id, const wire::TalkJoin& join) {
    if (joined_.contains(id)) {
      close(id, GoodbyeReason::protocol_error, "joined the ring twice");
    } else if (join.of() != 0 && join.of() != ring_.size()) {
      close(id, GoodbyeReason::turned_away, "this is a ring of " + std::to_string(ring_.size()));
    } else {
      joined_.emplace(id, 0);
      carry_out(
          ring_.join(id, join.as() == 0 ? std::nullopt : std::optional<std::size_t>(join.as())));
    }
  }

  void take_message(TalkerId id, const std::string& text) {
    if (text.empty() || text.size() > wire::kMaxMessageBytes) {
      close(id, GoodbyeReason::protocol_error,
            "a message has 1 to " + std::to_string(wire::kMaxMessageBytes) + " bytes");
    } else {
      carry_out(ring_.message(id, text));
    }
  }

  void forget(TalkerId id, const Closed& closed) {
    const auto entry = connections_.find(id);
    if (entry == connections_.end()) return;
    leaving_ = name_of(*entry->second) + " left (" + closed.text + ")";
    connections_.erase(entry);
    carry_out(ring_.leave(id));
  }

  // Says goodbye; on_closed comes later and finds nothing more to do.
  void close(TalkerId id, GoodbyeReason reason, const std::string& text) {
    const auto entry = connections_.find(id);
    if (entry == connections_.end()) return;
    const std::shared_ptr<Connection> connection = entry->second;
    leaving_ = name_of(*connection) + " was turned away (" + text + ")";
    notes_(leaving_);
    connections_.erase(entry);
    connection->close(reason, text);
    carry_out(ring_.leave(id));
  }

  void carry_out(const Actions& actions) {
    for (const Action& action : actions) {
      std::visit([this](const auto& a) { act(a); }, action);
    }
    if (ring_.complete()) finish(GoodbyeReason::finished, "the ring is done");
  }

  void act(const Seated& seated) {
    joined_[seated.talker] = seated.seat;
    notes_(name_of(*connections_.at(seated.talker)) + " is the " + ordinal(seated.seat) +
           " talker of " + std::to_string(ring_.size()));
  }
  void act(const Refuse& refuse) {
    close(refuse.talker, GoodbyeReason::turned_away, std::string(explain(refuse.why)));
  }
  void act(const Ready&) {
    notes_("the ring is full");
    for (const auto& [id, seat] : joined_) {
      const auto entry = connections_.find(id);
      if (seat == 0 || entry == connections_.end()) continue;
      wire::TalkReady ready;
      ready.set_position(static_cast<std::uint32_t>(seat));
      ready.set_of(static_cast<std::uint32_t>(ring_.size()));
      entry->second->send(wire::Message(std::move(ready)));
    }
  }
  void act(const Deliver& deliver) {
    wire::TalkMessage message;
    message.set_text(deliver.text);
    Connection& talker = *connections_.at(deliver.talker);
    if (talker.send(wire::Message(std::move(message))) != wire::SendResult::queued) {
      notes_("the message for " + name_of(talker) + " is lost (it is gone)");
    }
  }
  void act(const Vacated& vacated) {
    notes_(leaving_ + " before the ring was full; seat " + std::to_string(vacated.seat) +
           " is free again");
  }
  void act(const Broken& broken) {
    failure_ = "the ring is broken (its " + ordinal(broken.seat) + " talker, " + leaving_ +
               "); start it again";
    finish(GoodbyeReason::stopping,
           "the ring is broken: its " + ordinal(broken.seat) + " talker left");
  }

  void finish(GoodbyeReason reason, const std::string& text) {
    if (std::exchange(finishing_, true)) return;
    listener_.close_all(reason, text, [this] { loop_.stop(); });
  }

  wire::Loop& loop_;
  const Notes& notes_;
  Ring ring_;
  std::map<TalkerId, std::shared_ptr<Connection>> connections_;
  std::map<TalkerId, std::size_t> joined_;  // who has asked for a seat, and which it has; 0: none
  TalkerId next_id_ = 1;
  std::string leaving_;  // who is about to leave the ring, and why
  std::optional<std::string> failure_;
  bool finishing_ = false;
  wire::Listener listener_;  // last: it dies first, and calls nobody after that
};

// One talker's side of it.
class RingClient {
 public:
  RingClient(wire::Loop& loop, std::uint32_t as, std::string text, const Notes& notes)
      : loop_(loop), as_(as), text_(std::move(text)), notes_(notes) {}

  void open(std::shared_ptr<Connection> connection) {
    connection_ = std::move(connection);
    connection_->on_message = [this](wire::Message&& message) { take(message); };
    connection_->on_closed = [this](const Closed& closed) {
      if (!received_) failure_ = closed.text;
      loop_.stop();
    };
    notes_("connected to " + connection_->remote() + ", waiting for the ring to fill");
    wire::TalkJoin join;
    join.set_as(as_);
    connection_->send(wire::Message(std::move(join)));
  }

  void fail(const Closed& closed) {
    failure_ = closed.text;
    loop_.stop();
  }

  std::string result(const wire::Address& host) {
    if (received_) return *std::move(received_);
    throw Error(ErrorKind::network,
                "no message from the ring at " + wire::to_string(host) + " (" +
                    talk::printable(failure_) +
                    "); check its host, its size and your number, and try again");
  }

 private:
  void take(const wire::Message& message) {
    if (const auto* ready = std::get_if<wire::TalkReady>(&message)) {
      if (std::exchange(said_, true)) return;
      notes_("in seat " + std::to_string(ready->position()) + " of " + std::to_string(ready->of()) +
             ", waiting for the reply");
      wire::TalkMessage ours;
      ours.set_text(text_);
      connection_->send(wire::Message(std::move(ours)));
      return;
    }
    const auto* theirs = std::get_if<wire::TalkMessage>(&message);
    if (theirs == nullptr || !said_ || theirs->text().empty() ||
        theirs->text().size() > wire::kMaxMessageBytes) {
      failure_ = "the host broke the protocol";
      connection_->close(GoodbyeReason::protocol_error,
                         "a talker takes a talk_ready and then a talk_message");
      loop_.stop();
      return;
    }
    received_ = theirs->text();
    connection_->close(GoodbyeReason::finished, "");
  }

  wire::Loop& loop_;
  std::uint32_t as_;
  std::string text_;
  const Notes& notes_;
  std::shared_ptr<Connection> connection_;
  bool said_ = false;
  std::optional<std::string> received_;
  std::string failure_;
};

}  // namespace

void check_size(std::size_t bytes) {
  if (bytes >= 1 && bytes <= wire::kMaxMessageBytes) return;
  throw Error(ErrorKind::usage,
              "can't send a message of " + std::to_string(bytes) + " bytes (it must have 1 to " +
                  std::to_string(wire::kMaxMessageBytes) + "); shorten it or say something");
}

void host_ring(const wire::Address& address, std::size_t size, Order order, const Notes& notes,
               std::shared_ptr<wire::KeyTable> keys) {
  wire::Loop loop;
  RingHost host(loop, address, size, order, notes, std::move(keys));
  loop.run();
  if (host.failure()) throw Error(ErrorKind::network, *host.failure());
}

std::string join_ring(const wire::Address& host, std::uint32_t as, std::string text,
                      const Notes& notes, std::shared_ptr<const wire::Key> key) {
  check_size(text.size());
  wire::Loop loop;
  RingClient client(loop, as, std::move(text), notes);
  wire::DialTerms terms;
  terms.service = wire::Service::talk;
  terms.slots = 0;
  terms.key = std::move(key);
  wire::DialCallbacks callbacks;
  callbacks.on_open = [&](std::shared_ptr<Connection> connection) {
    client.open(std::move(connection));
  };
  callbacks.on_failed = [&](const Closed& closed) { client.fail(closed); };
  wire::dial(loop, host, terms, wire::kConnectDeadline, std::move(callbacks));
  loop.run();
  return client.result(host);
}

}  // namespace oche::talk

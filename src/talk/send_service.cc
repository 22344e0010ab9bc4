#include "talk/send_service.h"

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

// What is wrong with a message for somebody without a name; nothing if it can be taken.
std::optional<std::string> fault_of(const wire::SendMessage& message) {
  if (!message.to().empty()) return "nobody of that name waits here";
  if (message.text().empty() || message.text().size() > wire::kMaxMessageBytes) {
    return "a message has 1 to " + std::to_string(wire::kMaxMessageBytes) + " bytes";
  }
  return std::nullopt;
}

}  // namespace

void receive_one(const wire::Address& address,
                 const std::function<void(const std::string& text)>& deliver, const Notes& notes,
                 std::shared_ptr<wire::KeyTable> keys) {
  wire::Loop loop;
  std::unique_ptr<wire::Listener> listener;
  bool received = false;

  const auto take = [&](Connection& sender, const wire::Message& message) {
    const auto* sent = std::get_if<wire::SendMessage>(&message);
    if (received || sent == nullptr) {
      sender.close(GoodbyeReason::turned_away, "one message is wanted, and no other");
      return;
    }
    if (const auto fault = fault_of(*sent)) {
      notes("turned away a message from " + sender.remote() + " (" + *fault + ")");
      sender.close(GoodbyeReason::turned_away, *fault);
      return;
    }
    received = true;
    notes("a message from " + sender.peer().name + " (" + sender.remote() + ")");
    deliver(sent->text());
    sender.send(wire::Message(wire::Receipt()));
    listener->close_all(GoodbyeReason::finished, "the message was received",
                        [&loop] { loop.stop(); });
  };

  wire::ListenTerms terms;
  terms.services = {wire::Service::send};
  terms.keys = std::move(keys);
  wire::ListenCallbacks callbacks;
  callbacks.on_open = [&](std::shared_ptr<Connection> connection) {
    Connection* const sender = connection.get();
    // The callback keeps its connection alive; the connection drops it at its end.
    sender->on_message = [&take, connection = std::move(connection)](wire::Message&& message) {
      take(*connection, message);
    };
    sender->on_closed = [](const Closed&) {};
  };
  callbacks.on_failed = [&](const std::string& remote, const Closed& closed) {
    notes("turned away " + remote + " (" + closed.text + ")");
  };
  callbacks.on_trouble = [&](const std::string& text) { notes(text); };
  listener =
      std::make_unique<wire::Listener>(loop, address, std::move(terms), std::move(callbacks));
  notes("listening on " + listener->endpoint());
  loop.run();
}

void send_one(const wire::Address& address, std::string to, std::string text,
              std::shared_ptr<const wire::Key> key, Duration receipt_deadline) {
  check_size(text.size());
  wire::Loop loop;
  bool taken = false;
  std::string failure;
  std::shared_ptr<Connection> connection;

  const auto give_up = [&](const std::string& why) {
    if (!connection->open()) return;
    failure = why;
    connection->close(GoodbyeReason::stopping, why);
  };

  wire::DialTerms terms;
  terms.service = wire::Service::send;
  terms.slots = 0;
  terms.key = std::move(key);
  wire::DialCallbacks callbacks;
  callbacks.on_open = [&](std::shared_ptr<Connection> opened) {
    connection = std::move(opened);
    connection->on_message = [&](wire::Message&& message) {
      taken = std::holds_alternative<wire::Receipt>(message);
      if (!taken) failure = "it broke the protocol";
      connection->close(taken ? GoodbyeReason::finished : GoodbyeReason::protocol_error, "");
    };
    connection->on_closed = [&](const Closed& closed) {
      if (failure.empty()) failure = closed.text;
      loop.stop();
    };
    wire::SendMessage message;
    message.set_to(std::move(to));
    message.set_text(std::move(text));
    if (connection->send(wire::Message(std::move(message))) != wire::SendResult::queued) {
      return give_up("the name to send to is too long");
    }
    loop.after(receipt_deadline,
               [&] { give_up("it took the message and gave no receipt in time"); });
  };
  callbacks.on_failed = [&](const Closed& closed) {
    failure = closed.text;
    loop.stop();
  };
  wire::dial(loop, address, terms, wire::kConnectDeadline, std::move(callbacks));
  loop.run();
  if (!taken) {
    throw Error(ErrorKind::network,
                "no receipt from " + wire::to_string(address) + " (" + printable(failure) +
                    "); check that somebody waits there for a message, and send it again");
  }
}

}  // namespace oche::talk

#include "talk/mail.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>

#include "oche/error.h"
#include "talk/outgoing.h"
#include "talk/reception.h"
#include "talk/send_service.h"
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

class Sender {
 public:
  Sender(wire::Loop& loop, const SenderOptions& options, const Source& source)
      : loop_(loop), options_(options), clock_(monotonic_now()), input_(open_input(loop, source)) {}
  ~Sender() { loop_.cancel(timer_); }
  Sender(const Sender&) = delete;
  Sender& operator=(const Sender&) = delete;

  void open(std::shared_ptr<Connection> connection) {
    connection_ = std::move(connection);
    connection_->on_message = [this](wire::Message&& message) { hear(message); };
    connection_->on_closed = [this](const Closed& closed) { end(closed); };
    wire::SendTo to;
    to.set_to(options_.to);
    if (connection_->send(wire::Message(std::move(to))) == wire::SendResult::too_long) {
      return give_up("the name to send to is too long");
    }
    answer_.update(true, clock_.at(monotonic_now()));
    tick();
  }

  void end(const Closed& closed) {
    if (!taken_ && !error_) error_ = no_receipt(closed.text);
    loop_.stop();
  }

  void throw_failure() const {
    if (error_) throw *error_;
  }

 private:
  Error no_receipt(const std::string& why) const {
    return Error(ErrorKind::network, "no receipt from " + wire::to_string(options_.host) + " (" +
                                         why +
                                         "); check that somebody waits there for a message, and "
                                         "send it again");
  }

  void hear(const wire::Message& message) {
    if (error_ || taken_) return;
    if (const auto* ready = std::get_if<wire::SendReady>(&message)) {
      if (outgoing_) return give_up("it brought a second receiver");
      outgoing_.emplace(*input_, ready->limit(), Messages::one,
                        [this](wire::Message&& said) { connection_->send(said); });
      outgoing_->on_failed = [this](const Error& error) { fail(error); };
      outgoing_->start();
    } else if (const auto* credit = std::get_if<wire::Credit>(&message); credit && outgoing_) {
      const auto fault = outgoing_->take(*credit);
      if (fault) return give_up("it " + std::string(explain(*fault)));
    } else if (std::holds_alternative<wire::Receipt>(message) && outgoing_ &&
               outgoing_->said_all()) {
      taken_ = true;
      connection_->close(GoodbyeReason::finished, "");
      return;
    } else {
      return give_up("it broke the protocol");
    }
    answer_.moved(clock_.at(monotonic_now()));
  }

  void tick() {
    const Instant now = clock_.at(monotonic_now());
    answer_.update(!outgoing_ || outgoing_->said_all() || outgoing_->wants_credit(), now);
    if (answer_.overdue(now, options_.answer)) {
      return give_up("it was asked for an answer and gave none in time");
    }
    timer_ = loop_.after(std::min(kServiceTick, options_.answer), [this] { tick(); });
  }

  void give_up(const std::string& why) { fail(no_receipt(why)); }

  void fail(const Error& error) {
    if (error_ || taken_) return;
    error_ = error;
    connection_->close(GoodbyeReason::stopping, error.what());
  }

  wire::Loop& loop_;
  const SenderOptions& options_;
  AwakeClock clock_;
  std::unique_ptr<Input> input_;
  std::optional<Outgoing> outgoing_;
  std::shared_ptr<Connection> connection_;
  Obligation answer_;  // the host's
  wire::Loop::TimerId timer_{};
  std::optional<Error> error_;
  bool taken_ = false;
};

// A receiver at a host.
class Receiver {
 public:
  Receiver(wire::Loop& loop, const wire::Address& host, std::string name, const Sink& sink,
           const Notes& notes)
      : loop_(loop),
        host_(host),
        name_(std::move(name)),
        notes_(notes),
        reception_(loop, sink, notes,
                   [this](wire::Message&& message) { connection_->send(message); }) {
    reception_.on_failed = [this](const Error& error) { fail(error); };
  }

  void open(std::shared_ptr<Connection> connection) {
    connection_ = std::move(connection);
    connection_->on_message = [this](wire::Message&& message) {
      if (error_) return;
      if (const auto fault = reception_.hear(std::move(message))) {
        fail(Error(ErrorKind::network, wire::to_string(host_) + " broke the protocol (" + *fault +
                                           "); check that it is an oche of this version"));
      }
    };
    connection_->on_closed = [this](const Closed& closed) { end(closed); };
    notes_("waiting at " + connection_->remote() + " for a message" +
           (name_.empty() ? "" : " to " + name_));
    wire::ReceiveAs as;
    as.set_name(name_);
    if (connection_->send(wire::Message(std::move(as))) == wire::SendResult::too_long) {
      fail(Error(ErrorKind::usage, "the name is too long (it has at most " +
                                       std::to_string(wire::kMaxRingNameBytes) +
                                       " bytes); shorten it"));
    }
  }

  void end(const Closed& closed) {
    if (!reception_.done() && !error_) {
      error_ = Error(ErrorKind::network, "no whole message from " + wire::to_string(host_) + " (" +
                                             closed.text + "); wait for it again");
    }
    loop_.stop();
  }

  void throw_failure() const {
    if (error_) throw *error_;
  }

 private:
  void fail(const Error& error) {
    if (error_ || reception_.done()) return;
    error_ = error;
    connection_->close(GoodbyeReason::stopping, error.what());
  }

  wire::Loop& loop_;
  const wire::Address& host_;
  std::string name_;
  const Notes& notes_;
  std::shared_ptr<Connection> connection_;
  std::optional<Error> error_;
  Reception reception_;
};

template <class Client>
void run_client(wire::Loop& loop, const wire::Address& host, const std::string& name,
                wire::Credential credential, Client& client) {
  wire::DialTerms terms;
  terms.service = wire::Service::send;
  terms.name = name;
  terms.slots = 0;
  terms.credential = std::move(credential);
  wire::DialCallbacks callbacks;
  callbacks.on_open = [&](std::shared_ptr<Connection> connection) {
    client.open(std::move(connection));
  };
  callbacks.on_failed = [&](const Closed& closed) { client.end(closed); };
  wire::dial(loop, host, terms, wire::kConnectDeadline, std::move(callbacks));
  loop.run();
  client.throw_failure();
}

}  // namespace

void send_one(const SenderOptions& options, const Source& source) {
  wire::Loop loop;
  Sender sender(loop, options, source);
  run_client(loop, options.host, options.name, options.credential, sender);
}

void receive_at(const wire::Address& host, const std::string& name, const Sink& sink,
                const Notes& notes, wire::Credential credential) {
  wire::Loop loop;
  Receiver receiver(loop, host, name, sink, notes);
  run_client(loop, host, name, std::move(credential), receiver);
}

void receive_one(const wire::Address& address, const MessageLimits& limits, const Sink& sink,
                 const Notes& notes, wire::Admission admission) {
  wire::Loop loop;
  SendLimits send_limits;
  send_limits.messages = limits;
  SendService service(loop, send_limits, lines_of(notes));
  std::optional<Error> error;

  wire::ListenTerms terms;
  terms.services = {wire::Service::send};
  terms.admission = std::move(admission);
  wire::ListenCallbacks callbacks;
  callbacks.on_open = [&](std::shared_ptr<Connection> connection) {
    service.take(std::move(connection));
  };
  callbacks.on_failed = [&](const std::string& remote, const Closed& closed) {
    notes("turned away " + remote + " (" + closed.text + ")");
  };
  callbacks.on_trouble = [&](const std::string& text) { notes(text); };
  wire::Listener listener(loop, address, std::move(terms), std::move(callbacks));
  notes("listening on " + listener.endpoint());

  PartyId here = 0;
  Reception reception(loop, sink, notes,
                      [&](wire::Message&& message) { service.hear(here, std::move(message)); });
  const auto finish = [&](GoodbyeReason reason, const std::string& text) {
    listener.close_all(reason, text, [&loop] { loop.stop(); });
  };
  here = service.receive_here(
      [&](wire::Message&& message) { reception.hear(std::move(message)); },
      [&](const std::string& why) {
        if (reception.done()) return finish(GoodbyeReason::finished, "the message was received");
        if (!error) {
          error = Error(ErrorKind::network,
                        "the message didn't arrive whole (" + why + "); wait for it again");
        }
        finish(GoodbyeReason::stopping, why);
      });
  reception.on_failed = [&](const Error& failure) {
    error = failure;
    service.leave_here(here, failure.what());
  };
  loop.run();
  if (error) throw *error;
}

}  // namespace oche::talk

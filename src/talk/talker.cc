#include "talk/talker.h"

#include <memory>
#include <optional>
#include <utility>

#include "oche/error.h"
#include "talk/incoming.h"
#include "talk/outgoing.h"
#include "talk/seats.h"
#include "wire/connection.h"
#include "wire/dial.h"
#include "wire/limits.h"
#include "wire/loop.h"

namespace oche::talk {
namespace {

using wire::Closed;
using wire::Connection;
using wire::GoodbyeReason;

class Talker {
 public:
  Talker(wire::Loop& loop, const TalkerOptions& options, const Source& source, const Sink& sink,
         const Notes& notes)
      : loop_(loop),
        options_(options),
        notes_(notes),
        input_(open_input(loop, source)),
        output_(loop, sink) {
    output_.on_failed = [this](const std::string& why) {
      fail(Error(ErrorKind::file, "the messages of the ring can't be written (" + why +
                                      "); what came after is lost"));
    };
  }

  void open(std::shared_ptr<Connection> connection) {
    connection_ = std::move(connection);
    connection_->on_message = [this](wire::Message&& message) { hear(std::move(message)); };
    connection_->on_closed = [this](const Closed& closed) { end(closed); };
    notes_("connected to " + connection_->remote() + ", waiting for the ring to fill");
    wire::TalkJoin join;
    join.set_as(options_.as);
    join.set_of(options_.of);
    join.set_ring(options_.ring);
    connection_->send(wire::Message(std::move(join)));
  }

  void end(const Closed& closed) {
    if (!done_ && !error_) {
      error_ = Error(ErrorKind::network,
                     "no message from the ring at " + wire::to_string(options_.host) + " (" +
                         closed.text +
                         "); check its host, its name and size and your number, and try again");
    }
    loop_.stop();
  }

  void throw_failure() const {
    if (error_) throw *error_;
  }

 private:
  void hear(wire::Message&& message) {
    if (error_) return;
    if (const auto* ready = std::get_if<wire::TalkReady>(&message)) return begin(*ready);
    if (const auto* broken = std::get_if<wire::TalkBroken>(&message)) return take_broken(*broken);
    if (!incoming_) return break_off("it sent something else before the ring was full");
    if (const auto* credit = std::get_if<wire::Credit>(&message)) {
      if (const auto fault = outgoing_->take(*credit))
        break_off("it " + std::string(explain(*fault)));
    } else if (const auto item = item_of(message)) {
      if (const auto fault = incoming_->take(*item, std::move(message))) {
        break_off("it " + std::string(explain(*fault)));
      }
    } else {
      break_off("it sent what no talker takes");
    }
  }

  void begin(const wire::TalkReady& ready) {
    if (incoming_) return break_off("it made the ring ready twice");
    notes_("in seat " + std::to_string(ready.position()) + " of " + std::to_string(ready.of()) +
           ", waiting for the reply");
    const auto say = [this](wire::Message&& message) { connection_->send(message); };
    incoming_.emplace(output_, ready.limit(), Messages::many, say);
    incoming_->on_done = [this] { finish_if_done(); };
    outgoing_.emplace(*input_, ready.limit(), Messages::many, say);
    outgoing_->on_done = [this] { finish_if_done(); };
    outgoing_->on_failed = [this](const Error& error) { fail(error); };
    outgoing_->start();
  }

  void take_broken(const wire::TalkBroken& broken) {
    fail(Error(ErrorKind::network,
               "the ring at " + wire::to_string(options_.host) + " is broken (its " +
                   ordinal(broken.position()) + " talker, " +
                   wire::printable(broken.name(), wire::kMaxNameBytes) + ", " +
                   wire::printable(broken.text(), wire::kMaxTextBytes) + "); start it again"));
  }

  void finish_if_done() {
    if (error_ || !incoming_->done() || !outgoing_->done()) return;
    done_ = true;
    connection_->close(GoodbyeReason::finished, "");
  }

  void break_off(const std::string& why) {
    connection_->close(GoodbyeReason::protocol_error, why);
    fail(Error(ErrorKind::network, wire::to_string(options_.host) + " broke the protocol (" + why +
                                       "); check that it is an oche of this version"));
  }

  void fail(const Error& error) {
    if (error_ || done_) return;
    error_ = error;
    // Its text reaches the others.
    if (connection_) connection_->close(GoodbyeReason::stopping, error.what());
  }

  wire::Loop& loop_;
  const TalkerOptions& options_;
  const Notes& notes_;
  std::unique_ptr<Input> input_;
  Output output_;
  std::optional<Incoming> incoming_;
  std::optional<Outgoing> outgoing_;
  std::shared_ptr<Connection> connection_;
  std::optional<Error> error_;
  bool done_ = false;
};

}  // namespace

void join_ring(const TalkerOptions& options, const Source& source, const Sink& sink,
               const Notes& notes) {
  wire::Loop loop;
  Talker talker(loop, options, source, sink, notes);
  wire::DialTerms terms;
  terms.service = wire::Service::talk;
  terms.name = options.name;
  terms.slots = 0;
  terms.credential = options.credential;
  wire::DialCallbacks callbacks;
  callbacks.on_open = [&](std::shared_ptr<Connection> connection) {
    talker.open(std::move(connection));
  };
  callbacks.on_failed = [&](const Closed& closed) { talker.end(closed); };
  wire::dial(loop, options.host, terms, wire::kConnectDeadline, std::move(callbacks));
  loop.run();
  talker.throw_failure();
}

}  // namespace oche::talk

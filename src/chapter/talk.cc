#include "chapter/talk.h"

#include <map>
#include <string>

#include "base/parse_number.h"
#include "chapter/prompt.h"
#include "chapter/text_message.h"
#include "oche/error.h"
#include "talk/printable.h"

namespace oche::chapter {
namespace {

using talk::ordinal;
using talk::TalkerId;

struct Talker {
  Socket socket;
  Endpoint address;
};

// The sockets of a ring, and the ring that says what to do with them.
class RingHost {
 public:
  RingHost(Socket server, std::size_t clients, talk::Order order, Console& console)
      : server_(std::move(server)), order_(order), ring_(clients, order), console_(console) {}

  void gather();
  void exchange();

 private:
  void admit(TalkerId id, std::optional<std::size_t> number);
  void drop_those_who_left();
  void deliver(const talk::Actions& actions);

  Socket server_;
  talk::Order order_;
  talk::Ring ring_;
  Console& console_;
  std::map<TalkerId, Talker> talkers_;
  std::map<std::size_t, TalkerId> seats_;
  TalkerId next_id_ = 1;
};

// A whole line of digits, byte by byte: what follows the newline is already the message, which one
// receive of its own must yield. Nothing where there is no number.
std::optional<std::size_t> receive_number(Socket& client) {
  constexpr std::size_t kLongestNumber = 20;
  const auto deadline = std::chrono::steady_clock::now() + kNumberLimit;
  std::string line;
  while (line.size() <= kLongestNumber) {
    const auto left =
        std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
    if (left.count() <= 0 || !client.wait_readable(left)) return std::nullopt;
    const std::string byte = client.recv(1);
    if (byte.empty()) return std::nullopt;
    if (byte != "\n") {
      line += byte;
      continue;
    }
    if (!line.empty() && line.back() == '\r') line.pop_back();
    return parse_number<std::size_t>(line);
  }
  return std::nullopt;
}

void RingHost::gather() {
  while (!ring_.full()) {
    const std::size_t awaited = ring_.free_seats().front();
    console_.say("talk host waits for " + (order_ == talk::Order::arrival
                                               ? ordinal(awaited) + " client"
                                               : std::string("a client")));
    auto [socket, address] = server_.accept();
    console_.say("server accepted connection from " + python_tuple(address));
    drop_those_who_left();
    const TalkerId id = next_id_++;
    Talker& talker = talkers_.emplace(id, Talker{std::move(socket), address}).first->second;
    std::optional<std::size_t> number;
    if (order_ == talk::Order::numbered) {
      try {
        number = receive_number(talker.socket);
      } catch (const Error&) {
        // A broken connection has no number either.
      }
    }
    admit(id, number);
  }
}

void RingHost::admit(TalkerId id, std::optional<std::size_t> number) {
  for (const talk::Action& action : ring_.join(id, number)) {
    if (const auto* refuse = std::get_if<talk::Refuse>(&action)) {
      console_.note("turned away " + python_tuple(talkers_.at(id).address) +
                    (number ? ", client " + std::to_string(*number) : "") + " (" +
                    std::string(talk::explain(refuse->why)) + "); a number is from 1 to " +
                    std::to_string(ring_.size()) + ", and each client has its own");
      talkers_.at(id).socket.discard_received();
      talkers_.erase(id);
    } else if (const auto* seated = std::get_if<talk::Seated>(&action)) {
      seats_[seated->seat] = id;
      if (order_ == talk::Order::numbered) {
        console_.say("talk host received number " + std::to_string(seated->seat));
      }
    }
  }
}

void RingHost::drop_those_who_left() {
  for (auto entry = talkers_.begin(); entry != talkers_.end();) {
    if (!entry->second.socket.peer_has_left()) {
      ++entry;
      continue;
    }
    for (const talk::Action& action : ring_.leave(entry->first)) {
      const std::size_t seat = std::get<talk::Vacated>(action).seat;
      seats_.erase(seat);
      console_.note("the " + ordinal(seat) + " client " + python_tuple(entry->second.address) +
                    " hung up before the ring was full; its place is free again");
    }
    entry = talkers_.erase(entry);
  }
}

void RingHost::exchange() {
  talk::Actions deliveries;
  for (const auto& [seat, id] : seats_) {
    console_.say("talk host waits for " + ordinal(seat) + " client");
    std::string text;
    try {
      text = receive_message(talkers_.at(id).socket, "a message");
    } catch (const Error& error) {
      ring_.leave(id);
      throw Error(ErrorKind::network,
                  "the ring is broken at its " + ordinal(seat) + " client: " + error.what());
    }
    console_.say("talk host received \"" + talk::printable(text) + "\"");
    deliveries = ring_.message(id, std::move(text));
  }
  deliver(deliveries);
}

void RingHost::deliver(const talk::Actions& actions) {
  std::optional<Error> failure;  // one client's must not keep the others from their messages
  for (const talk::Action& action : actions) {
    const talk::Deliver& delivery = std::get<talk::Deliver>(action);
    console_.say("talk host sends \"" + talk::printable(delivery.text) + "\" to " +
                 ordinal(delivery.seat) + " client");
    Socket& client = talkers_.at(delivery.talker).socket;
    try {
      client.send(delivery.text);
      client.discard_received();
    } catch (const Error& error) {
      failure = error;
    }
  }
  if (failure) throw *failure;
}

}  // namespace

void host_ring(Socket server, std::size_t clients, talk::Order order, Console& console) {
  RingHost host(std::move(server), clients, order, console);
  host.gather();
  host.exchange();
}

void join_ring(const wire::Address& host, Reach reach, std::optional<std::size_t> number,
               Console& console) {
  Socket client = connect_to(host, reach);
  console.say("client is connected");
  if (number) client.send(std::to_string(*number) + "\n");
  client.send(ask_message(console));

  console.say("client waits for reply");
  const std::string reply = receive_message(client, "a reply");
  console.say("client received \"" + talk::printable(reply) + "\"");
  client.close();
}

std::size_t ask_number_of_clients(Console& console) {
  return ask_whole_number(console, "Give the number of clients : ", "the number of clients", 1,
                          talk::kMostTalkers);
}

std::size_t ask_client_number(Console& console) {
  return ask_whole_number(console, "Give the number of the client : ", "the number of a client", 1,
                          talk::kMostTalkers);
}

}  // namespace oche::chapter

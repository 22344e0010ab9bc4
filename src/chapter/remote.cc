#include "chapter/remote.h"

#include <algorithm>

#include "chapter/text_message.h"
#include "talk/printable.h"

namespace oche::chapter {

Reception receive_one_message(Socket server, const std::vector<wire::AddressRange>& allowed,
                              Console& console) {
  console.say("server waits for connection");
  auto [client, address] = server.accept();

  const bool admitted =
      allowed.empty() || std::any_of(allowed.begin(), allowed.end(), [&](const auto& range) {
        return range.contains(address.host());
      });
  // Two spaces: the chapter prints this transcript by a print() whose first text ends with one.
  if (!admitted) {
    console.say("server does not accept data from  " + python_tuple(address));
    client.shutdown(Socket::Direction::both);
    return Reception::refused;
  }
  console.say("server accepted connection from  " + python_tuple(address));
  console.say("server waits for data");
  const std::string text = receive_message(client, "a message");
  console.say("server received  " + talk::printable(text));
  client.discard_received();
  return Reception::received;
}

void send_one_message(const wire::Address& server, Reach reach, std::string_view text,
                      Console& console) {
  check_message(text);  // before anybody is called
  Socket client = connect_to(server, reach);
  console.say("client is connected");
  client.send(text);
  client.close();
}

void ask_and_send_one_message(const wire::Address& server, Reach reach, Console& console) {
  Socket client = connect_to(server, reach);
  console.say("client is connected");
  client.send(ask_message(console));
  client.close();
}

}  // namespace oche::chapter

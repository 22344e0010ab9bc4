// remote_server.py and remote_client.py: one message from one computer to another.
#ifndef OCHE_CHAPTER_REMOTE_H_
#define OCHE_CHAPTER_REMOTE_H_

#include <string_view>
#include <vector>

#include "chapter/console.h"
#include "chapter/socket.h"
#include "wire/address_range.h"

namespace oche::chapter {

enum class Reception {
  received,
  refused,  // the one who called isn't among those allowed
};

// Waits for one client, prints the message that it sends, and ends. A client whose address is in
// none of `allowed` gets nothing but a shutdown; no `allowed` at all admits everybody who can reach
// us. Throws Error (network).
Reception receive_one_message(Socket server, const std::vector<wire::AddressRange>& allowed,
                              Console& console);

// Sends `text` to the server. Throws Error.
void send_one_message(const wire::Address& server, Reach reach, std::string_view text,
                      Console& console);

// The same with a message that is asked for once the server has answered, as in the chapter.
void ask_and_send_one_message(const wire::Address& server, Reach reach, Console& console);

}  // namespace oche::chapter

#endif  // OCHE_CHAPTER_REMOTE_H_

// A message of the plain-text dialect: what one receive of at most 80 bytes yields.
//
// TCP carries a stream of bytes and keeps no borders between messages. The chapter gets by without
// any framing because each side sends once and then waits, so that one send arrives as one receive.
// That holds for short messages only, hence the limit; src/wire has the real thing.
#ifndef OCHE_CHAPTER_TEXT_MESSAGE_H_
#define OCHE_CHAPTER_TEXT_MESSAGE_H_

#include <cstddef>
#include <string>
#include <string_view>

#include "chapter/console.h"
#include "chapter/socket.h"

namespace oche::chapter {

// The chapter's BUFFER, in bytes.
inline constexpr std::size_t kLongestMessage = 80;

// Throws Error (usage) unless `text` has 1 to 80 bytes of UTF-8: an empty send sends nothing, the
// receiver would cut a longer one, and the chapter's programs decode what they receive.
void check_message(std::string_view text);

// Asks `Give message : ` and returns the answer once it can be sent; a person is asked again, other
// input gets the Error of check_message().
std::string ask_message(Console& console);

// One receive. Throws Error (network) if `sender` hangs up before it sends anything; `what` is what
// was awaited, e.g. "a message".
std::string receive_message(Socket& sender, std::string_view what);

}  // namespace oche::chapter

#endif  // OCHE_CHAPTER_TEXT_MESSAGE_H_

// Text from a peer, made fit for a terminal.
#ifndef OCHE_TALK_PRINTABLE_H_
#define OCHE_TALK_PRINTABLE_H_

#include <cstddef>
#include <string>
#include <string_view>

namespace oche::talk {

// Returns `bytes` with all that could command or confuse a terminal written as an escape: control
// characters as \n, \r, \t or \xHH, bytes that are not UTF-8 (RFC 3629) as \xHH, and the code
// points that turn or break lines (U+0080 to U+009F, U+2028, U+2029 and the bidirectional controls)
// or that are invisible (U+200B to U+200F, U+2060 to U+206F, U+FEFF, the tags from U+E0000 on) as
// \uHHHH or \UHHHHHHHH. Everything else, a backslash too, stays as it is, so that an ordinary
// message is printed as the chapter prints it. Pure.
std::string printable(std::string_view bytes);

// The beginning of `bytes`, printable, for a message that quotes what may be megabytes: at most
// about 60 bytes of it, and then "…". Pure.
std::string excerpt(std::string_view bytes);

// Length in bytes of the well-formed UTF-8 character that `bytes` begins with; 0 if it begins with
// none (RFC 3629: no overlong forms, no surrogates, nothing above U+10FFFF).
std::size_t utf8_length(std::string_view bytes);

bool is_utf8(std::string_view bytes);

}  // namespace oche::talk

#endif  // OCHE_TALK_PRINTABLE_H_

// A message of any bytes as it comes, made fit for a terminal.
#ifndef OCHE_TALK_TERMINAL_TEXT_H_
#define OCHE_TALK_TERMINAL_TEXT_H_

#include <string>
#include <string_view>

namespace oche::talk {

// Escapes as printable() does, wherever the pieces are cut; a newline at the end of the message,
// which most have that were typed, is one line's end. Pure; not thread-safe.
class TerminalText {
 public:
  // What to show of the next bytes.
  std::string show(std::string_view bytes);
  // What to show at the message's end: the rest and a newline.
  std::string end();

 private:
  std::string held_;  // part of a character, or a newline that may be the last byte
};

}  // namespace oche::talk

#endif  // OCHE_TALK_TERMINAL_TEXT_H_

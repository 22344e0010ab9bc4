#include "talk/terminal_text.h"

#include <algorithm>
#include <cstddef>
#include <utility>

#include "talk/printable.h"

namespace oche::talk {
namespace {

// Bytes at the end that may be the beginning of a character whose rest is to come, or the newline
// that ends the message.
std::size_t undecided(std::string_view text) {
  if (text.ends_with('\n')) return 1;
  for (std::size_t back = 1; back <= std::min<std::size_t>(3, text.size()); ++back) {
    const auto byte = static_cast<unsigned char>(text[text.size() - back]);
    if ((byte & 0xC0) == 0x80) continue;
    const std::size_t length = byte < 0xC2 ? 1 : byte < 0xE0 ? 2 : byte < 0xF0 ? 3 : 4;
    return byte < 0xF5 && length > back ? back : 0;
  }
  return 0;
}

}  // namespace

std::string TerminalText::show(std::string_view bytes) {
  held_.append(bytes);
  const std::size_t shown = held_.size() - undecided(held_);
  std::string text = printable(std::string_view(held_).substr(0, shown));
  held_.erase(0, shown);
  return text;
}

std::string TerminalText::end() {
  const std::string rest = std::exchange(held_, {});
  return (rest == "\n" ? std::string() : printable(rest)) + "\n";
}

}  // namespace oche::talk

#include "talk/printable.h"

#include <cstdint>
#include <cstdio>

namespace oche::talk {
namespace {

std::uint32_t byte_at(std::string_view bytes, std::size_t i) {
  return static_cast<unsigned char>(bytes[i]);
}

bool is_continuation(std::string_view bytes, std::size_t i) {
  return i < bytes.size() && (byte_at(bytes, i) & 0xC0) == 0x80;
}

// The code point of a well-formed character of `length` bytes.
std::uint32_t decode(std::string_view character, std::size_t length) {
  if (length == 1) return byte_at(character, 0);
  std::uint32_t code = byte_at(character, 0) & (0xFFu >> (length + 1));
  for (std::size_t i = 1; i < length; ++i) code = (code << 6) | (byte_at(character, i) & 0x3F);
  return code;
}

bool is_between(std::uint32_t code, std::uint32_t first, std::uint32_t last) {
  return code >= first && code <= last;
}

// Characters that act on a terminal or on the order of the text around them, or that nobody sees,
// so that two texts that differ would look the same.
bool acts_or_hides(std::uint32_t code) {
  return code < 0x20 || is_between(code, 0x7F, 0x9F) || code == 0x061C ||
         is_between(code, 0x200B, 0x200F) || is_between(code, 0x2028, 0x202E) ||
         is_between(code, 0x2060, 0x206F) || code == 0xFEFF || is_between(code, 0xE0000, 0xE007F);
}

void append_escape(std::string& out, std::uint32_t code) {
  switch (code) {
    case '\n':
      out += "\\n";
      return;
    case '\r':
      out += "\\r";
      return;
    case '\t':
      out += "\\t";
      return;
    default:
      break;
  }
  const char* const format = code < 0x80 ? "\\x%02x" : code < 0x10000 ? "\\u%04x" : "\\U%08x";
  char escape[16];
  std::snprintf(escape, sizeof escape, format, code);
  out += escape;
}

}  // namespace

std::size_t utf8_length(std::string_view bytes) {
  if (bytes.empty()) return 0;
  const std::uint32_t lead = byte_at(bytes, 0);
  if (lead < 0x80) return 1;
  const std::size_t length = lead < 0xC2   ? 0
                             : lead < 0xE0 ? 2
                             : lead < 0xF0 ? 3
                             : lead < 0xF5 ? 4
                                           : 0;
  for (std::size_t i = 1; i < length; ++i) {
    if (!is_continuation(bytes, i)) return 0;
  }
  const std::uint32_t code = length == 0 ? 0 : decode(bytes, length);
  const bool overlong = (length == 3 && code < 0x800) || (length == 4 && code < 0x10000);
  const bool surrogate = code >= 0xD800 && code <= 0xDFFF;
  return overlong || surrogate || code > 0x10FFFF ? 0 : length;
}

bool is_utf8(std::string_view bytes) {
  while (!bytes.empty()) {
    const std::size_t length = utf8_length(bytes);
    if (length == 0) return false;
    bytes.remove_prefix(length);
  }
  return true;
}

std::string printable(std::string_view bytes) {
  std::string out;
  out.reserve(bytes.size());
  while (!bytes.empty()) {
    const std::size_t length = utf8_length(bytes);
    if (length == 0) {
      char escape[8];
      std::snprintf(escape, sizeof escape, "\\x%02x", byte_at(bytes, 0));
      out += escape;
      bytes.remove_prefix(1);
      continue;
    }
    const std::uint32_t code = decode(bytes, length);
    if (acts_or_hides(code)) {
      append_escape(out, code);
    } else {
      out.append(bytes.substr(0, length));
    }
    bytes.remove_prefix(length);
  }
  return out;
}

std::string excerpt(std::string_view bytes) {
  constexpr std::size_t kLongest = 60;
  if (bytes.size() <= kLongest) return printable(bytes);
  std::size_t end = kLongest;
  while (end > kLongest - 4 && is_continuation(bytes, end)) --end;
  return printable(bytes.substr(0, end)) + "…";
}

}  // namespace oche::talk

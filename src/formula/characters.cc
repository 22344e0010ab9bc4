#include "formula/characters.h"

namespace oche::formula {
namespace {

struct Lead {
  std::size_t bytes;
  char32_t smallest;  // code points below have a shorter form
  char32_t bits;
};

Lead lead_of(unsigned char byte) {
  if (byte < 0x80) return {1, 0, byte};
  if (byte >= 0xC2 && byte < 0xE0) return {2, 0x80, byte & 0x1Fu};
  if (byte >= 0xE0 && byte < 0xF0) return {3, 0x800, byte & 0x0Fu};
  if (byte >= 0xF0 && byte < 0xF5) return {4, 0x10000, byte & 0x07u};
  return {0, 0, 0};
}

// Latin, Greek, Cyrillic, and the blocks of punctuation and mathematical signs: left to right, one
// column wide, nothing that combines. All else is escaped, which is always safe.
bool is_harmless(char32_t c) {
  return (c >= 0x20 && c <= 0x7E) || (c >= 0xA1 && c <= 0x2FF && c != 0xAD) ||
         (c >= 0x370 && c <= 0x482) || (c >= 0x48A && c <= 0x52F) || (c >= 0x2010 && c <= 0x2027) ||
         (c >= 0x2030 && c <= 0x205E) || (c >= 0x2070 && c <= 0x209C) ||
         (c >= 0x2100 && c <= 0x22FF);
}

}  // namespace

Character character_at(std::string_view text, std::size_t offset) {
  const Lead lead = lead_of(static_cast<unsigned char>(text[offset]));
  if (lead.bytes == 0 || text.size() - offset < lead.bytes) return {};
  char32_t code_point = lead.bits;
  for (std::size_t i = 1; i < lead.bytes; ++i) {
    const unsigned char byte = static_cast<unsigned char>(text[offset + i]);
    if ((byte & 0xC0) != 0x80) return {};
    code_point = (code_point << 6) | (byte & 0x3Fu);
  }
  const bool is_surrogate = code_point >= 0xD800 && code_point < 0xE000;
  if (code_point < lead.smallest || code_point > 0x10FFFF || is_surrogate) return {};
  return {lead.bytes, code_point, true};
}

std::string visible(std::string_view text, std::size_t offset, const Character& character,
                    std::size_t& columns) {
  if (character.valid && is_harmless(character.code_point)) {
    columns = 1;
    return std::string(text.substr(offset, character.bytes));
  }
  static constexpr char kDigits[] = "0123456789ABCDEF";
  std::string escaped;
  for (std::size_t i = 0; i < character.bytes; ++i) {
    const unsigned char byte = static_cast<unsigned char>(text[offset + i]);
    escaped += {'\\', 'x', kDigits[byte >> 4], kDigits[byte & 15]};
  }
  columns = escaped.size();
  return escaped;
}

}  // namespace oche::formula

// The characters of a text that may be anything: UTF-8, broken UTF-8, control bytes.
#ifndef OCHE_FORMULA_CHARACTERS_H_
#define OCHE_FORMULA_CHARACTERS_H_

#include <cstddef>
#include <string>
#include <string_view>

namespace oche::formula {

struct Character {
  std::size_t bytes = 1;    // that it takes; 1 for a byte that belongs to no character
  char32_t code_point = 0;  // meaningless if not valid
  bool valid = false;       // well-formed UTF-8 (RFC 3629: shortest form, no surrogates)
};

// The character that begins at `offset`, which must be less than text.size().
Character character_at(std::string_view text, std::size_t offset);

// The character's bytes as they can be put on a terminal in as many columns as the result has
// characters: itself if it is known to be one column wide and harmless, else \xHH for each byte.
// `columns` is set to the width.
std::string visible(std::string_view text, std::size_t offset, const Character& character,
                    std::size_t& columns);

}  // namespace oche::formula

#endif  // OCHE_FORMULA_CHARACTERS_H_

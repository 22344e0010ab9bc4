// The text of a TOML file: a look at it before it is parsed, and what is wrong with it afterwards.
#ifndef OCHE_CLI_TOML_TEXT_H_
#define OCHE_CLI_TOML_TEXT_H_

#include <cstddef>
#include <string>
#include <string_view>

namespace oche::cli {

// Each dot of a key makes one more table in a table, which toml++ takes apart by recursion: a few
// ten thousand overflow the stack. Its own limit of 256 nested values doesn't count them; with both
// limits tables are at most 256 (kMostKeyDots + 1) deep.
inline constexpr std::size_t kMostKeyDots = 8;

// The first line, from 1, that has a key of more dots than that (or what would be one if it weren't
// nonsense); 0 if there is none. Dots of texts and comments don't count. Up to where the text stops
// being TOML, no such key is missed.
std::size_t line_of_deep_key(std::string_view text);

// What is wrong and what to do, from toml++'s words for it, which stay as they are where we have
// none that are better.
std::string explain_toml(std::string_view description, std::size_t column);

}  // namespace oche::cli

#endif  // OCHE_CLI_TOML_TEXT_H_

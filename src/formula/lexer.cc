#include "formula/lexer.h"

#include <algorithm>
#include <charconv>
#include <span>
#include <string>
#include <system_error>

#include "formula/characters.h"

namespace oche::formula {
namespace {

// Not <cctype>: these must not depend on the locale.
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

// Longer symbols before their own beginnings.
constexpr std::string_view kSymbols[] = {"**", "<=", ">=", "==", "!=", "..", "+",
                                         "-",  "*",  "/",  "^",  "(",  ")",  "[",
                                         "]",  ",",  ";",  "<",  ">",  "=",  "~"};

struct Foreign {
  std::string_view spelling;
  std::string_view advice;
};

// What other languages and keyboards write, longest first where one begins another. Those that
// begin with a symbol of ours are looked for before the symbols.
constexpr Foreign kForeignOperators[] = {
    {"...", "a range has two points: write x=0..5, or x=0..0.5"},
    {"===", "did you mean ==?"},
    {"!==", "did you mean !=?"},
    {"<>", "did you mean !=?"},
    {"=<", "did you mean <=?"},
    {"=>", "did you mean >=?"},
    {"<<", "did you mean <?"},
    {">>", "did you mean >?"},
    {"//", "did you mean /?"},
    {"~=", "did you mean !=?"},
};
constexpr Foreign kForeignCharacters[] = {
    {"&&", "did you mean and?"},
    {"&", "did you mean and?"},
    {"||", "did you mean or?"},
    {"|", "did you mean or, or abs(...)?"},
    {"!", "did you mean not?"},
    {"{", "did you mean (?"},
    {"}", "did you mean )?"},
    {":", "write a range as x=1..2"},
    {"?", "write a choice as if(condition, a, b)"},
    {"%", "write a fraction of 100 as x/100"},
    {"$", "write a name without $"},
    {"\"", "write names and numbers without quotation marks"},
    {"'", "write names and numbers without quotation marks"},
    {"`", "write names and numbers without quotation marks"},
    {".", "a decimal point needs a digit beside it, and a range has two points: x=1..2"},
    {"\u00b2", "did you mean ^2?"},
    {"\u00b3", "did you mean ^3?"},
    {"\u00d7", "did you mean *?"},
    {"\u00b7", "did you mean *?"},
    {"\u22c5", "did you mean *?"},
    {"\u00f7", "did you mean /?"},
    {"\u2044", "did you mean /?"},
    {"\u2215", "did you mean /?"},
    {"\u2212", "did you mean -?"},
    {"\u2013", "did you mean -?"},
    {"\u2014", "did you mean -?"},
    {"\u2264", "did you mean <=?"},
    {"\u2265", "did you mean >=?"},
    {"\u2260", "did you mean !=?"},
    {"\u2227", "did you mean and?"},
    {"\u2228", "did you mean or?"},
    {"\u00ac", "did you mean not?"},
    {"\u221e", "did you mean inf?"},
    {"\u221a", "did you mean sqrt(...)?"},
    {"\u03c0", "did you mean pi?"},
    {"\u2026", "did you mean two points, as in x=1..2?"},
    {"\u223c", "did you mean ~?"},
};

const Foreign* foreign_at(std::span<const Foreign> table, std::string_view rest) {
  const auto row = std::ranges::find_if(
      table, [&](const Foreign& foreign) { return rest.starts_with(foreign.spelling); });
  return row == table.end() ? nullptr : &*row;
}

// True if the number that no double can hold is too large, false if it is too close to 0.
bool is_too_large(std::string_view literal) {
  const std::size_t e = std::min(literal.find_first_of("eE"), literal.size());
  const std::string_view mantissa = literal.substr(0, e);
  const std::size_t point = std::min(mantissa.find('.'), mantissa.size());
  const std::size_t first = mantissa.find_first_of("123456789");
  // The power of ten of the first digit that is not 0, without the exponent: at most 64 KiB or so.
  const long long magnitude = static_cast<long long>(point) - static_cast<long long>(first);
  if (e == literal.size()) return magnitude > 0;
  std::string_view digits = literal.substr(e + 1);
  if (digits.starts_with('+')) digits.remove_prefix(1);
  long long exponent = 0;
  const auto [end, code] = std::from_chars(digits.data(), digits.data() + digits.size(), exponent);
  if (code != std::errc()) return !digits.starts_with('-');
  return exponent > -magnitude;
}

}  // namespace

Token Lexer::next() {
  while (offset_ < source_.size() && is_space(source_[offset_])) ++offset_;
  const std::size_t begin = offset_;
  if (begin == source_.size()) return {TokenKind::end, {}, begin, 0};

  const std::string_view rest = source_.substr(begin);
  if (is_digit(rest[0]) || (rest[0] == '.' && rest.size() > 1 && is_digit(rest[1]))) {
    return number_at(begin);
  }
  if (is_letter(rest[0])) {
    std::size_t end = begin;
    while (end < source_.size() && (is_letter(source_[end]) || is_digit(source_[end]))) ++end;
    return take(TokenKind::name, begin, end);
  }
  if (foreign_at(kForeignOperators, rest) != nullptr) fail_at(begin);
  for (const std::string_view symbol : kSymbols) {
    if (rest.starts_with(symbol)) return take(TokenKind::symbol, begin, begin + symbol.size());
  }
  fail_at(begin);
}

// digits ["." digits] [("e" | "E") ["+" | "-"] digits], where one side of the point may be empty.
// The first point of ".." belongs to the range: 1..2 is 1 to 2.
Token Lexer::number_at(std::size_t begin) {
  std::size_t end = begin;
  const auto skip_digits = [&] {
    while (end < source_.size() && is_digit(source_[end])) ++end;
  };
  skip_digits();
  if (end < source_.size() && source_[end] == '.' && source_.substr(end, 2) != "..") {
    ++end;
    skip_digits();
  }
  if (end < source_.size() && (source_[end] == 'e' || source_[end] == 'E')) {
    std::size_t digits = end + 1;
    if (digits < source_.size() && (source_[digits] == '+' || source_[digits] == '-')) ++digits;
    if (digits < source_.size() && is_digit(source_[digits])) {
      end = digits;
      skip_digits();
    }
  }
  Token token = take(TokenKind::number, begin, end);
  const char* const last = token.text.data() + token.text.size();
  const auto [used, code] = std::from_chars(token.text.data(), last, token.number);
  if (code == std::errc() && used == last) return token;
  if (is_too_large(token.text)) {
    throw FormulaError(shown(token.text) +
                           " is too large (the largest number is 1.7976931348623157e308); "
                           "write a smaller one, or inf as an end of a range",
                       source_, begin, token.text.size());
  }
  throw FormulaError(
      shown(token.text) +
          " is too close to 0 (the smallest number is 5e-324); write 0 or a larger one",
      source_, begin, token.text.size());
}

Token Lexer::take(TokenKind kind, std::size_t begin, std::size_t end) {
  offset_ = end;
  return {kind, source_.substr(begin, end - begin), begin, 0};
}

void Lexer::fail_at(std::size_t begin) const {
  const std::string_view rest = source_.substr(begin);
  const Foreign* foreign = foreign_at(kForeignOperators, rest);
  if (foreign == nullptr) foreign = foreign_at(kForeignCharacters, rest);
  if (foreign != nullptr) {
    throw FormulaError(std::string(foreign->spelling) +
                           " is not part of an expression (it has no "
                           "meaning here); " +
                           std::string(foreign->advice),
                       source_, begin, foreign->spelling.size());
  }
  const Character character = character_at(source_, begin);
  const std::string text = shown(rest.substr(0, character.bytes));
  if (!character.valid) {
    throw FormulaError("the byte " + text +
                           " is no character (the text is not valid UTF-8); "
                           "type the expression again in plain ASCII",
                       source_, begin, 1);
  }
  const bool is_control = character.code_point < 0x20 || character.code_point == 0x7F;
  throw FormulaError(
      (is_control ? "the control character " : "the character ") + text +
          " is not part of an expression (it is made of letters, digits and operators "
          "in ASCII); remove it",
      source_, begin, character.bytes);
}

}  // namespace oche::formula

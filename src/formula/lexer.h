// Text to tokens, one at a time, so that problems are found in the order of the text.
#ifndef OCHE_FORMULA_LEXER_H_
#define OCHE_FORMULA_LEXER_H_

#include <cstddef>
#include <string_view>

#include "formula/formula_error.h"

namespace oche::formula {

enum class TokenKind {
  number,  // 1  1.5  .5  1.  1e9  2.5E-3; never with a sign
  name,    // [A-Za-z_][A-Za-z0-9_]*, the words and, or, not included
  symbol,  // + - * / ^ ** ( ) [ ] , ; < <= > >= == != = ~ ..
  end,
};

struct Token {
  TokenKind kind = TokenKind::end;
  std::string_view text;   // a view into the source; empty at the end
  std::size_t offset = 0;  // in bytes; the source's size at the end
  double number = 0;       // kind number: finite, not negative, correctly rounded

  std::size_t end() const { return offset + text.size(); }
  bool is(TokenKind wanted, std::string_view spelling) const {
    return kind == wanted && text == spelling;
  }
};

class Lexer {
 public:
  // `source` must outlive the lexer and its tokens.
  explicit Lexer(std::string_view source) : source_(source) {}

  // The next token; at the end, an `end` token each time. Spaces, tabs and ends of lines separate
  // tokens. Throws FormulaError for what is no token, and for numbers that no double can hold.
  Token next();
  // Goes on at that byte of the source.
  void seek(std::size_t offset) { offset_ = offset; }

 private:
  Token number_at(std::size_t begin);
  Token take(TokenKind kind, std::size_t begin, std::size_t end);
  [[noreturn]] void fail_at(std::size_t begin) const;

  std::string_view source_;
  std::size_t offset_ = 0;
};

}  // namespace oche::formula

#endif  // OCHE_FORMULA_LEXER_H_

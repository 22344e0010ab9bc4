#include "formula/data_column.h"

#include <algorithm>
#include <utility>

#include "base/assert.h"
#include "base/parse_number.h"

namespace oche::formula {
namespace {

constexpr std::string_view kUsage = "; write data(points.csv) or data(points.csv, height)";

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_bare(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
         std::string_view("_-./~+").find(c) != std::string_view::npos;
}
bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }
bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; }

// A file's name is no expression, so its characters are read here, not the lexer's tokens.
class Reader {
 public:
  Reader(std::shared_ptr<const std::string> source, std::size_t offset)
      : source_(std::move(source)), at_(offset) {}

  DataColumn read() {
    DataColumn result;
    result.source = source_;
    skip_spaces();
    result.offset = at_;
    result.set = name("data has no file (rows are drawn from one)").text;
    result.length = at_ - result.offset;
    skip_spaces();
    if (peek() == ',') {
      ++at_;
      skip_spaces();
      const std::size_t begin = at_;
      const Name column = name("there is no column after the comma (its name or number is given)");
      if (column.quoted || !std::ranges::all_of(column.text, is_digit)) {
        result.column = column.text;
      } else {
        result.column = number(column.text, begin);
      }
      skip_spaces();
    }
    if (peek() != ')') fail_not_closed();
    return result;
  }

  std::size_t offset() const { return at_; }

 private:
  struct Name {
    std::string text;
    bool quoted = false;
  };

  // 0 at the end, where no name can have it.
  char peek() const { return at_ < source_->size() ? (*source_)[at_] : '\0'; }
  void skip_spaces() {
    while (is_space(peek())) ++at_;
  }

  [[noreturn]] void fail(const std::string& message, std::size_t offset, std::size_t length) const {
    throw FormulaError(message, *source_, offset, length);
  }

  Name name(const std::string& missing) {
    if (peek() == '"' || peek() == '\'') return quoted_name();
    const std::size_t begin = at_;
    while (is_bare(peek())) ++at_;
    if (at_ == begin) fail(missing + std::string(kUsage), at_, 1);
    return {source_->substr(begin, at_ - begin), false};
  }

  Name quoted_name() {
    const std::size_t begin = at_;
    const char quote = peek();
    const std::size_t end = source_->find(quote, begin + 1);
    if (end == std::string::npos) {
      fail(std::string("the quote ") + quote +
               " is never closed (a name ends where it comes again); add it",
           begin, 1);
    }
    const std::string text = source_->substr(begin + 1, end - begin - 1);
    if (text.empty()) fail("there is no name in the quotes" + std::string(kUsage), begin, 2);
    if (std::ranges::any_of(text, is_control)) {
      fail("a name has a control character (no file and no column can be named so here); rename it",
           begin, end + 1 - begin);
    }
    at_ = end + 1;
    return {text, true};
  }

  std::size_t number(const std::string& digits, std::size_t begin) const {
    const auto value = parse_number<std::size_t>(digits);
    if (!value || *value == 0) {
      fail("there is no column " + shown(digits) +
               " (columns are numbered from 1); give another, or a name in quotes",
           begin, digits.size());
    }
    return *value;
  }

  [[noreturn]] void fail_not_closed() const {
    if (at_ >= source_->size()) {
      fail("the bracket of data is never closed (the text ends); add a )", at_, 0);
    }
    fail(std::string(
             "this cannot stand in data(...) (it takes a file and one column, and names with other "
             "characters than letters, digits and _-./~+ stand in quotes); write "
             "data(\"my points.csv\", height)"),
         at_, 1);
  }

  std::shared_ptr<const std::string> source_;
  std::size_t at_;
};

}  // namespace

DataColumn parse_data_column(Parser& parser) {
  Reader reader(parser.source(), parser.current().end());
  DataColumn column = reader.read();
  parser.resume(reader.offset());
  return column;
}

std::string canonical_name(std::string_view name) {
  if (std::ranges::all_of(name, is_bare)) return std::string(name);
  const char quote = name.find('"') == std::string_view::npos ? '"' : '\'';
  OCHE_ASSERT(name.find(quote) == std::string_view::npos);
  return quote + std::string(name) + quote;
}

std::string canonical(const DataColumn& column) {
  std::string text = "data(" + canonical_name(column.set);
  if (const auto* const number = std::get_if<std::size_t>(&column.column)) {
    text += "," + std::to_string(*number);
  } else if (const auto* const name = std::get_if<std::string>(&column.column)) {
    const bool is_number = std::ranges::all_of(*name, is_digit);
    text += "," + (is_number ? "\"" + *name + "\"" : canonical_name(*name));
  }
  return text + ")";
}

FormulaError problem(const DataColumn& column, const std::string& message) {
  return FormulaError(message, *column.source, column.offset, column.length);
}

}  // namespace oche::formula

#include "formula/lexer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace oche::formula {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::vector<std::string> spellings(std::string_view text) {
  Lexer lexer(text);
  std::vector<std::string> result;
  for (Token token = lexer.next(); token.kind != TokenKind::end; token = lexer.next()) {
    result.emplace_back(token.text);
  }
  return result;
}

double number(std::string_view text) {
  Lexer lexer(text);
  const Token token = lexer.next();
  EXPECT_EQ(token.kind, TokenKind::number) << text;
  EXPECT_EQ(token.text, text);
  return token.number;
}

std::string message_of(std::string_view text) {
  try {
    spellings(text);
  } catch (const FormulaError& error) {
    return error.message();
  }
  return "no error";
}

TEST(Lexer, reads_every_form_of_a_number) {
  EXPECT_EQ(number("1"), 1.0);
  EXPECT_EQ(number("1.5"), 1.5);
  EXPECT_EQ(number(".5"), 0.5);
  EXPECT_EQ(number("1."), 1.0);
  EXPECT_EQ(number("1e9"), 1e9);
  EXPECT_EQ(number("2.5E-3"), 0.0025);
  EXPECT_EQ(number("1.e+2"), 100.0);
  EXPECT_EQ(number(".5e1"), 5.0);
  EXPECT_EQ(number("007"), 7.0);
}

// Values from IEEE 754: the largest double, the smallest subnormal, and a tie that rounds to even
// (2^53 + 1).
TEST(Lexer, rounds_numbers_correctly) {
  EXPECT_EQ(number("1.7976931348623157e308"), 0x1.fffffffffffffp+1023);
  EXPECT_EQ(number("4.9406564584124654e-324"), 0x1p-1074);
  EXPECT_EQ(number("9007199254740993"), 9007199254740992.0);
  EXPECT_EQ(number("0.1"), 0x1.999999999999ap-4);
}

TEST(Lexer, gives_the_points_of_a_range_to_the_range) {
  EXPECT_THAT(spellings("1..2"), ElementsAre("1", "..", "2"));
  EXPECT_THAT(spellings("1. .. 2."), ElementsAre("1.", "..", "2."));
  EXPECT_THAT(spellings("1.5..x"), ElementsAre("1.5", "..", "x"));
  EXPECT_THAT(spellings("x..y"), ElementsAre("x", "..", "y"));
}

TEST(Lexer, takes_an_e_without_digits_for_a_name) {
  EXPECT_THAT(spellings("2e"), ElementsAre("2", "e"));
  EXPECT_THAT(spellings("2e+x"), ElementsAre("2", "e", "+", "x"));
  EXPECT_THAT(spellings("2.e"), ElementsAre("2.", "e"));
}

TEST(Lexer, takes_the_longest_symbol) {
  EXPECT_THAT(spellings("a**b*c<=d<e==f=g!=h~i"),
              ElementsAre("a", "**", "b", "*", "c", "<=", "d", "<", "e", "==", "f", "=", "g",
                          "!=", "h", "~", "i"));
  EXPECT_THAT(spellings("x[1..2];"), ElementsAre("x", "[", "1", "..", "2", "]", ";"));
}

TEST(Lexer, separates_by_spaces_tabs_and_ends_of_lines) {
  EXPECT_THAT(spellings(" a\t_b1\r\n C "), ElementsAre("a", "_b1", "C"));
  EXPECT_THAT(spellings(""), ElementsAre());
  EXPECT_THAT(spellings(" \n"), ElementsAre());
}

TEST(Lexer, refuses_numbers_that_no_double_holds) {
  for (const char* text : {"1e309", "1e999", "17976931348623159e292", "1e99999999999999999999",
                           "100000e305", "0.001e312"}) {
    EXPECT_THAT(message_of(text), HasSubstr("is too large")) << text;
  }
  EXPECT_THAT(message_of(std::string(400, '9')), HasSubstr("is too large"));
  for (const char* text :
       {"1e-400", "2e-324", "1e-99999999999999999999", "1000e-330", "0.00001e-320"}) {
    EXPECT_THAT(message_of(text), HasSubstr("is too close to 0")) << text;
  }
  EXPECT_THAT(message_of("0." + std::string(400, '0') + "1"), HasSubstr("is too close to 0"));
  EXPECT_THAT(message_of("0." + std::string(400, '0') + "1e50"), HasSubstr("is too close to 0"));
  EXPECT_THAT(message_of(std::string(400, '9') + "e-50"), HasSubstr("is too large"));
  EXPECT_EQ(number("0e999"), 0.0);
  EXPECT_EQ(number("0.0e-999"), 0.0);
}

struct Refusal {
  std::string text;
  std::string part_of_message;
};

TEST(Lexer, says_what_to_write_for_foreign_symbols) {
  const Refusal refusals[] = {
      {"0...1", "a range has two points"},
      {"a && b", "&& is not part of an expression (it has no meaning here); did you mean and?"},
      {"a & b", "did you mean and?"},
      {"a || b", "did you mean or?"},
      {"!a", "did you mean not?"},
      {"a <> b", "did you mean !=?"},
      {"a =< b", "did you mean <=?"},
      {"a => b", "did you mean >=?"},
      {"a === b", "did you mean ==?"},
      {"a !== b", "did you mean !=?"},
      {"a // b", "did you mean /?"},
      {"a ? b : c", "if(condition, a, b)"},
      {"a.b", "a range has two points"},
      {"$a", "without $"},
      {"50%", "x/100"},
      {"x\u00b2", "\u00b2 is not part of an expression (it has no meaning here); did you mean ^2?"},
      {"2\u00d7x", "did you mean *?"},
      {"1\u22122", "did you mean -?"},
      {"x\u2264y", "did you mean <=?"},
      {"\u03c0", "did you mean pi?"},
      {"\u221e", "did you mean inf?"},
      {"\u221a2", "did you mean sqrt(...)?"},
      {"#", "the character # is not part of an expression"},
  };
  for (const Refusal& refusal : refusals) {
    EXPECT_THAT(message_of(refusal.text), HasSubstr(refusal.part_of_message)) << refusal.text;
  }
}

TEST(Lexer, refuses_bytes_that_are_no_text) {
  EXPECT_THAT(message_of(std::string("1\0+2", 4)), HasSubstr("the control character \\x00 is not"));
  EXPECT_THAT(message_of("1\x1b[2J"), HasSubstr("the control character \\x1B is not"));
  EXPECT_THAT(message_of("\x7f"), HasSubstr("the control character \\x7F is not"));
  EXPECT_THAT(message_of("a\xff"), HasSubstr("the byte \\xFF is no character"));
  EXPECT_THAT(message_of("\xc2"), HasSubstr("the byte \\xC2 is no character"));      // cut short
  EXPECT_THAT(message_of("\xc0\xaf"), HasSubstr("the byte \\xC0 is no character"));  // overlong
  EXPECT_THAT(message_of("\xe0\x80\xaf"), HasSubstr("the byte \\xE0 is no character"));  // overlong
  EXPECT_THAT(message_of("\xed\xa0\x80"),
              HasSubstr("the byte \\xED is no character"));                  // surrogate
  EXPECT_THAT(message_of("\xf4\x90\x80\x80"), HasSubstr("the byte \\xF4"));  // above U+10FFFF
  EXPECT_THAT(message_of("\u202e"), HasSubstr("the character \\xE2\\x80\\xAE is not"));
}

}  // namespace
}  // namespace oche::formula

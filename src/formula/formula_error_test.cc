#include "formula/formula_error.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace oche::formula {
namespace {

using testing::HasSubstr;

TEST(FormulaError, shows_the_place_with_carets) {
  const FormulaError error("bad (why); do this", "1 + sen(x)", 4, 3);
  EXPECT_STREQ(error.what(),
               "bad (why); do this\n"
               "  1 + sen(x)\n"
               "      ^~~");
  EXPECT_EQ(error.kind(), ErrorKind::usage);
  EXPECT_EQ(error.message(), "bad (why); do this");
  EXPECT_EQ(error.line(), 1u);
  EXPECT_EQ(error.column(), 5u);
}

TEST(FormulaError, points_behind_the_end_of_the_text) {
  const FormulaError error("bad", "1+", 2, 0);
  EXPECT_STREQ(error.what(), "bad\n  1+\n    ^");
  EXPECT_EQ(error.column(), 3u);
}

TEST(FormulaError, shows_only_the_line_of_the_place) {
  const FormulaError error("bad", "1+\n22 33\n+4", 6, 2);
  EXPECT_STREQ(error.what(), "bad\n  22 33\n     ^~");
  EXPECT_EQ(error.line(), 2u);
  EXPECT_EQ(error.column(), 4u);
}

TEST(FormulaError, shows_no_line_of_an_empty_text) {
  EXPECT_STREQ(FormulaError("bad", "", 0, 0).what(), "bad");
}

TEST(FormulaError, shortens_a_long_line_around_the_place) {
  const std::string source = std::string(500, 'a') + "BAD" + std::string(500, 'c');
  const FormulaError error("bad", source, 500, 3);
  const std::string text = error.what();
  const std::size_t source_line = text.find('\n') + 1;
  const std::size_t caret_line = text.find('\n', source_line) + 1;
  const std::string shown_line = text.substr(source_line, caret_line - source_line - 1);
  EXPECT_LE(shown_line.size(), 84u);
  EXPECT_THAT(shown_line, testing::MatchesRegex("  \\.\\.\\.a+BADc+\\.\\.\\."));
  EXPECT_EQ(text.find('^') - caret_line, shown_line.find('B'));
  EXPECT_THAT(text.substr(caret_line), testing::MatchesRegex(" +\\^~~"));
  EXPECT_EQ(error.column(), 501u);
}

TEST(FormulaError, shortens_a_long_mark) {
  const std::string text = FormulaError("bad", std::string(70000, 'a'), 0, 70000).what();
  EXPECT_LT(text.size(), 200u);
  EXPECT_THAT(text, HasSubstr("\n  aaa"));
  EXPECT_THAT(text, HasSubstr("\n  ^~~"));
}

TEST(FormulaError, makes_bytes_visible_and_keeps_the_caret_below_its_place) {
  EXPECT_STREQ(FormulaError("bad", std::string_view("\0\x1b+\xff!", 5), 4, 1).what(),
               "bad\n  \\x00\\x1B+\\xFF!\n               ^");
  EXPECT_STREQ(FormulaError("bad", "\t\u03c0x\u4e2d?", 7, 1).what(),
               "bad\n   \u03c0x\\xE4\\xB8\\xAD?\n                 ^");
  EXPECT_STREQ(FormulaError("bad", "a\xff", 1, 1).what(), "bad\n  a\\xFF\n   ^~~~");
}

TEST(FormulaError, counts_columns_in_characters) {
  EXPECT_EQ(FormulaError("bad", "\u03c0+\u00b2", 3, 2).column(), 3u);
}

TEST(FormulaError, joins_several_problems) {
  const FormulaError a("first", "1+", 2, 0), b("second", "x=", 2, 0);
  const FormulaError both = FormulaError::of({a, b}, 0);
  EXPECT_STREQ(both.what(), "first\n  1+\n    ^\nsecond\n  x=\n    ^");
  EXPECT_EQ(both.message(), "first");
  EXPECT_EQ(both.column(), 3u);
  EXPECT_THAT(std::string(FormulaError::of({a}, 1).what()), HasSubstr("\nand 1 more problem"));
  EXPECT_THAT(std::string(FormulaError::of({a}, 7).what()), HasSubstr("\nand 7 more problems"));
}

TEST(FormulaError, shortens_names_in_messages) {
  EXPECT_EQ(shown("width"), "width");
  EXPECT_EQ(shown(std::string(40, 'a')), std::string(40, 'a'));
  EXPECT_EQ(shown(std::string(30, 'a') + std::string(30, 'b')),
            std::string(20, 'a') + "..." + std::string(20, 'b'));
  EXPECT_EQ(shown(std::string(500, 'a') + std::string(500, 'b')),
            std::string(20, 'a') + "..." + std::string(20, 'b'));
  EXPECT_EQ(shown("a\nb"), "a\\x0Ab");
}

}  // namespace
}  // namespace oche::formula

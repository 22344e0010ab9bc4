#include "talk/printable.h"

#include <gtest/gtest.h>

#include <string>

namespace oche::talk {
namespace {

using namespace std::string_literals;

TEST(Printable, leaves_ordinary_text_alone) {
  EXPECT_EQ(printable("this is alpha"), "this is alpha");
  EXPECT_EQ(printable("naïve — 数 🎯 \\n"), "naïve — 数 🎯 \\n");
  EXPECT_EQ(printable(""), "");
}

TEST(Printable, escapes_what_commands_a_terminal) {
  EXPECT_EQ(printable("\x1b[2Jgone"), "\\x1b[2Jgone");
  EXPECT_EQ(printable("a\nb\rc\td"), "a\\nb\\rc\\td");
  EXPECT_EQ(printable("nul\0here"s), "nul\\x00here");
  EXPECT_EQ(printable("\x7f"), "\\x7f");
  EXPECT_EQ(printable("\xc2\x9b"), "\\u009b");      // CSI as one C1 control
  EXPECT_EQ(printable("\xe2\x80\xae"), "\\u202e");  // right-to-left override
}

TEST(Printable, escapes_what_nobody_sees) {
  EXPECT_EQ(printable("a\xe2\x80\x8b\xe2\x80\x8d"
                      "b"),
            "a\\u200b\\u200db");
  EXPECT_EQ(printable("\xe2\x81\xa0\xe2\x81\xaf"), "\\u2060\\u206f");
  EXPECT_EQ(printable("\xef\xbb\xbf!"), "\\ufeff!");
  EXPECT_EQ(printable("\xf3\xa0\x80\x80\xf3\xa0\x81\xbf"), "\\U000e0000\\U000e007f");
  // Their neighbours are seen.
  EXPECT_EQ(printable("\xe2\x80\x8a\xe2\x80\x90\xe2\x80\xaf"),
            "\xe2\x80\x8a\xe2\x80\x90\xe2\x80\xaf");
  EXPECT_EQ(printable("\xf3\xa0\x82\x80"), "\xf3\xa0\x82\x80");
}

TEST(Printable, escapes_each_byte_that_is_not_utf8) {
  EXPECT_EQ(printable("\xff\xfe"), "\\xff\\xfe");
  EXPECT_EQ(printable("\xc0\xaf"), "\\xc0\\xaf");                    // overlong '/'
  EXPECT_EQ(printable("\xed\xa0\x80"), "\\xed\\xa0\\x80");           // surrogate
  EXPECT_EQ(printable("\xf4\x90\x80\x80"), "\\xf4\\x90\\x80\\x80");  // above U+10FFFF
  EXPECT_EQ(printable("caf\xc3"), "caf\\xc3");                       // cut in the middle
}

TEST(Excerpt, shortens_what_is_long_between_characters) {
  EXPECT_EQ(excerpt("short\n"), "short\\n");
  EXPECT_EQ(excerpt(std::string(1'000'000, 'x')), std::string(60, 'x') + "…");
  EXPECT_EQ(excerpt(std::string(59, 'x') + "éé"), std::string(59, 'x') + "…");
}

TEST(Utf8, tells_well_formed_from_malformed) {
  EXPECT_TRUE(is_utf8("é"));
  EXPECT_TRUE(is_utf8("\0"s));
  EXPECT_FALSE(is_utf8("\xc3"));
  EXPECT_FALSE(is_utf8("\xe0\x80\x80"));
  EXPECT_FALSE(is_utf8("\xe0\x9f\xbf"));      // U+07FF in three bytes
  EXPECT_FALSE(is_utf8("\xf0\x8f\xbf\xbf"));  // U+FFFF in four
  EXPECT_EQ(utf8_length("🎯x"), 4u);
  EXPECT_EQ(utf8_length("\x80"), 0u);
}

}  // namespace
}  // namespace oche::talk

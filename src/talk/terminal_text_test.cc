#include "talk/terminal_text.h"

#include <gtest/gtest.h>

#include "talk/printable.h"

namespace oche::talk {
namespace {

std::string shown_in_pieces(std::string_view message, std::size_t piece) {
  TerminalText text;
  std::string shown;
  for (; !message.empty(); message.remove_prefix(std::min(piece, message.size()))) {
    shown += text.show(message.substr(0, piece));
  }
  return shown + text.end();
}

TEST(TerminalText, shows_the_same_whatever_the_pieces) {
  const std::string messages[] = {"plain",    "naïve — 数 🎯", "a\nb",         "cut \xf0\x9f\x8e",
                                  "\xff\xc3", "\x1b[2J",       "\xe2\x80\xae", "\xf5\x80\x80\x80",
                                  ""};
  for (const std::string& message : messages) {
    for (const std::size_t piece : {1, 2, 3, 5, 100}) {
      EXPECT_EQ(shown_in_pieces(message, piece), printable(message) + "\n") << piece;
    }
  }
}

TEST(TerminalText, ends_one_line_for_a_last_newline) {
  EXPECT_EQ(shown_in_pieces("hello\n", 100), "hello\n");
  EXPECT_EQ(shown_in_pieces("hello\n", 1), "hello\n");
  EXPECT_EQ(shown_in_pieces("a\n\n", 1), "a\\n\n");
}

TEST(TerminalText, begins_anew_with_each_message) {
  TerminalText text;
  EXPECT_EQ(text.show("one\xc3"), "one");
  EXPECT_EQ(text.end(), "\\xc3\n");
  EXPECT_EQ(text.show("two"), "two");
  EXPECT_EQ(text.end(), "\n");
}

}  // namespace
}  // namespace oche::talk

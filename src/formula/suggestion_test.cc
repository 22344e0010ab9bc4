#include "formula/suggestion.h"

#include <gtest/gtest.h>

#include "formula/functions.h"

namespace oche::formula {
namespace {

TEST(Suggestion, counts_edits) {
  EXPECT_EQ(edit_distance("sin", "sin", 2), 0u);
  EXPECT_EQ(edit_distance("sen", "sin", 2), 1u);
  EXPECT_EQ(edit_distance("sqr", "sqrt", 2), 1u);
  EXPECT_EQ(edit_distance("sqtr", "sqrt", 2), 1u);  // neighbours swapped
  EXPECT_EQ(edit_distance("", "ab", 2), 2u);
  EXPECT_EQ(edit_distance("kitten", "sitting", 3), 3u);
  EXPECT_GT(edit_distance("kitten", "sitting", 2), 2u);
  EXPECT_GT(edit_distance("abcdef", "ghijkl", 2), 2u);
  EXPECT_GT(edit_distance("a", "abcd", 2), 2u);
}

TEST(Suggestion, finds_the_closest_name) {
  const std::string_view names[] = {"cos", "sqrt", "max", "tan", "width"};
  EXPECT_EQ(closest("SQRT", names), "sqrt");
  EXPECT_EQ(closest("sqtr", names), "sqrt");
  EXPECT_EQ(closest("tam", names), "tan");
  EXPECT_EQ(closest("wdthh", names), "width");
  EXPECT_EQ(closest("mix", names), "max");
  EXPECT_EQ(closest("mit", names), "");  // two edits are too many for three characters
  EXPECT_EQ(closest("t", names), "");
  EXPECT_EQ(closest("length", names), "");
  EXPECT_EQ(closest("x", {}), "");
}

TEST(Suggestion, prefers_the_same_letters_in_another_case) {
  const std::string_view names[] = {"px", "PI2", "pi"};
  EXPECT_EQ(closest("PI", names), "pi");
}

TEST(Suggestion, knows_the_names_of_other_languages) {
  EXPECT_EQ(advice_for_foreign_name("ln"), "did you mean log, the natural logarithm?");
  EXPECT_EQ(advice_for_foreign_name("ARCTAN"), "did you mean atan?");
  for (const Function& f : functions()) EXPECT_EQ(advice_for_foreign_name(f.name), "") << f.name;
  EXPECT_EQ(advice_for_foreign_name("sin"), "");
}

}  // namespace
}  // namespace oche::formula

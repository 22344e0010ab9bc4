#include "crew/names.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

#include "wire/limits.h"

namespace oche::crew {
namespace {

TEST(Names, are_those_wished_as_long_as_nobody_has_them) {
  Names names;
  EXPECT_EQ(names.give("lab"), "lab");
  EXPECT_EQ(names.give("hall"), "hall");
  EXPECT_EQ(names.give("lab"), "lab-2");
  EXPECT_EQ(names.give("lab"), "lab-3");
  EXPECT_EQ(names.give("lab-2"), "lab-2-2");
}

TEST(Names, pass_over_a_suffix_that_somebody_wished) {
  Names names;
  EXPECT_EQ(names.give("lab-2"), "lab-2");
  EXPECT_EQ(names.give("lab"), "lab");
  EXPECT_EQ(names.give("lab"), "lab-3");
}

TEST(Names, are_never_those_of_local_threads) {
  Names names;
  EXPECT_EQ(names.give("thread 1"), "remote thread 1");
  EXPECT_EQ(names.give("thread 1"), "remote thread 1-2");
  EXPECT_EQ(names.give("threadbare"), "threadbare");
}

// A search from the first suffix on would take minutes for so many.
TEST(Names, are_unique_and_short_however_many_wish_long_ones_alike) {
  Names names;
  std::set<std::string> given;
  const std::string stem(wire::kMaxNameBytes - 6, 'x');
  for (int i = 0; i < 100'000; ++i) {
    const std::string wished = i % 2 == 0 ? stem + std::to_string(i % 1000) : "lab";
    const std::string name = names.give(wished);
    ASSERT_LE(name.size(), wire::kMaxNameBytes);
    ASSERT_TRUE(given.insert(name).second) << name;
  }
  EXPECT_LE(names.give("thread " + stem).size(), wire::kMaxNameBytes);
}

}  // namespace
}  // namespace oche::crew

#include "host/present_names.h"

#include <gtest/gtest.h>

#include <string>

#include "wire/limits.h"

namespace oche::host {
namespace {

std::string come(PresentNames& names, const std::string& wished) {
  std::string name = names.free_name(wished);
  names.add(name);
  return name;
}

TEST(PresentNames, gives_the_lowest_number_that_is_free) {
  PresentNames names;
  EXPECT_EQ(come(names, "lab"), "lab");
  EXPECT_EQ(come(names, "lab"), "lab-2");
  EXPECT_EQ(come(names, "lab"), "lab-3");
  EXPECT_EQ(come(names, "lab"), "lab-4");
  names.remove("lab-3");
  names.remove("lab-2");
  EXPECT_EQ(come(names, "lab"), "lab-2");
  EXPECT_EQ(come(names, "lab"), "lab-3");
  EXPECT_EQ(come(names, "lab"), "lab-5");
  names.remove("lab");
  EXPECT_EQ(come(names, "lab"), "lab");
}

TEST(PresentNames, passes_over_numbers_that_others_wished) {
  PresentNames names;
  EXPECT_EQ(come(names, "lab-3"), "lab-3");
  EXPECT_EQ(come(names, "lab-02"), "lab-02");
  EXPECT_EQ(come(names, "lab"), "lab");
  EXPECT_EQ(come(names, "lab"), "lab-2");
  EXPECT_EQ(come(names, "lab"), "lab-4");
  EXPECT_EQ(come(names, "lab-3"), "lab-3-2");
  EXPECT_EQ(come(names, "lab-4294967295"), "lab-4294967295");
  EXPECT_EQ(come(names, "lab-99999999999"), "lab-99999999999");
}

TEST(PresentNames, forgets_a_stem_with_its_last_number) {
  PresentNames names;
  come(names, "lab");
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(come(names, "lab"), "lab-2");
    EXPECT_EQ(come(names, "lab"), "lab-3");
    names.remove("lab-2");
    names.remove("lab-3");
  }
  names.remove("never here");
  names.remove("never-7");
}

TEST(PresentNames, keeps_within_the_limit_of_a_name) {
  PresentNames names;
  const std::string longest(wire::kMaxNameBytes, 'x');
  EXPECT_EQ(come(names, longest), longest);
  EXPECT_EQ(come(names, longest), longest.substr(0, wire::kMaxNameBytes - 11) + "-2");
  EXPECT_EQ(come(names, longest).substr(wire::kMaxNameBytes - 11), "-3");
}

}  // namespace
}  // namespace oche::host

#include "chapter/python_float.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <string>
#include <utility>

namespace oche::chapter {
namespace {

// The texts are what CPython 3.11 prints for repr(float.fromhex(…)) of the same number.
TEST(PythonRepr, prints_as_python_does) {
  const std::pair<double, const char*> cases[] = {
      {3.141487, "3.141487"},
      {2 * (0.7852532 + 0.7854903), "3.1414869999999997"},
      {0x1.999999999999ap-4, "0.1"},
      {3.0, "3.0"},
      {-0.0, "-0.0"},
      {100.0, "100.0"},
      {0.0001, "0.0001"},
      {0.00001, "1e-05"},
      {-1.5e-7, "-1.5e-07"},
      {1e15, "1000000000000000.0"},
      {1e16, "1e+16"},
      {123456789012345680.0, "1.2345678901234568e+17"},
      {1234567890123456.0, "1234567890123456.0"},
      {0x0.0000000000001p-1022, "5e-324"},
      {0x1.fffffffffffffp1023, "1.7976931348623157e+308"},
      {std::numeric_limits<double>::quiet_NaN(), "nan"},
      {-std::numeric_limits<double>::infinity(), "-inf"},
  };
  for (const auto& [value, text] : cases) EXPECT_EQ(python_repr(value), text);
}

TEST(PythonRounded, prints_the_chapters_twelve_digits) {
  EXPECT_EQ(python_rounded(2 * (0.7852532 + 0.7854903)), "3.141487");  // the chapter's transcript
  EXPECT_EQ(python_rounded(3.0), "3.0");
  EXPECT_EQ(python_rounded(1.0 / 3), "0.333333333333");
  EXPECT_EQ(python_rounded(1e-7), "1e-07");
}

TEST(ParsePythonFloat, reads_what_python_prints) {
  EXPECT_EQ(parse_python_float("0.7852532"), 0.7852532);
  EXPECT_EQ(parse_python_float(" 1e-05\n"), 1e-5);
  EXPECT_EQ(parse_python_float("+.5"), 0.5);
  EXPECT_EQ(parse_python_float("-1"), -1.0);
  EXPECT_TRUE(std::isnan(parse_python_float("nan").value()));
}

TEST(ParsePythonFloat, refuses_what_is_no_number) {
  using namespace std::string_literals;
  for (const std::string& text : {""s, " "s, "+"s, "+-1"s, "abc"s, "1.2.3"s, "0.5\0"s, "1,5"s,
                                  "0.5 0.5"s, "1e999"s, "\xff\xfe"s}) {
    EXPECT_FALSE(parse_python_float(text)) << text;
  }
}

}  // namespace
}  // namespace oche::chapter

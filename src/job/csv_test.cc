#include "job/csv.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "oche/error.h"

namespace oche::job {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using Columns = std::vector<std::vector<double>>;

// `wanted` is what stands between an input's brackets, as "x~data(f, 2)", separated by "; ".
DataSet read(const std::string& text, const std::vector<std::string>& wanted,
             std::size_t most = kMaxDataNumbers) {
  std::vector<std::string> arguments = {"1"};
  arguments.insert(arguments.end(), wanted.begin(), wanted.end());
  const formula::Definition definition = formula::parse_definition(arguments);
  std::vector<const formula::InputDefinition*> inputs;
  for (const formula::InputDefinition& input : definition.inputs) inputs.push_back(&input);
  return read_csv(text, "'f.csv'", inputs, most);
}

const std::vector<std::string> kX = {"x~data(f)"};
const std::vector<std::string> kXY = {"x~data(f)", "y~data(f)"};

std::string error_of(const std::string& text, const std::vector<std::string>& wanted = kX,
                     std::size_t most = kMaxDataNumbers) {
  try {
    read(text, wanted, most);
    return "no error";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::file);
    return error.what();
  }
}

TEST(Csv, reads_columns_by_the_names_of_the_header) {
  const DataSet set = read("name,x, y\nAlice,1,2.5\nBob,-3e2,.5\n", kXY);
  EXPECT_THAT(set.columns, ElementsAre("name", "x", "y"));
  EXPECT_EQ(set.values, (Columns{{}, {1, -300}, {2.5, 0.5}}));
  EXPECT_EQ(read("name,x,y\na,1,2\n", {"h~data(f, y)"}).values, (Columns{{}, {}, {2}}));
}

TEST(Csv, reads_columns_by_number_with_a_header_or_without) {
  const Columns expected = {{}, {2, 4}};
  EXPECT_EQ(read("1,2\n3,4", {"x~data(f, 2)"}).values, expected);
  EXPECT_TRUE(read("1,2\n3,4", {"x~data(f, 2)"}).columns.empty());
  EXPECT_EQ(read("a,b\n1,2\n3,4", {"x~data(f, 2)"}).values, expected);
}

TEST(Csv, of_one_column_needs_neither_name_nor_number) {
  const Columns expected = {{1, 2, 3}};
  for (const std::string text :
       {"1\n2\n3\n", "height\n1\n2\n3", "x\n1\n2\n3", "\"my x\"\n1\n2\n3"}) {
    EXPECT_EQ(read(text, kX).values, expected) << text;
  }
}

TEST(Csv, tells_separators_by_the_first_record) {
  const Columns expected = {{1, 3}, {2, 4}};
  for (const std::string text :
       {"x,y\n1,2\n3,4\n", "x;y\n1;2\n3;4\n", "x\ty\n1\t2\n3\t4\n", "x y\n1 2\n3 4\n",
        "  x   y  \n\t1\t 2\n  3 4 \n", "\"x\" \"y\"\n1 2\n3 4\n", "x , y\n 1 ,2 \n3,\t4",
        "x; y\n1 ;2\n3;4", " x \t y\n1\t 2 \n3\t4"}) {
    EXPECT_EQ(read(text, kXY).values, expected) << text;
  }
  EXPECT_EQ(read("\"a;b\",x\n1,2\n", kX).values, (Columns{{}, {2}}));  // inside quotes is none
  EXPECT_EQ(read("a, b\tx\n1\t2\n", kX).values, (Columns{{}, {2}}));
}

TEST(Csv, takes_every_end_of_line_marks_comments_and_blank_lines_at_the_ends) {
  const Columns expected = {{1, 3}, {2, 4}};
  for (const std::string text :
       {"x,y\r\n1,2\r\n3,4\r\n", "x,y\r1,2\r3,4\r", "\xEF\xBB\xBFx,y\n1,2\n3,4",
        "# made by hand\n\n# x,z\nx,y\n1,2\n  # more\n3,4\n#\n",
        "\n \n\t\nx,y\n1,2\n3,4\n\n \r\n\n", "x,y\n1,2\n3,4\n\n# the end\n\n"}) {
    EXPECT_EQ(read(text, kXY).values, expected) << text;
  }
}

TEST(Csv, takes_fields_in_quotes) {
  const DataSet set = read("\"the \"\"x\"\"\",\"a,\nb\",x\r\n \"1\" ,\"2\"\"\",\"3.5\"\n", kX);
  EXPECT_THAT(set.columns, ElementsAre("the \"x\"", "a,\nb", "x"));
  EXPECT_EQ(set.values[2], std::vector<double>{3.5});
  // The line of what is wrong counts the ends of lines in quotes.
  EXPECT_THAT(error_of("\"a\n\nb\",x\n1,2\n3,no\n"), HasSubstr("'f.csv', line 5: column 2 (x)"));
}

TEST(Csv, reads_numbers_correctly_rounded) {
  const DataSet set = read(
      "x\n0.1\n+2.5\n1e-3\n9007199254740993\n-0\n5e-324\n1.7976931348623157e308\n"
      "0.500000000000000166533453693773481063544750213623046875\n1.\n.5\n1E5\n",
      kX);
  const std::vector<double> expected = {
      0.1, 2.5, 1e-3, 9007199254740992, -0.0, 5e-324, 1.7976931348623157e308, 0x1.0000000000002p-1,
      1,   0.5, 1e5};
  ASSERT_EQ(set.values[0].size(), expected.size());
  EXPECT_EQ(set.values[0], expected);
  EXPECT_TRUE(std::signbit(set.values[0][4]));
}

TEST(Csv, takes_the_first_record_for_a_header_only_where_that_is_clear) {
  EXPECT_EQ(read("1,2\n3,4\n", {"x~data(f,1)"}).values[0], (std::vector<double>{1, 3}));
  // A name that is asked for makes it one, numbers or not.
  EXPECT_EQ(read("id,2019,2020\n1,2,3\n", {"x~data(f, \"2020\")"}).values[2],
            std::vector<double>{3});
  EXPECT_EQ(read("2019,2020\n2,3\n", {"x~data(f, \"2020\")"}).values[1], std::vector<double>{3});
  EXPECT_EQ(read(",x\n1,2\n", kX).values[1], std::vector<double>{2});  // as R and pandas do
  EXPECT_THAT(error_of("Alice,1.5\nBob,2.5\n", {"x~data(f, 2)"}),
              HasSubstr("'f.csv', line 1: it is unclear whether the first line is a header"));
  EXPECT_THAT(error_of("id,2019\n1,2\n", {"x~data(f, 2)"}), HasSubstr("unclear"));
  EXPECT_THAT(error_of("Alice,1.5\nBob,2.5\n"),
              HasSubstr("no column x (its columns are Alice, 1.5"));
  EXPECT_THAT(error_of("1,2\n3,4\n"), HasSubstr("has 2 columns without names"));
  EXPECT_THAT(error_of("1,2\n3,4\n", {"x~data(f, y)"}), HasSubstr("of which y could be any"));
  // No missing value is taken for the name of a column.
  for (const std::string missing :
       {"NA", "nan", "NULL", "inf", "n/a", "?", "#N/A", "#DIV/0!", "-"}) {
    EXPECT_THAT(error_of(missing + "\n1\n"),
                HasSubstr("'f.csv', line 1: column 1 has '" + missing));
  }
}

TEST(Csv, says_which_field_is_no_number_and_why) {
  EXPECT_EQ(error_of("x,y\n1,2\n3x,4\n"),
            "'f.csv', line 3: column 1 (x) has '3x' (it is not a number); correct it, or remove "
            "the row");
  EXPECT_THAT(error_of("1\n2\n\"\"\n"), HasSubstr("line 3: column 1 is empty (a row is drawn"));
  EXPECT_THAT(error_of("x,y\n,2\n"), HasSubstr("line 2: column 1 (x) is empty"));
  for (const std::string text : {"nan", "-inf", "Infinity", "NaN(1)"}) {
    EXPECT_THAT(error_of("x\n" + text + "\n"), HasSubstr("(only finite numbers can be drawn)"));
  }
  for (const std::string text : {"1e309", "-1e400", "1e-400"}) {
    EXPECT_THAT(error_of("x\n" + text + "\n"), HasSubstr("beyond the numbers that a double"));
  }
  for (const std::string text : {"0x10", "1e", "--1", "+-1", "1_000", "1 2", "-", "+", "1.2.3",
                                 "e5", "1f", "\xFF", "NA", "\u22121"}) {
    EXPECT_THAT(error_of("x,y\n" + text + ",1\n"), HasSubstr("(it is not a number)")) << text;
  }
  EXPECT_THAT(error_of("x;y\n1,5;2\n"),
              HasSubstr("has '1,5' (a comma in a number: they have a decimal point"));
  for (const std::string text : {"x\n1,5\n", "x\n1,234,567\n", "x\n\"-1,000.5\"\n"}) {
    EXPECT_THAT(error_of(text), HasSubstr("a comma in a number")) << text;
  }
  EXPECT_EQ(error_of("x,y\nno,2\n", {"y~data(f)"}), "no error");  // it isn't used
}

TEST(Csv, refuses_rows_that_are_not_alike) {
  EXPECT_EQ(error_of("x,y\n1,2\n1,2,3\n"),
            "'f.csv', line 3: there are 3 fields (the first line has 2, and fields are separated "
            "by commas here); make all rows alike");
  EXPECT_THAT(error_of("x,y\n1\n"), HasSubstr("line 2: there is 1 field (the first line has 2"));
  EXPECT_THAT(error_of("x,y\n1;2\n"), HasSubstr("separated by commas here"));
  EXPECT_THAT(error_of("x\ty\n1 2\n"), HasSubstr("separated by tabs here"));
  EXPECT_THAT(error_of("1 2\n1 2 3\n", {"x~data(f,1)"}), HasSubstr("separated by blanks here"));
  EXPECT_THAT(error_of("x;y\n1\n"), HasSubstr("separated by semicolons here"));
  EXPECT_THAT(error_of("x,y\n1,2,\n"), HasSubstr("there are 3 fields"));
  EXPECT_THAT(error_of("x\n1\n\n2\n"), HasSubstr("'f.csv', line 3: the line is blank"));
  EXPECT_THAT(error_of("x\n\n \n# c\n2\n"), HasSubstr("line 2: the line is blank"));
}

TEST(Csv, refuses_what_is_no_table) {
  EXPECT_THAT(error_of(""), HasSubstr("'f.csv' has no rows (it is empty"));
  EXPECT_THAT(error_of("\n# 1\n"), HasSubstr("all of it is comments"));
  EXPECT_THAT(error_of("x,y\n"), HasSubstr("has no rows (only a header line)"));
  EXPECT_THAT(error_of("x\n\"1\n2\n3"), HasSubstr("line 2: a quoted field is never closed"));
  EXPECT_THAT(error_of("x\n\"1\"2\n"), HasSubstr("line 2: something stands behind the quote"));
  EXPECT_THAT(error_of("x,y\n\"1\"2,3\n"), HasSubstr("line 2: something stands behind the quote"));
  EXPECT_THAT(error_of("x,y\n1\"2,3\n"), HasSubstr("line 2: a quote stands in a field"));
  EXPECT_THAT(error_of(std::string("x\n1\n\0\n", 6)),
              HasSubstr("line 3: there is a byte of value 0"));
  EXPECT_THAT(error_of("\xFF\xFEx"), HasSubstr("the text is UTF-16"));
  EXPECT_THAT(error_of("x,x\n1,2\n"), HasSubstr("two columns x"));
  EXPECT_THAT(error_of("y,z\n1,2\n"), HasSubstr("no column x (its columns are y, z)"));
  EXPECT_THAT(error_of("y,z\n1,2\n", {"x~data(f, 3)"}),
              HasSubstr("no column 3 (it has 2 columns)"));
}

TEST(Csv, has_limits) {
  EXPECT_EQ(error_of("x,y,z\n1,2,3\n4,5,6\n", kXY, 4), "no error");
  EXPECT_THAT(error_of("x,y,z\n1,2,3\n4,5,6\n", kXY, 3),
              HasSubstr("'f.csv' has more than 3 numbers in the columns that are used"));
  EXPECT_THAT(error_of("1\n2\n", kX, 1), HasSubstr("more than 1 numbers"));
  std::string wide = "1";
  for (std::size_t i = 1; i < kMaxDataColumns; ++i) wide += ",1";
  EXPECT_EQ(read(wide, {"x~data(f,16384)"}).values.back(), std::vector<double>{1});
  EXPECT_THAT(error_of(wide + ",1", {"x~data(f,1)"}),
              HasSubstr("line 1: there are more than 16384 fields"));
}

}  // namespace
}  // namespace oche::job

#include "formula/data_column.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <vector>

#include "formula/definitions.h"
#include "formula/formula_error.h"
#include "formula/lower.h"
#include "formula/oracle.h"
#include "math/step_table.h"

namespace oche::formula {
namespace {

using testing::HasSubstr;
using Arguments = std::vector<std::string>;

DataColumn data_of(const std::string& input) {
  return parse_definition({"x", input}).inputs.front().data.value();
}

std::string error_of(const Arguments& arguments, const DataSets& sets = {}) {
  try {
    lower(parse_definition(arguments), sets);
    return "no error";
  } catch (const FormulaError& error) {
    return error.what();
  }
}

const DataSets kSets = {{"a.csv", {{1, 2, 4, 8}, {3, -1, 0, 2}}}, {"b.csv", {{5, 6, 7}}}};

Program lowered(const Arguments& arguments) { return lower(parse_definition(arguments), kSets); }

TEST(DataColumn, is_named_by_a_file_and_a_column) {
  struct Case {
    const char* input;
    const char* set;
    std::variant<std::monostate, std::string, std::size_t> column;
    const char* canonical;
  };
  const Case cases[] = {
      {"x~data(points.csv)", "points.csv", {}, "data(points.csv)"},
      {"x ~ data ( ../a-b/c_1.csv~ , 2 ) ", "../a-b/c_1.csv~", std::size_t{2},
       "data(../a-b/c_1.csv~,2)"},
      {"x~data(~/d+e, height)", "~/d+e", "height", "data(~/d+e,height)"},
      {"x~data(\"my points, (1).csv\", 'Height \"cm\"')", "my points, (1).csv", "Height \"cm\"",
       "data(\"my points, (1).csv\",'Height \"cm\"')"},
      {"x~data('a.csv', \"b\")", "a.csv", "b", "data(a.csv,b)"},
      {"x~data(7, \"2019\")", "7", "2019", "data(7,\"2019\")"},
      {"x~data(a.csv, 0010)", "a.csv", std::size_t{10}, "data(a.csv,10)"},
      {"x~data(\"\u00e9t\u00e9.csv\")", "\u00e9t\u00e9.csv", {}, "data(\"\u00e9t\u00e9.csv\")"},
  };
  for (const Case& c : cases) {
    const DataColumn data = data_of(c.input);
    EXPECT_EQ(data.set, c.set);
    EXPECT_EQ(data.column, c.column) << c.input;
    EXPECT_EQ(canonical(data), c.canonical);
    EXPECT_EQ(canonical(data_of(std::string("x~") + c.canonical)), c.canonical);
  }
}

TEST(DataColumn, knows_where_its_name_stands) {
  const std::string second = "y=1, x~data( \"a b.csv\" ,2), z=3";
  const Definition definition = parse_definition({"x+y+z", second});
  const DataColumn& data = definition.inputs[1].data.value();
  EXPECT_EQ(data.argument, 1u);
  EXPECT_EQ(second.substr(data.offset, data.length), "\"a b.csv\"");
  EXPECT_EQ(canonical(definition), "x+y+z, y=1, x~data(\"a b.csv\",2), z=3");
}

TEST(DataColumn, is_refused_with_a_place_where_it_is_written_wrongly) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"x~data()", "data has no file"},
      {"x~data( , 1)", "data has no file"},
      {"x~data(my points.csv)", "other characters than letters, digits and _-./~+"},
      {"x~data(a.csv, 1, 2)", "one column"},
      {"x~data(a.csv,)", "no column after the comma"},
      {"x~data(a.csv, 0)", "there is no column 0"},
      {"x~data(a.csv, 99999999999999999999999)", "there is no column 9999"},
      {"x~data(\"a.csv)", "the quote \" is never closed"},
      {"x~data('')", "no name in the quotes"},
      {"x~data('a\x01')", "control character"},
      {"x~data(a.csv", "never closed"},
      {"x~data(a.csv)[0..1]", "are drawn whole"},
      {"x~data", "data(file, column)"},
      {"x~csv(a.csv)", "did you mean data?"},
  };
  for (const auto& [input, error] : cases) {
    EXPECT_THAT(error_of({"x", input}), HasSubstr(error));
    EXPECT_THAT(error_of({"x", input}), HasSubstr("\n  x~")) << "its text is not shown";
  }
  EXPECT_THAT(error_of({"x", std::string("x~data(a\0.csv)", 14)}), HasSubstr("one column"));
}

TEST(DataColumn, of_one_set_share_the_row) {
  const Program p = lowered({"x+y+z", "x~data(a.csv,1)", "z~data(b.csv,1)", "y~data(a.csv,2)"});
  EXPECT_EQ(p.dimensions, 2u);
  EXPECT_EQ(p.inputs[0].dimension, p.inputs[2].dimension);
  EXPECT_NE(p.inputs[0].dimension, p.inputs[1].dimension);
  const double x[] = {1, 2, 4, 8};
  const double y[] = {3, -1, 0, 2};
  for (int row = 0; row < 4; ++row) {
    const std::vector<double> values = evaluate_all(p, std::vector{(row + 0.5) / 4, 0.5});
    EXPECT_EQ(values[p.inputs[0].value], x[row]);
    EXPECT_EQ(values[p.inputs[2].value], y[row]);
    EXPECT_EQ(values[p.inputs[1].value], 6);
  }
}

TEST(DataColumn, in_arrays_shares_the_row_index_by_index) {
  const Program p =
      lowered({"x[1]", "x[1..3]~data(a.csv,1)", "y[1..3]~data(a.csv,2)", "z~data(a.csv,1)"});
  EXPECT_EQ(p.dimensions, 4u);
  const std::vector<double> values = evaluate_all(p, std::vector{0.1, 0.4, 0.9, 0.6});
  const double expected[] = {1, 2, 8, 3, -1, 2, 4};
  for (std::size_t i = 0; i < 7; ++i) {
    EXPECT_EQ(values[p.inputs[i].value], expected[i]) << p.inputs[i].name;
  }
  EXPECT_THAT(error_of({"x[1]", "x[1..3]~data(a.csv,1)", "y[0..2]~data(a.csv,2)"}, kSets),
              HasSubstr("the arrays x and y have other indices"));
  const Program loop =
      lowered({"sum(j=1..3, x[j]*y[j])", "x[1..3]~data(a.csv,1)", "y[1..3]~data(a.csv,2)"});
  EXPECT_EQ(evaluate(loop, std::vector{0.1, 0.4, 0.9})[0], 1 * 3 - 2 * 1 + 8 * 2);
}

TEST(DataColumn, draws_each_row_as_often) {
  for (const std::size_t rows : {1, 2, 3, 7, 1000}) {
    std::vector<double> column(rows);
    for (std::size_t i = 0; i < rows; ++i) column[i] = static_cast<double>(i);
    const Program p = lower(parse_definition({"x", "x~data(d,1)"}), {{"d", {column}}});
    std::vector<int> count(rows);
    constexpr int kEach = 20;
    const auto n = static_cast<double>(rows * kEach);
    for (double i = 0.5; i < n; i += 1) {
      ++count[static_cast<std::size_t>(evaluate(p, std::vector{i / n})[0])];
    }
    EXPECT_THAT(count, testing::Each(kEach)) << rows;
  }
}

TEST(DataColumn, has_its_first_and_last_row_at_the_ends) {
  constexpr std::size_t kMost = math::StepTable::kMaxOutcomes;
  for (const std::size_t rows :
       {std::size_t{1}, std::size_t{3}, std::size_t{65536}, std::size_t{65537}, kMost - 1, kMost}) {
    std::vector<double> column(rows, 0.0);
    column.front() = 1.0;
    column.back() = 2.0;
    const Program p = lower(parse_definition({"x", "x~data(d,1)"}), {{"d", {column}}});
    EXPECT_EQ(evaluate(p, std::vector{0x1p-53})[0], column.front());
    EXPECT_EQ(evaluate(p, std::vector{1 - 0x1p-53})[0], 2.0) << rows;
  }
}

TEST(DataColumn, is_refused_where_it_cannot_be_drawn) {
  EXPECT_THAT(error_of({"x", "x~data(a.csv,1)"}), HasSubstr("there are no rows for data(a.csv,1)"));
  EXPECT_THAT(error_of({"x", "x~data(a.csv,3)"}, kSets), HasSubstr("there are no rows"));
  EXPECT_THAT(error_of({"x", "x~data(a.csv)"}, kSets), HasSubstr("there are no rows"));
  EXPECT_THAT(error_of({"x", "x~data(a.csv,1)", "y~normal(0,1)", "corr(y,x)=0.5"}, kSets),
              HasSubstr("x cannot be correlated by corr (the rows of its data set"));
  EXPECT_THAT(error_of({"x", "x~data(a.csv,1)", "y~gamma(x,1)"}, kSets),
              HasSubstr("depends on other inputs"));
  EXPECT_THAT(error_of({"z[1]", "x~data(a.csv,1)", "z[1..x]=0..1"}, kSets),
              HasSubstr("no constant"));
}

TEST(DataColumn, may_be_the_end_of_a_range) {
  const Program p = lowered({"y", "x~data(a.csv,1)", "y=0..x"});
  // In row 3, x = 4: y = 4u with weight 4.
  EXPECT_EQ(evaluate(p, std::vector{0.6, 0.25})[0], 4.0);
}

}  // namespace
}  // namespace oche::formula

#include "formula/definitions.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "formula/canonical.h"
#include "formula/formula_error.h"

namespace oche::formula {
namespace {

using testing::HasSubstr;
using testing::Not;
using Arguments = std::vector<std::string>;

std::string canonical_of(const Arguments& arguments) {
  return canonical(parse_definition(arguments));
}

std::string error_of(const Arguments& arguments, const Limits& limits = {}) {
  try {
    return std::string("no error: ") + canonical(parse_definition(arguments, limits));
  } catch (const FormulaError& error) {
    return error.what();
  }
}

TEST(Definition, reads_each_kind_of_input) {
  const Definition definition =
      parse_definition({"a*x+y", "x = 1 .. 2", "y~normal(0, 1)", " a=3 "});
  EXPECT_EQ(canonical(definition.expression), "a*x+y");
  ASSERT_EQ(definition.inputs.size(), 3u);
  const InputDefinition& x = definition.inputs[0];
  EXPECT_EQ(x.name, "x");
  EXPECT_EQ(x.kind, InputDefinition::Kind::range);
  EXPECT_EQ(canonical(x.low), "1");
  EXPECT_EQ(canonical(x.high), "2");
  const InputDefinition& y = definition.inputs[1];
  EXPECT_EQ(y.name, "y");
  EXPECT_EQ(y.kind, InputDefinition::Kind::distribution);
  EXPECT_EQ(y.distribution, "normal");
  ASSERT_EQ(y.arguments.size(), 2u);
  EXPECT_EQ(canonical(y.arguments[1]), "1");
  const InputDefinition& a = definition.inputs[2];
  EXPECT_EQ(a.name, "a");
  EXPECT_EQ(a.kind, InputDefinition::Kind::constant);
  EXPECT_EQ(canonical(a.value), "3");
}

TEST(Definition, may_stand_in_one_argument_or_many) {
  const std::string expected = "1/x+min(x,y), x=1..2, y~uniform(-1,1)";
  EXPECT_EQ(canonical_of({"1/x+min(x,y)", "x=1..2", "y~uniform(-1,1)"}), expected);
  EXPECT_EQ(canonical_of({"1/x+min(x,y), x=1..2, y~uniform(-1,1)"}), expected);
  EXPECT_EQ(canonical_of({"1/x+min(x,y)", "x=1..2,y~uniform(-1,1)"}), expected);
  EXPECT_EQ(canonical_of({"1/x+min(x,y),x=1..2", "y~uniform(-1,1)"}), expected);
}

TEST(Definition, keeps_its_canonical_text) {
  for (const char* text :
       {"x, x=-inf..inf", "x*y, x=0..1, y=0..x", "x==1, x=0..1", "x<=1, x~normal(2^0.5,-pi)",
        "c, c=3", "1, x=1..1", "x, x=2..1", "x+n, n=3, x~uniform(-n,n^2)", "1", "-x, x=0..1"}) {
    EXPECT_EQ(canonical_of({text}), text);
  }
}

TEST(Definition, allows_inputs_that_nothing_uses) {
  EXPECT_EQ(canonical_of({"1", "x=0..2"}), "1, x=0..2");
}

TEST(Definition, canonical_input_is_the_same_for_all_spellings) {
  const Definition definition =
      parse_definition({"1", "x = 1.0 .. pow(2,3)", "y ~ normal( 0 , 1e0 )", "z = +3."});
  EXPECT_EQ(canonical(definition.inputs[0]), "x=1..2^3");
  EXPECT_EQ(canonical(definition.inputs[1]), "y~normal(0,1)");
  EXPECT_EQ(canonical(definition.inputs[2]), "z=3");
}

TEST(Definition, needs_an_expression) {
  const std::string advice = "; write one, such as x^2+y^2<=1";
  EXPECT_EQ(error_of({}), "there is no expression (it says what to estimate)" + advice);
  EXPECT_EQ(error_of({""}), "the expression is empty (there is nothing to estimate)" + advice);
  EXPECT_EQ(error_of({" "}), "the expression is empty (there is nothing to estimate)" + advice);
  EXPECT_EQ(error_of({"x=1..2"}),
            "= is not an operator of expressions (it gives an input its range or value); did you "
            "mean ==, or to put an expression before the inputs?\n"
            "  x=1..2\n"
            "   ^");
}

struct Mistake {
  std::string input;
  std::string error;  // behind the message: the line and the carets
};

TEST(Definition, explains_mistakes_in_inputs) {
  const Mistake mistakes[] = {
      {"", "an input is empty (it has nothing but spaces); write one such as x=0..1, or remove it"},
      {"x",
       "x is not an input (it has no range, distribution or value); write x=0..1, x~normal(0,1) or "
       "x=3\n"
       "  x\n"
       "  ^"},
      {"x==1",
       "this is a comparison, not an input (an input has a single =); write x=..., or put the "
       "comparison into the expression\n"
       "  x==1\n"
       "   ^~"},
      {"x=",
       "the text ends after = (a number, a name or a bracket must follow); add it\n"
       "  x=\n"
       "    ^"},
      {"x=1..",
       "an end of the range is missing (a range has two, as in x=1..2); write it, -inf or inf "
       "where "
       "there is no bound\n"
       "  x=1..\n"
       "       ^"},
      {"x=..2",
       "an end of the range is missing (a range has two, as in x=1..2); write it, -inf or inf "
       "where "
       "there is no bound\n"
       "  x=..2\n"
       "    ^~"},
      {"x=1..2..3",
       "a third end stands in a range (it goes from one to another); remove it\n"
       "  x=1..2..3\n"
       "        ^~"},
      {"x=1=2",
       "a second = stands in an input (each has one); separate inputs by commas, and write a "
       "comparison as ==\n"
       "  x=1=2\n"
       "     ^"},
      {"x=1..2 y=3",
       "there is no operator between 2 and y (a product needs its *); did you mean 2*y?\n"
       "  x=1..2 y=3\n"
       "         ^"},
      {"x=1..2,",
       "an input is missing after the comma (the text ends there); add one such as x=0..1, or "
       "remove the comma\n"
       "  x=1..2,\n"
       "         ^"},
      {"3=x",
       "3 does not begin an input (an input begins with its name); write one as x=0..1, "
       "x~normal(0,1) or x=3\n"
       "  3=x\n"
       "  ^"},
      {"x=1,5",
       "5 does not begin an input (an input begins with its name); write one as x=0..1, "
       "x~normal(0,1) or x=3, or a decimal number with a point\n"
       "  x=1,5\n"
       "      ^"},
      {"x in 1..2",
       "in is not part of an input (a range is given by =); write x=1..2\n"
       "  x in 1..2\n"
       "    ^~"},
      {"x~3",
       "there is no distribution after ~ (such as normal(0,1)); write its name, or a range as "
       "x=0..1\n"
       "  x~3\n"
       "    ^"},
      {"x~norml(0,1)",
       "norml is not a distribution (the distributions are uniform(low, high), normal(mean, sd)); "
       "did you mean normal?\n"
       "  x~norml(0,1)\n"
       "    ^~~~~"},
      {"x~cauchy(0,1)",
       "cauchy is not a distribution (the distributions are uniform(low, high), normal(mean, sd)); "
       "use one of them\n"
       "  x~cauchy(0,1)\n"
       "    ^~~~~~"},
      {"x~Gauss(0,1)",
       "Gauss is not a distribution (the distributions are uniform(low, high), normal(mean, sd)); "
       "did you mean normal?\n"
       "  x~Gauss(0,1)\n"
       "    ^~~~~"},
      {"x~normal",
       "normal has no arguments (they stand in brackets); write normal(mean, sd)\n"
       "  x~normal\n"
       "    ^~~~~~"},
      {"x~normal(0)",
       "normal has 1 argument (it takes 2); write normal(mean, sd)\n"
       "  x~normal(0)\n"
       "    ^~~~~~"},
      {"x~uniform()",
       "uniform has 0 arguments (it takes 2); write uniform(low, high)\n"
       "  x~uniform()\n"
       "    ^~~~~~~"},
      {"x~normal(0,1",
       "this ( is never closed (no ) follows its expression); add a )\n"
       "  x~normal(0,1\n"
       "          ^"},
      {"x~normal(0,1)+2",
       "+ cannot follow ) (there is no such expression); write an operator or end the expression\n"
       "  x~normal(0,1)+2\n"
       "               ^"},
      {"x=2z",
       "there is no operator between 2 and z (a product needs its *); did you mean 2*z?\n"
       "  x=2z\n"
       "     ^"},
  };
  for (const Mistake& mistake : mistakes) {
    EXPECT_EQ(error_of({"1", mistake.input}), mistake.error) << mistake.input;
  }
}

TEST(Definition, checks_names) {
  const std::string why = " has no input (each variable of an expression is one); ";
  EXPECT_EQ(error_of({"1+x"}), "x" + why + "add x=0..1 or x~uniform(0,1)\n  1+x\n    ^");
  EXPECT_EQ(error_of({"widht*2", "width=0..1"}),
            "widht" + why +
                "add widht=0..1 or widht~uniform(0,1), or did you mean width?\n  widht*2\n  ^~~~~");
  EXPECT_THAT(error_of({"PI*x", "x=0..1"}), HasSubstr("or did you mean pi?\n  PI*x\n  ^~"));
  EXPECT_THAT(error_of({"X", "x=0..1"}), HasSubstr("or did you mean x?"));
  EXPECT_THAT(error_of({"xy", "x=0..1", "y=0..1"}), HasSubstr("; did you mean x*y?"));
  EXPECT_THAT(error_of({"true", "x=0..1"}), HasSubstr("or did you mean 1?"));
  EXPECT_EQ(error_of({"x", "x=0..1", "y=1,x=2"}),
            "the input x is there twice (each input has one range, distribution or value); remove "
            "one\n  y=1,x=2\n      ^");
  EXPECT_EQ(error_of({"1", "e=1"}),
            "e cannot be the name of an input (it is a constant); choose another, such as e1\n"
            "  e=1\n  ^");
  EXPECT_THAT(error_of({"1", "min~normal(0,1)"}), HasSubstr("(it is a function); choose"));
  EXPECT_THAT(error_of({"1", "and=1"}), HasSubstr("(it is an operator); choose"));
}

TEST(Definition, lets_inputs_use_earlier_inputs_only) {
  const std::string rule = " (an input may only use earlier inputs); ";
  EXPECT_EQ(
      error_of({"x*y", "y=0..2*x", "x=0..1"}),
      "the input y uses x, which comes later" + rule + "put y after x\n  y=0..2*x\n         ^");
  EXPECT_EQ(
      error_of({"x", "x~normal(0,x)"}),
      "the input x uses itself" + rule + "write it without x\n  x~normal(0,x)\n             ^");
  EXPECT_EQ(error_of({"x", "x=n..1"}),
            "in the input x, n has no input (each variable of an expression is one); add n=0..1 or "
            "n~uniform(0,1) before x\n  x=n..1\n    ^");
}

TEST(Definition, collects_the_problems_of_all_arguments) {
  EXPECT_EQ(error_of({"x*", "y=", "z=1", "z=2"}),
            "the text ends after * (a number, a name or a bracket must follow); add it\n"
            "  x*\n"
            "    ^\n"
            "the text ends after = (a number, a name or a bracket must follow); add it\n"
            "  y=\n"
            "    ^\n"
            "the input z is there twice (each input has one range, distribution or value); remove "
            "one\n"
            "  z=2\n"
            "  ^");
}

// Names that a broken argument would have defined must not be reported as missing.
TEST(Definition, reports_no_consequences_of_other_mistakes) {
  const std::string error = error_of({"x+y", "x=1..", "y=0..x"});
  EXPECT_THAT(error, HasSubstr("an end of the range is missing"));
  EXPECT_THAT(error, Not(HasSubstr("has no input")));
}

TEST(Definition, shows_the_first_ten_problems) {
  std::string expression = "v0";
  for (int i = 1; i < 12; ++i) expression.append("+v").append(std::to_string(i));
  const std::string error = error_of({expression});
  EXPECT_THAT(error, HasSubstr("v9 has no input"));
  EXPECT_THAT(error, Not(HasSubstr("v10 has no input")));
  EXPECT_THAT(error, testing::EndsWith("\nand 2 more problems"));
}

TEST(Definition, limits_bytes_and_inputs) {
  EXPECT_EQ(error_of({std::string().append(10485760, 'x')}),
            "the expression has 10485760 bytes (the limit is 65536); write a shorter one");
  EXPECT_EQ(error_of({"x", std::string("x=").append(65534, '1')}),
            "the expression and its inputs have 65537 bytes (the limit is 65536); write a shorter "
            "one");
  Arguments many = {"1"};
  for (int i = 0; i < 1024; ++i)
    many.push_back(std::string("v").append(std::to_string(i)).append("=1"));
  EXPECT_THAT(error_of(many), HasSubstr("no error"));
  many.push_back("x=1");
  EXPECT_EQ(error_of(many), "there are too many inputs (the limit is 1024); use fewer\n  x=1\n  ^");
}

TEST(Definition, refuses_bytes_that_are_no_text_in_inputs) {
  EXPECT_THAT(error_of({"x", std::string("x=1\0", 4)}), HasSubstr("control character \\x00"));
  EXPECT_THAT(error_of({"x", "x=\xff"}), HasSubstr("the byte \\xFF is no character"));
}

TEST(Distributions, have_rows_that_can_be_found) {
  for (const Distribution& distribution : distributions()) {
    EXPECT_EQ(find_distribution(distribution.name), &distribution);
    EXPECT_FALSE(distribution.parameters.empty());
  }
  EXPECT_EQ(find_distribution("cauchy"), nullptr);
}

}  // namespace
}  // namespace oche::formula

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

struct Mistake {
  std::string input;
  std::string error;  // behind the message: the line and the carets
};

TEST(Definition, reads_each_kind_of_input) {
  const Definition definition =
      parse_definition({"a*x+y", "x = 1 .. 2", "y~normal(0, 1)", " a=3 "});
  EXPECT_EQ(canonical(definition.outputs[0]), "a*x+y");
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

TEST(Definition, reads_lets_outputs_and_arrays) {
  const Definition definition = parse_definition(
      {"let r = hypot(a, x[2]); exp(-r^2); let s=r*2; s+r, a=0..1", "x[1..2*4] ~ normal(0, a)"});
  ASSERT_EQ(definition.lets.size(), 2u);
  EXPECT_EQ(definition.lets[0].name, "r");
  EXPECT_EQ(canonical(definition.lets[0].value), "hypot(a,x[2])");
  EXPECT_EQ(definition.lets[1].name, "s");
  ASSERT_EQ(definition.outputs.size(), 2u);
  EXPECT_EQ(canonical(definition.outputs[0]), "exp(-r^2)");
  EXPECT_EQ(canonical(definition.outputs[1]), "s+r");
  ASSERT_EQ(definition.inputs.size(), 2u);
  EXPECT_FALSE(definition.inputs[0].elements);
  ASSERT_TRUE(definition.inputs[1].elements);
  EXPECT_EQ(canonical(definition.inputs[1].elements->first), "1");
  EXPECT_EQ(canonical(definition.inputs[1].elements->last), "2*4");
  EXPECT_EQ(canonical(definition),
            "let r=hypot(a,x[2]); let s=r*2; exp(-r^2); s+r, a=0..1, x[1..2*4]~normal(0,a)");
}

TEST(Definition, keeps_canonical_text_of_lets_outputs_and_arrays) {
  for (const char* text :
       {"x; x^2, x=0..1", "let a=2; let b=a*x; b, x=0..1", "sum(j=1..8,x[j]), x[1..8]=0..1",
        "sum(i=1..n,prod(j=i..n,x[j])), n=3, x[1..n]=2", "x[-1]+y[0], x[-1..1]=0..1, y[0..0]=1",
        "let r=x[1]; r; r; sum(j=1..2,r+x[j]), x[1..2]~uniform(0,1)"}) {
    EXPECT_EQ(canonical_of({text}), text);
  }
}

TEST(Definition, explains_mistakes_in_lets_and_outputs) {
  const std::string usage = "; write let r=hypot(x,y); and then the expression that uses r";
  const Mistake mistakes[] = {
      {"x;",
       "the text ends after ; (a number, a name or a bracket must follow); add it\n  x;\n    ^"},
      {"x;;x",
       "there is nothing before the ; (it ends an output or a let); write an expression before it, "
       "or remove it\n  x;;x\n    ^"},
      {";x",
       "there is nothing before the ; (it ends an output or a let); write an expression before it, "
       "or remove it\n  ;x\n  ^"},
      {"let a=x",
       "there is no output after the last let (a let only names a value for what follows it); "
       "write "
       "; and an expression\n  let a=x\n         ^"},
      {"let 2=x; x",
       "there is no name after let (it gives a value a name)" + usage + "\n  let 2=x; x\n      ^"},
      {"let a x; x", "there is no = after let a (it stands between the name and the value)" +
                         usage + "\n  let a x; x\n        ^"},
      {"a=x; a",
       "= is not an operator of expressions (it gives an input its range or value); did you mean "
       "==, or to put an expression before the inputs, or let a=...;?\n  a=x; a\n   ^"},
      {"x, y=1; 2",
       "a ; stands among the inputs (it separates outputs and lets, which come before the inputs); "
       "separate inputs by commas\n  x, y=1; 2\n        ^"},
      {"let a=b; let b=x; a",
       "the let b is used before it ends (a let serves what follows its ;); put it first\n"
       "  let a=b; let b=x; a\n        ^"},
      {"let a=a+1; a",
       "the let a is used before it ends (a let serves what follows its ;); put it first\n"
       "  let a=a+1; a\n        ^"},
      {"a; let a=x; a",
       "the let a is used before it ends (a let serves what follows its ;); put it first\n"
       "  a; let a=x; a\n  ^"},
      {"let x=1; x",
       "x is there twice (it is an input too); choose another name for one of them\n"
       "  let x=1; x\n      ^"},
      {"let a=1; let a=2; a",
       "a is there twice (each let has a name of its own); choose another name for one of them\n"
       "  let a=1; let a=2; a\n               ^"},
      {"let min=1; min(1,2)",
       "min cannot be the name of a let (it is a function); choose another, such as min1\n"
       "  let min=1; min(1,2)\n      ^~~"},
      {"let radius=x; radus",
       "radus has no input (each variable of an expression is one); add radus=0..1 or "
       "radus~uniform(0,1), or did you mean radius?\n  let radius=x; radus\n                ^~~~~"},
  };
  for (const Mistake& mistake : mistakes) {
    EXPECT_EQ(error_of({mistake.input, "x=0..1"}), mistake.error) << mistake.input;
  }
}

TEST(Definition, explains_mistakes_in_the_use_of_arrays) {
  const Mistake mistakes[] = {
      {"a[1]",
       "a has no elements (it is one input, not an array); write it without an index\n"
       "  a[1]\n  ^"},
      {"x",
       "x is an array (each of its elements is an input); write an element, as x[0]\n"
       "  x\n  ^"},
      {"let r=a; r[1]",
       "r has no elements (it is a let, which names one value); write it without an index\n"
       "  let r=a; r[1]\n           ^"},
      {"z[1]",
       "z has no input (the elements of an array are inputs); add z[1..8]=0..1 or "
       "z[1..8]~uniform(0,1)\n  z[1]\n  ^"},
      {"sum(a=1..8,a)",
       "a cannot be an index (it is an input); choose another name for one of them\n"
       "  sum(a=1..8,a)\n      ^"},
      {"let r=a; sum(r=1..8,r)",
       "r cannot be an index (it is a let); choose another name for one of them\n"
       "  let r=a; sum(r=1..8,r)\n               ^"},
      {"1, y[3]=2",
       "an array is given as a whole (from its first index to its last); write y[1..8]=0..1\n"
       "  1, y[3]=2\n        ^"},
      {"1, y[1..3=2",
       "this [ is never closed (no ] follows its expression); add a ]\n"
       "  1, y[1..3=2\n      ^"},
      {"let r=a; r, y=0..r",
       "the input y uses the let r (an input may only use earlier inputs); write the value of r "
       "instead\n  let r=a; r, y=0..r\n                   ^"},
      {"1, let=3",
       "let cannot be the name of an input (it begins a let-binding); choose another, "
       "such as let1\n  1, let=3\n     ^~~"},
  };
  for (const Mistake& mistake : mistakes) {
    EXPECT_EQ(error_of({mistake.input, "a=0..1", "x[0..2]=0..1"}), mistake.error) << mistake.input;
  }
}

TEST(Definition, needs_an_expression) {
  const std::string advice = "; write one, such as x^2+y^2<=1";
  EXPECT_EQ(error_of({}), "there is no expression (it says what to estimate)" + advice);
  EXPECT_EQ(error_of({""}), "the expression is empty (there is nothing to estimate)" + advice);
  EXPECT_EQ(error_of({" "}), "the expression is empty (there is nothing to estimate)" + advice);
  EXPECT_EQ(error_of({"x=1..2"}),
            "= is not an operator of expressions (it gives an input its range or value); did you "
            "mean ==, or to put an expression before the inputs, or let x=...;?\n"
            "  x=1..2\n"
            "   ^");
}

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
       "norml is not a distribution (oche --help distributions lists them); "
       "did you mean normal?\n"
       "  x~norml(0,1)\n"
       "    ^~~~~"},
      {"x~rayleigh(0,1)",
       "rayleigh is not a distribution (oche --help distributions lists them); "
       "use one of them\n"
       "  x~rayleigh(0,1)\n"
       "    ^~~~~~~~"},
      {"x~Gauss(0,1)",
       "Gauss is not a distribution (oche --help distributions lists them); "
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
  std::string outputs = "1";
  for (int i = 1; i < 64; ++i) outputs += ";1";
  EXPECT_THAT(error_of({outputs}), HasSubstr("no error"));
  EXPECT_THAT(error_of({outputs + ";1"}),
              HasSubstr("there are too many outputs (the limit is 64); use fewer\n"));
  Limits two_lets;
  two_lets.max_lets = 2;
  EXPECT_THAT(error_of({"let a=1; let b=2; a"}, two_lets), HasSubstr("no error"));
  EXPECT_THAT(error_of({"let a=1; let b=2; let c=3; a"}, two_lets),
              HasSubstr("there are too many lets (the limit is 2); use fewer\n"));
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
  EXPECT_EQ(find_distribution("rayleigh"), nullptr);
}

}  // namespace
}  // namespace oche::formula

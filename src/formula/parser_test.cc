#include "formula/parser.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace oche::formula {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::string operation_name(Operation operation, std::size_t operands) {
  if (operation == Operation::negate) return "neg";
  if (const Operator* const op = operator_of(operation)) return std::string(op->symbol);
  return std::string(function_name(operation)) + "/" + std::to_string(operands);
}

// The tree as "(+ 1 (* 2 x))": says nothing of precedence, so it tests the parser and not the
// canonical printer.
std::string prefix_form(const Tree& tree) {
  std::vector<std::string> forms;
  for (const Node& node : tree.nodes) {
    std::string form;
    switch (node.kind) {
      case NodeKind::number: {
        form = std::to_string(node.number);
        form.erase(form.find_last_not_of('0') + 1);
        if (form.back() == '.') form.pop_back();
        break;
      }
      case NodeKind::constant:
        form = constants()[node.name].name;
        break;
      case NodeKind::variable:
        form = tree.variables[node.name];
        break;
      case NodeKind::index:
        form = "@" + tree.indices[node.name].name;
        break;
      case NodeKind::element:
        form = tree.variables[node.name] + "[" + forms[tree.operands_of(node)[0]] + "]";
        break;
      case NodeKind::operation:
        form = "(" + operation_name(node.operation, node.operand_count);
        if (is_loop(node)) form += " " + tree.indices[node.name].name;
        for (const NodeId operand : tree.operands_of(node)) form += " " + forms[operand];
        form += ")";
        break;
    }
    forms.push_back(form);
  }
  return forms[tree.root];
}

std::string form(std::string_view text) { return prefix_form(parse(text)); }

TEST(Parser, knows_precedence) {
  EXPECT_EQ(form("a+b*c^d"), "(+ a (* b (^ c d)))");
  EXPECT_EQ(form("a^b*c+d"), "(+ (* (^ a b) c) d)");
  EXPECT_EQ(form("a<b+c"), "(< a (+ b c))");
  EXPECT_EQ(form("not a<b and c or d"), "(or (and (not (< a b)) c) d)");
  EXPECT_EQ(form("a or b and not c==d"), "(or a (and b (not (== c d))))");
  EXPECT_EQ(form("(a+b)*c"), "(* (+ a b) c)");
  EXPECT_EQ(form("not (a and b)"), "(not (and a b))");
}

TEST(Parser, associates_to_the_left_but_for_power) {
  EXPECT_EQ(form("a-b-c"), "(- (- a b) c)");
  EXPECT_EQ(form("a-b+c"), "(+ (- a b) c)");
  EXPECT_EQ(form("a/b*c/d"), "(/ (* (/ a b) c) d)");
  EXPECT_EQ(form("a and b and c"), "(and (and a b) c)");
  EXPECT_EQ(form("a or b or c"), "(or (or a b) c)");
  EXPECT_EQ(form("a^b^c"), "(^ a (^ b c))");
  EXPECT_EQ(form("a**b^c"), "(^ a (^ b c))");
}

TEST(Parser, binds_power_tighter_than_a_minus_on_its_left) {
  EXPECT_EQ(form("-x^2"), "(neg (^ x 2))");
  EXPECT_EQ(form("(-x)^2"), "(^ (neg x) 2)");
  EXPECT_EQ(form("2^-1"), "(^ 2 (neg 1))");
  EXPECT_EQ(form("2^-x^2"), "(^ 2 (neg (^ x 2)))");
  EXPECT_EQ(form("2^-1*3"), "(* (^ 2 (neg 1)) 3)");
  EXPECT_EQ(form("-a*b"), "(* (neg a) b)");
  EXPECT_EQ(form("a*-b"), "(* a (neg b))");
  EXPECT_EQ(form("a - -b"), "(- a (neg b))");
  EXPECT_EQ(form("--a"), "(neg (neg a))");
  EXPECT_EQ(form("-a<b"), "(< (neg a) b)");
  EXPECT_EQ(form("not not a"), "(not (not a))");
}

TEST(Parser, leaves_no_node_for_a_plus_sign) {
  EXPECT_EQ(form("+x"), "x");
  EXPECT_EQ(form("a+ +b"), "(+ a b)");
  EXPECT_EQ(form("-+-x"), "(neg (neg x))");
  EXPECT_EQ(form("+x^2"), "(^ x 2)");
}

TEST(Parser, reads_calls_and_constants) {
  EXPECT_EQ(form("min(a,b)"), "(min/2 a b)");
  EXPECT_EQ(form("max( a , b+1 , c )"), "(max/3 a (+ b 1) c)");
  EXPECT_EQ(form("abs(-x)"), "(abs/1 (neg x))");
  EXPECT_EQ(form("if(a<b, c, d)"), "(if/3 (< a b) c d)");
  EXPECT_EQ(form("sqrt(exp(log(sin(cos(tan(x))))))"),
            "(sqrt/1 (exp/1 (log/1 (sin/1 (cos/1 (tan/1 x))))))");
  EXPECT_EQ(form("pow(a,b+1)"), "(^ a (+ b 1))");
  EXPECT_EQ(form("sin (x)"), "(sin/1 x)");
  EXPECT_EQ(form("pi*e-inf"), "(- (* pi e) inf)");
  EXPECT_EQ(form("min(not a, b and c)"), "(min/2 (not a) (and b c))");
}

TEST(Parser, gives_constants_their_values) {
  EXPECT_EQ(parse("pi").nodes[0].number, 0x1.921fb54442d18p+1);
  EXPECT_EQ(parse("e").nodes[0].number, 0x1.5bf0a8b145769p+1);
  EXPECT_EQ(parse("inf").nodes[0].number, std::numeric_limits<double>::infinity());
}

TEST(Parser, lists_nodes_in_post_order_with_places) {
  const Tree tree = parse("x + sin(y)*x");
  EXPECT_THAT(tree.variables, ElementsAre("x", "y"));
  ASSERT_EQ(tree.nodes.size(), 6u);  // x y sin x * +
  EXPECT_EQ(tree.root, 5u);
  EXPECT_EQ(tree.nodes[0].name, 0u);
  EXPECT_EQ(tree.nodes[1].name, 1u);
  EXPECT_EQ(tree.nodes[3].name, 0u);
  EXPECT_EQ(tree.nodes[2].offset, 4u);
  EXPECT_EQ(tree.nodes[2].length, 3u);
  EXPECT_EQ(tree.nodes[5].offset, 2u);
  EXPECT_THAT(tree.operands_of(tree.nodes[5]), ElementsAre(0u, 4u));
  EXPECT_EQ(*tree.source, "x + sin(y)*x");
}

TEST(Parser, allows_a_variable_to_be_named_like_a_distribution) {
  EXPECT_EQ(form("normal*andy"), "(* normal andy)");
}

TEST(Parser, reads_elements_of_arrays) {
  EXPECT_EQ(form("x[3]"), "x[3]");
  EXPECT_EQ(form("x[2*(n+1)]^2"), "(^ x[(* 2 (+ n 1))] 2)");
  EXPECT_EQ(form("x[y[1]]"), "x[y[1]]");
  EXPECT_EQ(form("-x [ 1 ] * x"), "(* (neg x[1]) x)");
}

TEST(Parser, reads_loops_whose_index_is_known_in_the_body_only) {
  EXPECT_EQ(form("sum(j=1..8, x[j+1])"), "(sum/3 j 1 8 x[(+ @j 1)])");
  EXPECT_EQ(form("prod(k = -1 .. n*2 , k)"), "(prod/3 k (neg 1) (* n 2) @k)");
  EXPECT_EQ(form("j+sum(j=1..2,j)+j"), "(+ (+ j (sum/3 j 1 2 @j)) j)");
  EXPECT_EQ(form("sum(j=j..2,1)"), "(sum/3 j j 2 1)");
  EXPECT_EQ(form("sum(i=1..2,sum(j=i..3,x[i]*y[j]))"),
            "(sum/3 i 1 2 (sum/3 j @i 3 (* x[@i] y[@j])))");
  EXPECT_EQ(form("sum(j=1..2,j)*sum(j=3..4,j)"), "(* (sum/3 j 1 2 @j) (sum/3 j 3 4 @j))");
}

struct Mistake {
  std::string text;
  std::size_t column;
  std::string carets;
  std::string message;
};

// Places are those that a reader would point at; carets cover the token to blame.
const Mistake kMistakes[] = {
    {"", 1, "",
     "the expression is empty (there is nothing to estimate); write one, such as x^2+y^2<=1"},
    {" \n ", 1, "",
     "the expression is empty (there is nothing to estimate); write one, such as x^2+y^2<=1"},
    {"x[1", 2, "^", "this [ is never closed (no ] follows its expression); add a ]"},
    {"x[1)", 4, "^",
     "this ) stands where the ] of an index should (brackets close in the order in which they "
     "opened); put the ] before it"},
    {"x[1,2]", 4, "^",
     "a comma stands in an index (an array has one); write one index, as in x[3]"},
    {"x[]", 3, "^",
     "] stands where an operand should (square brackets hold the index of an array, as in x[3]); "
     "did you mean )?"},
    {"[x]", 1, "^",
     "[ stands where an operand should (square brackets hold the index of an array, as in x[3]); "
     "did you mean (?"},
    {"(x)[1]", 4, "^",
     "[ cannot follow ) (an index stands after the name of an array, as in x[3]); write ( for a "
     "bracket"},
    {"x]", 2, "^",
     "this ] closes nothing (no [ before it is open here); remove it, or write x[3] for an element "
     "of an array"},
    {"x;y", 2, "^", "a ; follows the expression (there is one expression here); remove it"},
    {"(x;y)", 3, "^",
     "a ; stands in brackets (it separates outputs and lets); close the bracket before it, or "
     "write a comma"},
    {"1+let", 3, "^~~",
     "let stands inside an expression (it begins a let-binding, before the outputs that use it); "
     "write let r=...; and then the expression"},
    {"sum(x)", 5, "^",
     "sum goes over an index, from one whole number to another (sum(j=1..8, x[j])); write its "
     "index, the range, a comma and what to add, or join a few terms by +"},
    {"prod(j=3,j)", 9, "^",
     "prod goes over an index, from one whole number to another (prod(j=1..8, x[j])); write its "
     "index, the range, a comma and what to multiply, or join a few factors by *"},
    {"sum(e=1..8,e)", 5, "^",
     "e cannot be the index of a sum (it is a constant); choose another name, such as e1"},
    {"sum(j=1..8,prod(j=1..2,j))", 17, "^",
     "j cannot be the index of a product (a loop around it has that index); choose another name, "
     "such as j1"},
    {"sum(j=1..8,j", 4, "^", "this ( is never closed (no ) follows its expression); add a )"},
    {"1+", 3, "^", "the text ends after + (a number, a name or a bracket must follow); add it"},
    {"not", 4, "^", "the text ends after not (a number, a name or a bracket must follow); add it"},
    {"*x", 1, "^",
     "the operator * has nothing on its left (it stands between two operands); write a number, a "
     "name or a bracket before it"},
    {"x*/2", 3, "^",
     "the operator / has nothing on its left (it stands between two operands); write a number, a "
     "name or a bracket before it"},
    {"a or and", 6, "^~~",
     "the operator and has nothing on its left (it stands between two operands); write a number, a "
     "name or a bracket before it"},
    {"((x)", 1, "^", "this ( is never closed (no ) follows its expression); add a )"},
    {"(a)+(b+(c)", 5, "^", "this ( is never closed (no ) follows its expression); add a )"},
    {"1+sin(x", 6, "^", "this ( is never closed (no ) follows its expression); add a )"},
    {"min(x, (y", 8, "^", "this ( is never closed (no ) follows its expression); add a )"},
    {"(x))", 4, "^",
     "this ) closes nothing (there are more ) than ( up to here); remove it, or add a ("},
    {")", 1, "^", "this ) closes nothing (no ( stands before it); remove it"},
    {"()", 2, "^", "there is nothing between ( and ) (brackets hold an expression); write one"},
    {"(x+)", 4, "^",
     "there is nothing between + and ) (a number, a name or a bracket must follow +); add it"},
    {"min(x,)", 7, "^",
     "there is nothing between , and ) (a number, a name or a bracket must follow ,); add it"},
    {"min(,x)", 5, "^",
     "there is nothing before the comma (commas separate arguments and inputs); write an "
     "expression before it, or remove it"},
    {"2x", 2, "^",
     "there is no operator between 2 and x (a product needs its *); did you mean 2*x?"},
    {"2 (x)", 3, "^",
     "there is no operator between 2 and ( (a product needs its *); did you mean 2*(?"},
    {"(a)b", 4, "^",
     "there is no operator between ) and b (a product needs its *); did you mean )*b?"},
    {"x y", 3, "^",
     "there is no operator between x and y (a product needs its *); did you mean x*y?"},
    {"1 2", 3, "^",
     "two numbers stand side by side (there is no operator between 1 and 2); write an operator "
     "between them"},
    {"1.2.3", 4, "^~",
     "1.2.3 is not a number (it has two decimal points); remove one, or write a range as x=1..2"},
    {"0x1F", 2, "^~~",
     "0x1F is not a number (numbers are decimal); write it in decimal, or a product as 0*x1F"},
    {"1_000", 2, "^~~~", "1_000 is not a number (its digits are not grouped); remove the _"},
    {"a AND b", 3, "^~~",
     "AND is not an operator (operators are in lower case); did you mean and?"},
    {"a not b", 3, "^~~",
     "not follows an operand (it has one operand, on its right); write and not, or not, or !="},
    {"1+not x", 3, "^~~",
     "not stands in an operand of + (which binds tighter than not); write it in brackets: (not "
     "...)"},
    {"x=1", 2, "^",
     "= is not an operator of expressions (it gives an input its range or value); did you mean ==, "
     "or to put an expression before the inputs?"},
    {"if(x=1,2,3)", 5, "^",
     "= is not an operator of expressions (it gives an input its range or value); did you mean ==, "
     "or to put an expression before the inputs?"},
    {"x<=y=z", 5, "^",
     "= is not an operator of expressions (it gives an input its range or value); did you mean ==, "
     "or to put an expression before the inputs?"},
    {"x < = y", 5, "^", "= stands apart from < (together they are one operator); write <="},
    {"=x", 1, "^",
     "there is nothing to compare on the left of = (it is no operator by itself); write a == b"},
    {"x~y", 2, "^",
     "~ is not an operator of expressions (it gives an input its distribution); put the expression "
     "first, and the input after a comma"},
    {"1..2", 2, "^~",
     ".. is not an operator of expressions (it stands between the two ends of a range); write an "
     "input as x=1..2"},
    {"1,5", 2, "^",
     "a comma follows the expression (there is one expression here); remove it, or write a decimal "
     "point"},
    {"(1,5)", 3, "^",
     "a comma stands in brackets (commas separate the arguments of a function); remove it, write a "
     "decimal point, or put a function's name before the ("},
    {"0<x<1", 4, "^",
     "comparisons do not chain (a < b is 1 or 0, which < would compare); write a<b and b<c"},
    {"a==b!=c", 5, "^~",
     "comparisons do not chain (a == b is 1 or 0, which != would compare); write a==b and b!=c"},
    {"sin+1", 1, "^~~", "sin is a function (its arguments stand in brackets); write sin(x)"},
    {"if x", 1, "^~",
     "if is a function (its arguments stand in brackets); write if(condition, a, b)"},
    {"sqrt()", 1, "^~~~", "sqrt has 0 arguments (it takes 1); write sqrt(x)"},
    {"sqrt(1,2)", 1, "^~~~", "sqrt has 2 arguments (it takes 1); write sqrt(x)"},
    {"1+min(x)", 3, "^~~", "min has 1 argument (it takes 2 or more); write min(a, b, ...)"},
    {"if(a,b)", 1, "^~", "if has 2 arguments (it takes 3); write if(condition, a, b)"},
    {"pow(x)", 1, "^~~", "pow has 1 argument (it takes 2); write pow(a, b)"},
    {"pi(2)", 1, "^~", "pi is not a function (it is a constant); a product is written pi*(...)"},
    {"normal(0,1)", 1, "^~~~~~",
     "normal is not a function (it is a distribution); write an input as x~normal(...)"},
    {"1e999", 1, "^~~~~",
     "1e999 is too large (the largest number is 1.7976931348623157e308); write a smaller one, or "
     "inf as an end of a range"},
};

TEST(Parser, explains_each_mistake_and_points_at_it) {
  for (const Mistake& mistake : kMistakes) {
    try {
      parse(mistake.text);
      ADD_FAILURE() << mistake.text << " is accepted";
    } catch (const FormulaError& error) {
      EXPECT_EQ(error.message(), mistake.message) << mistake.text;
      EXPECT_EQ(error.line(), 1u) << mistake.text;
      EXPECT_EQ(error.column(), mistake.column) << mistake.text;
      const std::string whole = mistake.carets.empty()
                                    ? mistake.message
                                    : mistake.message + "\n  " + mistake.text + "\n  " +
                                          std::string(mistake.column - 1, ' ') + mistake.carets;
      EXPECT_EQ(error.what(), whole);
      EXPECT_EQ(error.kind(), ErrorKind::usage);
    }
  }
}

std::string message_of(std::string_view text, const Limits& limits = {}) {
  try {
    parse(text, limits);
  } catch (const FormulaError& error) {
    return error.message();
  }
  return "no error";
}

TEST(Parser, suggests_the_function_that_was_meant) {
  const Mistake suggestions[] = {
      {"sen(x)", 0, "", "did you mean sin?"},
      {"SQRT(x)", 0, "", "did you mean sqrt?"},
      {"sqr(x)", 0, "", "write x^2, or sqrt(x)"},
      {"ln(x)", 0, "", "did you mean log, the natural logarithm?"},
      {"Log10(x)", 0, "", "did you mean log10?"},
      {"arctan(x)", 0, "", "did you mean atan?"},
      {"phi(x)", 0, "", "did you mean normal_cdf?"},
      {"fabs(x)", 0, "", "did you mean abs?"},
      {"x(1+y)", 0, "", "write a product as x*(...)"},
  };
  for (const Mistake& mistake : suggestions) {
    EXPECT_THAT(message_of(mistake.text), HasSubstr(mistake.message));
  }
}

TEST(Parser, finds_mistakes_in_the_order_of_the_text) {
  EXPECT_THAT(message_of("2x + $"), HasSubstr("2*x"));
}

TEST(Parser, counts_lines) {
  try {
    parse("1 +\n 2 +\n  3 4");
    ADD_FAILURE();
  } catch (const FormulaError& error) {
    EXPECT_EQ(error.line(), 3u);
    EXPECT_EQ(error.column(), 5u);
    EXPECT_THAT(error.what(), testing::EndsWith("\n    3 4\n      ^"));
  }
}

TEST(Parser, limits_the_length_of_the_text) {
  EXPECT_EQ(message_of(std::string(10485760, '1')),
            "the expression has 10485760 bytes (the limit is 65536); write a shorter one");
  EXPECT_EQ(form("1" + std::string(65535, ' ')), "1");
  EXPECT_THAT(message_of("1" + std::string(65536, ' ')), HasSubstr("has 65537 bytes"));
}

TEST(Parser, limits_the_depth_of_nesting) {
  const auto nested = [](std::string_view open, std::size_t levels, std::string_view close) {
    std::string text;
    for (std::size_t i = 0; i < levels; ++i) text += open;
    text += "x";
    for (std::size_t i = 0; i < levels; ++i) text += close;
    return text;
  };
  const std::string too_deep =
      "the expression is nested too deeply (the limit is 200 brackets, signs and exponents inside "
      "each other); write it with fewer";
  for (const char* open : {"(", "-", "+", "not ", "x^", "sin(", "2^-(", "max(1,", "x["}) {
    const std::string_view opening = open;
    const std::string close = opening.find('(') != std::string_view::npos   ? ")"
                              : opening.find('[') != std::string_view::npos ? "]"
                                                                            : "";
    const std::size_t levels_each = std::string_view(open) == "2^-(" ? 3 : 1;
    EXPECT_EQ(message_of(nested(open, 200 / levels_each, close)), "no error") << open;
    EXPECT_EQ(message_of(nested(open, 200 / levels_each + 1, close)), too_deep) << open;
  }
  Limits no_length_limit;
  no_length_limit.max_bytes = 100'000'000;
  EXPECT_EQ(message_of(std::string(1'000'000, '('), no_length_limit), too_deep);
  EXPECT_EQ(message_of(nested("(", 1'000'000, ")"), no_length_limit), too_deep);
  EXPECT_THAT(message_of(std::string(1'000'000, '(')),
              HasSubstr("the expression has 1000000 bytes"));
}

TEST(Parser, limits_the_number_of_nodes_but_not_the_length_of_sums) {
  std::string sum = "1";
  for (int i = 0; i < 8191; ++i) sum += "+1";
  EXPECT_EQ(parse(sum).nodes.size(), 16383u);
  EXPECT_EQ(message_of(sum + "+1"),
            "the expression is too long (the limit is 16384 numbers, names, operators and calls); "
            "write a shorter one");
}

TEST(Parser, refuses_bytes_that_are_no_text_wherever_they_stand) {
  EXPECT_THAT(message_of(std::string("1+\0", 3)), HasSubstr("control character \\x00"));
  EXPECT_THAT(message_of(std::string("\0", 1)), HasSubstr("control character \\x00"));
  EXPECT_THAT(message_of("x\xfe"), HasSubstr("the byte \\xFE"));
}

TEST(SameStructure, ignores_places_and_spelling_only) {
  EXPECT_TRUE(same_structure(parse("a+b**2"), parse(" (a) + pow(b, 2.0)")));
  EXPECT_FALSE(same_structure(parse("a+b"), parse("b+a")));
  EXPECT_FALSE(same_structure(parse("a+1"), parse("a+2")));
  EXPECT_FALSE(same_structure(parse("a+b"), parse("a-b")));
  EXPECT_FALSE(same_structure(parse("(a+b)+c"), parse("a+(b+c)")));
  EXPECT_FALSE(same_structure(parse("min(a,b,c)"), parse("min(min(a,b),c)")));
  EXPECT_FALSE(same_structure(parse("pi"), parse("e")));
  EXPECT_TRUE(same_structure(parse("sum(j=1..2, x[j])"), parse("sum(j=1..2,(x[j]))")));
  EXPECT_FALSE(same_structure(parse("sum(j=1..2,j)"), parse("prod(j=1..2,j)")));
  EXPECT_FALSE(same_structure(parse("sum(j=1..2,j)"), parse("sum(k=1..2,k)")));
  EXPECT_FALSE(same_structure(parse("x[1]"), parse("y[1]")));
  EXPECT_FALSE(same_structure(parse("x[1]"), parse("x[2]")));
}

TEST(Functions, have_distinct_names_and_sensible_rows) {
  for (const Function& function : functions()) {
    EXPECT_EQ(find_function(function.name), &function);
    EXPECT_EQ(find_constant(function.name), nullptr);
    EXPECT_LE(function.min_arguments, function.max_arguments);
    EXPECT_FALSE(function.description.empty());
    if (function_name(function.operation).empty()) {
      EXPECT_EQ(function.name, "pow");
    } else {
      EXPECT_EQ(function_name(function.operation), function.name);
    }
  }
  for (const Constant& constant : constants()) EXPECT_EQ(find_constant(constant.name), &constant);
}

}  // namespace
}  // namespace oche::formula

#include "formula/diagnosis.h"

#include <vector>

#include "formula/definitions.h"
#include "formula/suggestion.h"

namespace oche::formula {
namespace {

bool is_operand(const Token& token) {
  return token.kind == TokenKind::number || token.kind == TokenKind::name ||
         token.is(TokenKind::symbol, "(") || token.is(TokenKind::symbol, ")") ||
         token.is(TokenKind::symbol, "]");
}

// The word operator that `name` is in another spelling: AND, Or.
std::string_view word_operator_like(std::string_view name) {
  for (const std::string_view word : {"and", "or", "not"}) {
    if (equal_but_for_case(name, word)) return word;
  }
  return {};
}

// For two operands side by side: 2x, (a)(b), x y, 0x10, 1.2.3.
std::string missing_operator(const Token& left, const Token& right) {
  const std::string pair =
      shown(left.text) + (left.end() == right.offset ? "" : " ") + shown(right.text);
  if (right.kind == TokenKind::name) {
    const std::string_view word = word_operator_like(right.text);
    if (word == "not") {
      return "not follows an operand (it has one operand, on its right); write and not, or not, or "
             "!=";
    }
    if (!word.empty()) {
      return shown(right.text) +
             " is not an operator (operators are in lower case); did you mean " +
             std::string(word) + "?";
    }
  }
  const bool touching = left.end() == right.offset;
  if (left.kind == TokenKind::number && right.kind == TokenKind::number) {
    if (touching) {
      return pair +
             " is not a number (it has two decimal points); remove one, or write a range as "
             "x=1..2";
    }
    return "two numbers stand side by side (there is no operator between " + shown(left.text) +
           " and " + shown(right.text) + "); write an operator between them";
  }
  if (left.kind == TokenKind::number && right.kind == TokenKind::name && touching) {
    if (left.text == "0" && (right.text[0] == 'x' || right.text[0] == 'X') &&
        right.text.size() > 1) {
      return pair +
             " is not a number (numbers are decimal); write it in decimal, or a product as "
             "0*" +
             shown(right.text);
    }
    if (right.text[0] == '_') {
      return pair + " is not a number (its digits are not grouped); remove the _";
    }
  }
  const std::string left_text = left.text == ")" ? ")" : shown(left.text);
  const std::string right_text = right.text == "(" ? "(" : shown(right.text);
  return "there is no operator between " + left_text + " and " + right_text +
         " (a product needs its *); did you mean " + left_text + "*" + right_text + "?";
}

std::vector<std::string_view> function_names() {
  std::vector<std::string_view> names;
  for (const Function& function : functions()) names.push_back(function.name);
  return names;
}

bool matches_but_for_case(std::string_view name, std::span<const std::string_view> names) {
  for (const std::string_view candidate : names) {
    if (equal_but_for_case(name, candidate)) return true;
  }
  return false;
}

// "did you mean x*y?" for xy where x and y are inputs; empty if there is no such split.
std::string split_into_product(std::string_view name, std::span<const std::string_view> known) {
  for (const std::string_view left : known) {
    if (!name.starts_with(left)) continue;
    for (const std::string_view right : known) {
      if (name.substr(left.size()) == right) {
        return "did you mean " + shown(left) + "*" + shown(right) + "?";
      }
    }
  }
  return {};
}

}  // namespace

std::string counted(std::size_t count, std::string_view noun) {
  return std::to_string(count) + " " + std::string(noun) + (count == 1 ? "" : "s");
}

std::string missing_operand(const Token& previous, const Token& token) {
  if (token.is(TokenKind::symbol, "=")) {
    if (previous.is(TokenKind::symbol, "<") || previous.is(TokenKind::symbol, ">")) {
      return "= stands apart from " + std::string(previous.text) +
             " (together they are one operator); write " + std::string(previous.text) + "=";
    }
    return "there is nothing to compare on the left of = (it is no operator by itself); write a == "
           "b";
  }
  if (token.is(TokenKind::symbol, "..") || previous.is(TokenKind::symbol, "..")) {
    return "an end of the range is missing (a range has two, as in x=1..2); write it, -inf or inf "
           "where there is no bound";
  }
  const bool at_start = previous.kind == TokenKind::end;
  if (token.kind == TokenKind::end) {
    return "the text ends after " + shown(previous.text) +
           " (a number, a name or a bracket must follow); add it";
  }
  if (token.is(TokenKind::symbol, ")")) {
    if (previous.is(TokenKind::symbol, "(")) {
      return "there is nothing between ( and ) (brackets hold an expression); write one";
    }
    if (at_start) {
      return "this ) closes nothing (no ( stands before it); remove it";
    }
    return "there is nothing between " + shown(previous.text) +
           " and ) (a number, a name or a bracket must follow " + shown(previous.text) +
           "); add it";
  }
  if (token.is(TokenKind::symbol, ",")) {
    return "there is nothing before the comma (commas separate arguments and inputs); write an "
           "expression before it, or remove it";
  }
  if (token.is(TokenKind::symbol, ";")) {
    return "there is nothing before the ; (it ends an output or a let); write an expression before "
           "it, or remove it";
  }
  if (token.is(TokenKind::symbol, "[") || token.is(TokenKind::symbol, "]")) {
    return shown(token.text) +
           " stands where an operand should (square brackets hold the index of an array, as in "
           "x[3]); did you mean " +
           (token.text == "[" ? "(?" : ")?");
  }
  return "the operator " + shown(token.text) +
         " has nothing on its left (it stands between two "
         "operands); write a number, a name or a bracket before it";
}

std::string cannot_follow(const Token& previous, const Token& token, Surroundings surroundings) {
  const bool is_closing = token.is(TokenKind::symbol, ")") || token.is(TokenKind::symbol, "]");
  if (is_operand(token) && !is_closing) {
    return missing_operator(previous, token);
  }
  if (token.is(TokenKind::symbol, ")")) {
    return surroundings == Surroundings::subscript ? "this ) stands where the ] of an index should "
                                                     "(brackets close in the order in which "
                                                     "they opened); put the ] before it"
                                                   : "this ) closes nothing (there are more ) than "
                                                     "( up to here); remove it, or add a (";
  }
  if (token.is(TokenKind::symbol, "]")) {
    return "this ] closes nothing (no [ before it is open here); remove it, or write x[3] for an "
           "element of an array";
  }
  if (token.is(TokenKind::symbol, "[")) {
    return "[ cannot follow " + shown(previous.text) +
           " (an index stands after the name of an array, as in x[3]); write ( for a bracket";
  }
  if (token.is(TokenKind::symbol, ";")) {
    if (surroundings == Surroundings::items) {
      return "a ; stands among the inputs (it separates outputs and lets, which come before the "
             "inputs); separate inputs by commas";
    }
    if (surroundings == Surroundings::text) {
      return "a ; follows the expression (there is one expression here); remove it";
    }
    return "a ; stands in brackets (it separates outputs and lets); close the bracket before it, "
           "or "
           "write a comma";
  }
  if (token.is(TokenKind::symbol, "=")) {
    return "= is not an operator of expressions (it gives an input its range or value); did you "
           "mean ==, or to put an expression before the inputs" +
           (previous.kind == TokenKind::name && surroundings == Surroundings::outputs
                ? ", or let " + shown(previous.text) + "=...;?"
                : "?");
  }
  if (token.is(TokenKind::symbol, "~")) {
    return "~ is not an operator of expressions (it gives an input its distribution); put the "
           "expression first, and the input after a comma";
  }
  if (token.is(TokenKind::symbol, "..")) {
    return ".. is not an operator of expressions (it stands between the two ends of a range); "
           "write "
           "an input as x=1..2";
  }
  if (token.is(TokenKind::symbol, ",")) {
    if (surroundings == Surroundings::brackets) {
      return "a comma stands in brackets (commas separate the arguments of a function); remove it, "
             "write a decimal point, or put a function's name before the (";
    }
    if (surroundings == Surroundings::subscript) {
      return "a comma stands in an index (an array has one); write one index, as in x[3]";
    }
    return "a comma follows the expression (there is one expression here); remove it, or write a "
           "decimal point";
  }
  return shown(token.text) + " cannot follow " + shown(previous.text) +
         " (there is no such expression); write an operator or end the expression";
}

std::string unknown_function(std::string_view name) {
  const std::vector<std::string_view> names = function_names();
  const std::string problem = shown(name) + " is not a function";
  if (find_constant(name) != nullptr) {
    return problem + " (it is a constant); a product is written " + shown(name) + "*(...)";
  }
  if (find_distribution(name) != nullptr) {
    return problem + " (it is a distribution); write an input as x~" + shown(name) + "(...)";
  }
  const std::string reason = " (oche --help functions lists them); ";
  if (!matches_but_for_case(name, names)) {
    const std::string_view advice = advice_for_foreign_name(name);
    if (!advice.empty()) return problem + reason + std::string(advice);
  }
  const std::string_view near = closest(name, names);
  if (!near.empty()) return problem + reason + "did you mean " + std::string(near) + "?";
  return problem + reason + "use one of them, or write a product as " + shown(name) + "*(...)";
}

std::string function_without_call(const Function& function) {
  return std::string(function.name) + " is a function (its arguments stand in brackets); write " +
         std::string(function.name) + "(" + std::string(function.arguments) + ")";
}

std::string wrong_argument_count(const Function& function, std::size_t count) {
  const std::string takes = function.max_arguments == kAnyNumber
                                ? std::to_string(function.min_arguments) + " or more"
                                : std::to_string(function.min_arguments);
  return std::string(function.name) + " has " + counted(count, "argument") + " (it takes " + takes +
         "); write " + std::string(function.name) + "(" + std::string(function.arguments) + ")";
}

std::string loop_noun(const Function& function) {
  return function.operation == Operation::sum ? "sum" : "product";
}

std::string not_a_loop(const Function& function) {
  const std::string name(function.name);
  return name + " goes over an index, from one whole number to another (" + name +
         "(j=1..8, x[j])); write its index, the range, a comma and what to " +
         (function.operation == Operation::sum ? "add, or join a few terms by +"
                                               : "multiply, or join a few factors by *");
}

std::string misplaced_let() {
  return "let stands inside an expression (it begins a let-binding, before the outputs that use "
         "it); "
         "write let r=...; and then the expression";
}

std::string why_reserved(std::string_view name) {
  if (find_function(name) != nullptr) return "it is a function";
  if (find_constant(name) != nullptr) return "it is a constant";
  if (is_word_operator(name)) return "it is an operator";
  if (name == kLet) return "it begins a let-binding";
  return {};
}

std::string unknown_variable(std::string_view name, std::span<const std::string_view> known) {
  const std::string problem =
      shown(name) + " has no input (each variable of an expression is one); ";
  const std::string add = "add " + shown(name) + "=0..1 or " + shown(name) + "~uniform(0,1)";
  if (!matches_but_for_case(name, known)) {
    const std::string product = split_into_product(name, known);
    if (!product.empty()) return problem + product;
  }
  std::string_view near = closest(name, known);
  if (near.empty()) {
    const std::string_view advice = advice_for_foreign_name(name);
    if (!advice.empty()) return problem + add + ", or " + std::string(advice);
    std::vector<std::string_view> others;
    for (const Constant& constant : constants()) others.push_back(constant.name);
    near = closest(name, others);
  }
  if (!near.empty()) return problem + add + ", or did you mean " + shown(near) + "?";
  return problem + add;
}

std::string unknown_array(std::string_view name, std::span<const std::string_view> known) {
  const std::string_view near = closest(name, known);
  return shown(name) + " has no input (the elements of an array are inputs); add " + shown(name) +
         "[1..8]=0..1 or " + shown(name) + "[1..8]~uniform(0,1)" +
         (near.empty() ? "" : ", or did you mean " + shown(near) + "?");
}

}  // namespace oche::formula

// The words for mistakes of grammar: from the tokens around a mistake to a message. Kept apart from
// the parser, which reads as the grammar.
#ifndef OCHE_FORMULA_DIAGNOSIS_H_
#define OCHE_FORMULA_DIAGNOSIS_H_

#include <span>
#include <string>
#include <string_view>

#include "formula/functions.h"
#include "formula/lexer.h"

namespace oche::formula {

// Where an expression stands, and so what may follow it.
enum class Surroundings {
  text,       // nothing: the expression is all there is
  items,      // a comma and an input
  outputs,    // ";" and another output, a comma and an input
  brackets,   // ")"
  call,       // "," or ")"
  subscript,  // "]"
};

// The message for `token`, which stands where a number, a name or "(" should; `previous` is the
// token before it, an `end` token if there is none.
std::string missing_operand(const Token& previous, const Token& token);

// The message for `token`, which cannot follow the expression that ends with `previous`.
std::string cannot_follow(const Token& previous, const Token& token, Surroundings surroundings);

// The message for name "(" where there is no such function.
std::string unknown_function(std::string_view name);

// The message for the name of a function without "(".
std::string function_without_call(const Function& function);

// The message for a call with `count` arguments, which is not as many as the function takes.
std::string wrong_argument_count(const Function& function, std::size_t count);

// The message for a call of sum or prod that is not of the form sum(j=a..b, f).
std::string not_a_loop(const Function& function);

// "sum" or "product".
std::string loop_noun(const Function& function);

// The message for `let` inside an expression.
std::string misplaced_let();

// Why nothing else may have that name ("it is a function"); empty if something may.
std::string why_reserved(std::string_view name);

// The message for `name` in an expression where there is no such input. `known` are the names of
// the inputs that there are.
std::string unknown_variable(std::string_view name, std::span<const std::string_view> known);

// The same for name "[" where there is no such array.
std::string unknown_array(std::string_view name, std::span<const std::string_view> known);

// "1 argument", "2 arguments".
std::string counted(std::size_t count, std::string_view noun);

}  // namespace oche::formula

#endif  // OCHE_FORMULA_DIAGNOSIS_H_

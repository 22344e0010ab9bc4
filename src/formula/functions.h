// The one table of functions, constants and operators: the parser, the printer, suggestions and
// help all read it, so that a new function is one new row (and its evaluation in the program).
#ifndef OCHE_FORMULA_FUNCTIONS_H_
#define OCHE_FORMULA_FUNCTIONS_H_

#include <cstddef>
#include <limits>
#include <span>
#include <string_view>

#include "formula/syntax.h"

namespace oche::formula {

inline constexpr std::size_t kAnyNumber = std::numeric_limits<std::size_t>::max();

struct Function {
  std::string_view name;
  std::size_t min_arguments;
  std::size_t max_arguments;  // or kAnyNumber
  Operation operation;
  std::string_view arguments;  // as help shows them: "a, b, …"
  std::string_view description;
  // What it takes, where it isn't a number for all else: "numbers from 0 up".
  std::string_view domain = {};
};

struct Constant {
  std::string_view name;
  double value;
  std::string_view description;
};

// How tightly an operator binds: the higher, the tighter.
enum class Precedence : int {
  lowest,
  logical_or,
  logical_and,
  logical_not,
  comparison,  // does not chain
  sum,
  product,
  prefix,  // unary minus and plus
  power,   // right associative; its right operand may begin with a prefix operator
  primary,
};

struct Operator {
  std::string_view symbol;
  Operation operation;
  Precedence precedence;
  std::string_view description;
};

std::span<const Function> functions();
std::span<const Constant> constants();
std::span<const Operator> binary_operators();
std::span<const Operator> prefix_operators();  // without unary plus, which leaves no node

// Null if there is none of that name.
const Function* find_function(std::string_view name);
const Constant* find_constant(std::string_view name);

// The bound of a function's error in units in the last place, over all its arguments; 0 for those
// that are exact. The tests of math/ check it against MPFR.
double largest_error(const Function& function);

// The name by which canonical text calls an operation that is written as a call; empty for those
// that are written as operators.
std::string_view function_name(Operation operation);
// Null for operations that are written as calls.
const Operator* operator_of(Operation operation);

// True for `sum` and `prod`, which go over an index.
bool is_loop(const Function& function);

// True for `and`, `or` and `not`.
bool is_word_operator(std::string_view name);

// The word that begins a let-binding: `let r = hypot(x,y);`.
inline constexpr std::string_view kLet = "let";

}  // namespace oche::formula

#endif  // OCHE_FORMULA_FUNCTIONS_H_

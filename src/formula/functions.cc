#include "formula/functions.h"

#include <algorithm>
#include <iterator>

namespace oche::formula {
namespace {

// `pow` is the operator ^ in canonical text; see function_name().
constexpr Function kFunctions[] = {
    {"min", 2, kAnyNumber, Operation::min, "a, b, ...", "the smallest of its arguments"},
    {"max", 2, kAnyNumber, Operation::max, "a, b, ...", "the largest of its arguments"},
    {"abs", 1, 1, Operation::abs, "x", "the absolute value"},
    {"if", 3, 3, Operation::select, "condition, a, b", "a where the condition is not 0, else b"},
    {"sqrt", 1, 1, Operation::sqrt, "x", "the square root"},
    {"exp", 1, 1, Operation::exp, "x", "e to the power of x"},
    {"log", 1, 1, Operation::log, "x", "the natural logarithm"},
    {"sin", 1, 1, Operation::sin, "x", "the sine of x radians"},
    {"cos", 1, 1, Operation::cos, "x", "the cosine of x radians"},
    {"tan", 1, 1, Operation::tan, "x", "the tangent of x radians"},
    {"pow", 2, 2, Operation::power, "a, b", "a^b"},
};

// The doubles nearest to pi and e (OEIS A000796, A001113).
constexpr Constant kConstants[] = {
    {"pi", 3.14159265358979323846, "the circle's circumference over its diameter"},
    {"e", 2.71828182845904523536, "the base of natural logarithms"},
    {"inf", std::numeric_limits<double>::infinity(), "no bound, as an end of a range"},
};

constexpr Operator kBinaryOperators[] = {
    {"or", Operation::logical_or, Precedence::logical_or, "1 if either is true, else 0"},
    {"and", Operation::logical_and, Precedence::logical_and, "1 if both are true, else 0"},
    {"<", Operation::less, Precedence::comparison, "less than"},
    {"<=", Operation::less_equal, Precedence::comparison, "at most"},
    {">", Operation::greater, Precedence::comparison, "greater than"},
    {">=", Operation::greater_equal, Precedence::comparison, "at least"},
    {"==", Operation::equal, Precedence::comparison, "equal to"},
    {"!=", Operation::not_equal, Precedence::comparison, "not equal to"},
    {"+", Operation::add, Precedence::sum, "sum"},
    {"-", Operation::subtract, Precedence::sum, "difference"},
    {"*", Operation::multiply, Precedence::product, "product"},
    {"/", Operation::divide, Precedence::product, "quotient"},
    {"^", Operation::power, Precedence::power, "power"},
};

constexpr Operator kPrefixOperators[] = {
    {"not", Operation::logical_not, Precedence::logical_not, "1 if its operand is 0, else 0"},
    {"-", Operation::negate, Precedence::prefix, "negation"},
};

template <class Row>
const Row* find_named(std::span<const Row> rows, std::string_view name) {
  const auto row = std::ranges::find(rows, name, &Row::name);
  return row == rows.end() ? nullptr : &*row;
}

}  // namespace

std::span<const Function> functions() { return kFunctions; }
std::span<const Constant> constants() { return kConstants; }
std::span<const Operator> binary_operators() { return kBinaryOperators; }
std::span<const Operator> prefix_operators() { return kPrefixOperators; }

const Function* find_function(std::string_view name) { return find_named(functions(), name); }
const Constant* find_constant(std::string_view name) { return find_named(constants(), name); }

std::string_view function_name(Operation operation) {
  if (operator_of(operation) != nullptr) return {};
  const auto row = std::ranges::find(kFunctions, operation, &Function::operation);
  return row == std::end(kFunctions) ? std::string_view{} : row->name;
}

const Operator* operator_of(Operation operation) {
  for (const std::span<const Operator> table : {binary_operators(), prefix_operators()}) {
    const auto row = std::ranges::find(table, operation, &Operator::operation);
    if (row != table.end()) return &*row;
  }
  return nullptr;
}

bool is_word_operator(std::string_view name) {
  return name == "and" || name == "or" || name == "not";
}

}  // namespace oche::formula

#include "formula/functions.h"

#include <algorithm>
#include <iterator>

#include "math/function_list.h"

namespace oche::formula {
namespace {

// `pow` is the operator ^ in canonical text; see function_name().
constexpr Function kFunctions[] = {
    {"min", 2, kAnyNumber, Operation::min, "a, b, ...", "the smallest of its arguments"},
    {"max", 2, kAnyNumber, Operation::max, "a, b, ...", "the largest of its arguments"},
    {"abs", 1, 1, Operation::abs, "x", "the absolute value"},
    {"if", 3, 3, Operation::select, "condition, a, b", "a where the condition is not 0, else b"},
    {"sqrt", 1, 1, Operation::sqrt, "x", "the square root", "numbers from 0 up"},
    {"cbrt", 1, 1, Operation::cbrt, "x", "the cube root"},
    {"exp", 1, 1, Operation::exp, "x", "e to the power of x"},
    {"exp2", 1, 1, Operation::exp2, "x", "2 to the power of x"},
    {"exp10", 1, 1, Operation::exp10, "x", "10 to the power of x"},
    {"expm1", 1, 1, Operation::expm1, "x", "exp(x) - 1, exact for small x too"},
    {"log", 1, 1, Operation::log, "x", "the natural logarithm", "numbers from 0 up"},
    {"log2", 1, 1, Operation::log2, "x", "the logarithm to base 2", "numbers from 0 up"},
    {"log10", 1, 1, Operation::log10, "x", "the logarithm to base 10", "numbers from 0 up"},
    {"log1p", 1, 1, Operation::log1p, "x", "log(1 + x), exact for small x too",
     "numbers from -1 up"},
    {"sin", 1, 1, Operation::sin, "x", "the sine of x radians", "finite numbers"},
    {"cos", 1, 1, Operation::cos, "x", "the cosine of x radians", "finite numbers"},
    {"tan", 1, 1, Operation::tan, "x", "the tangent of x radians", "finite numbers"},
    {"asin", 1, 1, Operation::asin, "x", "the angle from -pi/2 to pi/2 whose sine is x",
     "numbers from -1 to 1"},
    {"acos", 1, 1, Operation::acos, "x", "the angle from 0 to pi whose cosine is x",
     "numbers from -1 to 1"},
    {"atan", 1, 1, Operation::atan, "x", "the angle from -pi/2 to pi/2 whose tangent is x"},
    {"atan2", 2, 2, Operation::atan2, "y, x", "the angle from -pi to pi of the point (x, y)"},
    {"hypot", 2, 2, Operation::hypot, "x, y", "sqrt(x^2 + y^2), without overflow"},
    {"sinh", 1, 1, Operation::sinh, "x", "the hyperbolic sine"},
    {"cosh", 1, 1, Operation::cosh, "x", "the hyperbolic cosine"},
    {"tanh", 1, 1, Operation::tanh, "x", "the hyperbolic tangent"},
    {"asinh", 1, 1, Operation::asinh, "x", "the inverse of sinh"},
    {"acosh", 1, 1, Operation::acosh, "x", "the inverse of cosh, at least 0", "numbers from 1 up"},
    {"atanh", 1, 1, Operation::atanh, "x", "the inverse of tanh", "numbers from -1 to 1"},
    {"floor", 1, 1, Operation::floor, "x", "the largest whole number that is at most x"},
    {"ceil", 1, 1, Operation::ceil, "x", "the smallest whole number that is at least x"},
    {"round", 1, 1, Operation::round, "x", "the nearest whole number, halves away from 0"},
    {"mod", 2, 2, Operation::mod, "a, b", "a - b*floor(a/b): what remains of a, with the sign of b",
     "a finite number and one that is not 0"},
    {"sign", 1, 1, Operation::sign, "x", "-1, 0 or 1"},
    {"erf", 1, 1, Operation::erf, "x", "the error function"},
    {"erfc", 1, 1, Operation::erfc, "x", "1 - erf(x), exact where that is small too"},
    {"gamma", 1, 1, Operation::gamma, "x", "the gamma function; gamma(n+1) is n factorial",
     "numbers but -1, -2, ... and -inf"},
    {"factorial", 1, 1, Operation::factorial, "n", "1*2*...*n for a whole n from 0 up",
     "whole numbers from 0 up"},
    {"beta", 2, 2, Operation::beta, "a, b", "gamma(a)*gamma(b)/gamma(a+b) for a, b >= 0",
     "numbers from 0 up, not 0 with inf"},
    {"lgamma", 1, 1, Operation::lgamma, "x", "log(abs(gamma(x)))"},
    {"normal_cdf", 1, 1, Operation::normal_cdf, "x",
     "the probability that a standard normal variable is below x"},
    {"normal_quantile", 1, 1, Operation::normal_quantile, "p", "the inverse of normal_cdf",
     "numbers from 0 to 1"},
    {"sum", 2, 2, Operation::sum, "j=a..b, f", "the sum of f over the whole numbers j from a to b"},
    {"prod", 2, 2, Operation::product, "j=a..b, f",
     "the product of f over the whole numbers j from a to b"},
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

double largest_error(const Function& function) {
  switch (function.operation) {
#define OCHE_ROW(name, Name, cost, error) \
  case Operation::name:                   \
    return error;
    OCHE_MATH_UNARY(OCHE_ROW)
    OCHE_MATH_BINARY(OCHE_ROW)
#undef OCHE_ROW
    case Operation::power:
      return math::kLargestErrorOfPow;
    case Operation::normal_quantile:
      return math::kLargestErrorOfNormalQuantile;
    default:
      return 0;
  }
}

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

bool is_loop(const Function& function) {
  return function.operation == Operation::sum || function.operation == Operation::product;
}

bool is_word_operator(std::string_view name) {
  return name == "and" || name == "or" || name == "not";
}

}  // namespace oche::formula

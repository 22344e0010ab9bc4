#include "formula/undefined.h"

#include <algorithm>

#include "formula/functions.h"
#include "formula/lower_expression.h"

namespace oche::formula {
namespace {

// Why an operator has no value for some operands.
std::string_view reason_of(Operation operation) {
  switch (operation) {
    case Operation::add:
    case Operation::subtract:
      return "infinities that cancel leave nothing that is known";
    case Operation::multiply:
      return "0 times an infinity can be anything";
    case Operation::divide:
      return "0 over 0, and an infinity over an infinity, can be anything";
    default:
      return "a negative number has whole powers only";
  }
}

std::string operand_text(double v) { return v < 0 ? "(" + spelled(v) + ")" : spelled(v); }

std::string call_text(const Function& function, std::span<const double> operands) {
  std::string text(function.name);
  for (std::size_t i = 0; i < operands.size(); ++i) {
    text += (i == 0 ? "(" : ",") + spelled(operands[i]);
  }
  return text + ")";
}

}  // namespace

std::string undefined_message(Operation operation, std::span<const double> operands) {
  if (const Operator* const symbol = operator_of(operation)) {
    return operand_text(operands[0]) + std::string(symbol->symbol) + operand_text(operands[1]) +
           " is not a number (" + std::string(reason_of(operation)) + "); change one of the two";
  }
  const auto function = std::ranges::find(functions(), operation, &Function::operation);
  return call_text(*function, operands) + " is not a number (" + std::string(function->name) +
         " takes " + std::string(function->domain) + "); change what it is given";
}

bool passes_nan_on(Operation operation) {
  switch (operation) {
    case Operation::logical_not:
    case Operation::less:
    case Operation::less_equal:
    case Operation::greater:
    case Operation::greater_equal:
    case Operation::equal:
    case Operation::not_equal:
    case Operation::logical_and:
    case Operation::logical_or:
    case Operation::select:
    case Operation::sum:
    case Operation::product:
    case Operation::power:  // pow(NaN, 0) and pow(1, NaN) are 1
    case Operation::hypot:  // hypot(NaN, inf) is inf
      return false;
    default:
      return true;
  }
}

}  // namespace oche::formula

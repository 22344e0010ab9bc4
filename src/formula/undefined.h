// Constant arguments for which an operation has no value.
#ifndef OCHE_FORMULA_UNDEFINED_H_
#define OCHE_FORMULA_UNDEFINED_H_

#include <span>
#include <string>

#include "formula/syntax.h"

namespace oche::formula {

// The message for an operation on numbers whose result is not one: "sqrt(-1) is not a number (sqrt
// takes numbers from 0 up); …". None of the operands is NaN. Not for loops.
std::string undefined_message(Operation operation, std::span<const double> operands);

// Whether the result is NaN wherever an operand is, whatever the others are.
bool passes_nan_on(Operation operation);

}  // namespace oche::formula

#endif  // OCHE_FORMULA_UNDEFINED_H_

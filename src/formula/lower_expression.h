// From the tree of an expression to values of a program.
#ifndef OCHE_FORMULA_LOWER_EXPRESSION_H_
#define OCHE_FORMULA_LOWER_EXPRESSION_H_

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "formula/formula_error.h"
#include "formula/program_builder.h"
#include "formula/syntax.h"

namespace oche::formula {

// An array of inputs.
struct Array {
  double first = 0.0;             // the least index, a whole number
  std::vector<ValueId> elements;  // the values at the indices from `first` on
  // The value at an index that depends on the loops that are open; within the array's bounds.
  std::function<ValueId(const Affine& index)> at;

  double last() const { return first + static_cast<double>(elements.size()) - 1.0; }
};

// What the names of an expression stand for.
struct Scope {
  std::map<std::string, ValueId> values;  // inputs and lets
  std::map<std::string, Array> arrays;
  std::map<std::string, FormulaError> undefined;  // those of `values` that are never a number: why
};

struct Lowered {
  ValueId value = 0;
  // Where it is sure that the value is not a number at any sample: which constants are to blame.
  // What an if() or a comparison may hide is not sure.
  std::optional<FormulaError> undefined;
};

// Adds the code of `tree`. Throws FormulaError where an index or the bounds of a loop make no
// sense, and where a loop would cost more than kMaxCost.
Lowered lower_expression(ProgramBuilder& builder, const Scope& scope, const Tree& tree);

// An error about the whole of a tree.
FormulaError problem(const Tree& tree, const std::string& message);

// The value as a message writes it: "not a number", "-inf", "0.5".
std::string spelled(double value);

// Indices and the bounds of loops are at most this far from 0.
inline constexpr double kMaxIndex = 1e9;

}  // namespace oche::formula

#endif  // OCHE_FORMULA_LOWER_EXPRESSION_H_

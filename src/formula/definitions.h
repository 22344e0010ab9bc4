// What is to be estimated, as typed: an expression and its inputs.
//
//   input := name "=" end ".." end           integrate over that range; ends may be -inf and inf
//          | name "~" distribution "(" argument {"," argument} ")"   average over that distribution
//          | name "=" value                  a constant
#ifndef OCHE_FORMULA_DEFINITIONS_H_
#define OCHE_FORMULA_DEFINITIONS_H_

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "formula/syntax.h"

namespace oche::formula {

struct InputDefinition {
  enum class Kind { range, distribution, constant };

  std::string name;
  Kind kind = Kind::constant;
  Tree low, high;               // kind range
  std::string distribution;     // kind distribution: a name of the table below
  std::vector<Tree> arguments;  // kind distribution: as many as its row of the table says
  Tree value;                   // kind constant
};

// After parse_definition(): names are distinct and are neither functions nor constants; the trees
// of an input use only the inputs before it; the expression uses only the inputs.
struct Definition {
  Tree expression;
  std::vector<InputDefinition> inputs;
};

struct Distribution {
  std::string_view name;
  std::vector<std::string_view> parameters;
  std::string_view description;
};

// The distributions that an input may follow.
std::span<const Distribution> distributions();
const Distribution* find_distribution(std::string_view name);  // null if there is none

// Parses the arguments of a command: the expression, then inputs, one or more per argument,
// separated by commas; the first argument may hold inputs after the expression ("1/x, x=1..2").
// Throws FormulaError with every problem found: one per argument for mistakes of grammar, and all
// mistakes about names, up to a limit. Places refer to the text of the argument they are in.
Definition parse_definition(const std::vector<std::string>& arguments, const Limits& limits = {});

// "x=1..2", "x~normal(0,1)", "x=3": parses to the same input, and is the same for all spellings.
std::string canonical(const InputDefinition& input);

// The expression and its inputs, separated by ", ": one argument for parse_definition() within
// Limits::for_canonical_text().
std::string canonical(const Definition& definition);

}  // namespace oche::formula

#endif  // OCHE_FORMULA_DEFINITIONS_H_

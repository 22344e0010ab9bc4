// What is to be estimated, as typed: lets, outputs and inputs.
//
//   definition := {let ";"} output {";" {let ";"} output} {"," input}
//   let    := "let" name "=" expression        a name for a value
//   input  := target "=" end ".." end          integrate over that range; ends may be -inf and inf
//           | target "~" distribution "(" argument {"," argument} ")" ["[" low ".." high "]"]
//                                              average over it, or over the part from low to high
//           | target "~" "data" "(" file ["," column] ")"   average over the rows of a file
//           | "corr" "(" name "," name ")" "=" value    of two inputs' normal scores
//           | target "=" value                 a constant
//   target := name | name "[" first ".." last "]"    an array: each element is an input
#ifndef OCHE_FORMULA_DEFINITIONS_H_
#define OCHE_FORMULA_DEFINITIONS_H_

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "formula/data_column.h"
#include "formula/distributions.h"
#include "formula/syntax.h"

namespace oche::formula {

// The whole numbers that an array's index takes, both ends included: constant expressions.
struct ElementRange {
  Tree first, last;
};

// The part of a distribution that is kept: constant expressions, which may be -inf and inf.
struct Truncation {
  Tree low, high;
};

struct InputDefinition {
  enum class Kind { range, distribution, constant };

  std::string name;
  std::optional<ElementRange>
      elements;  // of an array; each has the same range, distribution or value
  Kind kind = Kind::constant;
  Tree low, high;                        // kind range
  std::string distribution;              // kind distribution: a name of the table below
  std::vector<Tree> arguments;           // kind distribution: as many as its row of the table says
  std::optional<DataColumn> data;        // kind distribution, `data`: instead of arguments
  std::optional<Truncation> truncation;  // kind distribution
  Tree value;                            // kind constant
};

struct LetDefinition {
  std::string name;
  Tree value;
};

// corr(x,y)=0.3: the correlation of the normal scores of two inputs, a constant expression.
struct CorrelationDefinition {
  Tree first, second;  // each the name of an input, no element of an array
  Tree value;
};

// After parse_definition(): names are distinct and are neither functions nor constants; the trees
// of an input use only the inputs before it; a let uses only the inputs and the lets before it; an
// output uses only the inputs and the lets. Names with an index are arrays, others are not.
struct Definition {
  std::vector<LetDefinition> lets;
  std::vector<Tree> outputs;  // one at least
  std::vector<InputDefinition> inputs;
  std::vector<CorrelationDefinition> correlations;
};

// Parses the arguments of a command: lets and outputs, then inputs, one or more per argument,
// separated by commas; the first argument may hold inputs after the outputs ("1/x, x=1..2").
// Throws FormulaError with every problem found: one per argument for mistakes of grammar, and all
// mistakes about names, up to a limit. Places refer to the text of the argument they are in.
Definition parse_definition(const std::vector<std::string>& arguments, const Limits& limits = {});

// "x=1..2", "x~normal(0,1)", "x=3", "x[1..8]=0..1": parses to the same input, and is the same for
// all spellings.
std::string canonical(const InputDefinition& input);

// Lets first, then outputs, separated by "; ", then the inputs, each after ", ": one argument for
// parse_definition() within Limits::for_canonical_text().
std::string canonical(const Definition& definition);

}  // namespace oche::formula

#endif  // OCHE_FORMULA_DEFINITIONS_H_

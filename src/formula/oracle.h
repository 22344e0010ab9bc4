// The scalar oracle: the meaning of a program, one sample at a time, one operation at a time.
// What the block evaluator yields is tested against it bit for bit.
#ifndef OCHE_FORMULA_ORACLE_H_
#define OCHE_FORMULA_ORACLE_H_

#include <span>
#include <vector>

#include "formula/program.h"

namespace oche::formula {

// One operation on its operands (the first operand_count(op) of `operands`). Not for constants,
// uniforms, tables and what makes loops.
double apply(Op op, const double* operands);

// All values of the program at one sample: uniforms[j] in (0, 1) is dimension j. Those in the body
// of a loop are the last iteration's.
std::vector<double> evaluate_all(const Program& program, std::span<const double> uniforms);

// The values of the outputs, without program.scale.
std::vector<double> evaluate(const Program& program, std::span<const double> uniforms);

}  // namespace oche::formula

#endif  // OCHE_FORMULA_ORACLE_H_

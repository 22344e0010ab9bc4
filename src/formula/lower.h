// From a checked definition to a program: inputs become functions of uniform numbers, ranges bring
// the weight that makes an integral of an average.
//
//   x = a..b, finite ends      x = a + (b-a) u                        weight b-a
//   x = a..inf                 x = a + u/q, q = 1-u                   weight 1/q^2
//   x = -inf..b                x = b - q/u                            weight 1/u^2
//   x = -inf..inf              x = (2u-1)/s, s = 4u(1-u)              weight (1+(2u-1)^2) 2/s^2
//   x ~ uniform(a, b)          x = a + (b-a) u                        none
//   x ~ normal(m, s)           x = m + s z, z = normal quantile of u  none
//   x ~ data(f)                x = the column's value in row floor(u n), u shared   none
// A reversed range changes the sign. Infinite ranges use rational maps: their weights are exact up
// to rounding, and an integrand that falls faster than 1/x^2 keeps a finite variance. Each element
// of an array has a uniform number of its own. Inputs from one data set share theirs (row_draws.h).
#ifndef OCHE_FORMULA_LOWER_H_
#define OCHE_FORMULA_LOWER_H_

#include <cstddef>

#include "formula/definitions.h"
#include "formula/program.h"

namespace oche::formula {

// Arrays may have this many elements together.
inline constexpr std::size_t kMaxElements = 4096;

// `data_sets` are those that the definition's inputs name, their columns by numbers; values finite,
// columns of a set equally long, with 1 to math::StepTable::kMaxOutcomes rows.
// Throws FormulaError where an input makes no sense (a range of no width, an end that is not a
// number, a standard deviation that is negative) and Error where the program would be too large.
Program lower(const Definition& definition, const DataSets& data_sets = {});

}  // namespace oche::formula

#endif  // OCHE_FORMULA_LOWER_H_

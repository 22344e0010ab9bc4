// Sums of indices times constants: the subscripts of arrays, and the bounds of loops.
#ifndef OCHE_FORMULA_AFFINE_H_
#define OCHE_FORMULA_AFFINE_H_

#include <span>

#include "formula/program.h"

namespace oche::formula {

Affine operator+(const Affine& a, const Affine& b);
Affine operator*(const Affine& a, double factor);
Affine operator/(const Affine& a, double divisor);

inline bool is_constant(const Affine& a) { return a.terms.empty(); }
// Whether it is a whole number for all whole indices.
bool is_whole(const Affine& a);

// Its value where index_of_loop[l] is the index of loop l.
double evaluate(const Affine& a, std::span<const double> index_of_loop);

struct Extent {
  double least = 0.0;
  double most = 0.0;
};
// The least and the largest value over all iterations of `loops`. A loop whose bounds cross in some
// iteration of those around it counts as if it ran there, so that the extent may be too wide.
Extent extent(const Affine& a, std::span<const Loop> loops);

}  // namespace oche::formula

#endif  // OCHE_FORMULA_AFFINE_H_

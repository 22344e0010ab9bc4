// Functions over the arrays of a block, for the kernels: AVX-512 only, the bits of BlockProgram.
#ifndef OCHE_INTEGRAND_ARRAY_FUNCTIONS_H_
#define OCHE_INTEGRAND_ARRAY_FUNCTIONS_H_

#include <cstddef>

#include "formula/program.h"

namespace oche::integrand {

// An operand is read at address + (i & mask): all ones for an array, 0 for a line of eight equal
// doubles.
struct ArrayOperand {
  const double* address = nullptr;
  std::size_t mask = ~std::size_t{0};
};

// result[i] = f(a[i], b[i]) for i in [0, n), n a multiple of 8; a function of one operand leaves b
// alone. All is aligned to 64 bytes; result may be an operand's array.
using ArrayFunction = void (*)(ArrayOperand a, ArrayOperand b, double* result, std::size_t n);

// Null for an operation that has no such function, and where this isn't compiled for AVX-512.
ArrayFunction array_function(formula::Op op);

}  // namespace oche::integrand

#endif  // OCHE_INTEGRAND_ARRAY_FUNCTIONS_H_

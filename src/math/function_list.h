// The functions of this folder that expressions can call, one row each: name of the scalar form,
// name of the vector form, static cost (formula/program.h), and the bound of its error in units in
// the last place that functions_test.cc checks against MPFR. What needs them all is made of these
// rows: operations, oracle, block evaluator, tests and help.
#ifndef OCHE_MATH_FUNCTION_LIST_H_
#define OCHE_MATH_FUNCTION_LIST_H_

// Of one argument.
#define OCHE_MATH_UNARY(X)          \
  X(sqrt, Sqrt, 6, 0.5)             \
  X(cbrt, Cbrt, 30, 0.7)            \
  X(exp, Exp, 12, 1.0)              \
  X(exp2, Exp2, 12, 1.0)            \
  X(exp10, Exp10, 14, 1.1)          \
  X(expm1, Expm1, 20, 1.1)          \
  X(log, Log, 20, 0.9)              \
  X(log2, Log2, 20, 0.9)            \
  X(log10, Log10, 20, 0.9)          \
  X(log1p, Log1p, 24, 1.3)          \
  X(sin, Sin, 24, 0.9)              \
  X(cos, Cos, 24, 0.9)              \
  X(tan, Tan, 36, 0.9)              \
  X(asin, Asin, 24, 1.0)            \
  X(acos, Acos, 26, 0.9)            \
  X(atan, Atan, 30, 0.9)            \
  X(sinh, Sinh, 36, 2.0)            \
  X(cosh, Cosh, 32, 2.0)            \
  X(tanh, Tanh, 40, 1.1)            \
  X(asinh, Asinh, 50, 1.3)          \
  X(acosh, Acosh, 50, 1.3)          \
  X(atanh, Atanh, 44, 1.0)          \
  X(erf, Erf, 50, 1.0)              \
  X(erfc, Erfc, 60, 1.6)            \
  X(gamma, Gamma, 120, 3.0)         \
  X(lgamma, Lgamma, 110, 1.0)       \
  X(normal_cdf, NormalCdf, 76, 2.5) \
  X(floor, Floor, 1, 0)             \
  X(ceil, Ceil, 1, 0)               \
  X(round, Round, 4, 0)             \
  X(sign, Sign, 3, 0)               \
  X(factorial, Factorial, 8, 0.5)

// Of two.
#define OCHE_MATH_BINARY(X) \
  X(atan2, Atan2, 44, 1.0)  \
  X(hypot, Hypot, 24, 1.1)  \
  X(mod, Mod, 24, 0.5)      \
  X(beta, Beta, 600, 6.0)

namespace oche::math {

// Of those that operators and inputs call too.
inline constexpr double kLargestErrorOfPow = 2.0;
inline constexpr double kLargestErrorOfNormalQuantile = 8.5;

}  // namespace oche::math

#endif  // OCHE_MATH_FUNCTION_LIST_H_

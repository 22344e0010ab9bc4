// What a job measures of its samples, a pure function of the job: part of what its tallies are.
//
// A sample yields *quantities*: first the outputs of the expression, then, where their distribution
// is measured, the inputs that vary, then what sensitivity indices are made of (expression.h).
#ifndef OCHE_INTEGRAND_MEASURE_H_
#define OCHE_INTEGRAND_MEASURE_H_

#include <cstdint>
#include <vector>

namespace oche::integrand {

// Two quantities whose co-moment is measured.
struct Pair {
  std::uint32_t a = 0;
  std::uint32_t b = 0;
};

struct Measure {
  std::uint32_t outputs = 1;
  std::uint32_t inputs = 0;       // quantities [outputs, outputs + inputs)
  std::uint32_t sensitivity = 0;  // quantities after those
  // Whether higher moments and bins of each output are kept.
  bool shapes = false;
  std::vector<Pair> pairs;

  std::uint32_t quantities() const { return outputs + inputs + sensitivity; }
  // The mean and variance of one output: what an integral needs.
  bool is_simple() const { return quantities() == 1 && !shapes; }
};

// More outputs than this have no distribution, more inputs than that no correlations: the cost
// would be the product of the two.
inline constexpr std::uint32_t kMostShapes = 16;
inline constexpr std::uint32_t kMostMeasuredInputs = 64;

}  // namespace oche::integrand

#endif  // OCHE_INTEGRAND_MEASURE_H_

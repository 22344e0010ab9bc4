// From a distribution to code: the quantile of one uniform number, exact in both of its tails.
//
// p is the probability below the sample, q that above it. Of a stream's u, p = u and q = 1-u are
// both exact, so that each formula may use the one in which it loses nothing:
//   uniform      low + (high-low) p                 exponential  -mean log q
//   normal       mean + sd z                        lognormal    exp(mu + sigma z)
//   triangular, trapezoidal   low + sqrt(c p), high - sqrt(c q), and linear between
//   arcsine      low + w sin^2(pi p/2) or high - w sin^2(pi q/2)
//   cauchy       location -+ scale / tan(pi min(p, q))
//   weibull      scale (-log q)^(1/shape)           gumbel       location - scale log(-log p)
//   logistic     location + scale log(p/q)          pareto       minimum q^(-1/shape)
//   bernoulli    u < p
// z is the normal quantile. The others are looked up in tables (math/sample_table.h). The
// curvilinear trapezoid is 1 - exp(-g) away from its outer end, g a gamma variable of shape 2.
//
// A truncation to [low, high] keeps p from P(low) to P(high) and q likewise, each computed without
// the other; tables are made of the part that is kept.
#ifndef OCHE_FORMULA_LOWER_DISTRIBUTION_H_
#define OCHE_FORMULA_LOWER_DISTRIBUTION_H_

#include <cstddef>
#include <map>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "formula/definitions.h"
#include "formula/distributions.h"
#include "formula/program_builder.h"

namespace oche::formula {

// What a sample is made of: a uniform number, or, of correlated inputs, a standard normal score.
struct Randomness {
  enum class Kind { uniform, score };
  Kind kind = Kind::uniform;
  ValueId value = 0;
};

// The most bytes of all tables of a program: a peer's text is short, what it asks for must not be
// out of all proportion. About 2500 tables of gamma, or 37 of poisson at its largest mean.
inline constexpr std::size_t kMaxTableBytes = std::size_t{256} * 1024 * 1024;

// Tables by what they were made of, so that equal distributions share one.
struct TableCache {
  std::map<std::vector<double>, std::shared_ptr<const math::SampleTable>> tables;
  std::size_t bytes = 0;
};

struct DistributionArguments {
  std::vector<ValueId> parameters;                  // as many as input.arguments
  std::optional<std::pair<ValueId, ValueId>> kept;  // the ends of input.truncation
};

// The sample of `input`, which is of kind distribution. A parameter outside its domain is refused
// where it is constant (FormulaError); where it depends on other inputs the sample is NaN.
ValueId lower_distribution(ProgramBuilder& builder, TableCache& tables,
                           const InputDefinition& input, const DistributionArguments& arguments,
                           const Randomness& randomness);

}  // namespace oche::formula

#endif  // OCHE_FORMULA_LOWER_DISTRIBUTION_H_

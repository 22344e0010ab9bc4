// The one table of distributions: the parser, lowering, help, errors and the reference read it.
#ifndef OCHE_FORMULA_DISTRIBUTIONS_H_
#define OCHE_FORMULA_DISTRIBUTIONS_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace oche::formula {

enum class DistributionKind : std::uint8_t {
  uniform,
  normal,
  lognormal,
  exponential,
  triangular,
  trapezoidal,
  ctrap,
  arcsine,
  cauchy,
  weibull,
  gumbel,
  logistic,
  pareto,
  gamma,
  beta,
  chi_squared,
  t,
  bernoulli,
  poisson,
  binomial,
  discrete,
  data,  // the rows of a data set (data_column.h)
};

struct Distribution {
  std::string_view name;
  DistributionKind kind;
  // Of `discrete`: one pair of those that may follow. Of `data`: no expressions.
  std::vector<std::string_view> parameters;
  std::string_view description;
  std::string_view domain;  // of the parameters, in words
  bool is_discrete;
  // The bound of the error in probability of every sample, relative to min(u, 1-u), apart from some
  // units in the last place of the sample; lower_distribution_test.cc measures it.
  double error;
};

// The distributions that an input may follow.
std::span<const Distribution> distributions();
const Distribution* find_distribution(std::string_view name);  // null if there is none

// "normal(mean, sd)"
std::string signature(const Distribution& distribution);
bool takes_arguments(const Distribution& distribution, std::size_t count);

// The exact-to-rounding probabilities below and above x, each with its own relative accuracy, of a
// continuous distribution with a closed form; parameters in the order of the table, in their
// domain.
struct TailPair {
  double lower = 0.0;
  double upper = 0.0;
};
TailPair closed_form_tails(DistributionKind kind, std::span<const double> parameters, double x);

}  // namespace oche::formula

#endif  // OCHE_FORMULA_DISTRIBUTIONS_H_

#include "formula/distributions.h"

#include <algorithm>
#include <cmath>

#include "base/assert.h"
#include "math/functions.h"

namespace oche::formula {
namespace {

using Kind = DistributionKind;
constexpr double kPi = 3.14159265358979323846;

const std::vector<Distribution> kDistributions = {
    {"uniform",
     Kind::uniform,
     {"low", "high"},
     "equally likely anywhere from low to high",
     "low < high",
     false,
     1e-15},
    {"normal",
     Kind::normal,
     {"mean", "sd"},
     "the normal distribution of that mean and standard deviation",
     "sd > 0",
     false,
     1e-13},
    {"lognormal",
     Kind::lognormal,
     {"mu", "sigma"},
     "exp of a normal variable of mean mu and standard deviation sigma",
     "sigma > 0",
     false,
     1e-13},
    {"exponential",
     Kind::exponential,
     {"mean"},
     "the time to an event of a constant rate",
     "mean > 0",
     false,
     1e-14},
    {"triangular",
     Kind::triangular,
     {"low", "mode", "high"},
     "density rising from low to mode, falling to high",
     "low <= mode <= high, low < high",
     false,
     1e-14},
    {"trapezoidal",
     Kind::trapezoidal,
     {"low", "a", "b", "high"},
     "density rising from low to a, constant to b, falling to high",
     "low <= a <= b <= high, low < high",
     false,
     1e-14},
    {"ctrap",
     Kind::ctrap,
     {"a", "b", "d"},
     "uniform from a to b, whose ends are known to within d (GUM Supplement 1, 6.4.3)",
     "d > 0, a+d < b-d",
     false,
     1e-12},
    {"arcsine",
     Kind::arcsine,
     {"low", "high"},
     "a sine wave from low to high at a random time",
     "low < high",
     false,
     1e-14},
    {"cauchy",
     Kind::cauchy,
     {"location", "scale"},
     "the tangent of a random angle",
     "scale > 0",
     false,
     1e-14},
    {"weibull",
     Kind::weibull,
     {"shape", "scale"},
     "scale times a power of an exponential variable",
     "shape > 0, scale > 0",
     false,
     1e-13},
    {"gumbel",
     Kind::gumbel,
     {"location", "scale"},
     "the largest of many: extreme values of type I",
     "scale > 0",
     false,
     1e-14},
    {"logistic",
     Kind::logistic,
     {"location", "scale"},
     "location + scale log(u/(1-u))",
     "scale > 0",
     false,
     1e-14},
    {"pareto",
     Kind::pareto,
     {"shape", "minimum"},
     "a power law: more than x with (minimum/x)^shape",
     "shape > 0, minimum > 0",
     false,
     1e-13},
    {"gamma",
     Kind::gamma,
     {"shape", "scale"},
     "of mean shape*scale",
     "0.005 <= shape <= 1e7 and constant, scale > 0",
     false,
     1e-12},
    {"beta",
     Kind::beta,
     {"a", "b"},
     "on 0 to 1, of mean a/(a+b)",
     "0.02 <= a, b <= 1e7 and constant",
     false,
     1e-12},
    {"chi_squared",
     Kind::chi_squared,
     {"dof"},
     "the sum of the squares of dof normal variables",
     "0.01 <= dof <= 2e7 and constant",
     false,
     1e-12},
    {"t",
     Kind::t,
     {"dof", "location", "scale"},
     "Student's t, shifted and scaled",
     "0.2 <= dof <= 1e7 and constant, scale > 0",
     false,
     1e-12},
    {"bernoulli",
     Kind::bernoulli,
     {"p"},
     "1 with probability p, else 0",
     "0 <= p <= 1",
     true,
     1e-15},
    {"poisson",
     Kind::poisson,
     {"mean"},
     "the number of events where that many are expected",
     "0 <= mean <= 5e8 and constant",
     true,
     1e-12},
    {"binomial",
     Kind::binomial,
     {"n", "p"},
     "the number of successes in n trials",
     "n whole, 0 <= p <= 1, n*p*(1-p) <= 5e8, constant",
     true,
     1e-12},
    {"discrete",
     Kind::discrete,
     {"value", "weight"},
     "values with weights, in turns: discrete(1,0.5, 2,0.3, 3,0.2)",
     "weights >= 0, one of them > 0, all constant",
     true,
     1e-15},
    {"data",
     Kind::data,
     {"file", "column"},
     "a row of a CSV file, the same for all inputs from that file",
     "a column's name or number, or none: the input's name",
     true,
     1e-15},
};

// The probability of less, given that of more where that is the smaller one, and the other way.
TailPair from_lower(double lower) { return {lower, 1.0 - lower}; }
TailPair from_upper(double upper) { return {1.0 - upper, upper}; }

// Of the triangle and the trapezoid: low, first corner, second corner, high.
TailPair trapezoid_tails(double low, double a, double b, double high, double x) {
  const double height = 2.0 / ((high - low) + (b - a));
  if (x < a) return from_lower(0.5 * height * (x - low) * ((x - low) / (a - low)));
  if (x > b) return from_upper(0.5 * height * (high - x) * ((high - x) / (high - b)));
  return {height * ((x - a) + 0.5 * (a - low)), height * ((b - x) + 0.5 * (high - b))};
}

// Of z far above 0.
double cauchy_tail(double z) { return z > 0 ? math::atan(1.0 / z) / kPi : 0.5; }

// JCGM 101:2008, 6.4.3: with c = (b-a)/2 + d, the tail at a distance s from the outer end is
// (s + (c-s) log(1 - s/c)) / (4d) up to s = 2d, and rises evenly after that.
double ctrap_tail(double a, double b, double d, double s) {
  const double c = 0.5 * (b - a) + d;
  const double edge = std::min(s, 2.0 * d);
  const double tail = (edge + (c - edge) * math::log1p(-edge / c)) / (4.0 * d);
  return tail + (s - edge) * -math::log1p(-2.0 * d / c) / (4.0 * d);
}

TailPair positive_tails(Kind kind, std::span<const double> p, double x) {
  if (!(x > 0.0)) return {0.0, 1.0};
  switch (kind) {
    case Kind::lognormal: {
      const double z = (math::log(x) - p[0]) / p[1];
      return {math::normal_cdf(z), math::normal_cdf(-z)};
    }
    case Kind::exponential:
      return {-math::expm1(-x / p[0]), math::exp(-x / p[0])};
    case Kind::weibull: {
      const double t = math::pow(x / p[1], p[0]);
      return {-math::expm1(-t), math::exp(-t)};
    }
    case Kind::pareto: {
      if (x <= p[1]) return {0.0, 1.0};
      const double t = p[0] * math::log(x / p[1]);
      return {-math::expm1(-t), math::exp(-t)};
    }
    default:
      OCHE_ASSERT(false);
  }
}

TailPair bounded_tails(Kind kind, std::span<const double> p, double x) {
  const double low = kind == Kind::ctrap ? p[0] - p[2] : p[0];
  const double high = kind == Kind::ctrap ? p[1] + p[2] : p.back();
  if (x <= low) return {0.0, 1.0};
  if (x >= high) return {1.0, 0.0};
  switch (kind) {
    case Kind::uniform:
      return {(x - low) / (high - low), (high - x) / (high - low)};
    case Kind::triangular:
      return trapezoid_tails(low, p[1], p[1], high, x);
    case Kind::trapezoidal:
      return trapezoid_tails(low, p[1], p[2], high, x);
    case Kind::arcsine:
      return {2.0 / kPi * math::asin(math::sqrt((x - low) / (high - low))),
              2.0 / kPi * math::asin(math::sqrt((high - x) / (high - low)))};
    case Kind::ctrap:
      return x - low < high - x ? from_lower(ctrap_tail(p[0], p[1], p[2], x - low))
                                : from_upper(ctrap_tail(p[0], p[1], p[2], high - x));
    default:
      OCHE_ASSERT(false);
  }
}

}  // namespace

std::span<const Distribution> distributions() { return kDistributions; }

const Distribution* find_distribution(std::string_view name) {
  const auto row = std::ranges::find(distributions(), name, &Distribution::name);
  return row == distributions().end() ? nullptr : &*row;
}

std::string signature(const Distribution& distribution) {
  std::string text(distribution.name);
  text += '(';
  for (std::size_t i = 0; i < distribution.parameters.size(); ++i) {
    if (i > 0) text += ", ";
    text += distribution.parameters[i];
  }
  return text + (distribution.kind == Kind::discrete ? ", ...)" : ")");
}

bool takes_arguments(const Distribution& distribution, std::size_t count) {
  const std::size_t parameters = distribution.parameters.size();
  if (distribution.kind != Kind::discrete) return count == parameters;
  return count > 0 && count % parameters == 0;
}

TailPair closed_form_tails(DistributionKind kind, std::span<const double> p, double x) {
  switch (kind) {
    case Kind::normal:
      return {math::normal_cdf((x - p[0]) / p[1]), math::normal_cdf((p[0] - x) / p[1])};
    case Kind::cauchy: {
      const double z = (x - p[0]) / p[1];
      return z < 0.0 ? from_lower(cauchy_tail(-z)) : from_upper(cauchy_tail(z));
    }
    case Kind::gumbel: {
      const double e = math::exp((p[0] - x) / p[1]);
      return {math::exp(-e), -math::expm1(-e)};
    }
    case Kind::logistic: {
      const double z = (x - p[0]) / p[1];
      return {1.0 / (1.0 + math::exp(-z)), 1.0 / (1.0 + math::exp(z))};
    }
    case Kind::lognormal:
    case Kind::exponential:
    case Kind::weibull:
    case Kind::pareto:
      return positive_tails(kind, p, x);
    default:
      return bounded_tails(kind, p, x);
  }
}

}  // namespace oche::formula

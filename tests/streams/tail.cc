#include "streams/tail.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <vector>

namespace oche::streams {
namespace {

// x^a e^-x / Gamma(a).
double front(double a, double x) { return std::exp(a * std::log(x) - x - std::lgamma(a)); }

// P(a, x) for x < a + 1: front times the sum of x^k / (a (a+1) … (a+k)).
double lower_by_series(double a, double x) {
  double term = 1 / a;
  double sum = term;
  for (int k = 1; term > sum * 1e-17; ++k) {
    term *= x / (a + k);
    sum += term;
  }
  return sum * front(a, x);
}

// Q(a, x) for x >= a + 1: front times 1/(x+1-a - 1(1-a)/(x+3-a - 2(2-a)/(x+5-a - …))), from the
// front by Lentz's method.
double upper_by_fraction(double a, double x) {
  constexpr double kTiny = 1e-300;
  double b = x + 1 - a;
  double c = 1 / kTiny;
  double d = 1 / b;
  double h = d;
  for (int k = 1; k < 1'000'000; ++k) {
    const double numerator = -k * (k - a);
    b += 2;
    d = numerator * d + b;
    if (std::fabs(d) < kTiny) d = kTiny;
    c = b + numerator / c;
    if (std::fabs(c) < kTiny) c = kTiny;
    d = 1 / d;
    h *= d * c;
    if (std::fabs(d * c - 1) < 1e-15) break;
  }
  return h * front(a, x);
}

}  // namespace

double normal_tail(double t) { return 0.5 * std::erfc(std::fabs(t) * 0.70710678118654752); }

double chi_squared_tail(double t, double freedom) {
  if (!(t < std::numeric_limits<double>::infinity()) || t <= 0) return 0;
  const double a = freedom / 2;
  const double x = t / 2;
  const double one = x < a + 1 ? lower_by_series(a, x) : upper_by_fraction(a, x);
  return std::min(one, 1 - one);
}

double pearson_tail(std::span<const double> counts, std::span<const double> probabilities) {
  constexpr double kLeastExpected = 20;
  double total = 0;
  for (const double count : counts) total += count;
  struct Class {
    double count = 0;
    double expected = 0;
  };
  std::vector<Class> classes(1);
  for (std::size_t i = 0; i < counts.size(); ++i) {
    classes.back().count += counts[i];
    classes.back().expected += probabilities[i] * total;
    if (classes.back().expected >= kLeastExpected) classes.emplace_back();
  }
  const Class rest = classes.back();
  classes.pop_back();
  if (classes.size() < 2) return std::numeric_limits<double>::quiet_NaN();
  classes.back().count += rest.count;
  classes.back().expected += rest.expected;
  double sum = 0;
  for (const Class& c : classes) {
    sum += (c.count - c.expected) * (c.count - c.expected) / c.expected;
  }
  return chi_squared_tail(sum, static_cast<double>(classes.size() - 1));
}

}  // namespace oche::streams

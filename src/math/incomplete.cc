#include "math/incomplete.h"

#include <algorithm>
#include <cmath>

#include "math/functions.h"

namespace oche::math {
namespace {

constexpr double kPi = 3.14159265358979323846;
constexpr double kEpsilon = 0x1p-53;
// Enough for the slowest case, next to the mode of a shape of 1e7; a loop that reaches it has no
// accuracy left, which whoever checks the result finds.
constexpr int kMaxTerms = 200'000;
// From here on, Stirling's series below is exact to a double.
constexpr double kLargeShape = 10.0;

// log Gamma(a+1) - log(sqrt(2 pi a) (a/e)^a) for a >= 10: Stirling's series (NIST DLMF 5.11.1).
double stirling_error(double a) {
  const double r = 1.0 / (a * a);
  double sum = 1.0 / 156;
  for (const double c : {-691.0 / 360360, 1.0 / 1188, -1.0 / 1680, 1.0 / 1260, -1.0 / 360}) {
    sum = sum * r + c;
  }
  return (sum * r + 1.0 / 12) / a;
}

// a log(a/x) + x - a without cancellation next to x = a: with v = (a-x)/(a+x) it is
// (a-x) v + 2a (v^3/3 + v^5/5 + ...) (Loader, section 5).
double deviance(double a, double x) {
  if (std::fabs(a - x) >= 0.1 * (a + x)) return a * log(a / x) + x - a;
  const double v = (a - x) / (a + x);
  double sum = (a - x) * v;
  double power = 2.0 * a * v;
  for (int j = 3; j < 200; j += 2) {
    power *= v * v;
    const double next = sum + power / j;
    if (next == sum) break;
    sum = next;
  }
  return sum;
}

// x^a e^-x / Gamma(a+1): the probability of a events where x are expected.
double poisson_term(double a, double x, double log_x) {
  if (a < kLargeShape) return exp(a * log_x - x - lgamma(a + 1.0));
  return exp(-stirling_error(a) - deviance(a, x)) / sqrt(2.0 * kPi * a);
}

// Modified Lentz: keeps a denominator away from 0.
double nonzero(double v) {
  constexpr double kTiny = 1e-290;
  return std::fabs(v) < kTiny ? kTiny : v;
}

// Gamma(a, x) / (x^a e^-x), x > 0.
double upper_gamma_fraction(double a, double x) {
  double b = x + 1.0 - a;
  double d = 1.0 / nonzero(b);
  double c = 1e290;
  double h = d;
  for (int i = 1; i < kMaxTerms; ++i) {
    const double k = i;
    const double numerator = -k * (k - a);
    b += 2.0;
    d = 1.0 / nonzero(numerator * d + b);
    c = nonzero(b + numerator / c);
    const double factor = c * d;
    h *= factor;
    if (std::fabs(factor - 1.0) <= kEpsilon) break;
  }
  return h;
}

// 1 + x/(a+1) + x^2/((a+1)(a+2)) + ...
double lower_gamma_series(double a, double x) {
  double sum = 1.0;
  double term = 1.0;
  double denominator = a;
  for (int i = 0; i < kMaxTerms; ++i) {
    denominator += 1.0;
    term *= x / denominator;
    sum += term;
    if (term <= kEpsilon * sum) break;
  }
  return sum;
}

// Q(a, x) for small a and x, where 1 - P would cancel: P = e^g (1 + a s), g = a log x - log
// Gamma(a+1), s = sum over n >= 1 of (-x)^n / ((a+n) n!) (NIST DLMF 8.7.1).
double upper_gamma_of_small_shape(double a, double x, double log_x) {
  double s = 0.0;
  double term = 1.0;
  for (int n = 1; n < 60; ++n) {
    term *= -x / n;
    s += term / (a + n);
    if (std::fabs(term) <= kEpsilon * std::fabs(s)) break;
  }
  const double g = a * log_x - lgamma(a + 1.0);
  return -expm1(g) - exp(g) * a * s;
}

// I_x(a, b) B(a, b) / (x^a y^b), y = 1 - x, where lambda = a - (a+b) x is not negative. DiDonato
// and Morris, ACM TOMS 18 (1992) 360-373, equation 9: nothing cancels, whatever the sizes of a and
// b.
double beta_fraction(double a, double b, double x, double y, double lambda) {
  double c = 1e290;
  double d = 1.0 / nonzero(a / (a + 1.0) * (lambda + 1.0));
  double h = d;
  for (int i = 1; i < kMaxTerms; ++i) {
    const double n = i;
    const double odd = a + 2.0 * n - 1.0;
    const double step = n * (b - n) * x / odd;
    const double alpha = (a + n - 1.0) * (a + b + n - 1.0) * x / odd * step;
    const double beta = n + step + (a + n) / (odd + 2.0) * (lambda + 1.0 + n * (1.0 + y));
    d = 1.0 / nonzero(beta + alpha * d);
    c = nonzero(beta + alpha / c);
    const double factor = c * d;
    h *= factor;
    if (std::fabs(factor - 1.0) <= kEpsilon) break;
  }
  return h;
}

// x^a y^b / (a B(a, b)), y = 1 - x. From sizes where lgamma's differences would cancel, as a
// product of two Poisson terms, the other factors of Stirling's formula cancelling exactly.
double beta_prefactor(double a, double b, double x, double y, double log_x, double log_y) {
  const double n = a + b;
  if (n < kLargeShape) {
    return exp(a * log_x + b * log_y - (lgamma(a + 1.0) + lgamma(b + 1.0) - lgamma(n + 1.0))) * b /
           n;
  }
  const double log_n = log(n);
  return exp(stirling_error(n)) * sqrt(2.0 * kPi / n) * b * poisson_term(a, n * x, log_n + log_x) *
         poisson_term(b, n * y, log_n + log_y);
}

}  // namespace

Tails gamma_tails(double a, double x, double log_x) noexcept {
  const double term = poisson_term(a, x, log_x);
  Tails tails;
  tails.slope = a * term;
  if (x < a + 1.0) {
    tails.lower = term * lower_gamma_series(a, x);
    tails.upper = a < 0.5 && x > 0.0 ? upper_gamma_of_small_shape(a, x, log_x) : 1.0 - tails.lower;
  } else {
    tails.upper = tails.slope * upper_gamma_fraction(a, x);
    tails.lower = 1.0 - tails.upper;
  }
  return tails;
}

Tails beta_tails(double a, double b, double x, double one_minus_x, double log_x) noexcept {
  const double log_y = one_minus_x < 0.5 ? log(one_minus_x) : log1p(-x);
  const double prefactor = beta_prefactor(a, b, x, one_minus_x, log_x, log_y);
  Tails tails;
  tails.slope = a * prefactor / one_minus_x;
  const double n = a + b;
  const double lambda = one_minus_x < 0.5 ? n * one_minus_x - b : a - n * x;
  if (lambda >= 0.0) {
    tails.lower = a * prefactor * beta_fraction(a, b, x, one_minus_x, lambda);
    tails.upper = 1.0 - tails.lower;
  } else {
    tails.upper = a * prefactor * beta_fraction(b, a, one_minus_x, x, -lambda);
    tails.lower = 1.0 - tails.upper;
  }
  return tails;
}

}  // namespace oche::math

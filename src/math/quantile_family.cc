#include "math/quantile_family.h"

#include <algorithm>
#include <cmath>
#include <cstddef>

#include "math/functions.h"

namespace oche::math {
namespace {

// Coefficient k of the product of two series.
double product(const Series& a, const Series& b, std::size_t k) {
  double sum = 0.0;
  for (std::size_t i = 0; i <= k; ++i) sum += a[i] * b[k - i];
  return sum;
}

}  // namespace

GammaFamily::GammaFamily(double shape, QuantileTable::Form form)
    : QuantileFamily(form), shape_(shape), log_shape_(log(shape)) {}

Tails GammaFamily::at(double c) const {
  return gamma_tails(shape_, shape_ * exp(c), log_shape_ + c);
}

void GammaFamily::expand(double c, double rate, Expansion& e) const {
  Series x{}, from_shape{}, square{};
  Series& r = e.rate;
  e.coordinate[0] = c;
  r[0] = rate;
  x[0] = shape_ * exp(c);
  from_shape[0] = shape_ * expm1(c);
  for (std::size_t k = 0; k + 1 < kSeriesTerms; ++k) {
    const double next = 1.0 / static_cast<double>(k + 1);
    square[k] = product(r, r, k);
    e.coordinate[k + 1] = r[k] * next;
    x[k + 1] = product(x, r, k) * next;
    r[k + 1] = product(square, from_shape, k) * next;
    from_shape[k + 1] = x[k + 1];
  }
  e.output = form() == QuantileTable::Form::value ? x : e.coordinate;
  if (form() == QuantileTable::Form::logarithm) e.output[0] += log_shape_;
}

// P(a, x) <= x^a / Gamma(a+1).
double GammaFamily::lowest(double tail) const {
  return (log(tail) + lgamma(shape_ + 1.0)) / shape_ - 1.0 - log_shape_;
}

double GammaFamily::highest(double tail) const {
  return log((shape_ + 12.0 * sqrt(shape_) - 2.0 * log(tail) + 20.0) / shape_);
}

double GammaFamily::coordinate_of(double value) const { return log(value / shape_); }

Tails BetaFamily::at(double c) const { return beta_tails(a_, b_, exp(c), -expm1(c), c); }

void BetaFamily::expand(double c, double rate, Expansion& e) const {
  // w = x / (1-x), w' = w s' (1+w).
  Series x{}, w{}, one_plus_w{}, bend{}, square{}, wr{}, log_mirrored{};
  Series& r = e.rate;
  e.coordinate[0] = c;
  r[0] = rate;
  x[0] = exp(c);
  w[0] = x[0] / -expm1(c);
  one_plus_w[0] = 1.0 + w[0];
  bend[0] = (b_ - 1.0) * w[0] - a_;
  log_mirrored[0] = log(-expm1(c));
  for (std::size_t k = 0; k + 1 < kSeriesTerms; ++k) {
    const double next = 1.0 / static_cast<double>(k + 1);
    square[k] = product(r, r, k);
    wr[k] = product(w, r, k);
    e.coordinate[k + 1] = r[k] * next;
    x[k + 1] = product(x, r, k) * next;
    log_mirrored[k + 1] = -wr[k] * next;
    w[k + 1] = one_plus_w[k + 1] = product(wr, one_plus_w, k) * next;
    bend[k + 1] = (b_ - 1.0) * w[k + 1];
    r[k + 1] = product(square, bend, k) * next;
  }
  const bool is_value = form() == QuantileTable::Form::value;
  if (output_ == Output::itself) {
    e.output = is_value ? x : e.coordinate;
  } else if (is_value) {
    for (std::size_t k = 0; k < kSeriesTerms; ++k) e.output[k] = -x[k];
    e.output[0] = -expm1(c);
  } else {
    e.output = log_mirrored;
  }
}

// For x <= 1/2, I_x(a, b) <= 2 x^a / (a B(a, b)).
double BetaFamily::lowest(double tail) const {
  const double log_beta = lgamma(a_ + 1.0) + lgamma(b_) - lgamma(a_ + b_);
  return std::min(-1.0, (log(tail) + log_beta - 1.0) / a_ - 1.0);
}

double BetaFamily::highest(double /*tail*/) const { return -0x1p-1000; }

double BetaFamily::coordinate_of(double value) const {
  return output_ == Output::itself ? log(value) : log1p(-value);
}

Tails StudentFamily::at(double c) const {
  // Two-sided, the tail is I_z(dof/2, 1/2) with z = 1/(1+c^2). Nothing depends on a c this small.
  const double size = std::max(std::fabs(c), 1e-100);
  const double square = size * size;
  const double z = 1.0 / (1.0 + square);
  const Tails both = beta_tails(0.5 * dof_, 0.5, z, square * z, -log1p(square));
  Tails tails{0.5 * both.lower, 0.5 * (1.0 + both.upper), both.slope * size};
  if (c > 0) std::swap(tails.lower, tails.upper);
  return tails;
}

void StudentFamily::expand(double c, double rate, Expansion& e) const {
  Series square{}, one_plus{};  // of the rate; 1 + c^2
  Series& r = e.rate;
  Series& x = e.coordinate;
  x[0] = c;
  r[0] = rate;
  const double scale = sqrt(dof_);
  for (std::size_t k = 0; k + 1 < kSeriesTerms; ++k) {
    const double next = 1.0 / static_cast<double>(k + 1);
    square[k] = product(r, r, k);
    one_plus[k] = product(x, x, k) + (k == 0 ? 1.0 : 0.0);
    x[k + 1] = product(r, one_plus, k) * next;
    r[k + 1] = (dof_ - 1.0) * product(square, x, k) * next;
  }
  for (std::size_t k = 0; k < kSeriesTerms; ++k) e.output[k] = scale * x[k];
}

// Far out the tail is below c^-dof.
double StudentFamily::lowest(double tail) const {
  double c = -1.0;
  while (c > -0x1p500 && at(c).lower > tail) c *= 2.0;
  return c;
}

double StudentFamily::coordinate_of(double value) const { return value / sqrt(dof_); }

}  // namespace oche::math

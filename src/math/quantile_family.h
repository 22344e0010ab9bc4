// Families of distributions whose quantiles are tabulated: their tails, and the Taylor series of
// their quantile functions.
//
// dx/du = 1/f(x), and for these densities f'/f is rational, so that the quantile function has an
// ordinary differential equation whose Taylor coefficients follow from each other by products of
// series (G. Steinbrecher and W. T. Shaw, "Quantile mechanics", European J. Appl. Math. 19 (2008)
// 87-112). Each family has a *coordinate* c in which both ends can be approached without loss, and
// the *rate* ds/dt, t being the variable of the series and s the coordinate or a function of it.
#ifndef OCHE_MATH_QUANTILE_FAMILY_H_
#define OCHE_MATH_QUANTILE_FAMILY_H_

#include <array>

#include "math/incomplete.h"
#include "math/quantile_table.h"

namespace oche::math {

// Coefficients of t^0 to t^14. A step from cell to cell takes t = 2, where with 16 cells an octave
// the next singularity of a quantile is at t = 31 or beyond: (2/31)^15 is 1e-18.
inline constexpr std::size_t kSeriesTerms = 15;
using Series = std::array<double, kSeriesTerms>;

struct Expansion {
  Series coordinate{};
  Series rate{};
  Series output{};  // what the table is to hold: the value, or its logarithm
};

class QuantileFamily {
 public:
  explicit QuantileFamily(QuantileTable::Form form) : form_(form) {}
  virtual ~QuantileFamily() = default;
  QuantileFamily(const QuantileFamily&) = delete;
  QuantileFamily& operator=(const QuantileFamily&) = delete;

  // The tails at a coordinate, which grows with the value; `slope` is the derivative of `lower` in
  // s.
  virtual Tails at(double coordinate) const = 0;
  virtual double stretch(double /*coordinate*/) const { return 1.0; }  // dc/ds
  // The series about a coordinate and a rate of either sign.
  virtual void expand(double coordinate, double rate, Expansion& e) const = 0;
  // Coordinates below and above which both tails are beyond `tail`, a small probability.
  virtual double lowest(double tail) const = 0;
  virtual double highest(double tail) const = 0;
  virtual double coordinate_of(double value) const = 0;

  QuantileTable::Form form() const { return form_; }

 private:
  QuantileTable::Form form_;
};

// gamma(shape, 1) on (0, inf): c = log(x/shape), c'' = c'^2 (x - shape).
class GammaFamily : public QuantileFamily {
 public:
  GammaFamily(double shape, QuantileTable::Form form);
  Tails at(double c) const override;
  void expand(double c, double rate, Expansion& e) const override;
  double lowest(double tail) const override;
  double highest(double tail) const override;
  double coordinate_of(double value) const override;

 private:
  double shape_, log_shape_;
};

// beta(a, b) on (0, 1): c = log x, c'' = c'^2 ((b-1) x/(1-x) - a). A mirrored one yields 1 - x for
// x, so that its lower end is the upper end of beta(b, a).
class BetaFamily : public QuantileFamily {
 public:
  enum class Output { itself, mirrored };
  BetaFamily(double a, double b, QuantileTable::Form form, Output output)
      : QuantileFamily(form), a_(a), b_(b), output_(output) {}
  Tails at(double c) const override;
  void expand(double c, double rate, Expansion& e) const override;
  double lowest(double tail) const override;
  double highest(double tail) const override;
  double coordinate_of(double value) const override;

 private:
  double a_, b_;
  Output output_;
};

// Student's t: c = x / sqrt(dof) = tan s, s'' = s'^2 (dof-1) c, c' = s' (1 + c^2); the rate is s'.
class StudentFamily : public QuantileFamily {
 public:
  explicit StudentFamily(double dof) : QuantileFamily(QuantileTable::Form::value), dof_(dof) {}
  Tails at(double c) const override;
  double stretch(double c) const override { return 1.0 + c * c; }
  void expand(double c, double rate, Expansion& e) const override;
  double lowest(double tail) const override;
  double highest(double tail) const override { return -lowest(tail); }
  double coordinate_of(double value) const override;

 private:
  double dof_;
};

}  // namespace oche::math

#endif  // OCHE_MATH_QUANTILE_FAMILY_H_

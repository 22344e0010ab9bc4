// The regularized incomplete gamma and beta functions, both tails at a time, for quantile tables.
// Scalar; the same bits on every machine (functions.h, + - * / and square roots only).
#ifndef OCHE_MATH_INCOMPLETE_H_
#define OCHE_MATH_INCOMPLETE_H_

namespace oche::math {

// A distribution at a point. Each tail has its own relative accuracy: neither is made from the
// other where that would cancel.
struct Tails {
  double lower = 0.0;  // the probability of a smaller value
  double upper = 0.0;  // of a larger one
  double slope =
      0.0;  // density times the point: the derivative of `lower` in the point's logarithm
};

// P(a, x), Q(a, x) and x^a e^-x / Gamma(a). x may be below any double: its logarithm is given too.
// a from 0.005 to 1e7. The relative error of the smaller tail is below 2e-13, plus what a relative
// error of 2^-52 in x makes, wherever that tail is above 1e-30; checked against Boost.Math.
// P by its power series below x = a + 1, else Q by Legendre's continued fraction (NIST DLMF 8.7.1
// and 8.9.2, evaluated by the modified Lentz method of I. J. Thompson and A. R. Barnett, J. Comput.
// Phys. 64 (1986) 490), as in A. R. DiDonato and A. H. Morris, ACM TOMS 12 (1986) 377-393; the
// factor in front by C. Loader, "Fast and accurate computation of binomial probabilities" (2000).
Tails gamma_tails(double a, double x, double log_x) noexcept;

// I_x(a, b), its complement and x^a (1-x)^(b-1) / B(a, b). The point is given by x, 1-x and log x,
// so that nothing is lost next to either end. a and b from 0.005 to 1e7; accuracy as above.
// By the continued fraction of A. R. DiDonato and A. H. Morris, ACM TOMS 18 (1992) 360-373, of
// whichever tail it converges for.
Tails beta_tails(double a, double b, double x, double one_minus_x, double log_x) noexcept;

}  // namespace oche::math

#endif  // OCHE_MATH_INCOMPLETE_H_

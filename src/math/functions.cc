#include "math/functions.h"

#include <array>
#include <cmath>
#include <cstddef>
#include <limits>

#include "math/coefficients.h"
#include "math/factorials.h"
#include "math/sleef.h"

// Each function repeats, operation by operation, what functions-inl.h does in a lane.
namespace oche::math {
namespace {

template <std::size_t kSize>
double polynomial(double x, const std::array<double, kSize>& p) {
  double sum = p[kSize - 1];
  for (std::size_t k = kSize - 1; k-- > 0;) sum = std::fma(sum, x, p[k]);
  return sum;
}

}  // namespace

double exp(double x) noexcept {
  namespace c = detail;
  if (x != x) return x;
  if (x > c::kExpIsInfiniteAbove) x = c::kExpIsInfiniteAbove;
  if (x < c::kExpIsZeroBelow) x = c::kExpIsZeroBelow;
  const double n = (std::fma(x, c::kLog2OfE, -c::kExpOffset) + c::kExpShift) - c::kExpShift;
  const double r = std::fma(-n, c::kLn2Low, std::fma(-n, c::kLn2High, x));
  const double s = r * r;
  constexpr auto& q = c::kExpRemainder;
  double even = q[10];
  double odd = q[9];
  for (const std::size_t k : {8, 6, 4, 2}) {
    even = std::fma(even, s, q[k]);
    odd = std::fma(odd, s, q[k - 1]);
  }
  const double sum = std::fma(odd, r, std::fma(even, s, q[0]));
  return std::ldexp(std::fma(sum, s, r) + 1.0, static_cast<int>(n));
}

double log(double x) noexcept { return Sleef_finz_logd1_u10purecfma(x); }

double sin(double x) noexcept { return Sleef_finz_sind1_u10purecfma(x); }

double cos(double x) noexcept { return Sleef_finz_cosd1_u10purecfma(x); }

double tan(double x) noexcept {
  return std::fabs(x) < detail::kIsArgumentBelow ? x : Sleef_finz_tand1_u10purecfma(x);
}

double pow(double x, double y) noexcept {
  const double z = Sleef_finz_powd1_u10purecfma(x, y);
  const double a = std::fabs(x);
  if (!(std::isinf(z) && a < std::numeric_limits<double>::infinity() && a > 0)) return z;
  const double root = Sleef_finz_powd1_u10purecfma(a, y * 0.5);
  return std::copysign(y == 1.0 ? a : root * root, z);
}

double sqrt(double x) noexcept { return std::sqrt(x); }

double cbrt(double x) noexcept { return Sleef_finz_cbrtd1_u10purecfma(x); }
double exp2(double x) noexcept { return Sleef_finz_exp2d1_u10purecfma(x); }
double exp10(double x) noexcept { return Sleef_finz_exp10d1_u10purecfma(x); }
double expm1(double x) noexcept { return Sleef_finz_expm1d1_u10purecfma(x); }
double log2(double x) noexcept { return Sleef_finz_log2d1_u10purecfma(x); }
double log10(double x) noexcept { return Sleef_finz_log10d1_u10purecfma(x); }

double log1p(double x) noexcept {
  if (std::fabs(x) < detail::kLog1pIsArgumentBelow) return x;
  return x > detail::kLog1pIsLogAbove ? log(x) : Sleef_finz_log1pd1_u10purecfma(x);
}

double asin(double x) noexcept { return Sleef_finz_asind1_u10purecfma(x); }
double acos(double x) noexcept { return Sleef_finz_acosd1_u10purecfma(x); }
double atan(double x) noexcept { return Sleef_finz_atand1_u10purecfma(x); }
double atan2(double y, double x) noexcept { return Sleef_finz_atan2d1_u10purecfma(y, x); }
double hypot(double x, double y) noexcept { return Sleef_finz_hypotd1_u05purecfma(x, y); }

namespace {

// e^x / 2 for x > kHalfExpAnchor; e^x itself may be beyond the largest double.
double half_exp(double x) noexcept {
  if (x > detail::kHalfExpLast) return std::numeric_limits<double>::infinity();
  const double e = exp(x - detail::kHalfExpAnchor);
  return std::fma(detail::kHalfExpOfAnchorHigh, e, detail::kHalfExpOfAnchorLow * e);
}

}  // namespace

double sinh(double x) noexcept {
  const double a = std::fabs(x);
  if (a < detail::kIsArgumentBelow) return x;
  if (!(a > detail::kHyperbolicIsHalfExpAbove)) return Sleef_finz_sinhd1_u10purecfma(x);
  return std::copysign(half_exp(a), x);
}

double cosh(double x) noexcept {
  const double a = std::fabs(x);
  return a > detail::kHyperbolicIsHalfExpAbove ? half_exp(a) : Sleef_finz_coshd1_u10purecfma(x);
}

double tanh(double x) noexcept {
  return std::fabs(x) < detail::kIsArgumentBelow ? x : Sleef_finz_tanhd1_u10purecfma(x);
}

double asinh(double x) noexcept {
  const double a = std::fabs(x);
  if (a < detail::kIsArgumentBelow) return x;
  if (!(a > detail::kArcIsLogAbove)) return Sleef_finz_asinhd1_u10purecfma(x);
  return std::copysign(log(a) + detail::kLn2, x);
}

double acosh(double x) noexcept {
  return x > detail::kArcIsLogAbove ? log(x) + detail::kLn2 : Sleef_finz_acoshd1_u10purecfma(x);
}

double atanh(double x) noexcept {
  return std::fabs(x) < detail::kIsArgumentBelow ? x : Sleef_finz_atanhd1_u10purecfma(x);
}

double erf(double x) noexcept { return Sleef_finz_erfd1_u10purecfma(x); }
double erfc(double x) noexcept { return Sleef_finz_erfcd1_u15purecfma(x); }

namespace {

// gamma(x) for x from kGammaIsZeroBelow to kGammaIsShiftedBelow. The product is the sum of two.
double shifted_gamma(double x) noexcept {
  double product = x;
  double low = 0;
  for (int i = 1; i < detail::kGammaShift; ++i) {
    const double factor = x + i;
    const double next = product * factor;
    low = std::fma(low, factor, std::fma(product, factor, -next));
    product = next;
  }
  const double y = gamma(x + detail::kGammaShift);
  return std::fma(-y, low / product, y) / product;
}

}  // namespace

double gamma(double x) noexcept {
  if (x < detail::kGammaIsShiftedBelow && x >= detail::kGammaIsZeroBelow) return shifted_gamma(x);
  const double y = Sleef_finz_tgammad1_u10purecfma(x);
  if (!(x < 0) || std::isnan(y)) return y;
  // Between its poles it has the sign (-1)^floor(x), also where it is too small for SLEEF to know.
  const double half = 0.5 * std::floor(x);
  return half == std::floor(half) ? std::fabs(y) : -std::fabs(y);
}

double lgamma(double x) noexcept {
  namespace c = detail;
  if (!(x > c::kLgammaIsSleefsUpTo)) return Sleef_finz_lgammad1_u10purecfma(x);
  const double step = x - c::kLgammaAnchor;
  const double d = step / c::kLgammaAnchor;
  const double slope = c::kLogOfLgammaAnchor + d * (0.5 - d * (1.0 / 6 - d / 12));
  return c::kLgammaOfAnchorHigh + (c::kLgammaOfAnchorLow + step * slope);
}

double factorial(double n) noexcept {
  if (!(n >= 0 && n == std::floor(n))) return std::numeric_limits<double>::quiet_NaN();
  if (n > detail::kLastFactorial) return std::numeric_limits<double>::infinity();
  return detail::kFactorials[static_cast<std::size_t>(n)];
}

namespace {

// Stirling's delta(z) for z >= 16.
double stirling(double z) noexcept {
  const double w = 1.0 / z;
  const double w2 = w * w;
  double sum = detail::kStirling[5];
  for (int k = 4; k >= 0; --k)
    sum = std::fma(sum, w2, detail::kStirling[static_cast<std::size_t>(k)]);
  return sum * w;
}

// The beta function by its gammas. s + t is the sum of a and b.
double beta_of_gammas(double a, double b, double s, double t) noexcept {
  const double p = s + 2.0;
  const double w = 1.0 / p;
  const double psi = log(p) - std::fma(w * w, 1.0 / 12, 0.5 * w);
  const double lost = (t / s) * (std::fma(s, psi, -1.0) - s / (s + 1.0));
  const double ratio = gamma(a) / gamma(s);
  return gamma(b) * std::fma(-ratio, lost, ratio);
}

// For a large and b below 16.
double beta_of_one_large(double a, double b, double s, double t) noexcept {
  const double x = b / a;
  double sum = 1.0 / 17;
  for (int k = 16; k >= 2; --k) sum = std::fma(-sum, x, 1.0 / k);
  const double exponent = std::fma(b * x, sum, (stirling(a) - stirling(s)) - b * (t / s));
  const double half = pow(s, -0.5 * b);
  return gamma(b) * sqrt(s / a) * exp(exponent) * half * half;
}

// For both large.
double beta_of_two_large(double a, double b, double s, double t) noexcept {
  const double u = a / s;
  const double v = b / s;
  const bool power = a <= detail::kBetaPowerUpTo;
  const double x = b / a;
  const double rest = power ? std::fma(-u, s, a) - u * t : b * x * std::fma(x, -1.0 / 3, 0.5);
  const double exponent =
      ((stirling(a) + stirling(b)) - stirling(s)) + (rest + (std::fma(-v, s, b) - v * t));
  const double root = detail::kSqrt2Pi * sqrt(s / (a * b));
  return root * exp(exponent) * (power ? pow(u, a) : exp(-b)) * pow(v, b);
}

}  // namespace

double beta(double x, double y) noexcept {
  if (!(x >= 0 && y >= 0)) return std::numeric_limits<double>::quiet_NaN();
  const double a = maximum(x, y);
  const double b = minimum(x, y);
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  if (b == 0) return a == kInfinity ? std::numeric_limits<double>::quiet_NaN() : kInfinity;
  if (a == kInfinity || b > detail::kBetaIsZeroAbove) return 0;
  const double s = a + b;
  const double t = b - (s - a);
  if (a < detail::kBetaIsSumOfInversesBelow) return 1.0 / b + 1.0 / a;
  if (s <= detail::kBetaOfGammasUpTo) return beta_of_gammas(a, b, s, t);
  if (b < detail::kBetaStirlingOfBothFrom) return beta_of_one_large(a, b, s, t);
  return beta_of_two_large(a, b, s, t);
}

// erfc(-x / sqrt 2) / 2. The argument's rounding error r would be magnified up to 2 x^2 times:
// erfc(a + r) = erfc(a) - r 2/sqrt(pi) e^(-a^2) to first order, which is enough.
double normal_cdf(double x) noexcept {
  if (std::fabs(x) > detail::kNormalIsCertainBeyond) return x < 0 ? 0.0 : 1.0;
  const double a = x * -detail::kInverseSqrt2High;
  const double r = std::fma(x, -detail::kInverseSqrt2High, -a) - x * detail::kInverseSqrt2Low;
  const double slope = detail::kTwoOverSqrtPi * exp(-(a * a));
  return 0.5 * std::fma(-r, slope, erfc(a));
}

double floor(double x) noexcept { return std::floor(x); }
double ceil(double x) noexcept { return std::ceil(x); }

double round(double x) noexcept {
  const double whole = std::trunc(x);
  return std::fabs(x - whole) >= 0.5 ? whole + std::copysign(1.0, x) : whole;
}

double sign(double x) noexcept { return x != x || x == 0 ? x : std::copysign(1.0, x); }

double mod(double a, double b) noexcept {
  const double r = std::fmod(a, b);  // exact, as IEEE 754 wants it
  if (r == 0) return std::copysign(r, b);
  return (r < 0) != (b < 0) ? r + b : r;
}

double normal_quantile(double u) noexcept {
  const double q = u - 0.5;
  if (std::fabs(q) <= detail::kCentralHalfWidth) {
    const double r = std::fma(-q, q, 0.25);
    return q *
           (polynomial(r, detail::kCentralNumerator) / polynomial(r, detail::kCentralDenominator));
  }
  const double r = sqrt(-log(minimum(u, 1.0 - u)));
  if (std::isinf(r)) return std::copysign(r, q);
  if (r > detail::kFarBeyond) {
    const double t = r - detail::kFarShift;
    return std::copysign(
        polynomial(t, detail::kFarNumerator) / polynomial(t, detail::kFarDenominator), q);
  }
  const double s = r - detail::kNearShift;
  return std::copysign(
      polynomial(s, detail::kNearNumerator) / polynomial(s, detail::kNearDenominator), q);
}

double minimum(double a, double b) noexcept {
  if (a != a || b != b) return a + b;
  if (a == b) return std::signbit(a) ? a : b;
  return a < b ? a : b;
}

double maximum(double a, double b) noexcept { return -minimum(-a, -b); }

}  // namespace oche::math

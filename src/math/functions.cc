#include "math/functions.h"

#include <cmath>
#include <limits>

#include "math/coefficients.h"
#include "math/sleef.h"

// Each function repeats, operation by operation, what functions-inl.h does in a lane.
namespace oche::math {
namespace {

using detail::Degree7;

double polynomial(double x, const Degree7& p) {
  double sum = std::fma(p[7], x, p[6]);
  for (int i = 5; i >= 0; --i) sum = std::fma(sum, x, p[static_cast<std::size_t>(i)]);
  return sum;
}

}  // namespace

double exp(double x) noexcept {
  if (!(x > detail::kExpEarlyOverflow)) return Sleef_finz_expd1_u10purecfma(x);
  if (x > detail::kExpLast) return std::numeric_limits<double>::infinity();
  const double t = x - detail::kExpAnchor;
  const double e = std::fma(t * t, std::fma(t, 1.0 / 6, 0.5), t);
  return detail::kExpOfAnchorHigh + std::fma(detail::kExpOfAnchorHigh, e, detail::kExpOfAnchorLow);
}

double log(double x) noexcept { return Sleef_finz_logd1_u10purecfma(x); }

double sin(double x) noexcept { return Sleef_finz_sind1_u10purecfma(x); }

double cos(double x) noexcept { return Sleef_finz_cosd1_u10purecfma(x); }

double tan(double x) noexcept {
  return std::fabs(x) < detail::kTanIsArgumentBelow ? x : Sleef_finz_tand1_u10purecfma(x);
}

double pow(double x, double y) noexcept {
  const double z = Sleef_finz_powd1_u10purecfma(x, y);
  const double a = std::fabs(x);
  if (!(std::isinf(z) && a < std::numeric_limits<double>::infinity() && a > 0)) return z;
  const double root = Sleef_finz_powd1_u10purecfma(a, y * 0.5);
  return std::copysign(y == 1.0 ? a : root * root, z);
}

double sqrt(double x) noexcept { return std::sqrt(x); }

double normal_quantile(double u) noexcept {
  const double q = u - 0.5;
  if (std::fabs(q) <= detail::kCentralHalfWidth) {
    const double r = std::fma(-q, q, detail::kCentralShift);
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

// For tests only: how far a quantile is from the true one, by Boost.Math in extended precision.
#ifndef OCHE_MATH_BOOST_REFERENCE_TEST_H_
#define OCHE_MATH_BOOST_REFERENCE_TEST_H_

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <vector>

namespace oche::math {

// About `n` of the 2^52 uniform numbers of a stream, 1/4 of them evenly over (0, 1) and the others
// in every octave of both tails, the outermost ones included.
inline std::vector<double> uniforms_of_all_sizes(std::size_t n) {
  const auto on_grid = [](double u) { return std::floor(u * 0x1p52) * 0x1p-52 + 0x1p-53; };
  std::vector<double> all = {0x1p-53, 3 * 0x1p-53, 1 - 0x1p-53, 1 - 3 * 0x1p-53};
  const std::size_t even = n / 4;
  for (std::size_t i = 0; i < even; ++i) {
    all.push_back(on_grid((static_cast<double>(i) + 0.5) / static_cast<double>(even)));
  }
  const std::size_t rest = (n - even) / 2;
  for (std::size_t i = 0; i < rest; ++i) {
    const double v =
        on_grid(std::exp2(-1 - 52 * static_cast<double>(i) / static_cast<double>(rest)));
    all.push_back(v);
    all.push_back(1 - v);
  }
  return all;
}

// `steps` doubles further.
inline double stepped(double x, int steps) {
  for (; steps > 0; --steps) x = std::nextafter(x, std::numeric_limits<double>::infinity());
  for (; steps < 0; ++steps) x = std::nextafter(x, -std::numeric_limits<double>::infinity());
  return x;
}

// The error of x as the quantile of u, relative to min(u, 1-u), as far as `ulps` units in the last
// place of x don't explain it. tail(x, upper) is the exact probability below or above x.
template <class Tail>
double quantile_error(double u, double x, const Tail& tail, int ulps = 4) {
  if (!std::isfinite(x)) return std::numeric_limits<double>::infinity();
  const bool upper = u > 0.5;
  const long double v = upper ? 1 - static_cast<long double>(u) : static_cast<long double>(u);
  const long double a = tail(stepped(x, -ulps), upper);
  const long double b = tail(stepped(x, ulps), upper);
  const long double off = std::max(std::min(a, b) - v, v - std::max(a, b));
  return static_cast<double>(std::max(0.0L, off) / v);
}

}  // namespace oche::math

#endif  // OCHE_MATH_BOOST_REFERENCE_TEST_H_

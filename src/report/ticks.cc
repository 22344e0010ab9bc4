#include "report/ticks.h"

#include <cmath>

#include "report/digits.h"

namespace oche::report {

std::vector<Tick> round_ticks(double low, double high, unsigned most) {
  const double span = high - low;
  if (!(span > 0) || !std::isfinite(span)) return {};
  // A step below this has more than `most` multiples, or is no normal double.
  int power = static_cast<int>(std::floor(std::log10(span / most)));
  if (power < -300) return {};
  for (;; ++power) {
    for (const double factor : {1.0, 2.0, 5.0}) {
      const double step = factor * std::pow(10.0, power);
      const double first = std::ceil(low / step);
      const double last = std::floor(high / step);
      if (last - first + 1 > most) continue;
      // Multiples beyond 2^53 are not told apart.
      if (std::fabs(first) > 0x1p53 || std::fabs(last) > 0x1p53) return {};
      std::vector<Tick> ticks;
      for (double multiple = first; multiple <= last; ++multiple) {
        const double at = multiple * step;
        ticks.push_back({at, at_place(at, power)});
      }
      return ticks;
    }
  }
}

}  // namespace oche::report

// Round numbers along an axis.
#ifndef OCHE_REPORT_TICKS_H_
#define OCHE_REPORT_TICKS_H_

#include <string>
#include <vector>

namespace oche::report {

struct Tick {
  double at = 0.0;
  std::string label;
};

// The multiples of a step of 1, 2 or 5 times a power of ten that are in low <= x <= high, the
// smallest step that gives `most` of them at most; in ascending order. low < high, both finite;
// `most` is 2 or more. Empty where doubles are too coarse for steps.
std::vector<Tick> round_ticks(double low, double high, unsigned most);

}  // namespace oche::report

#endif  // OCHE_REPORT_TICKS_H_

// A histogram sorted out for drawing.
#ifndef OCHE_REPORT_HISTOGRAM_VIEW_H_
#define OCHE_REPORT_HISTOGRAM_VIEW_H_

#include <cstdint>
#include <optional>
#include <vector>

#include "oche/result.h"

namespace oche::report {

// What a few values are: each has a bar so narrow that it is a value.
struct ValueBar {
  double value = 0.0;
  std::uint64_t count = 0;
};

struct HistogramView {
  std::uint64_t total = 0;  // of all counts
  // Neighbouring bars of equal width; empty if the output takes few values.
  std::vector<HistogramBar> bars;
  // The bars that hold the tails, where they are wider than the others.
  std::optional<HistogramBar> below, above;
  // An output that takes few values: each of them, in ascending order.
  std::vector<ValueBar> values;

  double low() const;   // of what is drawn, without the tails
  double high() const;  // high() > low() unless there is but one value
  // The largest count, of bars or of values, without the tails.
  std::uint64_t largest() const;
};

HistogramView view_of(const std::vector<HistogramBar>& histogram);

// At most `most` bars of equal width that hold the same counts. Neighbours are put together; values
// at equal distances keep a bar each if there is room.
std::vector<HistogramBar> at_most(const HistogramView& view, std::size_t most);

}  // namespace oche::report

#endif  // OCHE_REPORT_HISTOGRAM_VIEW_H_

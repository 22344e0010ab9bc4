// A histogram sorted out for drawing.
#ifndef OCHE_REPORT_HISTOGRAM_VIEW_H_
#define OCHE_REPORT_HISTOGRAM_VIEW_H_

#include <cstdint>
#include <optional>
#include <vector>

#include "oche/result.h"

namespace oche::report {

// A bar so narrow that it is a value.
struct ValueBar {
  double value = 0.0;
  std::uint64_t count = 0;
};

struct HistogramView {
  std::uint64_t total = 0;  // of all counts
  // Bars side by side, about equally wide (they end where bins of values do); empty if the output
  // takes few values.
  std::vector<HistogramBar> bars;
  // The bars that hold the tails, where they are much wider than the others.
  std::optional<HistogramBar> below, above;
  // An output that takes few values: each of them, in ascending order.
  std::vector<ValueBar> values;

  double low() const;   // of what is drawn, without the tails
  double high() const;  // high() > low() unless there is but one value
  // The largest count, of bars or of values, without the tails.
  std::uint64_t largest() const;
};

HistogramView view_of(const std::vector<HistogramBar>& histogram);

// Columns of equal width over the bars or values, with so many counts in each: those of a bar in
// proportion to where it lies.
struct Columns {
  double low = 0.0;
  double high = 0.0;
  std::vector<double> counts;
};

// As many columns as bars, or `most`. Of values, one for each multiple of the least distance
// between them, or for as many multiples as there must be.
Columns columns_of(const HistogramView& view, std::size_t most);

}  // namespace oche::report

#endif  // OCHE_REPORT_HISTOGRAM_VIEW_H_

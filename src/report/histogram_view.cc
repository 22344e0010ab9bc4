#include "report/histogram_view.h"

#include <algorithm>
#include <cmath>

#include "base/round_number.h"

namespace oche::report {
namespace {

double width(const HistogramBar& bar) { return bar.high - bar.low; }

// A bar that is this many times wider than its neighbour holds a tail. Ends of bins, where bars
// end, can make a bar twice as wide as the next.
constexpr double kTail = 2.5;
// So much of the distances between bars is more than nothing where the bars are values.
constexpr double kGapsOfValues = 0.8;

bool are_values(const std::vector<HistogramBar>& bars) {
  std::size_t gaps = 0;
  for (std::size_t i = 1; i < bars.size(); ++i) {
    const double gap = bars[i].low - bars[i - 1].high;
    if (gap > std::min(width(bars[i - 1]), width(bars[i])) / 100) ++gaps;
  }
  return static_cast<double>(gaps) >= kGapsOfValues * static_cast<double>(bars.size() - 1);
}

double least_gap(const std::vector<ValueBar>& values) {
  double least = values.back().value - values.front().value;
  for (std::size_t i = 1; i < values.size(); ++i) {
    least = std::min(least, values[i].value - values[i - 1].value);
  }
  return least;
}

Columns columns_of_values(const std::vector<ValueBar>& values, std::size_t most) {
  const double first = values.front().value;
  if (values.size() == 1) {
    return {first - 0.5, first + 0.5, {static_cast<double>(values[0].count)}};
  }
  const double gap = least_gap(values);
  const double places = std::round((values.back().value - first) / gap) + 1;
  // Each column has as many places as the next, or some would stand out.
  const double step = gap * std::ceil(places / static_cast<double>(most));
  const double n = std::ceil(places * gap / step);
  Columns columns{first - gap / 2, first - gap / 2 + n * step, {}};
  columns.counts.resize(static_cast<std::size_t>(n));
  for (const ValueBar& v : values) {
    const double i = std::floor((v.value - columns.low) / step);
    columns.counts[static_cast<std::size_t>(std::clamp(i, 0.0, n - 1))] +=
        static_cast<double>(v.count);
  }
  return columns;
}

Columns columns_of_bars(const std::vector<HistogramBar>& bars, std::size_t most) {
  Columns columns{bars.front().low, bars.back().high, {}};
  const auto n = static_cast<double>(std::min(bars.size(), most));
  columns.counts.resize(static_cast<std::size_t>(n));
  const double span = columns.high - columns.low;
  for (const HistogramBar& bar : bars) {
    // In columns from the left.
    const double from = std::clamp((bar.low - columns.low) / span * n, 0.0, n);
    const double to = std::clamp((bar.high - columns.low) / span * n, from, n);
    for (double c = std::min(std::floor(from), n - 1); c < n && (c < to || c <= from); ++c) {
      const double part = to > from ? std::min(to, c + 1) - std::max(from, c) : to - from;
      columns.counts[static_cast<std::size_t>(c)] +=
          static_cast<double>(bar.count) * (to > from ? part / (to - from) : 1.0);
    }
  }
  return columns;
}

}  // namespace

double HistogramView::low() const { return bars.empty() ? values.front().value : bars.front().low; }

double HistogramView::high() const { return bars.empty() ? values.back().value : bars.back().high; }

std::uint64_t HistogramView::largest() const {
  std::uint64_t largest = 0;
  for (const HistogramBar& bar : bars) largest = std::max(largest, bar.count);
  for (const ValueBar& value : values) largest = std::max(largest, value.count);
  return largest;
}

HistogramView view_of(const std::vector<HistogramBar>& histogram) {
  HistogramView view;
  for (const HistogramBar& bar : histogram) view.total += bar.count;
  if (histogram.size() == 1 || (!histogram.empty() && are_values(histogram))) {
    for (const HistogramBar& bar : histogram) {
      view.values.push_back({roundest_between(bar.low, bar.high), bar.count});
    }
    return view;
  }
  view.bars = histogram;
  if (view.bars.size() < 3) return view;
  if (width(view.bars.back()) > kTail * width(*(view.bars.end() - 2))) {
    view.above = view.bars.back();
    view.bars.pop_back();
  }
  if (width(view.bars[0]) > kTail * width(view.bars[1])) {
    view.below = view.bars.front();
    view.bars.erase(view.bars.begin());
  }
  return view;
}

Columns columns_of(const HistogramView& view, std::size_t most) {
  return view.bars.empty() ? columns_of_values(view.values, most)
                           : columns_of_bars(view.bars, most);
}

}  // namespace oche::report

#include "report/histogram_view.h"

#include <algorithm>
#include <cmath>

#include "report/digits.h"

namespace oche::report {
namespace {

double width(const HistogramBar& bar) { return bar.high - bar.low; }

// A wider bar than this, in widths of its neighbour, holds a tail. The others differ by rounding.
constexpr double kWiderThanEqual = 1.01;

bool has_gaps(const std::vector<HistogramBar>& bars) {
  return std::adjacent_find(bars.begin(), bars.end(), [](const auto& a, const auto& b) {
           return b.low - a.high > std::min(width(a), width(b)) / 100;
         }) != bars.end();
}

double least_gap(const std::vector<ValueBar>& values) {
  double least = values.back().value - values.front().value;
  for (std::size_t i = 1; i < values.size(); ++i) {
    least = std::min(least, values[i].value - values[i - 1].value);
  }
  return least;
}

std::vector<HistogramBar> bars_of_values(const std::vector<ValueBar>& values, std::size_t most) {
  if (values.size() == 1) return {{values[0].value - 0.5, values[0].value + 0.5, values[0].count}};
  const double gap = least_gap(values);
  const double span = values.back().value - values.front().value;
  // A bar for each place that a value at a multiple of the gap can have, or for as many of them as
  // there must be: each bar has as many places as the next, or some would stand out.
  const double places = std::round(span / gap) + 1;
  const double step = gap * std::ceil(places / static_cast<double>(most));
  const double n = std::ceil(places * gap / step);
  std::vector<HistogramBar> bars;
  for (double i = 0; i < n; ++i) {
    const double low = values.front().value - gap / 2 + i * step;
    bars.push_back({low, low + step, 0});
  }
  for (const ValueBar& v : values) {
    const double i = std::floor((v.value - values.front().value + gap / 2) / step);
    bars[static_cast<std::size_t>(std::clamp(i, 0.0, n - 1))].count += v.count;
  }
  return bars;
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
  if (has_gaps(histogram) || histogram.size() == 1) {
    for (const HistogramBar& bar : histogram) {
      view.values.push_back({roundest_between(bar.low, bar.high), bar.count});
    }
    return view;
  }
  view.bars = histogram;
  if (view.bars.size() < 3) return view;
  const std::size_t n = view.bars.size();
  const double usual = width(view.bars[n / 2]);
  if (width(view.bars[n - 1]) > kWiderThanEqual * usual) {
    view.above = view.bars.back();
    view.bars.pop_back();
  }
  if (width(view.bars[0]) > kWiderThanEqual * usual) {
    view.below = view.bars.front();
    view.bars.erase(view.bars.begin());
  }
  return view;
}

std::vector<HistogramBar> at_most(const HistogramView& view, std::size_t most) {
  if (view.bars.empty()) return bars_of_values(view.values, most);
  const std::size_t together = (view.bars.size() + most - 1) / most;
  std::vector<HistogramBar> bars;
  for (std::size_t i = 0; i < view.bars.size(); ++i) {
    if (i % together == 0) {
      // All of them are equally wide; the last one too, though it may hold fewer of them.
      const double low = view.bars[i].low;
      bars.push_back({low, low + static_cast<double>(together) * width(view.bars[i]), 0});
    }
    bars.back().count += view.bars[i].count;
  }
  return bars;
}

}  // namespace oche::report

#include "report/histogram_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "report/digits.h"
#include "report/histogram_view.h"
#include "report/ticks.h"

namespace oche::report {
namespace {

constexpr std::size_t kLeastColumns = 20;
constexpr std::size_t kRows = 8;
// Up to so many values have a line each.
constexpr std::size_t kMostValueLines = 24;

// How much of a cell is filled, from nothing to all, from below and from the left.
struct Glyphs {
  std::vector<std::string> rising, rightward;
  std::string line, tick, left, middle, right;
};

const Glyphs& glyphs_of(Characters characters) {
  static const Glyphs kUnicode{{" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"},
                               {" ", "▏", "▎", "▍", "▌", "▋", "▊", "▉", "█"},
                               "─",
                               "┬",
                               "├",
                               "┼",
                               "┤"};
  static const Glyphs kAscii{{" ", ".", ":", "#"}, {" ", "#"}, "-", "+", "[", "|", "]"};
  return characters == Characters::unicode ? kUnicode : kAscii;
}

std::string share(std::uint64_t count, std::uint64_t total) {
  return fmt::format("{:.3g}%", 100 * static_cast<double>(count) /
                                    static_cast<double>(std::max<std::uint64_t>(total, 1)));
}

// `text` with its spaces at the end taken off, and a newline.
std::string line_of(const std::string& text) {
  const std::size_t end = text.find_last_not_of(' ');
  return text.substr(0, end == std::string::npos ? 0 : end + 1) + "\n";
}

// A row of cells, each one column wide.
class Row {
 public:
  Row(std::size_t columns, const std::string& fill) : cells_(columns, fill) {}
  void put(std::size_t column, const std::string& glyph) {
    if (column < cells_.size()) cells_[column] = glyph;
  }
  void fill(std::size_t from, std::size_t to, const std::string& glyph) {
    for (std::size_t c = from; c < to; ++c) put(c, glyph);
  }
  std::string text() const {
    std::string text;
    for (const std::string& cell : cells_) text += cell;
    return line_of(text);
  }

 private:
  std::vector<std::string> cells_;
};

// Bars side by side, each some cells wide.
class Chart {
 public:
  Chart(Columns bars, const Canvas& canvas)
      : bars_(std::move(bars)),
        glyphs_(glyphs_of(canvas.characters)),
        bar_cells_(std::max<std::size_t>(canvas.columns / bars_.counts.size(), 1)) {}

  std::string bars_text() const {
    const double largest = *std::max_element(bars_.counts.begin(), bars_.counts.end());
    const std::size_t levels = glyphs_.rising.size() - 1;
    std::string text;
    for (std::size_t row = kRows; row-- > 0;) {
      std::string line;
      for (const double count : bars_.counts) {
        auto height = static_cast<std::size_t>(
            std::lround(count / std::max(largest, 1.0) * static_cast<double>(kRows * levels)));
        if (count > 0) height = std::max<std::size_t>(height, 1);
        const std::size_t level =
            height > row * levels ? std::min(height - row * levels, levels) : 0;
        for (std::size_t c = 0; c < bar_cells_; ++c) line += glyphs_.rising[level];
      }
      text += line_of(line);
    }
    return text;
  }

  // The axis, and under it its numbers.
  std::string axis_text() const {
    Row axis(columns(), glyphs_.line);
    Row numbers(columns(), " ");
    // Twelve columns hold a number of seven digits and its distance to the next.
    const auto most = static_cast<unsigned>(std::max<std::size_t>(columns() / 12, 2));
    std::size_t free_from = 0;
    for (const Tick& tick : round_ticks(bars_.low, bars_.high, most)) {
      const std::size_t at = column_of(tick.at);
      axis.put(at, glyphs_.tick);
      const std::size_t half = tick.label.size() / 2;
      const std::size_t from = at > half ? at - half : 0;
      if (from < free_from || from + tick.label.size() > columns()) continue;
      for (std::size_t i = 0; i < tick.label.size(); ++i) {
        numbers.put(from + i, tick.label.substr(i, 1));
      }
      free_from = from + tick.label.size() + 1;
    }
    return axis.text() + numbers.text();
  }

  // The mean within the coverage interval.
  std::string marks_text(const Range& range, double mean) const {
    Row row(columns(), " ");
    const std::size_t from = column_of(range.low);
    const std::size_t to = column_of(range.high);
    row.fill(from, to + 1, glyphs_.line);
    if (range.low >= bars_.low) row.put(from, glyphs_.left);
    if (range.high <= bars_.high) row.put(to, glyphs_.right);
    if (mean >= bars_.low && mean <= bars_.high) {
      row.put(column_of(mean), glyphs_.middle);
    }
    return row.text();
  }

 private:
  std::size_t columns() const { return bars_.counts.size() * bar_cells_; }

  std::size_t column_of(double x) const {
    const double part = (x - bars_.low) / (bars_.high - bars_.low);
    const auto last = static_cast<double>(columns() - 1);
    return static_cast<std::size_t>(std::clamp(std::floor(part * (last + 1)), 0.0, last));
  }

  Columns bars_;
  const Glyphs& glyphs_;
  std::size_t bar_cells_;
};

std::string tails_text(const HistogramView& view) {
  std::string text;
  const auto place = [&](double edge) {
    return at_place(edge, last_place(std::max(std::fabs(edge), view.high() - view.low()), 3));
  };
  if (view.below) {
    text += fmt::format("{} below {}, down to {}", share(view.below->count, view.total),
                        place(view.below->high), significant(view.below->low, 3));
  }
  if (view.above) {
    text += fmt::format("{}{} above {}, up to {}", text.empty() ? "" : "; ",
                        share(view.above->count, view.total), place(view.above->low),
                        significant(view.above->high, 3));
  }
  return text.empty() ? "" : text + "\n";
}

std::string value_lines(const HistogramView& view, const Canvas& canvas) {
  const Glyphs& glyphs = glyphs_of(canvas.characters);
  const std::size_t levels = glyphs.rightward.size() - 1;
  std::vector<std::string> labels;
  for (const ValueBar& v : view.values) labels.push_back(fmt::format("{}", v.value));
  labels = aligned(std::move(labels));
  const std::size_t used = labels[0].size() + 11;  // beside the bar: spaces, and "0.00123%"
  const std::size_t room = canvas.columns > used + 4 ? canvas.columns - used : 4;
  std::string text;
  for (std::size_t i = 0; i < labels.size(); ++i) {
    const double part =
        static_cast<double>(view.values[i].count) / static_cast<double>(view.largest());
    const auto length =
        static_cast<std::size_t>(std::lround(part * static_cast<double>(room * levels)));
    std::string bar;
    for (std::size_t c = 0; c < length / levels; ++c) bar += glyphs.rightward[levels];
    if (length % levels > 0) bar += glyphs.rightward[length % levels];
    if (!bar.empty()) bar += ' ';
    text += labels[i] + "  " + bar + share(view.values[i].count, view.total) + "\n";
  }
  return text;
}

}  // namespace

std::string draw_histogram(const OutputResult& output, const Canvas& canvas) {
  if (!output.distribution || output.distribution->histogram.empty()) return "";
  const Distribution& d = *output.distribution;
  const HistogramView view = view_of(d.histogram);
  const Canvas wide{std::max(canvas.columns, kLeastColumns), canvas.characters};
  if (view.bars.empty() && view.values.size() <= kMostValueLines) return value_lines(view, wide);
  const Chart chart(columns_of(view, wide.columns), wide);
  std::string text = chart.bars_text() + chart.axis_text();
  const bool known = std::isfinite(d.symmetric.low) && std::isfinite(d.symmetric.high);
  if (known && output.estimate) text += chart.marks_text(d.symmetric, *output.estimate);
  return text + tails_text(view);
}

std::string draw_histograms(const Result& result, const Canvas& canvas) {
  std::string text;
  for (const OutputResult& output : result.outputs) {
    const std::string drawing = draw_histogram(output, canvas);
    if (drawing.empty()) continue;
    if (result.outputs.size() > 1) {
      text += shortened(output.expression, std::max(canvas.columns, kLeastColumns)) + "\n";
    }
    text += drawing;
  }
  return text;
}

}  // namespace oche::report

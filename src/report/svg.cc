#include "report/svg.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "job/stop_rule.h"
#include "report/digits.h"
#include "report/distribution_text.h"
#include "report/histogram_view.h"
#include "report/text.h"
#include "report/ticks.h"

namespace oche::report {
namespace {

// Of a panel, and of the plot in it, in pixels at the natural size.
constexpr double kWidth = 760;
constexpr double kHeight = 440;
constexpr double kLeft = 84;
constexpr double kRight = kWidth - 28;
constexpr double kTop = 112;
constexpr double kBottom = kHeight - 62;
// A distribution's peak stays so far below the top.
constexpr double kHeadroom = 1.06;
// A value's bar takes so much of the least distance to the next.
constexpr double kValueBar = 0.7;
constexpr double kWidestValueBar = 48;
constexpr std::size_t kMostTitleColumns = 64;
// The width of a character of a label, on average, in the widest of the fonts.
constexpr double kColumn = 7.6;
// 760 pixels show no more bars than that.
constexpr std::size_t kMostBars = 1000;

constexpr char kStyle[] = R"(<style>
text { font-family: system-ui, "Segoe UI", Roboto, "DejaVu Sans", sans-serif; font-size: 13px; fill: #5b6770; }
.paper { fill: #ffffff; }
.title { font-size: 17px; font-weight: 600; fill: #1c252c; }
.grid { stroke: #e6eaed; stroke-width: 1; }
.axis { stroke: #8a969f; stroke-width: 1; }
.all { fill: #bcd3ea; }
.covered { fill: #3478bd; }
.interval { stroke: #235b94; stroke-width: 1.5; fill: none; }
.interval-text { fill: #235b94; }
.mean { stroke: #c4471d; stroke-width: 1.5; }
.mean-dot { fill: #c4471d; }
.mean-text { fill: #c4471d; stroke: #ffffff; stroke-width: 4px; paint-order: stroke; }
@media (prefers-color-scheme: dark) {
text { fill: #9aa7b1; }
.paper { fill: #14181c; }
.title { fill: #e8edf1; }
.grid { stroke: #2a3138; }
.axis { stroke: #6b7781; }
.all { fill: #2c4661; }
.covered { fill: #5c9ddb; }
.interval { stroke: #9cc6ee; }
.interval-text { fill: #9cc6ee; }
.mean { stroke: #ff9a6b; }
.mean-dot { fill: #ff9a6b; }
.mean-text { fill: #ff9a6b; stroke: #14181c; }
}
</style>
)";

// XML has no place for control characters, and its own use for four others.
std::string escaped(const std::string& text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      default:
        out += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
    }
  }
  return out;
}

std::string text_at(double x, double y, const char* anchor, const std::string& style,
                    const std::string& text) {
  return fmt::format(R"(<text x="{:.1f}" y="{:.1f}" text-anchor="{}"{}>{}</text>)"
                     "\n",
                     x, y, anchor, style.empty() ? "" : " class=\"" + style + "\"", escaped(text));
}

std::string line(double x1, double y1, double x2, double y2, const char* style) {
  return fmt::format(R"(<line class="{}" x1="{:.2f}" y1="{:.2f}" x2="{:.2f}" y2="{:.2f}"/>)"
                     "\n",
                     style, x1, y1, x2, y2);
}

struct Box {
  double low = 0.0;
  double high = 0.0;
  double height = 0.0;  // density, or share
};

// What is drawn, in the units of the axes.
struct Plot {
  std::vector<Box> boxes;
  double low = 0.0;  // of the axis
  double high = 1.0;
  double top = 1.0;
  const char* quantity = "density";
};

Plot plot_of_values(const HistogramView& view) {
  Plot plot;
  plot.quantity = "share";
  double gap = view.values.size() > 1 ? view.high() - view.low() : 1;
  for (std::size_t i = 1; i < view.values.size(); ++i) {
    gap = std::min(gap, view.values[i].value - view.values[i - 1].value);
  }
  plot.low = view.low() - gap;
  plot.high = view.high() + gap;
  const double widest = kWidestValueBar / (kRight - kLeft) * (plot.high - plot.low);
  const double least = 1.5 / (kRight - kLeft) * (plot.high - plot.low);
  const double width = std::clamp(kValueBar * gap, least, std::max(widest, least));
  for (const ValueBar& v : view.values) {
    plot.boxes.push_back({v.value - width / 2, v.value + width / 2,
                          static_cast<double>(v.count) / static_cast<double>(view.total)});
  }
  return plot;
}

Plot plot_of(const HistogramView& view) {
  Plot plot;
  if (view.bars.empty()) {
    plot = plot_of_values(view);
  } else {
    // What is narrower than a pixel's fraction would be as tall as it is narrow.
    const double least = (view.high() - view.low()) / kMostBars;
    const auto total = static_cast<double>(view.total);
    if (view.bars.size() <= kMostBars) {
      for (const HistogramBar& bar : view.bars) {
        const double high = std::max(bar.high, bar.low + least);
        plot.boxes.push_back(
            {bar.low, high, static_cast<double>(bar.count) / total / (high - bar.low)});
      }
    } else {
      const Columns columns = columns_of(view, kMostBars);
      const auto n = static_cast<double>(columns.counts.size());
      const double width = (columns.high - columns.low) / n;
      for (std::size_t i = 0; i < columns.counts.size(); ++i) {
        const double low = columns.low + static_cast<double>(i) * width;
        plot.boxes.push_back({low, low + width, columns.counts[i] / total / width});
      }
    }
    plot.low = plot.boxes.front().low;
    plot.high = plot.boxes.back().high;
  }
  double largest = 0;
  for (const Box& box : plot.boxes) largest = std::max(largest, box.height);
  plot.top = largest > 0 && std::isfinite(largest) ? kHeadroom * largest : 1;
  return plot;
}

class Panel {
 public:
  Panel(const OutputResult& output, const Result& result, std::size_t index)
      : output_(output),
        result_(result),
        distribution_(*output.distribution),
        view_(view_of(distribution_.histogram)),
        plot_(plot_of(view_)),
        index_(index) {}

  std::string svg() const {
    std::string svg =
        fmt::format("<g transform=\"translate(0 {})\">\n", kHeight * static_cast<double>(index_));
    svg += heading();
    svg += axes();
    svg += boxes();
    svg += tails();
    svg += line(kLeft, kBottom, kRight, kBottom, "axis");
    svg += marks();
    return svg + "</g>\n";
  }

 private:
  double x_of(double x) const {
    // Each divided first: their difference may be beyond the largest double.
    const double part = (x - plot_.low) / (plot_.high - plot_.low);
    return kLeft + std::clamp(part, 0.0, 1.0) * (kRight - kLeft);
  }
  double y_of(double height) const { return kBottom - height / plot_.top * (kBottom - kTop); }

  bool knows_interval() const {
    return std::isfinite(distribution_.symmetric.low) &&
           std::isfinite(distribution_.symmetric.high);
  }

  std::string heading() const {
    const double factor = job::interval_factor(result_.confidence);
    std::string facts;
    if (output_.estimate) {
      facts = "mean " +
              value_and_error(Measured{*output_.estimate, output_.standard_error}, factor) + ", ";
    }
    facts += "standard deviation " + value_and_error(distribution_.standard_deviation, factor);
    facts += ", " + grouped(result_.samples) + (result_.samples == 1 ? " sample" : " samples");
    return text_at(kLeft, 34, "start", "title", shortened(output_.expression, kMostTitleColumns)) +
           text_at(kLeft, 57, "start", "", facts);
  }

  std::string axes() const {
    std::string svg;
    for (const Tick& tick : round_ticks(0, plot_.top, 6)) {
      svg += line(kLeft, y_of(tick.at), kRight, y_of(tick.at), "grid");
      svg += text_at(kLeft - 9, y_of(tick.at) + 4.5, "end", "", tick.label);
    }
    for (const Tick& tick : round_ticks(plot_.low, plot_.high, 9)) {
      svg += line(x_of(tick.at), kBottom, x_of(tick.at), kBottom + 5, "axis");
      svg += text_at(x_of(tick.at), kBottom + 21, "middle", "", tick.label);
    }
    return svg + fmt::format(
                     "<text transform=\"translate(20 {:.1f}) rotate(-90)\" "
                     "text-anchor=\"middle\">{}</text>\n",
                     (kTop + kBottom) / 2, plot_.quantity);
  }

  // Bars as one outline, so that no seams are seen between them: light, and once more in the colour
  // of what the interval covers, cut off at its ends.
  std::string boxes() const {
    std::string path;
    for (const Box& box : plot_.boxes) {
      if (box.height <= 0) continue;
      path += fmt::format("M{:.2f} {:.2f}V{:.2f}H{:.2f}V{:.2f}z", x_of(box.low), kBottom,
                          y_of(box.height), x_of(box.high), kBottom);
    }
    std::string svg =
        fmt::format("<path class=\"all\" shape-rendering=\"crispEdges\" d=\"{}\"/>\n", path);
    if (!knows_interval()) return svg;
    // A value's bar is covered or not, as the value is.
    const double spread =
        view_.bars.empty() ? (plot_.boxes.front().high - plot_.boxes.front().low) / 2 : 0;
    const double from = x_of(distribution_.symmetric.low - spread);
    const double to = x_of(distribution_.symmetric.high + spread);
    svg += fmt::format(
        "<clipPath id=\"covered{}\"><rect x=\"{:.2f}\" y=\"0\" width=\"{:.2f}\" height=\"{}\"/>"
        "</clipPath>\n",
        index_, from, std::max(to - from, 0.0), kHeight);
    return svg + fmt::format(
                     "<path class=\"covered\" shape-rendering=\"crispEdges\" "
                     "clip-path=\"url(#covered{})\" d=\"{}\"/>\n",
                     index_, path);
  }

  std::string share(const HistogramBar& bar) const {
    return fmt::format("{:.2g}%",
                       100 * static_cast<double>(bar.count) / static_cast<double>(view_.total));
  }

  std::string tails() const {
    std::string svg;
    if (view_.below) {
      svg += text_at(kLeft, kBottom + 44, "start", "",
                     "← " + share(*view_.below) + " down to " + significant(view_.below->low, 3));
    }
    if (view_.above) {
      svg += text_at(kRight, kBottom + 44, "end", "",
                     share(*view_.above) + " up to " + significant(view_.above->high, 3) + " →");
    }
    return svg;
  }

  // A bracket over the coverage interval, and the mean on it.
  std::string marks() const {
    std::string svg;
    constexpr double kBracket = kTop - 14;
    if (knows_interval()) {
      const Range& range = distribution_.symmetric;
      const double from = x_of(range.low);
      const double to = x_of(range.high);
      svg += fmt::format(R"(<path class="interval" d="M{0:.2f} {2:.1f}V{3:.1f}H{1:.2f}V{2:.1f}"/>)"
                         "\n",
                         from, to, kBracket + 8, kBracket);
      const int place =
          places_of_coverage(distribution_, static_cast<double>(result_.samples)).symmetric;
      const std::string text =
          fmt::format("{:.12g}% coverage: {} to {}", 100 * distribution_.coverage,
                      at_place(range.low, place), at_place(range.high, place));
      const double half =
          std::min(kColumn * static_cast<double>(columns(text)), kRight - kLeft) / 2;
      svg += text_at(std::clamp((from + to) / 2, kLeft + half, kRight - half), kBracket - 9,
                     "middle", "interval-text", text);
    }
    const bool shows_mean =
        output_.estimate && *output_.estimate >= plot_.low && *output_.estimate <= plot_.high;
    if (!shows_mean) return svg;
    const double x = x_of(*output_.estimate);
    svg += line(x, kBracket, x, kBottom, "mean");
    svg += fmt::format("<circle class=\"mean-dot\" cx=\"{:.2f}\" cy=\"{:.1f}\" r=\"4\"/>\n", x,
                       kBracket);
    const bool is_right = x > kRight - 60;
    return svg + text_at(x + (is_right ? -9 : 9), kBracket + 18, is_right ? "end" : "start",
                         "mean-text", "mean");
  }

  const OutputResult& output_;
  const Result& result_;
  const Distribution& distribution_;
  HistogramView view_;
  Plot plot_;
  std::size_t index_;
};

}  // namespace

std::string histogram_svg(const Result& result) {
  std::string panels;
  std::size_t n = 0;
  for (const OutputResult& output : result.outputs) {
    if (!output.distribution || output.distribution->histogram.empty()) continue;
    panels += Panel(output, result, n++).svg();
  }
  const double height = kHeight * static_cast<double>(n);
  return fmt::format(
             R"(<svg xmlns="http://www.w3.org/2000/svg" width="{0}" height="{1}" viewBox="0 0 {0} {1}" role="img">)"
             "\n<title>Distribution{2}</title>\n",
             kWidth, height,
             n == 1 ? " of " + escaped(shortened(result.outputs[0].expression, kMostTitleColumns))
                    : "s") +
         kStyle + "<rect class=\"paper\" width=\"100%\" height=\"100%\"/>\n" + panels + "</svg>\n";
}

}  // namespace oche::report

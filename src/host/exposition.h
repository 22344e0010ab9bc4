// Prometheus' text format, version 0.0.4: the writer of a page of metrics. Pure.
//
// Source: https://prometheus.io/docs/instrumenting/exposition_formats/
#ifndef OCHE_HOST_EXPOSITION_H_
#define OCHE_HOST_EXPOSITION_H_

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace oche::host {

enum class MetricType : std::uint8_t { counter, gauge, histogram };

// A histogram's bounds are upper ones, ascending; the last count is of what is above all of them.
struct HistogramCounts {
  std::span<const double> bounds;
  std::span<const std::uint64_t> counts;  // one more than bounds, not cumulative
  double sum = 0.0;
};

class Exposition {
 public:
  static constexpr char kContentType[] = "text/plain; version=0.0.4; charset=utf-8";
  using Labels = std::vector<std::pair<std::string_view, std::string_view>>;

  // Begins a family of samples; what follows belongs to it. help is one line without a backslash.
  void family(std::string_view name, MetricType type, std::string_view help);
  void sample(std::uint64_t value, const Labels& labels = {});
  void sample(double value, const Labels& labels = {});
  void sample(const HistogramCounts& histogram);

  // A family of one sample.
  void counter(std::string_view name, std::string_view help, std::uint64_t value);
  void gauge(std::string_view name, std::string_view help, std::uint64_t value);

  const std::string& text() const { return text_; }

 private:
  void line(std::string_view suffix, const Labels& labels, const std::string& value);

  std::string text_;
  std::string family_;
};

}  // namespace oche::host

#endif  // OCHE_HOST_EXPOSITION_H_

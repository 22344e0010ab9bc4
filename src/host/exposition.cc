#include "host/exposition.h"

#include <fmt/format.h>

#include <cmath>

#include "base/assert.h"

namespace oche::host {
namespace {

std::string_view to_string(MetricType type) {
  switch (type) {
    case MetricType::counter:
      return "counter";
    case MetricType::gauge:
      return "gauge";
    case MetricType::histogram:
      return "histogram";
  }
  return {};
}

std::string number(double value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value > 0 ? "+Inf" : "-Inf";
  return fmt::format("{}", value);
}

std::string escaped(std::string_view value) {
  std::string text;
  for (const char c : value) {
    if (c == '\\' || c == '"') text.push_back('\\');
    if (c == '\n') {
      text += "\\n";
    } else {
      text.push_back(c);
    }
  }
  return text;
}

}  // namespace

void Exposition::family(std::string_view name, MetricType type, std::string_view help) {
  family_ = name;
  text_ += fmt::format("# HELP {} {}\n# TYPE {} {}\n", name, help, name, to_string(type));
}

void Exposition::line(std::string_view suffix, const Labels& labels, const std::string& value) {
  text_ += family_;
  text_ += suffix;
  char before = '{';
  for (const auto& [name, text] : labels) {
    text_ += fmt::format("{}{}=\"{}\"", before, name, escaped(text));
    before = ',';
  }
  if (!labels.empty()) text_ += '}';
  text_ += ' ' + value + '\n';
}

void Exposition::sample(std::uint64_t value, const Labels& labels) {
  line("", labels, std::to_string(value));
}
void Exposition::sample(double value, const Labels& labels) { line("", labels, number(value)); }

void Exposition::sample(const HistogramCounts& histogram) {
  OCHE_ASSERT(histogram.counts.size() == histogram.bounds.size() + 1);
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < histogram.counts.size(); ++i) {
    sum += histogram.counts[i];
    const std::string bound =
        i < histogram.bounds.size() ? number(histogram.bounds[i]) : std::string("+Inf");
    line("_bucket", {{"le", bound}}, std::to_string(sum));
  }
  line("_sum", {}, number(histogram.sum));
  line("_count", {}, std::to_string(sum));
}

void Exposition::counter(std::string_view name, std::string_view help, std::uint64_t value) {
  family(name, MetricType::counter, help);
  sample(value);
}
void Exposition::gauge(std::string_view name, std::string_view help, std::uint64_t value) {
  family(name, MetricType::gauge, help);
  sample(value);
}

}  // namespace oche::host

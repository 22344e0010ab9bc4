#include "report/csv.h"

#include <fmt/format.h>

#include <cmath>

#include "report/histogram_view.h"

namespace oche::report {
namespace {

// In quotes where a comma, a quote or the end of a line is in it.
std::string field(const std::string& text) {
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string quoted = "\"";
  for (const char c : text) quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
  return quoted + '"';
}

}  // namespace

std::string histogram_csv(const Result& result) {
  const bool several = result.outputs.size() > 1;
  std::string csv = several ? "output,low,high,count,density\r\n" : "low,high,count,density\r\n";
  for (const OutputResult& output : result.outputs) {
    if (!output.distribution) continue;
    const auto total = static_cast<double>(view_of(output.distribution->histogram).total);
    for (const HistogramBar& bar : output.distribution->histogram) {
      if (several) csv += field(output.expression) + ",";
      const double density = static_cast<double>(bar.count) / total / (bar.high - bar.low);
      csv += fmt::format("{},{},{},", bar.low, bar.high, bar.count);
      csv += (std::isfinite(density) ? fmt::format("{}", density) : "") + "\r\n";
    }
  }
  return csv;
}

}  // namespace oche::report

#include "report/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "report/digits.h"

namespace oche::report {
namespace {

std::string rate(double per_second) { return fmt::format("{:.3g}", per_second); }

std::string reason_text(const Result& result) {
  if (result.stop_reason == "target") {
    return result.met ? "the error is as small as asked" : "the values differed in nothing";
  }
  if (result.stop_reason == "samples") return "all samples are drawn";
  if (result.stop_reason == "time") return "the time is over";
  if (result.stop_reason == "interrupted") return "INTERRUPTED: the estimate so far";
  if (result.stop_reason == "deadly_chunk") return "ENDED EARLY: a chunk ends its workers";
  if (result.stop_reason == "non_finite") return "a value was not finite";
  return "two workers differed";
}

double without_sign_of_nan(double v) {
  return std::isnan(v) ? std::numeric_limits<double>::quiet_NaN() : v;
}

std::string crew_text(const Result& result) {
  std::string text;
  for (const CrewMember& m : result.crew) {
    text += fmt::format("  {:<24} {:>12} chunks  {:>8.3g} s", m.name, grouped(m.chunks), m.seconds);
    if (m.repeats > 0) text += fmt::format("  {} repeated", grouped(m.repeats));
    if (m.leases_lost > 0) text += fmt::format("  {} leases lost", grouped(m.leases_lost));
    text += "\n";
  }
  return text;
}

}  // namespace

std::string grouped(std::uint64_t n) {
  std::string digits = std::to_string(n);
  for (std::size_t i = digits.size(); i > 3; i -= 3) digits.insert(i - 3, ",");
  return digits;
}

std::string duration(double seconds) {
  if (!(seconds >= 0)) return "?";
  if (seconds < 10) return fmt::format("{:.3g} s", seconds);
  if (seconds < 100) return fmt::format("{:.0f} s", seconds);
  const auto whole = static_cast<std::uint64_t>(std::min(seconds, 1e15));
  if (whole < 3600) return fmt::format("{} min {} s", whole / 60, whole % 60);
  return fmt::format("{} h {} min", whole / 3600, whole / 60 % 60);
}

std::string to_text(const job::SamplePoint& point, const std::vector<std::string>& labels) {
  std::string text;
  for (const integrand::NamedPoint& p : point.inputs) {
    text += fmt::format("{} = {}\n", p.input, without_sign_of_nan(p.value));
  }
  const bool several = point.values.size() > 1;
  for (std::size_t i = 0; i < point.values.size(); ++i) {
    const std::string name = several ? "value of " + labels[i] : "value";
    text += fmt::format("{} = {}\n", name, without_sign_of_nan(point.values[i]));
  }
  return text;
}

std::string to_text(const Result& result, const std::string& name, const TextOptions& options) {
  if (!result.estimate) return "no estimate\n" + run_text(result);
  if (result.outputs.size() > 1) {
    return outputs_text(result, options) + input_pairs_text(result, options) + run_text(result);
  }
  std::string text = name.empty() ? "" : name + " = ";
  text += estimate_text(*result.estimate, {result.low, result.high}, result.confidence);
  if (!result.outputs.empty()) text += distribution_text(result.outputs[0], result, options, "");
  return text + input_pairs_text(result, options) + run_text(result);
}

std::string run_text(const Result& result) {
  std::string text;
  text += fmt::format("{} sample{} in {}", grouped(result.samples), result.samples == 1 ? "" : "s",
                      duration(result.seconds));
  if (result.kept_samples > 0) {
    text += fmt::format(" ({} of them were there)", grouped(result.kept_samples));
  } else if (result.seconds > 0) {
    text +=
        fmt::format(" ({} a second)", rate(static_cast<double>(result.samples) / result.seconds));
  }
  text +=
      fmt::format(", method {}, seed {}; {}\n", result.method, result.seed, reason_text(result));
  text += "digest " + result.digest + "\n";
  const bool only_threads =
      std::all_of(result.crew.begin(), result.crew.end(),
                  [](const CrewMember& m) { return m.name.starts_with("thread "); });
  if (!only_threads) text += "crew:\n" + crew_text(result);
  for (const std::string& warning : result.warnings) text += "warning: " + warning + "\n";
  return text;
}

std::string progress_line(const Progress& p, std::size_t width) {
  std::string line;
  if (p.seconds <= 0) {
    line = fmt::format("waiting for workers ({} here)", p.workers);
  } else {
    if (p.estimate) line += value_and_error(*p.estimate, p.half_width) + " | ";
    line += fmt::format("{:.3g} samples | {} a second", static_cast<double>(p.samples),
                        rate(static_cast<double>(p.samples) / p.seconds));
    if (p.seconds_left) line += " | " + duration(*p.seconds_left) + " left";
  }
  while (!line.empty() && columns(line) > width) line.pop_back();
  return line;
}

}  // namespace oche::report

#include "report/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace oche::report {
namespace {

// Columns of UTF-8 text whose characters are one column wide.
std::size_t columns(const std::string& text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xC0) != 0x80; }));
}

std::string rate(double per_second) { return fmt::format("{:.3g}", per_second); }

std::string reason_text(const Result& result) {
  if (result.stop_reason == "target") {
    return result.met ? "the error is as small as asked" : "the values differed in nothing";
  }
  if (result.stop_reason == "samples") return "all samples are drawn";
  if (result.stop_reason == "time") return "the time is over";
  if (result.stop_reason == "interrupted") return "INTERRUPTED: the estimate so far";
  if (result.stop_reason == "non_finite") return "a value was not finite";
  return "two workers differed";
}

// Ten, or as many as show the ends apart to four digits of their distance.
int interval_digits(double low, double high) {
  const double magnitude = std::max(std::fabs(low), std::fabs(high));
  const double apart = std::log10(magnitude / (high - low));
  return std::isfinite(apart) ? std::clamp(static_cast<int>(std::ceil(apart)) + 4, 10, 17) : 10;
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

std::string value_and_error(double value, double half_width) {
  if (!std::isfinite(half_width)) return fmt::format("{:.6g} ± inf", value);
  if (half_width == 0) return fmt::format("{} ± 0", value);
  // The place of the half-width's second digit.
  const int place = static_cast<int>(std::floor(std::log10(half_width))) - 1;
  const double magnitude = std::max(std::fabs(value), half_width);
  const int leading = static_cast<int>(std::floor(std::log10(magnitude)));
  if (leading > 6 || leading < -5) {
    // One exponent for both, so that they can be compared.
    const double unit = std::pow(10.0, leading);
    const int digits = std::clamp(leading - place, 0, 17);
    return fmt::format("({:.{}f} ± {:.{}f})e{}", value / unit, digits, half_width / unit, digits,
                       leading);
  }
  const int digits = std::clamp(-place, 0, 20);
  return fmt::format("{:.{}f} ± {:.{}f}", value, digits, half_width, digits);
}

std::string to_text(const job::SamplePoint& point) {
  std::string text;
  for (const integrand::NamedPoint& p : point.inputs) {
    text += fmt::format("{} = {}\n", p.input, without_sign_of_nan(p.value));
  }
  return text + fmt::format("value = {}\n", without_sign_of_nan(point.value));
}

std::string to_text(const Result& result, const std::string& name) {
  std::string text;
  if (result.estimate) {
    const double half_width = (result.high - result.low) / 2;
    text += name.empty() ? "" : name + " = ";
    text += value_and_error(*result.estimate, half_width);
    const int digits = interval_digits(result.low, result.high);
    text += fmt::format("   ({:.12g}% interval {:.{}g} to {:.{}g})\n", 100 * result.confidence,
                        result.low, digits, result.high, digits);
    if (result.standard_deviation) {
      text += fmt::format("standard deviation {:.6g}\n", *result.standard_deviation);
    }
  } else {
    text += "no estimate\n";
  }
  text += fmt::format("{} samples in {}", grouped(result.samples), duration(result.seconds));
  if (result.seconds > 0) {
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

#include "report/distribution_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numbers>

#include "job/stop_rule.h"
#include "math/functions.h"
#include "report/digits.h"
#include "report/table.h"
#include "report/text.h"

namespace oche::report {
namespace {

// What a person reads before it is a flood; all of it with TextOptions::full.
constexpr std::size_t kMostInLine = 4;
constexpr std::size_t kMostRows = 8;
constexpr std::size_t kMostDetailedOutputs = 2;
constexpr std::size_t kMostNameColumns = 40;
// Fewer samples than this beyond an end of a coverage interval don't settle it.
constexpr double kEnoughBeyond = 10;
// The ends of the shortest interval scatter as n^(-1/3) and not n^(-1/2) (D. F. Andrews et al.,
// Robust Estimates of Location, 1972, of the shortest half): by this times n^(1/6) more.
constexpr double kShortestScatter = 0.45;

// Ten, or as many as show the ends apart to four digits of their distance.
int interval_digits(const Range& range) {
  const double magnitude = std::max(std::fabs(range.low), std::fabs(range.high));
  const double apart = std::log10(magnitude / (range.high - range.low));
  return std::isfinite(apart) ? std::clamp(static_cast<int>(std::ceil(apart)) + 4, 10, 17) : 10;
}

std::string percent(double probability) { return fmt::format("{:.12g}%", 100 * probability); }

// The quantile's error for the number of its digits: the farther end that is finite.
std::optional<double> error_of(const Quantile& q) {
  double error = 0;
  if (std::isfinite(q.interval.low)) error = std::max(error, q.value - q.interval.low);
  if (std::isfinite(q.interval.high)) error = std::max(error, q.interval.high - q.value);
  if (!(error > 0)) return std::nullopt;
  return error;
}

// A row for each quantile: its probability, value, and interval.
std::string quantiles_text(const Distribution& d, const std::string& indent) {
  const std::vector<Quantile>& quantiles = d.quantiles;
  std::vector<std::string> probabilities;
  std::vector<std::string> values;
  std::vector<std::string> ends[2];
  for (const Quantile& q : quantiles) {
    probabilities.push_back(percent(q.probability));
    const std::optional<double> error = error_of(q);
    const auto shown = [&](double v) {
      return error && !d.few_values ? at_place(v, last_place(*error, 2))
                                    : fmt::format("{:.10g}", v);
    };
    const bool known = std::isfinite(q.value);
    values.push_back(known ? shown(q.value) : "?");
    ends[0].push_back(known ? shown(q.interval.low) : "?");
    ends[1].push_back(known ? shown(q.interval.high) : "?");
  }
  std::size_t width = 0;
  for (const std::string& p : probabilities) width = std::max(width, p.size());
  values = aligned(std::move(values));
  for (auto& column : ends) column = aligned(std::move(column));
  std::string text;
  for (std::size_t i = 0; i < quantiles.size(); ++i) {
    text +=
        fmt::format("{}{:<9} {:>{}}  ", indent, i == 0 ? "quantiles" : "", probabilities[i], width);
    text += std::isfinite(quantiles[i].value)
                ? fmt::format("{}   ({} to {})\n", values[i], ends[0][i], ends[1][i])
                : fmt::format("{}\n", kCantBeTold);
  }
  return text;
}

std::string coverage_text(const Distribution& d, double samples, const std::string& indent) {
  const std::string name = indent + percent(d.coverage) + " coverage ";
  const auto known = [](const Range& r) { return std::isfinite(r.low) && std::isfinite(r.high); };
  if (!known(d.symmetric) && !known(d.shortest)) return name + kCantBeTold + "\n";
  const CoveragePlaces places = places_of_coverage(d, samples);
  const auto shown = [&](const Range& r, int place) {
    const auto end = [&](double v) {
      return d.few_values ? fmt::format("{:.10g}", v) : at_place(v, place);
    };
    return known(r) ? end(r.low) + " to " + end(r.high) : std::string(kCantBeTold);
  };
  std::string text = name + shown(d.symmetric, places.symmetric) + " (symmetric), " +
                     shown(d.shortest, places.shortest) + " (shortest)\n";
  if (const std::string few = few_beyond_text(d, samples); !few.empty()) {
    text += indent + "  " + few + "\n";
  }
  return text;
}

double strength(const InputEffect& effect) {
  const double strength = effect.total ? effect.total->value : std::fabs(effect.correlation.value);
  return std::isnan(strength) ? -1 : strength;
}

std::string more_text(std::size_t hidden, const std::string& indent) {
  return hidden == 0 ? "" : fmt::format("{}  and {} more (--full shows them)\n", indent, hidden);
}

// "correlation with b -0.84 ± 0.01, a 0.31 ± 0.02".
std::string correlations_line(const std::vector<InputEffect>& effects, double factor,
                              const std::string& indent) {
  std::string text = indent + "correlation with";
  for (std::size_t i = 0; i < std::min(effects.size(), kMostInLine); ++i) {
    text += (i == 0 ? " " : ", ") + shortened(effects[i].input, kMostNameColumns) + " " +
            value_and_error(effects[i].correlation, factor);
  }
  if (effects.size() > kMostInLine) {
    text += fmt::format(", and {} more (--full)", effects.size() - kMostInLine);
  }
  return text + "\n";
}

std::string effects_table(const std::vector<InputEffect>& effects, double factor,
                          const TextOptions& options, const std::string& indent) {
  const bool indices = effects.front().total.has_value();
  Table rows = {{"input"}};
  if (options.full) rows[0].emplace_back("its mean");
  rows[0].emplace_back("correlation");
  if (indices) rows[0].insert(rows[0].end(), {"first-order index", "total index"});
  const std::size_t shown = options.full ? effects.size() : std::min(effects.size(), kMostRows);
  for (std::size_t i = 0; i < shown; ++i) {
    const InputEffect& e = effects[i];
    rows.push_back({shortened(e.input, kMostNameColumns)});
    if (options.full) rows.back().push_back(value_and_error(e.mean, factor));
    rows.back().push_back(value_and_error(e.correlation, factor));
    if (!indices) continue;
    for (const auto& index : {e.first_order, e.total}) {
      rows.back().push_back(index ? value_and_error(*index, factor) : kCantBeTold);
    }
  }
  return text_of(rows, indent) + more_text(effects.size() - shown, indent);
}

std::string effects_text(const OutputResult& output, double factor, const TextOptions& options,
                         const std::string& indent) {
  if (output.effects.empty()) return "";
  const std::vector<InputEffect> effects = strongest_first(output.effects);
  const bool indices = effects.front().total.has_value();
  return options.full || indices ? effects_table(effects, factor, options, indent)
                                 : correlations_line(effects, factor, indent);
}

std::string pairs_text(const Result& result, double factor, const TextOptions& options) {
  if (result.output_pairs.empty()) return "";
  Table rows = {{"outputs", "correlation"}};
  if (options.full) rows[0].emplace_back("covariance");
  const std::size_t pairs = result.output_pairs.size();
  const std::size_t shown = options.full ? pairs : std::min(pairs, kMostRows);
  for (std::size_t i = 0; i < shown; ++i) {
    const Association& pair = result.output_pairs[i];
    rows.push_back(
        {shortened(pair.a, kMostNameColumns) + " and " + shortened(pair.b, kMostNameColumns),
         value_and_error(pair.correlation, factor)});
    if (options.full) {
      rows.back().push_back(std::isfinite(pair.covariance) ? fmt::format("{:.6g}", pair.covariance)
                                                           : std::string(kCantBeTold));
    }
  }
  return text_of(rows, "") + more_text(pairs - shown, "");
}

}  // namespace

CoveragePlaces places_of_coverage(const Distribution& d, double samples) {
  const double tail = (1 - d.coverage) / 2;
  double error = 0;
  for (const Quantile& q : d.quantiles) {
    const bool is_end = std::fabs(std::min(q.probability, 1 - q.probability) - tail) < 1e-9;
    if (is_end) error = std::max(error, error_of(q).value_or(0));
  }
  if (!(error > 0)) {
    // The asymptotic standard error of a sample quantile, sqrt(p (1-p) / n) / density.
    const double z = math::normal_quantile(tail);
    const double density = std::exp(-z * z / 2) / std::sqrt(2 * std::numbers::pi);
    error = d.standard_deviation.value * std::sqrt(tail * (1 - tail) / samples) / density;
  }
  const double width = d.symmetric.high - d.symmetric.low;
  if (!(error > 0) || !std::isfinite(error)) error = width / 1000;
  const auto place = [&](double e) {
    // At most as coarse as shows the ends apart, and no finer than a double.
    if (width > 0 && std::isfinite(width)) e = std::clamp(e, width * 1e-15, width / 10);
    return e > 0 && std::isfinite(e) ? last_place(e, 1) : -6;
  };
  const double more = kShortestScatter * std::pow(samples, 1.0 / 6);
  return {place(error), place(error * std::max(more, 1.0))};
}

std::string few_beyond_text(const Distribution& d, double samples) {
  const double beyond = samples * (1 - d.coverage) / 2;
  if (d.few_values || beyond >= kEnoughBeyond) return "";
  const auto enough = static_cast<std::uint64_t>(std::ceil(2 * kEnoughBeyond / (1 - d.coverage)));
  return fmt::format("(its ends are not settled: about {:.2g} samples lie beyond each; draw {})",
                     beyond, grouped(enough));
}

std::vector<InputEffect> strongest_first(std::vector<InputEffect> effects) {
  std::stable_sort(effects.begin(), effects.end(), [](const InputEffect& a, const InputEffect& b) {
    return strength(a) > strength(b);
  });
  return effects;
}

std::string estimate_text(double estimate, const Range& interval, double confidence) {
  const int digits = interval_digits(interval);
  return fmt::format("{}   ({} interval {:.{}g} to {:.{}g})\n",
                     value_and_error(estimate, (interval.high - interval.low) / 2),
                     percent(confidence), interval.low, digits, interval.high, digits);
}

std::string distribution_text(const OutputResult& output, const Result& result,
                              const TextOptions& options, const std::string& indent) {
  const double factor = job::interval_factor(result.confidence);
  const bool detailed = options.full || result.outputs.size() <= kMostDetailedOutputs;
  std::string text;
  if (output.distribution) {
    const Distribution& d = *output.distribution;
    text += indent + "standard deviation " + value_and_error(d.standard_deviation, factor);
    if (detailed) {
      text += ", skewness " + value_and_error(d.skewness, factor) + ", excess kurtosis " +
              value_and_error(d.excess_kurtosis, factor);
    }
    text += "\n";
    if (detailed || options.quantiles) text += quantiles_text(d, indent);
    text += coverage_text(d, static_cast<double>(result.samples), indent);
  }
  if (options.full) {
    text += fmt::format("{}values {:.10g} to {:.10g} in these samples\n", indent, output.minimum,
                        output.maximum);
  }
  if (detailed) text += effects_text(output, factor, options, indent);
  return text;
}

std::string input_pairs_text(const Result& result, const TextOptions& options) {
  if (result.input_pairs.empty()) return "";
  const double factor = job::interval_factor(result.confidence);
  Table rows = {{"correlated inputs", "normal scores", "Pearson", "rank"}};
  const std::size_t pairs = result.input_pairs.size();
  const std::size_t shown = options.full ? pairs : std::min(pairs, kMostRows);
  for (std::size_t i = 0; i < shown; ++i) {
    const InputPair& pair = result.input_pairs[i];
    rows.push_back(
        {shortened(pair.a, kMostNameColumns) + " and " + shortened(pair.b, kMostNameColumns),
         fmt::format("{:.6g}", pair.score_correlation), pearson_text(pair, factor),
         rank_text(pair)});
  }
  return text_of(rows, "") + more_text(pairs - shown, "");
}

std::string pearson_text(const InputPair& pair, double factor) {
  return std::isnan(pair.correlation.value) ? "not measured"
                                            : value_and_error(pair.correlation, factor);
}

std::string rank_text(const InputPair& pair) {
  return pair.rank_correlation ? fmt::format("{:.6g}", *pair.rank_correlation)
                               : std::string(kCantBeTold);
}

std::string outputs_text(const Result& result, const TextOptions& options) {
  std::string text;
  for (const OutputResult& output : result.outputs) {
    text += shortened(output.expression, kMostNameColumns) + " = ";
    text += output.estimate ? estimate_text(*output.estimate, output.interval, result.confidence)
                            : std::string(kCantBeTold) + "\n";
    text += distribution_text(output, result, options, "  ");
  }
  return text + pairs_text(result, job::interval_factor(result.confidence), options);
}

}  // namespace oche::report

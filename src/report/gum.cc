#include "report/gum.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>

#include "formula/definitions.h"
#include "integrand/measure.h"
#include "job/stop_rule.h"
#include "report/digits.h"
#include "report/distribution_text.h"
#include "report/table.h"
#include "report/text.h"

namespace oche::report {
namespace {

constexpr int kAnyPlace = 1000;
constexpr std::size_t kMostColumns = 60;  // of an expression or a distribution

// What the definition says of an input: "normal(0,1)", or the value of a constant.
struct Source {
  std::string name;
  std::string text;
  bool is_constant = false;
};

std::vector<Source> sources_of(const std::vector<std::string>& definition) {
  std::vector<Source> sources;
  for (const formula::InputDefinition& input : formula::parse_definition(definition).inputs) {
    const std::string text = formula::canonical(input);
    const bool is_constant = input.kind == formula::InputDefinition::Kind::constant;
    const std::size_t sign = text.find(is_constant ? '=' : '~');
    sources.push_back({input.name, sign == text.npos ? "" : text.substr(sign + 1), is_constant});
  }
  return sources;
}

// An element of an array, x[3], has what is said of x.
std::string distribution_of(const std::vector<Source>& sources, const std::string& input) {
  const std::string name = input.substr(0, input.find('['));
  const auto it = std::find_if(sources.begin(), sources.end(),
                               [&](const Source& source) { return source.name == name; });
  return it == sources.end() ? "" : shortened(it->text, kMostColumns);
}

bool is_uncertain(double u) { return u > 0 && std::isfinite(u); }

// To the place of the uncertainty's second digit.
std::string to_its_place(double value, double u) {
  if (!std::isfinite(value)) return kCantBeTold;
  return is_uncertain(u) ? at_place(value, last_place(u, 2)) : fmt::format("{:.10g}", value);
}

std::string uncertainty(double u) {
  if (!std::isfinite(u)) return kCantBeTold;
  return u > 0 ? at_place(u, last_place(u, 2)) : "0";
}

// To two digits of the uncertainty, or of the interval's own width where that is far less, but not
// beyond what the samples settle.
std::string interval_text(const Range& range, double u, int settled, bool few_values) {
  if (!std::isfinite(range.low) || !std::isfinite(range.high)) return kCantBeTold;
  const double width = range.high - range.low;
  std::optional<int> place;
  if (is_uncertain(u)) place = last_place(u, 2);
  if (is_uncertain(width)) place = std::min(place.value_or(kAnyPlace), last_place(width, 2));
  const auto end = [&](double v) {
    return few_values || !place ? fmt::format("{:.10g}", v)
                                : at_place(v, std::max(*place, settled));
  };
  return "[" + end(range.low) + ", " + end(range.high) + "]";
}

bool is_one_sample(const Result& result) {
  return result.samples - (result.non_finite_policy == "skip" ? result.non_finite : 0) < 2;
}

// Why an output has no distribution.
std::string why_none(const Result& result) {
  if (is_one_sample(result)) return "one sample has no spread";
  if (result.outputs.size() > integrand::kMostShapes) {
    return fmt::format("the distributions of more than {} outputs are not measured",
                       integrand::kMostShapes);
  }
  return "the output has no more than two values";
}

// Why it has no budget.
std::string why_no_budget(const OutputResult& output, const Result& result) {
  if (!output.distribution) return why_none(result);
  if (result.non_finite_policy == "zero" && result.non_finite > 0) {
    return "nothing is kept of the inputs of samples that count as 0";
  }
  return fmt::format("the correlations of more than {} inputs are not measured",
                     integrand::kMostMeasuredInputs);
}

double standard_uncertainty(const OutputResult& output) {
  if (output.distribution) return output.distribution->standard_deviation.value;
  return output.standard_deviation.value_or(std::nan(""));
}

std::string row(const std::string& what, const std::string& symbol, const std::string& value) {
  return fmt::format("  {:<33}{:<7}{}\n", what, symbol, value);
}

// Whether twice the standard errors of y and u(y) are within half a unit of their last place.
std::string tolerance_text(const OutputResult& output, double u) {
  const double tolerance = 0.5 * std::pow(10.0, last_place(u, 2));
  const double error =
      std::max(output.standard_error, output.distribution->standard_deviation.standard_error);
  const std::string value = fmt::format("{:.1g}", tolerance);
  return 2 * error <= tolerance
             ? value + ", met by y and u(y)"
             : value + ", not met: the last digits may be wrong; draw more samples";
}

std::string results_text(const OutputResult& output, const Result& result) {
  const double u = standard_uncertainty(output);
  std::string text;
  text += row("estimate", "y", to_its_place(output.estimate.value_or(std::nan("")), u));
  text += row("standard uncertainty", "u(y)", uncertainty(u));
  if (output.distribution) {
    const Distribution& d = *output.distribution;
    const std::string percent = fmt::format("{:.12g}% coverage interval", 100 * d.coverage);
    const auto samples = static_cast<double>(result.samples);
    const CoveragePlaces settled = places_of_coverage(d, samples);
    text += row(percent, "",
                interval_text(d.symmetric, u, settled.symmetric, d.few_values) +
                    "  probabilistically symmetric");
    text +=
        row("", "", interval_text(d.shortest, u, settled.shortest, d.few_values) + "  shortest");
    if (const std::string few = few_beyond_text(d, samples); !few.empty()) text += row("", "", few);
    const double k = (d.symmetric.high - d.symmetric.low) / 2 / u;
    text += row("coverage factor", "k",
                std::isfinite(k) ? fmt::format("{:.2f}  half the symmetric interval / u(y)", k)
                                 : std::string(kCantBeTold));
  } else {
    text += row("coverage interval", "", std::string(kCantBeTold) + " (" + why_none(result) + ")");
  }
  text += row("Monte Carlo trials", "M",
              fmt::format("{}  seed {}", grouped(result.samples), result.seed));
  if (output.distribution && is_uncertain(u)) {
    text += row("numerical tolerance", "delta", tolerance_text(output, u));
  }
  return text;
}

// "0.912 ± 0.003": r^2 and its half-width, from those of r.
std::string share_text(const Measured& correlation, double factor) {
  const double r = correlation.value;
  return value_and_error({r * r, 2 * std::fabs(r) * correlation.standard_error}, factor);
}

std::string budget_text(const OutputResult& output, const Result& result,
                        const std::vector<Source>& sources) {
  const double factor = job::interval_factor(result.confidence);
  const double u = standard_uncertainty(output);
  const bool indices = !output.effects.empty() && output.effects.front().total.has_value();
  Table rows = {{"input", "distribution", "x_i", "u(x_i)", "r", "|r| u(y)", "share r^2"}};
  if (indices) rows[0].insert(rows[0].end(), {"first-order S", "total S_T"});
  for (const InputEffect& e : strongest_first(output.effects)) {
    rows.push_back({shortened(e.input, kMostColumns), distribution_of(sources, e.input),
                    to_its_place(e.mean.value, e.standard_deviation),
                    uncertainty(e.standard_deviation), value_and_error(e.correlation, factor),
                    uncertainty(std::fabs(e.correlation.value) * u),
                    share_text(e.correlation, factor)});
    if (!indices) continue;
    for (const auto& index : {e.first_order, e.total}) {
      rows.back().push_back(index ? value_and_error(*index, factor) : kCantBeTold);
    }
  }
  for (const Source& source : sources) {
    if (!source.is_constant) continue;
    rows.push_back({source.name, "constant", shortened(source.text, kMostColumns), "0"});
    rows.back().resize(rows[0].size());
  }
  return "\nUncertainty budget\n" + text_of(rows, "  ");
}

std::string notes(const Result& result) {
  bool effects = false;
  bool indices = false;
  for (const OutputResult& output : result.outputs) {
    effects = effects || !output.effects.empty();
    for (const InputEffect& e : output.effects) indices = indices || e.total.has_value();
  }
  std::string text;
  if (effects) {
    text += fmt::format(
        "r is the correlation of the output with the input (± at {:.12g}% confidence), r^2 the "
        "share\n"
        "of u(y)^2 that a straight line in that input explains. These shares add up to 1 only for "
        "a\n"
        "linear model of independent inputs; there |r| u(y) is the u_i(y) = |c_i| u(x_i) of the "
        "GUM.\n",
        100 * result.confidence);
  }
  if (indices) {
    text +=
        "S is the share of u(y)^2 that the input explains alone, whatever the model; S_T the "
        "share\n"
        "that would vanish were the input known last. The S add up to 1 or less, the S_T to 1 or "
        "more.\n";
  }
  return text;
}

std::string pairs_text(const Result& result) {
  if (result.output_pairs.empty()) return "";
  Table rows = {{"outputs", "r"}};
  for (const Association& pair : result.output_pairs) {
    rows.push_back({shortened(pair.a, kMostColumns) + ", " + shortened(pair.b, kMostColumns),
                    value_and_error(pair.correlation, job::interval_factor(result.confidence))});
  }
  return "\nCorrelation of the outputs\n" + text_of(rows, "  ");
}

std::string input_pairs_text(const Result& result) {
  if (result.input_pairs.empty()) return "";
  Table rows = {{"inputs", "r of normal scores", "r", "rank correlation"}};
  for (const InputPair& pair : result.input_pairs) {
    rows.push_back({shortened(pair.a, kMostColumns) + ", " + shortened(pair.b, kMostColumns),
                    fmt::format("{:.6g}", pair.score_correlation),
                    pearson_text(pair, job::interval_factor(result.confidence)), rank_text(pair)});
  }
  return "\nCorrelation of the inputs\n" + text_of(rows, "  ");
}

}  // namespace

std::string to_gum(const Result& result, const oche::Job& job) {
  const std::vector<Source> sources = sources_of(job.definition);
  std::string text = "Evaluation of measurement data by a Monte Carlo method (JCGM 101:2008)\n";
  if (!result.estimate) text += "\nno estimate\n";
  for (const OutputResult& output : result.outputs) {
    if (!result.estimate) break;
    text += "\nY = " + output.expression + "\n" + results_text(output, result);
    text += output.effects.empty()
                ? "\nno uncertainty budget (" + why_no_budget(output, result) + ")\n"
                : budget_text(output, result, sources);
  }
  if (result.estimate) {
    text += pairs_text(result) + input_pairs_text(result) + "\n" + notes(result);
  }
  return text + "\n" + run_text(result);
}

}  // namespace oche::report

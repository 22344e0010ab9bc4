#include "report/json.h"

#include <cmath>
#include <nlohmann/json.hpp>

namespace oche::report {
namespace {

using Json = nlohmann::ordered_json;

Json number(double v) { return std::isfinite(v) ? Json(v) : Json(nullptr); }

Json crew_of(const Result& result) {
  Json crew = Json::array();
  for (const CrewMember& m : result.crew) {
    crew.push_back({{"name", m.name},
                    {"chunks", m.chunks},
                    {"repeats", m.repeats},
                    {"leases_lost", m.leases_lost},
                    {"seconds", m.seconds}});
  }
  return crew;
}

Json ends_of(const Range& range) { return Json::array({number(range.low), number(range.high)}); }

void put(Json& json, const std::string& name, const Measured& measured) {
  json[name] = number(measured.value);
  json[name + "_error"] = number(measured.standard_error);
}

void put_shape(Json& json, const OutputResult& output) {
  if (!output.distribution) {
    if (output.standard_deviation) json["standard_deviation"] = number(*output.standard_deviation);
    return;
  }
  const Distribution& d = *output.distribution;
  put(json, "standard_deviation", d.standard_deviation);
  put(json, "skewness", d.skewness);
  put(json, "excess_kurtosis", d.excess_kurtosis);
  json["quantiles"] = Json::array();
  for (const Quantile& q : d.quantiles) {
    json["quantiles"].push_back({{"probability", q.probability},
                                 {"value", number(q.value)},
                                 {"interval", ends_of(q.interval)}});
  }
  json["coverage"] = {{"probability", d.coverage},
                      {"symmetric", ends_of(d.symmetric)},
                      {"shortest", ends_of(d.shortest)}};
}

void put_histogram_and_effects(Json& json, const OutputResult& output) {
  if (output.distribution) {
    json["histogram"] = Json::array();
    for (const HistogramBar& bar : output.distribution->histogram) {
      json["histogram"].push_back(
          {{"low", number(bar.low)}, {"high", number(bar.high)}, {"count", bar.count}});
    }
  }
  if (output.effects.empty()) return;
  json["effects"] = Json::array();
  for (const InputEffect& e : output.effects) {
    Json effect = {{"input", e.input}};
    put(effect, "mean", e.mean);
    effect["standard_deviation"] = number(e.standard_deviation);
    put(effect, "correlation", e.correlation);
    if (e.first_order) put(effect, "first_order", *e.first_order);
    if (e.total) put(effect, "total", *e.total);
    json["effects"].push_back(std::move(effect));
  }
}

Json outputs_of(const Result& result) {
  Json outputs = Json::array();
  for (const OutputResult& output : result.outputs) {
    const bool known = output.estimate.has_value();
    Json json = {{"expression", output.expression},
                 {"estimate", known ? number(*output.estimate) : Json(nullptr)},
                 {"standard_error", known ? number(output.standard_error) : Json(nullptr)},
                 {"interval", known ? ends_of(output.interval) : Json(nullptr)}};
    put_shape(json, output);
    json["minimum"] = number(output.minimum);
    json["maximum"] = number(output.maximum);
    put_histogram_and_effects(json, output);
    outputs.push_back(std::move(json));
  }
  return outputs;
}

Json associations_of(const std::vector<Association>& pairs) {
  Json list = Json::array();
  for (const Association& pair : pairs) {
    Json json = {{"a", pair.a}, {"b", pair.b}, {"covariance", number(pair.covariance)}};
    put(json, "correlation", pair.correlation);
    list.push_back(std::move(json));
  }
  return list;
}

Json input_pairs_of(const std::vector<InputPair>& pairs) {
  Json list = Json::array();
  for (const InputPair& pair : pairs) {
    Json json = {{"a", pair.a}, {"b", pair.b}, {"score_correlation", pair.score_correlation}};
    put(json, "correlation", pair.correlation);
    json["rank_correlation"] = pair.rank_correlation ? Json(*pair.rank_correlation) : Json(nullptr);
    list.push_back(std::move(json));
  }
  return list;
}

}  // namespace

std::string to_json(const Result& result) {
  const bool known = result.estimate.has_value();
  // Of several outputs each says for itself how it is distributed.
  const OutputResult* const only = result.outputs.size() == 1 ? &result.outputs[0] : nullptr;
  Json json;
  json["estimate"] = known ? number(*result.estimate) : Json(nullptr);
  json["standard_error"] = known ? number(result.standard_error) : Json(nullptr);
  json["interval"] = known ? ends_of({result.low, result.high}) : Json(nullptr);
  json["confidence"] = result.confidence;
  if (only != nullptr) {
    put_shape(json, *only);
  } else if (result.standard_deviation) {
    json["standard_deviation"] = number(*result.standard_deviation);
  }
  json["minimum"] = number(result.minimum);
  json["maximum"] = number(result.maximum);
  json["samples"] = result.samples;
  json["kept_samples"] = result.kept_samples;
  json["non_finite"] = result.non_finite;
  json["non_finite_policy"] = result.non_finite_policy;
  json["seconds"] = result.seconds;
  json["seed"] = result.seed;
  json["method"] = result.method;
  json["stream"] = result.stream;
  json["numerics"] = result.numerics;
  json["digest"] = result.digest;
  json["stop_reason"] = result.stop_reason;
  json["met"] = result.met;
  json["warnings"] = result.warnings;
  json["crew"] = crew_of(result);
  if (only != nullptr) put_histogram_and_effects(json, *only);
  json["outputs"] = outputs_of(result);
  json["output_pairs"] = associations_of(result.output_pairs);
  json["input_pairs"] = input_pairs_of(result.input_pairs);
  // Text from the user may hold any bytes; what is not UTF-8 is replaced rather than thrown over.
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string to_json(std::uint64_t sample, const job::SamplePoint& point) {
  Json inputs = Json::object();
  for (const integrand::NamedPoint& p : point.inputs) inputs[p.input] = number(p.value);
  Json values = Json::array();
  for (const double v : point.values) values.push_back(number(v));
  Json json{{"sample", sample}, {"inputs", inputs}, {"value", values.front()}};
  if (values.size() > 1) json["values"] = values;
  return json.dump();
}

}  // namespace oche::report

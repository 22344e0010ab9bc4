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

}  // namespace

std::string to_json(const Result& result) {
  const bool known = result.estimate.has_value();
  Json json;
  json["estimate"] = known ? number(*result.estimate) : Json(nullptr);
  json["standard_error"] = known ? number(result.standard_error) : Json(nullptr);
  json["interval"] = known ? Json::array({number(result.low), number(result.high)}) : Json(nullptr);
  json["confidence"] = result.confidence;
  if (result.standard_deviation) json["standard_deviation"] = number(*result.standard_deviation);
  json["minimum"] = number(result.minimum);
  json["maximum"] = number(result.maximum);
  json["samples"] = result.samples;
  json["non_finite"] = result.non_finite;
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
  // Text from the user may hold any bytes; what is not UTF-8 is replaced rather than thrown over.
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string to_json(std::uint64_t sample, const job::SamplePoint& point) {
  Json inputs = Json::object();
  for (const integrand::NamedPoint& p : point.inputs) inputs[p.input] = number(p.value);
  return Json{{"sample", sample}, {"inputs", inputs}, {"value", number(point.value)}}.dump();
}

}  // namespace oche::report

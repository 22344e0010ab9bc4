#include "job/job.h"

#include <algorithm>
#include <cmath>

#include "base/bytes.h"
#include "base/parse_number.h"
#include "formula/canonical.h"
#include "formula/definitions.h"
#include "formula/lower.h"
#include "formula/oracle.h"
#include "math/numerics.h"
#include "oche/error.h"
#include "random/stream.h"

namespace oche::job {
namespace {

[[noreturn]] void not_canonical() {
  throw Error(
      ErrorKind::usage,
      "the text of a job is not canonical (it is not what this program writes for any job); "
      "use the same release of oche at both ends");
}

// An input's own value may be what isn't finite.
std::string number_text(double value) {
  if (std::isfinite(value)) return formula::canonical_number(value);
  return std::isnan(value) ? "nan" : value < 0 ? "-inf" : "inf";
}

// Takes "<name> <value>\n" off the front and returns the value.
std::string_view take_line(std::string_view& text, std::string_view name) {
  const std::size_t end = text.find('\n');
  if (end == std::string_view::npos || !text.starts_with(name) || end <= name.size() ||
      text[name.size()] != ' ') {
    not_canonical();
  }
  const std::string_view value = text.substr(name.size() + 1, end - name.size() - 1);
  text.remove_prefix(end + 1);
  return value;
}

}  // namespace

Job::Job(const std::vector<std::string>& arguments, bool canonical_arguments,
         sampling::Method method, std::uint64_t seed)
    : method_(method), seed_(seed) {
  const formula::Limits limits;
  const formula::Definition definition = formula::parse_definition(
      arguments, canonical_arguments ? limits.for_canonical_text() : limits);
  if (definition.outputs.size() > 1) {
    throw Error(ErrorKind::usage,
                "there are " + std::to_string(definition.outputs.size()) +
                    " outputs (a tally holds one so far); estimate them one after the other");
  }
  integrand_ = std::make_unique<integrand::Expression>(formula::lower(definition));
  using Kind = formula::InputDefinition::Kind;
  const auto is_kind = [](Kind kind) {
    return [kind](const formula::InputDefinition& input) { return input.kind == kind; };
  };
  is_expectation_ = std::ranges::any_of(definition.inputs, is_kind(Kind::distribution)) &&
                    std::ranges::none_of(definition.inputs, is_kind(Kind::range));
  canonical_ = std::string("method ") + sampling::to_string(method_) + "\nseed " +
               std::to_string(seed_) + "\nestimate " + formula::canonical(definition) + "\n";
  ByteWriter identity;
  identity.u32(kNumerics);
  identity.raw(canonical_);
  fingerprint_ = sha256(identity.bytes());
  chunk_samples_ = sampling::chunk_samples(integrand_->static_cost());
}

std::shared_ptr<const Job> Job::from_arguments(const std::vector<std::string>& arguments,
                                               sampling::Method method, std::uint64_t seed) {
  return std::shared_ptr<const Job>(new Job(arguments, false, method, seed));
}

std::shared_ptr<const Job> Job::from_canonical(std::string_view text) {
  if (text.size() > kMaxCanonicalBytes) not_canonical();
  std::string_view rest = text;
  const auto method = sampling::method_from(take_line(rest, "method"));
  const auto seed = parse_number<std::uint64_t>(take_line(rest, "seed"));
  if (!method || !seed) not_canonical();
  const std::string definition(take_line(rest, "estimate"));
  std::shared_ptr<const Job> job(new Job({definition}, true, *method, *seed));
  if (job->canonical() != text) not_canonical();
  return job;
}

SamplePoint Job::sample_point(const sampling::Plan& plan, std::uint64_t sample) const {
  const sampling::PassContext pass(*integrand_, seed_, chunk_samples_, plan);
  const std::vector<double> uniforms = sampling::uniforms_at(pass, sample);
  return {integrand_->inputs_at(uniforms), formula::evaluate(integrand_->program(), uniforms)[0]};
}

std::string Job::describe_sample(const sampling::Plan& plan, std::uint64_t sample) const {
  constexpr std::size_t kMostShown = 20;  // arrays have thousands of elements
  const std::vector<integrand::NamedPoint> inputs = sample_point(plan, sample).inputs;
  std::string text;
  for (std::size_t i = 0; i < std::min(inputs.size(), kMostShown); ++i) {
    if (i > 0) text += ", ";
    text += inputs[i].input + "=" + number_text(inputs[i].value);
  }
  if (inputs.size() <= kMostShown) return text;
  return text + " and " + std::to_string(inputs.size() - kMostShown) + " more";
}

}  // namespace oche::job

#include "job/job.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "base/bytes.h"
#include "base/parse_number.h"
#include "formula/canonical.h"
#include "formula/definitions.h"
#include "formula/lower.h"
#include "formula/oracle.h"
#include "math/numerics.h"
#include "math/sample_table.h"
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

[[noreturn]] void usage(const std::string& message) { throw Error(ErrorKind::usage, message); }

// Whether its value is made from another uniform than its own: a parameter is another input.
bool depends_on_others(const formula::Program& program, const formula::NamedValue& input) {
  std::vector<formula::ValueId> open = {input.value};
  std::set<formula::ValueId> seen;
  while (!open.empty()) {
    const formula::ValueId id = open.back();
    open.pop_back();
    if (!seen.insert(id).second) continue;
    const formula::Instruction& code = program.code[id];
    if (code.op == formula::Op::element) return true;
    if (code.op == formula::Op::uniform && code.dimension != input.dimension) return true;
    open.insert(open.end(), code.operands, code.operands + formula::operand_count(code.op));
  }
  return false;
}

void check_independence(const formula::Program& program) {
  if (!program.correlations.empty()) {
    usage(
        "--sensitivity with corr(...) (Sobol' indices are shares of the variance only where inputs "
        "are independent); leave one of the two out");
  }
  std::set<std::uint32_t> dimensions;
  for (const formula::NamedValue& input : program.inputs) {
    if (!input.dimension) continue;
    if (depends_on_others(program, input)) {
      usage("--sensitivity where the distribution of " + input.name +
            " depends on another input (Sobol' indices are shares of the variance only where "
            "inputs are independent); leave it out, or write " +
            input.name + " as an expression of independent inputs");
    }
    if (dimensions.insert(*input.dimension).second) continue;
    usage("--sensitivity with several inputs from one data set, " + input.name +
          " among them (Sobol' indices are shares of the variance only where inputs are "
          "independent, and these share a row); leave one of the two out");
  }
}

void check_sensitivity(const formula::Program& program, bool is_plain_expectation,
                       sampling::NonFinite non_finite) {
  if (!is_plain_expectation) {
    usage(
        "--sensitivity needs inputs that all have distributions, and the method plain (its indices "
        "are shares of the output's variance under them); write inputs as x~uniform(0,1)");
  }
  if (non_finite == sampling::NonFinite::zero) {
    usage(
        "--sensitivity with --non-finite zero (indices compare values at several points, and "
        "samples would be left out for any of them); write the 0 into the expression, as "
        "if(x>0, log(x), 0)");
  }
  check_independence(program);
  const auto varying =
      std::ranges::count_if(program.inputs, [](const auto& i) { return i.dimension.has_value(); });
  if (varying > integrand::kMostMeasuredInputs) {
    usage("--sensitivity is for at most " + std::to_string(integrand::kMostMeasuredInputs) +
          " inputs that vary (each costs an evaluation per sample, and there are " +
          std::to_string(varying) + "); make constants of the others");
  }
}

}  // namespace

Job::Job(const std::vector<std::string>& arguments, bool canonical_arguments,
         const Settings& settings, const std::vector<DataSet>& data_sets)
    : settings_(settings) {
  const formula::Limits limits;
  formula::Definition definition = formula::parse_definition(
      arguments, canonical_arguments ? limits.for_canonical_text() : limits);
  using Kind = formula::InputDefinition::Kind;
  const auto is_kind = [](Kind kind) {
    return [kind](const formula::InputDefinition& input) { return input.kind == kind; };
  };
  is_expectation_ = std::ranges::any_of(definition.inputs, is_kind(Kind::distribution)) &&
                    std::ranges::none_of(definition.inputs, is_kind(Kind::range));
  for (const formula::Tree& output : definition.outputs) {
    labels_.push_back(formula::canonical(output));
  }
  data_sets_ = bind_data_sets(definition, data_sets);
  formula::DataSets columns;
  for (const UsedDataSet& set : data_sets_) columns.emplace(set.hash, set.values);
  formula::Program program = formula::lower(definition, columns);
  const integrand::Wanted want = wanted(program);
  integrand_ = std::make_unique<integrand::Expression>(std::move(program), want);
  canonical_ = std::string("method ") + sampling::to_string(settings.method) + "\nseed " +
               std::to_string(settings.seed) + "\n";
  if (settings.non_finite != sampling::NonFinite::fail) {
    canonical_ += std::string("non_finite ") + sampling::to_string(settings.non_finite) + "\n";
  }
  if (settings.sensitivity) canonical_ += "sensitivity on\n";
  canonical_ += "estimate " + formula::canonical(definition) + "\n";
  ByteWriter identity;
  identity.u32(kNumerics);
  identity.raw(canonical_);
  fingerprint_ = sha256(identity.bytes());
  chunk_samples_ = sampling::chunk_samples(integrand_->static_cost());
}

// What is measured beside the moments, where that makes sense: the distribution of an answer whose
// inputs all have distributions. An indicator's is its probability.
integrand::Wanted Job::wanted(const formula::Program& program) const {
  const bool several = program.outputs.size() > 1;
  const bool plain = settings_.method == sampling::Method::plain;
  if (several && !plain) {
    usage(std::string("the method '") + sampling::to_string(settings_.method) +
          "' estimates one output (it allots samples by the variance of one, and there are " +
          std::to_string(program.outputs.size()) + "); use --method plain, or one output a run");
  }
  if (several && settings_.non_finite == sampling::NonFinite::zero) {
    usage(
        "--non-finite zero takes one output (the sample would be 0 for the others as well); use "
        "skip, or one output a run");
  }
  if (settings_.sensitivity) {
    check_sensitivity(program, plain && is_expectation_, settings_.non_finite);
    return integrand::Wanted::sensitivity;
  }
  if (!plain || !is_expectation_) return integrand::Wanted::moments;
  const bool indicator = !several && formula::BlockProgram(program).two_values();
  return indicator ? integrand::Wanted::moments : integrand::Wanted::distribution;
}

std::shared_ptr<const Job> Job::from_arguments(const std::vector<std::string>& arguments,
                                               const Settings& settings,
                                               const std::vector<DataSet>& data_sets) {
  return std::shared_ptr<const Job>(new Job(arguments, false, settings, data_sets));
}

std::string Job::data() const {
  std::string bytes;
  for (const UsedDataSet& set : data_sets_) bytes += bytes_of(set.values);
  return bytes;
}

std::size_t Job::memory() const {
  constexpr std::size_t kBytesPerInstruction = 512;  // in all its forms
  const formula::Program& program = integrand_->program();
  std::size_t bytes = canonical_.size() + kBytesPerInstruction * program.code.size();
  for (const auto& table : program.tables) bytes += math::bytes_of(*table);
  for (const UsedDataSet& set : data_sets_) {
    for (const std::vector<double>& column : set.values) bytes += sizeof(double) * column.size();
  }
  return bytes;
}

std::shared_ptr<const Job> Job::from_canonical(std::string_view text, std::string_view data) {
  if (text.size() > kMaxCanonicalBytes) not_canonical();
  std::string_view rest = text;
  const auto method = sampling::method_from(take_line(rest, "method"));
  const auto seed = parse_number<std::uint64_t>(take_line(rest, "seed"));
  if (!method || !seed) not_canonical();
  Settings settings{*method, *seed};
  if (rest.starts_with("non_finite ")) {
    const auto policy = sampling::non_finite_from(take_line(rest, "non_finite"));
    if (!policy) not_canonical();
    settings.non_finite = *policy;
  }
  if (rest.starts_with("sensitivity ")) {
    settings.sensitivity = take_line(rest, "sensitivity") == "on";
  }
  const std::string definition(take_line(rest, "estimate"));
  const std::optional<std::vector<DataSet>> data_sets = data_sets_from(data);
  if (!data_sets) {
    throw Error(ErrorKind::usage,
                "the data of a job can't be read (it is not data sets as this program sends them); "
                "use the same release of oche at both ends");
  }
  std::shared_ptr<const Job> job(new Job({definition}, true, settings, *data_sets));
  // A set that isn't used, or has other columns or another order, makes another text or other data.
  if (job->canonical() != text || job->data_sets_.size() != data_sets->size()) not_canonical();
  return job;
}

SamplePoint Job::sample_point(const sampling::Plan& plan, std::uint64_t sample) const {
  const sampling::PassContext pass(*integrand_, seed(), chunk_samples_, plan);
  const std::vector<double> uniforms = sampling::uniforms_at(pass, sample);
  return {integrand_->inputs_at(uniforms), formula::evaluate(integrand_->program(), uniforms)};
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

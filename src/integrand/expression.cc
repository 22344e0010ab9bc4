#include "integrand/expression.h"

#include <algorithm>

#include "formula/oracle.h"
#include "math/simd.h"

namespace oche::integrand {
namespace {

// What is kept of a quantity, in the unit of static_cost().
constexpr std::uint64_t kCostOfQuantity = 4;
constexpr std::uint64_t kCostOfPair = 2;
constexpr std::uint64_t kCostOfShape = 16;

// The inputs that vary, if they are few enough.
std::vector<std::uint32_t> inputs_to_measure(const formula::Program& program, Wanted wanted) {
  std::vector<std::uint32_t> inputs;
  if (wanted == Wanted::moments) return inputs;
  for (std::uint32_t i = 0; i < program.inputs.size(); ++i) {
    if (program.inputs[i].dimension) inputs.push_back(i);
  }
  if (inputs.size() > kMostMeasuredInputs) inputs.clear();
  return inputs;
}

std::vector<formula::ValueId> yields_of(const formula::Program& program,
                                        const std::vector<std::uint32_t>& inputs) {
  std::vector<formula::ValueId> yields = program.outputs;
  for (const std::uint32_t i : inputs) yields.push_back(program.inputs[i].value);
  return yields;
}

// (a - b)^2 / 2
void half_squared_distance(const double* a, const double* b, std::size_t n, double* result) {
  for (std::size_t i = 0; i < n; ++i) {
    const double apart = a[i] - b[i];
    result[i] = 0.5 * (apart * apart);
  }
}

}  // namespace

Expression::Expression(formula::Program program, Wanted wanted)
    : program_(std::move(program)),
      wanted_(wanted),
      measured_inputs_(inputs_to_measure(program_, wanted)),
      block_(program_, yields_of(program_, measured_inputs_)),
      outputs_(program_) {
  measure_.outputs = static_cast<std::uint32_t>(program_.outputs.size());
  for (std::uint32_t a = 0; a < measure_.outputs; ++a) {
    for (std::uint32_t b = a + 1; b < measure_.outputs; ++b) measure_.pairs.push_back({a, b});
  }
  if (wanted_ != Wanted::moments) measure_distribution();
  if (wanted_ == Wanted::sensitivity) {
    measure_sensitivity();
    return;
  }
  const KernelTask task = !measure_.is_simple() ? KernelTask::store
                          : block_.two_values() ? KernelTask::count
                                                : KernelTask::accumulate;
  kernel_ = Kernel::compile(task, program_, yields_of(program_, measured_inputs_));
}

const Kernel* Expression::kernel() const {
  return math::simd_target_compiles() ? kernel_.get() : nullptr;
}

void Expression::measure_distribution() {
  measure_.shapes = measure_.outputs <= kMostShapes;
  measure_.inputs = static_cast<std::uint32_t>(measured_inputs_.size());
  for (std::uint32_t output = 0; output < measure_.outputs; ++output) {
    for (std::uint32_t i = 0; i < measure_.inputs; ++i) {
      measure_.pairs.push_back({output, measure_.outputs + i});
    }
  }
  for (const formula::Correlation& correlation : program_.correlations) {
    if (const auto pair = pair_of(correlation)) measure_.pairs.push_back(*pair);
  }
}

std::optional<Pair> Expression::pair_of(const formula::Correlation& correlation) const {
  const auto quantity = [&](std::uint32_t input) {
    const auto it = std::ranges::find(measured_inputs_, input);
    return measure_.outputs + static_cast<std::uint32_t>(it - measured_inputs_.begin());
  };
  if (measured_inputs_.empty()) return std::nullopt;
  return Pair{quantity(correlation.first), quantity(correlation.second)};
}

void Expression::measure_sensitivity() {
  const std::uint32_t per_output = 1 + 2 * measure_.inputs;
  const std::uint32_t first = measure_.outputs + measure_.inputs;
  measure_.sensitivity = measure_.outputs * per_output;
  for (std::uint32_t output = 0; output < measure_.outputs; ++output) {
    const std::uint32_t variance = first + output * per_output;
    for (std::uint32_t k = 1; k < per_output; ++k)
      measure_.pairs.push_back({variance, variance + k});
  }
}

std::uint32_t Expression::dimensions() const {
  return wanted_ == Wanted::sensitivity ? 2 * program_.dimensions : program_.dimensions;
}

std::uint64_t Expression::static_cost() const {
  std::uint64_t cost = program_.cost();
  if (measure_.is_simple()) return cost;
  if (wanted_ == Wanted::sensitivity) cost *= 2 + measure_.inputs;
  return cost + kCostOfQuantity * measure_.quantities() + kCostOfPair * measure_.pairs.size() +
         (measure_.shapes ? kCostOfShape * measure_.outputs : 0);
}

// Of sensitivity: a copy of the uniforms of A, the outputs at B and at A_i.
std::size_t Expression::scratch_doubles() const {
  const std::size_t programs = std::max({block_.scratch_doubles(), outputs_.scratch_doubles(),
                                         kernel_ ? kernel_->scratch_doubles() : std::size_t{0}});
  if (wanted_ != Wanted::sensitivity) return programs;
  return programs + (program_.dimensions + 2 * std::size_t{measure_.outputs}) * kBlock;
}

void Expression::evaluate(const double* uniforms, std::size_t stride, std::size_t n, double* values,
                          std::size_t values_stride, double* scratch) const {
  if (wanted_ == Wanted::sensitivity) {
    evaluate_sensitivity(uniforms, stride, n, values, values_stride, scratch);
  } else {
    block_.run(uniforms, stride, n, values, values_stride, scratch);
  }
}

void Expression::evaluate_sensitivity(const double* uniforms, std::size_t stride, std::size_t n,
                                      double* values, std::size_t values_stride,
                                      double* scratch) const {
  const std::uint32_t outputs = measure_.outputs;
  const std::uint32_t inputs = measure_.inputs;
  const double* const b = uniforms + program_.dimensions * stride;
  double* const mixed = scratch;
  double* const at_b = mixed + program_.dimensions * kBlock;
  double* const at_mixed = at_b + outputs * kBlock;
  double* const rest = at_mixed + outputs * kBlock;
  const std::size_t padded = (n + 7) / 8 * 8;
  const auto take = [&](const double* from, std::uint32_t dimension) {
    std::copy_n(from + dimension * stride, padded, mixed + dimension * kBlock);
  };
  block_.run(uniforms, stride, n, values, values_stride, rest);
  outputs_.run(b, stride, n, at_b, kBlock, rest);
  for (std::uint32_t j = 0; j < program_.dimensions; ++j) take(uniforms, j);
  double* const derived = values + (outputs + inputs) * values_stride;
  const std::size_t per_output = (1 + 2 * std::size_t{inputs}) * values_stride;
  for (std::uint32_t o = 0; o < outputs; ++o) {
    half_squared_distance(values + o * values_stride, at_b + o * kBlock, n,
                          derived + o * per_output);
  }
  for (std::uint32_t i = 0; i < inputs; ++i) {
    const std::uint32_t dimension = *program_.inputs[measured_inputs_[i]].dimension;
    take(b, dimension);
    outputs_.run(mixed, kBlock, n, at_mixed, kBlock, rest);
    take(uniforms, dimension);
    for (std::uint32_t o = 0; o < outputs; ++o) {
      double* const total = derived + o * per_output + (1 + i) * values_stride;
      half_squared_distance(values + o * values_stride, at_mixed + o * kBlock, n, total);
      half_squared_distance(at_b + o * kBlock, at_mixed + o * kBlock, n,
                            total + inputs * values_stride);
    }
  }
}

std::optional<formula::TwoValues> Expression::two_values_of(std::uint32_t output) const {
  switch (program_.code[program_.outputs[output]].op) {
    case formula::Op::equal:
    case formula::Op::not_equal:
    case formula::Op::logical_and:
    case formula::Op::logical_or:
    case formula::Op::logical_not:
      return formula::TwoValues{};
    default:
      break;
  }
  return formula::BlockProgram(program_, std::span(&program_.outputs[output], 1)).two_values();
}

std::vector<NamedPoint> Expression::inputs_at(const std::vector<double>& uniforms) const {
  const std::vector<double> values = formula::evaluate_all(program_, uniforms);
  std::vector<NamedPoint> point;
  for (const formula::NamedValue& input : program_.inputs) {
    point.push_back({input.name, values[input.value]});
  }
  return point;
}

}  // namespace oche::integrand

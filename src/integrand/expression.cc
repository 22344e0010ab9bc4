#include "integrand/expression.h"

#include "formula/oracle.h"
#include "math/simd.h"

namespace oche::integrand {

Expression::Expression(formula::Program program)
    : program_(std::move(program)),
      block_(program_),
      kernel_(Kernel::compile(block_.two_values() ? KernelTask::count : KernelTask::accumulate,
                              program_, program_.outputs)) {}

const Kernel* Expression::kernel() const {
  return math::simd_target_compiles() ? kernel_.get() : nullptr;
}

void Expression::evaluate(const double* uniforms, std::size_t stride, std::size_t n, double* values,
                          double* scratch) const {
  block_.run(uniforms, stride, n, values, scratch);
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

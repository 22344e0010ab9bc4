// A typed expression as an integrand.
#ifndef OCHE_INTEGRAND_EXPRESSION_H_
#define OCHE_INTEGRAND_EXPRESSION_H_

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "formula/program.h"
#include "integrand/integrand.h"
#include "integrand/kernel.h"

namespace oche::integrand {

struct NamedPoint {
  std::string input;
  double value = 0.0;
};

class Expression final : public Integrand {
 public:
  explicit Expression(formula::Program program);

  std::uint32_t dimensions() const override { return program_.dimensions; }
  std::uint64_t static_cost() const override { return program_.cost(); }
  // For kernel() too.
  std::size_t scratch_doubles() const override {
    return std::max(block_.scratch_doubles(), kernel_ ? kernel_->scratch_doubles() : 0);
  }
  void evaluate(const double* uniforms, std::size_t stride, std::size_t n, double* values,
                double* scratch) const override;
  std::optional<formula::TwoValues> two_values() const override { return block_.two_values(); }
  std::size_t count(const double* uniforms, std::size_t stride, std::size_t n,
                    double* scratch) const override {
    return block_.count(uniforms, stride, n, scratch);
  }

  const Kernel* kernel() const override;

  // The values of the inputs at one sample, for messages about that sample.
  std::vector<NamedPoint> inputs_at(const std::vector<double>& uniforms) const;

  const formula::Program& program() const { return program_; }

 private:
  formula::Program program_;
  formula::BlockProgram block_;
  std::unique_ptr<const Kernel> kernel_;
};

}  // namespace oche::integrand

#endif  // OCHE_INTEGRAND_EXPRESSION_H_

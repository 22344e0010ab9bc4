// A typed expression as an integrand.
#ifndef OCHE_INTEGRAND_EXPRESSION_H_
#define OCHE_INTEGRAND_EXPRESSION_H_

#include <memory>
#include <optional>
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

// What is wanted of the outputs.
enum class Wanted : std::uint8_t {
  moments,       // their means, variances and covariances
  distribution,  // also their shapes, and how they go with the inputs, and these with each other
                 // where they are correlated
  sensitivity,   // also first-order and total Sobol' indices
};

// With Wanted::sensitivity a sample has twice the dimensions: a point A, and behind it a point B.
// For each output and each input that varies, the integrand is also evaluated at A_i: A with this
// input from B. The quantities, for each output, in the order of outputs:
//   (f(A) - f(B))^2 / 2                        whose mean is the variance V;
//   per input (f(A) - f(A_i))^2 / 2            whose mean is V times the total index,
//   then per input (f(B) - f(A_i))^2 / 2       whose mean is V (1 - first-order index).
// M. J. W. Jansen, "Analysis of variance designs for model output", Comput. Phys. Commun. 117
// (1999) 35-43; A. Saltelli et al., Comput. Phys. Commun. 181 (2010) 259-270, table 2 (c), (f).
class Expression final : public Integrand {
 public:
  explicit Expression(formula::Program program, Wanted wanted = Wanted::moments);

  std::uint32_t dimensions() const override;
  std::uint64_t static_cost() const override;
  std::size_t scratch_doubles() const override;
  const Measure& measure() const override { return measure_; }
  void evaluate(const double* uniforms, std::size_t stride, std::size_t n, double* values,
                std::size_t values_stride, double* scratch) const override;
  std::optional<formula::TwoValues> two_values() const override {
    return measure_.is_simple() ? block_.two_values() : std::nullopt;
  }
  std::size_t count(const double* uniforms, std::size_t stride, std::size_t n,
                    double* scratch) const override {
    return block_.count(uniforms, stride, n, scratch);
  }

  const Kernel* kernel() const override;

  // The values of the inputs at one sample, for messages about that sample.
  std::vector<NamedPoint> inputs_at(const std::vector<double>& uniforms) const;
  // The inputs whose moments are measured, as indices into program().inputs.
  const std::vector<std::uint32_t>& measured_inputs() const { return measured_inputs_; }
  // The quantities whose co-moment is measured because they are correlated inputs; nothing where
  // inputs are not measured.
  std::optional<Pair> pair_of(const formula::Correlation& correlation) const;
  // The two values of one of several outputs, where it is an indicator.
  std::optional<formula::TwoValues> two_values_of(std::uint32_t output) const;

  const formula::Program& program() const { return program_; }
  Wanted wanted() const { return wanted_; }

 private:
  void measure_distribution();
  void measure_sensitivity();
  void evaluate_sensitivity(const double* uniforms, std::size_t stride, std::size_t n,
                            double* values, std::size_t values_stride, double* scratch) const;

  formula::Program program_;
  Wanted wanted_;
  Measure measure_;
  std::vector<std::uint32_t> measured_inputs_;
  formula::BlockProgram block_;    // yields outputs and measured inputs
  formula::BlockProgram outputs_;  // yields the outputs
  std::unique_ptr<const Kernel> kernel_;
};

}  // namespace oche::integrand

#endif  // OCHE_INTEGRAND_EXPRESSION_H_

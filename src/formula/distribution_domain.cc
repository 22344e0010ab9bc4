#include "formula/distribution_domain.h"

#include <cmath>
#include <string>

#include "base/assert.h"
#include "formula/distributions.h"
#include "formula/lower_expression.h"
#include "math/quantile_tables.h"
#include "math/step_table.h"

namespace oche::formula {
namespace {

using Kind = DistributionKind;

class DomainCheck {
 public:
  DomainCheck(ProgramBuilder& builder, const InputDefinition& input,
              std::span<const ValueId> parameters)
      : b_(builder), input_(input), row_(*find_distribution(input.distribution)), a_(parameters) {}

  std::optional<ValueId> run() {
    check_finite();
    check();
    return condition_;
  }

 private:
  double value(std::size_t i) const { return b_.constant_value(a_[i]); }
  bool is_constant(std::size_t i) const { return b_.is_constant(a_[i]); }
  ValueId number(double v) { return b_.constant(v); }
  ValueId less(ValueId x, ValueId y) { return b_.operation(Op::less, {x, y}); }

  // From here on samples are NaN where `holds` is false.
  void demand(ValueId holds) {
    condition_ = condition_ ? b_.operation(Op::logical_and, {*condition_, holds}) : holds;
  }

  FormulaError problem(std::size_t i, const std::string& message) const {
    return formula::problem(input_.arguments[i], message);
  }

  void check_finite() const {
    for (std::size_t i = 0; i < a_.size(); ++i) {
      if (!is_constant(i) || std::isfinite(value(i))) continue;
      throw problem(i, "a parameter of " + input_.name + " is " + spelled(value(i)) +
                           " (a distribution needs finite ones); give a finite number");
    }
  }

  // The parameter is called `what`, or by its name in the table.
  void require_positive(std::size_t i, std::string what = {}) {
    if (what.empty()) what = row_.parameters[i];
    if (!is_constant(i)) return demand(less(number(0.0), a_[i]));
    if (value(i) > 0) return;
    throw problem(i, "the " + what + " of " + input_.name + " is " + spelled(value(i)) +
                         " (it must be positive); give a positive number");
  }

  enum class Order { less, at_most };

  // Parameter i is below parameter j, or at most that.
  void require_order(std::size_t i, std::size_t j, Order order, const std::string& why,
                     const std::string& advice) {
    if (!is_constant(i) || !is_constant(j)) {
      return demand(b_.operation(order == Order::less ? Op::less : Op::less_equal, {a_[i], a_[j]}));
    }
    if (order == Order::less ? value(i) < value(j) : value(i) <= value(j)) return;
    throw problem(j, signature(row_) + " of " + input_.name + " has " +
                         std::string(row_.parameters[i]) + (order == Order::less ? " >= " : " > ") +
                         std::string(row_.parameters[j]) + " (" + why + "); " + advice);
  }

  void require_width(std::size_t i, std::size_t j) {
    if (!is_constant(i) || !is_constant(j) || std::isfinite(value(j) - value(i))) return;
    throw problem(j, signature(row_) + " of " + input_.name +
                         " is too wide (high - low is above 1.8e308); scale the variable");
  }

  void require_constant(std::size_t i) const {
    if (is_constant(i)) return;
    throw problem(i, "the " + std::string(row_.parameters[i % row_.parameters.size()]) + " of " +
                         input_.name +
                         " depends on other inputs (its table is made once, before there are any "
                         "samples); give a constant");
  }

  void require_within(std::size_t i, double low, double high) {
    if (!is_constant(i)) {
      demand(b_.operation(Op::less_equal, {number(low), a_[i]}));
      return demand(b_.operation(Op::less_equal, {a_[i], number(high)}));
    }
    if (value(i) >= low && value(i) <= high) return;
    throw problem(i, "the " + std::string(row_.parameters[i]) + " of " + input_.name + " is " +
                         spelled(value(i)) + " (it must be from " + spelled(low) + " to " +
                         spelled(high) + "); give one of these");
  }

  void require_shape(std::size_t i, double low, double high) {
    require_constant(i);
    require_within(i, low, high);
  }

  void check() {
    constexpr const char* kSmallerFirst = "give the smaller end first";
    constexpr const char* kInOrder = "put them in order";
    switch (row_.kind) {
      case Kind::uniform:
        require_order(0, 1, Order::less, "the density would not be positive", kSmallerFirst);
        return require_width(0, 1);
      case Kind::arcsine:
        require_order(0, 1, Order::less, "the density would not be positive", kSmallerFirst);
        return require_width(0, 1);
      case Kind::triangular:
        require_order(0, 2, Order::less, "the density would not be positive", kSmallerFirst);
        require_order(0, 1, Order::at_most, "the mode lies between the ends", kInOrder);
        require_order(1, 2, Order::at_most, "the mode lies between the ends", kInOrder);
        return require_width(0, 2);
      case Kind::trapezoidal:
        require_order(0, 3, Order::less, "the density would not be positive", kSmallerFirst);
        require_order(0, 1, Order::at_most, "its corners go from left to right", kInOrder);
        require_order(1, 2, Order::at_most, "its corners go from left to right", kInOrder);
        require_order(2, 3, Order::at_most, "its corners go from left to right", kInOrder);
        return require_width(0, 3);
      case Kind::normal:
        return require_positive(1, "standard deviation");
      case Kind::lognormal:
        return require_positive(1);
      case Kind::exponential:
        return require_positive(0);
      case Kind::cauchy:
      case Kind::gumbel:
      case Kind::logistic:
        return require_positive(1);
      case Kind::weibull:
      case Kind::pareto:
        require_positive(0);
        return require_positive(1);
      case Kind::ctrap:
        require_positive(2);
        return require_ends_apart();
      default:
        return check_tabulated_domain();
    }
  }

  void check_tabulated_domain() {
    switch (row_.kind) {
      case Kind::gamma:
        require_shape(0, math::kSmallestGammaShape, math::kLargestShape);
        return require_positive(1);
      case Kind::beta:
        require_shape(0, math::kSmallestBetaShape, math::kLargestShape);
        return require_shape(1, math::kSmallestBetaShape, math::kLargestShape);
      case Kind::chi_squared:
        return require_shape(0, 2 * math::kSmallestGammaShape, 2 * math::kLargestShape);
      case Kind::t:
        require_shape(0, math::kSmallestDof, math::kLargestShape);
        return require_positive(2);
      case Kind::bernoulli:
        return require_within(0, 0.0, 1.0);
      case Kind::poisson:
        return require_shape(0, 0.0, math::kLargestPoissonMean);
      case Kind::binomial:
        return check_binomial();
      default:
        OCHE_ASSERT(row_.kind == Kind::discrete);
        return check_discrete();
    }
  }

  // a + d < b - d
  void require_ends_apart() {
    const ValueId low = b_.operation(Op::add, {a_[0], a_[2]});
    const ValueId high = b_.operation(Op::subtract, {a_[1], a_[2]});
    if (!b_.is_constant(low) || !b_.is_constant(high)) return demand(less(low, high));
    if (b_.constant_value(low) < b_.constant_value(high)) return;
    throw problem(2, signature(row_) + " of " + input_.name +
                         " has a+d >= b-d (its ends would overlap); give a smaller d");
  }

  void check_binomial() {
    require_shape(0, 0.0, math::kLargestBinomialTrials);
    require_shape(1, 0.0, 1.0);
    const double n = value(0);
    if (n != std::floor(n)) {
      throw problem(0, "the n of " + input_.name + " is " + spelled(n) +
                           " (a number of trials is whole); give a whole number");
    }
    if (n * value(1) * (1.0 - value(1)) > math::kLargestPoissonMean) {
      throw problem(0, "the variance n*p*(1-p) of " + input_.name + " is above " +
                           spelled(math::kLargestPoissonMean) +
                           " (its table would be too long); use a normal distribution");
    }
  }

  void check_discrete() const {
    double total = 0.0;
    for (std::size_t i = 0; i < a_.size(); ++i) {
      require_constant(i);
      if (i % 2 == 0) continue;
      if (value(i) < 0.0) {
        throw problem(i, "a weight of " + input_.name + " is " + spelled(value(i)) +
                             " (a weight is not negative); give 0 or a positive number");
      }
      total += value(i);
    }
    if (total > 0.0 && std::isfinite(total)) return;
    throw problem(1, "the weights of " + input_.name + " add up to " + spelled(total) +
                         " (it must be a positive number); change them");
  }

  ProgramBuilder& b_;
  const InputDefinition& input_;
  const Distribution& row_;
  std::span<const ValueId> a_;
  std::optional<ValueId> condition_;  // what must hold of the parameters
};

}  // namespace

std::optional<ValueId> check_domain(ProgramBuilder& builder, const InputDefinition& input,
                                    std::span<const ValueId> parameters) {
  return DomainCheck(builder, input, parameters).run();
}

}  // namespace oche::formula

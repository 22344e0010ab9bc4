#include "formula/lower.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/assert.h"
#include "formula/affine.h"
#include "formula/canonical.h"
#include "formula/copula.h"
#include "formula/formula_error.h"
#include "formula/lower_distribution.h"
#include "formula/lower_expression.h"
#include "formula/program_builder.h"
#include "formula/row_draws.h"

namespace oche::formula {
namespace {

// How an input follows from a uniform number.
struct Transform {
  std::function<ValueId(ValueId u)> value;
  std::function<ValueId(ValueId u)> weight;  // none if it is the same for all samples
  bool uses_uniform = true;
};

class Lowering {
 public:
  explicit Lowering(const DataSets& data_sets) : rows_(data_sets) {}

  Program run(const Definition& definition) {
    if (!definition.correlations.empty()) {
      copula_ = std::make_unique<Copula>(definition,
                                         [this](const Tree& tree) { return constant_of(tree); });
    }
    for (const InputDefinition& input : definition.inputs) {
      input.elements ? define_array(input) : define(input);
    }
    for (const LetDefinition& let : definition.lets) {
      scope_.values.emplace(let.name, expression(let.name, let.value));
    }
    std::vector<ValueId> outputs;
    for (const Tree& tree : definition.outputs) outputs.push_back(output(tree));
    Program program = b_.finish(std::move(outputs), dimensions_, scale_, std::move(inputs_));
    if (copula_) program.correlations = copula_->correlations();
    if (static_cast<double>(program.cost()) > kMaxCost) {
      throw problem(definition.outputs.front(),
                    "the outputs are too costly (all together come to " +
                        spelled(static_cast<double>(program.cost())) +
                        " for a sample, the limit is " + spelled(kMaxCost) +
                        "); use fewer iterations in sums and products");
    }
    return program;
  }

 private:
  void define(const InputDefinition& input) {
    const Transform transform = transform_of(input, 1);
    const std::uint32_t dimension = take_dimensions(input, transform, 0.0, 1);
    const ValueId u = transform.uses_uniform ? b_.uniform(dimension) : 0;
    const ValueId value = transform.value(u);
    if (transform.weight) weigh(transform.weight(u));
    scope_.values.emplace(input.name, value);
    inputs_.push_back({input.name, value, std::nullopt});
    if (transform.uses_uniform) inputs_.back().dimension = dimension;
  }

  void define_array(const InputDefinition& input) {
    const double first = array_bound(input, input.elements->first);
    const double last = array_bound(input, input.elements->last);
    if (last < first) {
      throw problem(input.elements->last,
                    "the array " + input.name + " has no elements (it goes from " + spelled(first) +
                        " to " + spelled(last) + "); write the smaller index first");
    }
    const double count = last - first + 1.0;
    elements_ += count;
    if (elements_ > static_cast<double>(kMaxElements)) {
      throw problem(input.elements->last, "there are " + spelled(elements_) +
                                              " elements up to the array " + input.name +
                                              " (the limit is " + std::to_string(kMaxElements) +
                                              " in all arrays together); use fewer");
    }
    const auto n = static_cast<std::uint32_t>(count);
    const Transform transform = transform_of(input, n);
    const std::uint32_t base = take_dimensions(input, transform, first, n);
    Array array;
    array.first = first;
    for (std::uint32_t k = 0; k < n; ++k) {
      const ValueId value = transform.value(transform.uses_uniform ? b_.uniform(base + k) : 0);
      array.elements.push_back(value);
      inputs_.push_back({input.name + "[" + spelled(first + k) + "]", value, std::nullopt});
      if (transform.uses_uniform) inputs_.back().dimension = base + k;
    }
    if (transform.weight) weigh_elements(transform, base, n);
    array.at = [this, transform, base, first](const Affine& index) {
      const Affine dimension = index + Affine{base - first, {}};
      return transform.value(transform.uses_uniform ? b_.element(dimension) : 0);
    };
    scope_.arrays.emplace(input.name, std::move(array));
  }

  // The first of the uniform numbers of so many elements, from index `first` on.
  std::uint32_t take_dimensions(const InputDefinition& input, const Transform& transform,
                                double first, std::uint32_t count) {
    if (input.data) return rows_.dimension_of(input, first, count, dimensions_);
    const std::uint32_t base = dimensions_;
    if (transform.uses_uniform) dimensions_ += count;
    return base;
  }

  double array_bound(const InputDefinition& input, const Tree& tree) {
    const ValueId v = expression(tree);
    const bool is_constant = b_.is_constant(v);
    const double bound = is_constant ? b_.constant_value(v) : 0.0;
    if (!is_constant || bound != std::floor(bound) || !(std::fabs(bound) <= kMaxIndex)) {
      throw problem(tree, "an index of the array " + input.name + " is " +
                              (is_constant ? spelled(bound) : "no constant") +
                              " (indices are whole numbers up to 1e9); write a whole number");
    }
    return bound;
  }

  // The weights of n elements as a product in a loop.
  void weigh_elements(const Transform& transform, std::uint32_t base, std::uint32_t n) {
    const Affine last{static_cast<double>(n) - 1.0, {}};
    const ValueId index = b_.begin_loop(Affine{}, last, static_cast<double>(n));
    const ValueId u = b_.element(*b_.affine(index) + Affine{static_cast<double>(base), {}});
    weigh(b_.end_loop(Op::product, transform.weight(u)));
  }

  ValueId output(const Tree& tree) {
    const Lowered lowered = lower_expression(b_, scope_, tree);
    if (lowered.undefined) throw *lowered.undefined;
    ValueId value = lowered.value;
    if (has_weight_) value = b_.operation(Op::multiply, {value, weight_});
    if (b_.is_constant(value) && !std::isfinite(b_.constant_value(value))) {
      throw problem(
          tree, "the expression is " + spelled(b_.constant_value(value)) +
                    " at every point (it divides by zero, has a pole there, as log has at 0, or "
                    "is beyond the largest double, 1.8e308); change what is infinite");
    }
    return value;
  }

  ValueId expression(const Tree& tree) { return lower_expression(b_, scope_, tree).value; }

  // What a name stands for, which is undefined where the expression is.
  ValueId expression(const std::string& name, const Tree& tree) {
    const Lowered lowered = lower_expression(b_, scope_, tree);
    if (lowered.undefined) scope_.undefined.emplace(name, *lowered.undefined);
    return lowered.value;
  }

  // Checks the input and takes its volume into account, once for each of `count` elements.
  Transform transform_of(const InputDefinition& input, std::uint32_t count) {
    switch (input.kind) {
      case InputDefinition::Kind::constant: {
        const ValueId value = expression(input.name, input.value);
        return {[value](ValueId) { return value; }, {}, false};
      }
      case InputDefinition::Kind::range:
        return range(input, count);
      case InputDefinition::Kind::distribution:
        return input.data ? row(input) : distribution(input);
    }
    OCHE_ASSERT(false);
  }

  ValueId affine(ValueId low, ValueId width, ValueId u) {
    const bool unit = b_.is_constant(low) && b_.is_constant(width) &&
                      b_.constant_value(low) == 0.0 && b_.constant_value(width) == 1.0;
    return unit ? u : b_.operation(Op::fma, {width, u, low});
  }

  void weigh(ValueId weight) {
    weight_ = has_weight_ ? b_.operation(Op::multiply, {weight_, weight}) : weight;
    has_weight_ = true;
  }

  Transform range(const InputDefinition& input, std::uint32_t count) {
    const ValueId low = expression(input.low);
    const ValueId high = expression(input.high);
    check_end(input, input.low, low);
    check_end(input, input.high, high);
    const auto infinite = [&](ValueId v) {
      return b_.is_constant(v) && std::isinf(b_.constant_value(v));
    };
    if (low == high) throw no_width(input);
    if (infinite(low) || infinite(high)) return infinite_range(input, count, low, high);
    const ValueId width = b_.operation(Op::subtract, {high, low});
    if (b_.is_constant(width)) {
      if (b_.constant_value(width) == 0.0) throw no_width(input);  // -0..0
      for (std::uint32_t k = 0; k < count; ++k) scale_by(input, b_.constant_value(width));
    }
    Transform transform;
    transform.value = [this, low, width](ValueId u) { return affine(low, width, u); };
    if (!b_.is_constant(width)) transform.weight = [width](ValueId) { return width; };
    return transform;
  }

  static FormulaError no_width(const InputDefinition& input) {
    return problem(input.high,
                   "the range of " + input.name +
                       " has no width (both ends are the same, so the integral is 0); give "
                       "two different ends");
  }

  // A volume that overflows or vanishes would make an answer of inf or 0 with no error.
  void scale_by(const InputDefinition& input, double width) {
    scale_ *= width;
    if (!std::isfinite(scale_)) {
      throw problem(input.high,
                    "the range of " + input.name +
                        " is too wide (its volume is above 1.8e308); scale the variable");
    }
    if (std::fabs(scale_) < std::numeric_limits<double>::min()) {
      throw problem(input.high,
                    "the range of " + input.name +
                        " is too narrow (its volume is below 2.2e-308); scale the variable");
    }
  }

  void check_end(const InputDefinition& input, const Tree& tree, ValueId end) {
    if (b_.is_constant(end) && std::isnan(b_.constant_value(end))) {
      throw problem(tree, "an end of the range of " + input.name + " is not a number (" +
                              canonical(tree) + "); give a number, -inf or inf");
    }
  }

  Transform infinite_range(const InputDefinition& input, std::uint32_t count, ValueId low,
                           ValueId high) {
    const auto is = [&](ValueId v, double end) {
      return b_.is_constant(v) && b_.constant_value(v) == end;
    };
    constexpr double kInf = HUGE_VAL;
    if (is(low, kInf) || is(high, -kInf)) {
      if (count % 2 == 1) scale_ = -scale_;
      std::swap(low, high);
    }
    if (is(low, -kInf) && is(high, kInf)) {
      for (std::uint32_t k = 0; k < count; ++k) scale_by(input, 2.0);
      return whole_line();
    }
    const ValueId one = b_.constant(1.0);
    const auto q = [this, one](ValueId u) { return b_.operation(Op::subtract, {one, u}); };
    const auto square = [this](ValueId v) { return b_.operation(Op::multiply, {v, v}); };
    Transform transform;
    if (is(high, kInf)) {
      transform.weight = [this, one, q, square](ValueId u) {
        return b_.operation(Op::divide, {one, square(q(u))});
      };
      transform.value = [this, low, q](ValueId u) {
        return b_.operation(Op::add, {low, b_.operation(Op::divide, {u, q(u)})});
      };
      return transform;
    }
    transform.weight = [this, one, square](ValueId u) {
      return b_.operation(Op::divide, {one, square(u)});
    };
    transform.value = [this, high, q](ValueId u) {
      return b_.operation(Op::subtract, {high, b_.operation(Op::divide, {q(u), u})});
    };
    return transform;
  }

  // t = 2u-1, s = 4u(1-u); without the weight's factor 2.
  Transform whole_line() {
    const ValueId one = b_.constant(1.0);
    const auto t = [this, one](ValueId u) {
      return b_.operation(Op::subtract, {b_.operation(Op::multiply, {b_.constant(2.0), u}), one});
    };
    const auto s = [this, one](ValueId u) {
      const ValueId q = b_.operation(Op::subtract, {one, u});
      return b_.operation(Op::multiply, {b_.operation(Op::multiply, {b_.constant(4.0), u}), q});
    };
    const auto square = [this](ValueId v) { return b_.operation(Op::multiply, {v, v}); };
    Transform transform;
    transform.weight = [this, one, t, s, square](ValueId u) {
      return b_.operation(Op::divide, {b_.operation(Op::add, {one, square(t(u))}), square(s(u))});
    };
    transform.value = [this, t, s](ValueId u) { return b_.operation(Op::divide, {t(u), s(u)}); };
    return transform;
  }

  Transform distribution(const InputDefinition& input) {
    DistributionArguments arguments;
    for (const Tree& tree : input.arguments) arguments.parameters.push_back(expression(tree));
    if (input.truncation) {
      arguments.kept = {expression(input.truncation->low), expression(input.truncation->high)};
    }
    Transform transform;
    transform.value = [this, &input, arguments](ValueId u) {
      return lower_distribution(b_, tables_, input, arguments, randomness(input, arguments, u));
    };
    return transform;
  }

  Transform row(const InputDefinition& input) {
    if (copula_ && !input.elements && copula_->has(input.name)) {
      throw problem(copula_->first_with(input.name).first,
                    input.name +
                        " cannot be correlated by corr (the rows of its data set are drawn whole, "
                        "which keeps the dependence between its columns); take columns of one set, "
                        "or leave corr out");
    }
    Transform transform;
    transform.value = [this, table = rows_.values_of(input)](ValueId u) {
      return b_.table(table, u);
    };
    return transform;
  }

  // The uniform number itself, or the score of a correlated input.
  Randomness randomness(const InputDefinition& input, const DistributionArguments& arguments,
                        ValueId u) {
    if (!copula_ || input.elements || !copula_->has(input.name)) {
      return {Randomness::Kind::uniform, u};
    }
    if (find_distribution(input.distribution)->is_discrete) {
      throw problem(copula_->first_with(input.name).first,
                    input.name +
                        " cannot be correlated (its distribution is discrete); correlate "
                        "continuous inputs only");
    }
    const ValueId w = b_.operation(Op::normal_quantile, {u});
    const auto place = static_cast<std::uint32_t>(inputs_.size());
    const bool fixed =
        std::ranges::all_of(arguments.parameters, [this](ValueId v) { return b_.is_constant(v); });
    const auto margin = fixed ? Copula::Margin::fixed : Copula::Margin::depends;
    return {Randomness::Kind::score, copula_->score(b_, input.name, place, margin, w)};
  }

  // Before there are any inputs.
  double constant_of(const Tree& tree) {
    if (tree.variables.empty()) return b_.constant_value(expression(tree));
    throw problem(tree,
                  "a correlation uses an input (it is one number for all samples); give a number");
  }

  ProgramBuilder b_;
  TableCache tables_;
  RowDraws rows_;
  std::unique_ptr<Copula> copula_;  // null where no inputs are correlated
  Scope scope_;
  std::vector<NamedValue> inputs_;
  std::uint32_t dimensions_ = 0;
  double elements_ = 0.0;  // of all arrays so far
  double scale_ = 1.0;
  ValueId weight_ = 0;  // the product of the weights that are not constant, when has_weight_
  bool has_weight_ = false;
};

}  // namespace

Program lower(const Definition& definition, const DataSets& data_sets) {
  return Lowering(data_sets).run(definition);
}

}  // namespace oche::formula

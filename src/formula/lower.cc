#include "formula/lower.h"

#include <cmath>
#include <limits>
#include <map>

#include "base/assert.h"
#include "formula/canonical.h"
#include "formula/formula_error.h"

namespace oche::formula {
namespace {

FormulaError problem(const Tree& tree, const std::string& message) {
  const Node& root = tree.nodes[tree.root];
  return FormulaError(message, *tree.source, root.offset, root.length);
}

class Lowering {
 public:
  Program run(const Definition& definition) {
    for (const InputDefinition& input : definition.inputs) {
      if (input.elements) {
        throw problem(
            input.elements->first,
            "the array " + input.name +
                " cannot be computed (only its grammar is known here); write its elements "
                "as inputs");
      }
      const ValueId value = input_value(input);
      names_.emplace(input.name, value);
      inputs_.push_back({input.name, value});
    }
    for (const LetDefinition& let : definition.lets) {
      names_.emplace(let.name, expression(let.value));
    }
    std::vector<ValueId> outputs;
    for (const Tree& tree : definition.outputs) outputs.push_back(output(tree));
    return b_.finish(std::move(outputs), dimensions_, scale_, std::move(inputs_));
  }

 private:
  ValueId output(const Tree& tree) {
    ValueId value = expression(tree);
    if (has_weight_) value = b_.operation(Op::multiply, {value, weight_});
    if (b_.is_constant(value) && !std::isfinite(b_.constant_value(value))) {
      throw problem(tree, "the expression is " + spelled(b_.constant_value(value)) +
                              " at every point (it has no finite value); check for a division by "
                              "zero");
    }
    return value;
  }

  static std::string spelled(double v) {
    if (std::isnan(v)) return "not a number";
    if (std::isinf(v)) return v > 0 ? "inf" : "-inf";
    return canonical_number(v);
  }

  ValueId expression(const Tree& tree) {
    std::vector<ValueId> values(tree.nodes.size());
    for (std::size_t i = 0; i < tree.nodes.size(); ++i) {
      const Node& node = tree.nodes[i];
      switch (node.kind) {
        case NodeKind::number:
        case NodeKind::constant:
          values[i] = b_.constant(node.number);
          break;
        case NodeKind::variable:
          values[i] = names_.at(tree.variables[node.name]);
          break;
        case NodeKind::index:
        case NodeKind::element:
          throw FormulaError(
              "an index cannot be computed (only its grammar is known here); write "
              "the expression without",
              *tree.source, node.offset, node.length);
        case NodeKind::operation: {
          std::vector<ValueId> operands;
          for (const NodeId child : tree.operands_of(node)) operands.push_back(values[child]);
          values[i] = operation(node.operation, operands);
          break;
        }
      }
    }
    return values[tree.root];
  }

  ValueId operation(Operation operation, const std::vector<ValueId>& v) {
    switch (operation) {
      case Operation::negate:
        return b_.operation(Op::negate, {v[0]});
      case Operation::logical_not:
        return b_.operation(Op::logical_not, {v[0]});
      case Operation::add:
        return b_.operation(Op::add, {v[0], v[1]});
      case Operation::subtract:
        return b_.operation(Op::subtract, {v[0], v[1]});
      case Operation::multiply:
        return b_.operation(Op::multiply, {v[0], v[1]});
      case Operation::divide:
        return b_.operation(Op::divide, {v[0], v[1]});
      case Operation::power:
        return power(v[0], v[1]);
      case Operation::less:
        return b_.operation(Op::less, {v[0], v[1]});
      case Operation::less_equal:
        return b_.operation(Op::less_equal, {v[0], v[1]});
      case Operation::greater:
        return b_.operation(Op::less, {v[1], v[0]});
      case Operation::greater_equal:
        return b_.operation(Op::less_equal, {v[1], v[0]});
      case Operation::equal:
        return b_.operation(Op::equal, {v[0], v[1]});
      case Operation::not_equal:
        return b_.operation(Op::not_equal, {v[0], v[1]});
      case Operation::logical_and:
        return b_.operation(Op::logical_and, {v[0], v[1]});
      case Operation::logical_or:
        return b_.operation(Op::logical_or, {v[0], v[1]});
      case Operation::min:
        return fold(Op::min, v);
      case Operation::max:
        return fold(Op::max, v);
      case Operation::abs:
        return b_.operation(Op::abs, {v[0]});
      case Operation::select:
        return b_.operation(Op::select, {v[0], v[1], v[2]});
      case Operation::sum:
      case Operation::product:
        throw Error(ErrorKind::usage,
                    "a sum over an index cannot be computed (only its grammar is known here); "
                    "write its terms");
      case Operation::normal_quantile:
        return b_.operation(Op::normal_quantile, {v[0]});
#define OCHE_ROW(name, Name, cost, error) \
  case Operation::name:                   \
    return b_.operation(Op::name, {v[0]});
        OCHE_MATH_UNARY(OCHE_ROW)
#undef OCHE_ROW
#define OCHE_ROW(name, Name, cost, error) \
  case Operation::name:                   \
    return b_.operation(Op::name, {v[0], v[1]});
        OCHE_MATH_BINARY(OCHE_ROW)
#undef OCHE_ROW
    }
    OCHE_ASSERT(false);
  }

  // min(a, b, c) = min(min(a, b), c)
  ValueId fold(Op op, const std::vector<ValueId>& v) {
    ValueId result = v[0];
    for (std::size_t i = 1; i < v.size(); ++i) result = b_.operation(op, {result, v[i]});
    return result;
  }

  // Small integer exponents multiply, 1/2 is the square root: faster, and nearly as exact as the
  // function (at most 8 ULP, where power() has 1).
  ValueId power(ValueId x, ValueId y) {
    if (b_.is_constant(y)) {
      const double k = b_.constant_value(y);
      if (k == 0.5) return b_.operation(Op::sqrt, {x});
      if (k == std::floor(k) && std::fabs(k) >= 1 && std::fabs(k) <= kMaxIntegerPower) {
        const ValueId p = b_.integer_power(x, static_cast<unsigned>(std::fabs(k)));
        return k > 0 ? p : b_.operation(Op::divide, {b_.constant(1.0), p});
      }
    }
    return b_.operation(Op::power, {x, y});
  }

  ValueId input_value(const InputDefinition& input) {
    switch (input.kind) {
      case InputDefinition::Kind::constant:
        return expression(input.value);
      case InputDefinition::Kind::range:
        return range(input);
      case InputDefinition::Kind::distribution:
        return distribution(input);
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

  ValueId range(const InputDefinition& input) {
    ValueId low = expression(input.low);
    ValueId high = expression(input.high);
    const ValueId u = b_.uniform(dimensions_++);
    check_end(input, input.low, low);
    check_end(input, input.high, high);
    const auto infinite = [&](ValueId v) {
      return b_.is_constant(v) && std::isinf(b_.constant_value(v));
    };
    if (low == high) throw no_width(input);
    if (infinite(low) || infinite(high)) return infinite_range(input, low, high, u);
    const ValueId width = b_.operation(Op::subtract, {high, low});
    if (b_.is_constant(width)) {
      if (b_.constant_value(width) == 0.0) throw no_width(input);  // -0..0
      scale_by(input, b_.constant_value(width));
    } else {
      weigh(width);
    }
    return affine(low, width, u);
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

  ValueId infinite_range(const InputDefinition& input, ValueId low, ValueId high, ValueId u) {
    const auto is = [&](ValueId v, double end) {
      return b_.is_constant(v) && b_.constant_value(v) == end;
    };
    constexpr double kInf = HUGE_VAL;
    if (is(low, kInf) || is(high, -kInf)) {
      scale_ = -scale_;
      std::swap(low, high);
    }
    const ValueId one = b_.constant(1.0);
    const ValueId q = b_.operation(Op::subtract, {one, u});
    if (is(low, -kInf) && is(high, kInf)) {
      const ValueId t =
          b_.operation(Op::subtract, {b_.operation(Op::multiply, {b_.constant(2.0), u}), one});
      const ValueId s =
          b_.operation(Op::multiply, {b_.operation(Op::multiply, {b_.constant(4.0), u}), q});
      const ValueId numerator = b_.operation(Op::add, {one, b_.operation(Op::multiply, {t, t})});
      weigh(b_.operation(Op::divide, {numerator, b_.operation(Op::multiply, {s, s})}));
      scale_by(input, 2.0);
      return b_.operation(Op::divide, {t, s});
    }
    if (is(high, kInf)) {
      weigh(b_.operation(Op::divide, {one, b_.operation(Op::multiply, {q, q})}));
      return b_.operation(Op::add, {low, b_.operation(Op::divide, {u, q})});
    }
    weigh(b_.operation(Op::divide, {one, b_.operation(Op::multiply, {u, u})}));
    return b_.operation(Op::subtract, {high, b_.operation(Op::divide, {q, u})});
  }

  ValueId distribution(const InputDefinition& input) {
    const ValueId first = parameter(input, 0);
    const ValueId second = parameter(input, 1);
    const ValueId u = b_.uniform(dimensions_++);
    if (input.distribution == "uniform") {
      const ValueId width = b_.operation(Op::subtract, {second, first});
      if (b_.is_constant(width) && !(b_.constant_value(width) > 0)) {
        throw problem(input.arguments[1],
                      "uniform(low, high) of " + input.name +
                          " has low >= high (the density would not be positive); "
                          "give the smaller end first");
      }
      if (b_.is_constant(width) && std::isinf(b_.constant_value(width))) {
        throw problem(input.arguments[1],
                      "uniform(low, high) of " + input.name +
                          " is too wide (high - low is above 1.8e308); scale the variable");
      }
      return affine(first, positive(width), u);
    }
    OCHE_ASSERT(input.distribution == "normal");
    if (b_.is_constant(second) && !(b_.constant_value(second) > 0)) {
      throw problem(input.arguments[1], "the standard deviation of " + input.name + " is " +
                                            spelled(b_.constant_value(second)) +
                                            " (it must be positive); give a positive number");
    }
    return b_.operation(Op::fma, {positive(second), b_.operation(Op::normal_quantile, {u}), first});
  }

  // A scale that depends on earlier inputs and is not positive gives NaN, which is counted and
  // shown, never a sample of some other distribution.
  ValueId positive(ValueId v) {
    if (b_.is_constant(v)) return v;
    return b_.operation(Op::select, {b_.operation(Op::less, {b_.constant(0.0), v}), v,
                                     b_.constant(std::numeric_limits<double>::quiet_NaN())});
  }

  ValueId parameter(const InputDefinition& input, std::size_t i) {
    const ValueId v = expression(input.arguments[i]);
    if (b_.is_constant(v) && !std::isfinite(b_.constant_value(v))) {
      throw problem(input.arguments[i],
                    "a parameter of " + input.name + " is " + spelled(b_.constant_value(v)) +
                        " (a distribution needs finite ones); give a finite number");
    }
    return v;
  }

  ProgramBuilder b_;
  std::map<std::string, ValueId> names_;
  std::vector<NamedValue> inputs_;
  std::uint32_t dimensions_ = 0;
  double scale_ = 1.0;
  ValueId weight_ = 0;  // the product of the weights that are not constant, when has_weight_
  bool has_weight_ = false;
};

}  // namespace

Program lower(const Definition& definition) { return Lowering().run(definition); }

}  // namespace oche::formula

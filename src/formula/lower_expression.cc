#include "formula/lower_expression.h"

#include <algorithm>
#include <cmath>
#include <optional>

#include "base/assert.h"
#include "formula/affine.h"
#include "formula/canonical.h"
#include "formula/undefined.h"

namespace oche::formula {
namespace {

constexpr NodeId kNoNode = ~NodeId{0};
constexpr std::size_t kDefined = ~std::size_t{0};

std::string range_text(double least, double most) {
  return "from " + spelled(least) + " to " + spelled(most);
}

class ExpressionLowering {
 public:
  ExpressionLowering(ProgramBuilder& builder, const Scope& scope, const Tree& tree)
      : b_(builder),
        scope_(scope),
        tree_(tree),
        values_(tree.nodes.size()),
        undefined_(tree.nodes.size(), kDefined),
        index_values_(tree.indices.size()) {}

  // Nodes stand in post-order, so a loop's body is between its last bound and its own node.
  Lowered run() {
    std::vector<NodeId> loop_at(tree_.nodes.size() + 1, kNoNode);
    for (NodeId id = 0; id < tree_.nodes.size(); ++id) {
      const Node& node = tree_.nodes[id];
      if (is_loop(node)) loop_at[tree_.operands_of(node)[1] + std::size_t{1}] = id;
    }
    for (NodeId id = 0; id < tree_.nodes.size(); ++id) {
      if (loop_at[id] != kNoNode) begin_loop(tree_.nodes[loop_at[id]]);
      values_[id] = value(tree_.nodes[id]);
      undefined_[id] = undefined_of(id);
    }
    const std::size_t reason = undefined_[tree_.root];
    if (reason == kDefined) return {values_[tree_.root], std::nullopt};
    return {values_[tree_.root], reasons_[reason]};
  }

 private:
  FormulaError problem_at(const Node& node, const std::string& message) const {
    return FormulaError(message, *tree_.source, node.offset, node.length);
  }

  ValueId value(const Node& node) {
    switch (node.kind) {
      case NodeKind::number:
      case NodeKind::constant:
        return b_.constant(node.number);
      case NodeKind::variable:
        return scope_.values.at(tree_.variables[node.name]);
      case NodeKind::index:
        return index_values_[node.name];
      case NodeKind::element:
        return element(node);
      case NodeKind::operation:
        break;
    }
    if (is_loop(node)) return end_loop(node);
    std::vector<ValueId> operands;
    for (const NodeId child : tree_.operands_of(node)) operands.push_back(values_[child]);
    return operation(node.operation, operands);
  }

  std::size_t because(FormulaError reason) {
    reasons_.push_back(std::move(reason));
    return reasons_.size() - 1;
  }

  // Why the value of the node is not a number at any sample, as an index into reasons_.
  std::size_t undefined_of(NodeId id) {
    const Node& node = tree_.nodes[id];
    if (node.kind == NodeKind::variable) {
      const auto known = scope_.undefined.find(tree_.variables[node.name]);
      return known == scope_.undefined.end() ? kDefined : because(known->second);
    }
    if (node.kind != NodeKind::operation) return kDefined;
    const std::span<const NodeId> operands = tree_.operands_of(node);
    const std::size_t passed_on = passed_on_by(node, operands);
    if (passed_on != kDefined) return passed_on;
    if (!b_.is_constant(values_[id]) || !std::isnan(b_.constant_value(values_[id])))
      return kDefined;
    if (is_loop(node)) {
      return because(problem_at(node, std::string("the ") +
                                          (node.operation == Operation::sum ? "sum" : "product") +
                                          " is not a number (a part of it is not); change its "
                                          "bounds or its body"));
    }
    std::vector<double> constants;
    for (const NodeId child : operands) {
      if (!is_number(child)) return kDefined;
      constants.push_back(b_.constant_value(values_[child]));
    }
    return because(problem_at(node, undefined_message(node.operation, constants)));
  }

  bool is_number(NodeId id) const {
    return b_.is_constant(values_[id]) && !std::isnan(b_.constant_value(values_[id]));
  }

  // The reason of an operand that makes the operation undefined, too.
  std::size_t passed_on_by(const Node& node, std::span<const NodeId> operands) const {
    const auto reason = [&](std::size_t k) { return undefined_[operands[k]]; };
    const auto number = [&](std::size_t k) { return b_.constant_value(values_[operands[k]]); };
    if (is_loop(node)) {
      const bool has_iterations =
          is_number(operands[0]) && is_number(operands[1]) && number(0) <= number(1);
      return has_iterations ? reason(2) : kDefined;
    }
    if (node.operation == Operation::select) {
      if (b_.is_constant(values_[operands[0]])) return reason(number(0) != 0.0 ? 1 : 2);
      return reason(2) == kDefined ? kDefined : reason(1);
    }
    if (node.operation == Operation::power) {
      if (reason(0) != kDefined && is_number(operands[1]) && number(1) != 0.0) return reason(0);
      return is_number(operands[0]) && number(0) != 1.0 ? reason(1) : kDefined;
    }
    if (!passes_nan_on(node.operation)) return kDefined;
    for (std::size_t k = 0; k < operands.size(); ++k) {
      if (reason(k) != kDefined) return reason(k);
    }
    return kDefined;
  }

  ValueId element(const Node& node) {
    const std::string& name = tree_.variables[node.name];
    const Array& array = scope_.arrays.at(name);
    const NodeId child = tree_.operands_of(node)[0];
    const Node& place = tree_.nodes[child];
    const std::string the_index = "the index of " + shown(name);
    const std::optional<Affine> index = b_.affine(values_[child]);
    if (!index) throw problem_at(place, no_index(the_index, values_[child]));
    if (!is_whole(*index)) {
      const std::string what =
          is_constant(*index) ? " is " + spelled(index->constant) : " is not always whole";
      throw problem_at(place, the_index + what + " (elements are numbered by whole numbers); " +
                                  "write a whole number, or sums and multiples of loop indices");
    }
    const Extent reach = extent(*index, b_.loops());
    // Where no iteration is, the largest value is below the least.
    const bool is_inside = reach.least >= array.first && reach.most <= array.last();
    if (!is_inside && !(reach.most < reach.least)) {
      const std::string takes = reach.least == reach.most
                                    ? " is " + spelled(reach.least)
                                    : " goes " + range_text(reach.least, reach.most);
      throw problem_at(place, the_index + takes + " (the elements of " + shown(name) + " go " +
                                  range_text(array.first, array.last()) +
                                  "); use an index in that range, or a longer array");
    }
    if (!is_constant(*index)) return array.at(*index);
    return array.elements[static_cast<std::size_t>(index->constant - array.first)];
  }

  std::string no_index(const std::string& what, ValueId v) const {
    if (b_.varies(v)) {
      return what +
             " differs from sample to sample (which element is meant must be known before); choose "
             "between elements by if(condition, a, b)";
    }
    return what +
           " is not a sum of multiples of loop indices (nothing else is checked against the bounds "
           "of the array); write it by + and -, and * by constants";
  }

  void begin_loop(const Node& node) {
    const std::span<const NodeId> operands = tree_.operands_of(node);
    if (b_.open_loops() >= kMaxLoopDepth) {
      throw problem_at(node, "sums and products stand too deep inside each other (the limit is " +
                                 std::to_string(kMaxLoopDepth) + "); use fewer");
    }
    const Affine first = bound(node, operands[0]);
    const Affine last = bound(node, operands[1]);
    const double most = extent(last + first * -1.0, b_.loops()).most + 1.0;
    index_values_[node.name] = b_.begin_loop(first, last, std::max(most, 0.0));
  }

  Affine bound(const Node& loop, NodeId id) const {
    const Node& place = tree_.nodes[id];
    const std::string what =
        std::string("a bound of the ") + (loop.operation == Operation::sum ? "sum" : "product");
    const std::optional<Affine> bound = b_.affine(values_[id]);
    if (!bound) {
      throw problem_at(
          place,
          what + (b_.varies(values_[id])
                      ? " differs from sample to sample (a loop has the same length for all "
                        "samples); write a constant, and if(condition, a, 0) in the body"
                      : " is not a sum of multiples of outer indices (nothing else is checked "
                        "against the bounds of arrays); write it by + and -, and * by "
                        "constants"));
    }
    if (!is_whole(*bound)) {
      const std::string takes =
          is_constant(*bound) ? " is " + spelled(bound->constant) : " is not always whole";
      throw problem_at(place,
                       what + takes + " (an index goes over whole numbers); write whole ones");
    }
    const Extent reach = extent(*bound, b_.loops());
    if (!(reach.least >= -kMaxIndex) || !(reach.most <= kMaxIndex)) {
      throw problem_at(place, what + " is " +
                                  spelled(reach.most > kMaxIndex ? reach.most : reach.least) +
                                  " (the limit is 1e9 on both sides of 0); use a smaller one");
    }
    return *bound;
  }

  ValueId end_loop(const Node& node) {
    const bool is_sum = node.operation == Operation::sum;
    const ValueId body = values_[tree_.operands_of(node)[2]];
    const ValueId result = b_.end_loop(is_sum ? Op::sum : Op::product, body);
    if (b_.loop_cost() > kMaxCost) {
      throw problem_at(node, std::string("the ") + (is_sum ? "sum" : "product") +
                                 " is too costly (its iterations times its body come to " +
                                 spelled(b_.loop_cost()) + " for a sample, the limit is " +
                                 spelled(kMaxCost) + "); use fewer iterations");
    }
    return result;
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
        break;  // loops are not operations on values
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

  ProgramBuilder& b_;
  const Scope& scope_;
  const Tree& tree_;
  std::vector<ValueId> values_;         // of each node
  std::vector<std::size_t> undefined_;  // of each node: an index into reasons_, or kDefined
  std::vector<FormulaError> reasons_;
  std::vector<ValueId> index_values_;  // of each loop's index, while its body is lowered
};

}  // namespace

Lowered lower_expression(ProgramBuilder& builder, const Scope& scope, const Tree& tree) {
  return ExpressionLowering(builder, scope, tree).run();
}

FormulaError problem(const Tree& tree, const std::string& message) {
  const Node& root = tree.nodes[tree.root];
  return FormulaError(message, *tree.source, root.offset, root.length);
}

std::string spelled(double value) {
  if (std::isnan(value)) return "not a number";
  if (std::isinf(value)) return value > 0 ? "inf" : "-inf";
  return canonical_number(value);
}

}  // namespace oche::formula

#include "formula/canonical.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "formula/functions.h"
#include "formula/parser.h"

namespace oche::formula {
namespace {

std::string canonical_of(std::string_view text) { return canonical(parse(text)); }

TEST(Canonical, is_the_same_for_all_spellings) {
  EXPECT_EQ(canonical_of("x^2 + y^2<=1"), "x^2+y^2<=1");
  EXPECT_EQ(canonical_of("x**2+y**2 <= 1"), "x^2+y^2<=1");
  EXPECT_EQ(canonical_of("((x)^(2.0)+(pow(y,2)))<=+1e0"), "x^2+y^2<=1");
  EXPECT_EQ(canonical_of("\n max ( a,\tb )"), "max(a,b)");
}

TEST(Canonical, keeps_only_the_brackets_that_the_grammar_needs) {
  const char* const texts[] = {
      "(a+b)*c",        "a-(b-c)",      "a/(b*c)",         "(a^b)^c",        "a^b^c",
      "(-x)^2",         "-x^2",         "-(a*b)",          "-a*b",           "a*-b",
      "a--b",           "2^-1",         "2^-x^2",          "a^(b*c)",        "(a<b)<c",
      "a<(b<c)",        "(not a)<b",    "not a<b",         "not (a and b)",  "not not a",
      "(a or b) and c", "a or b and c", "a and (b and c)", "if(a<b,c,d)",    "min(a,b,c)",
      "1+(not a)",      "-(not a)",     "abs(-a)",         "(a+b)+c<d or e",
  };
  for (const char* text : texts) {
    const std::string expected = std::string(text) == "(a+b)+c<d or e" ? "a+b+c<d or e" : text;
    EXPECT_EQ(canonical_of(text), expected);
    EXPECT_EQ(canonical_of(std::string("(").append(text).append(")")), expected);
  }
}

TEST(Canonical, writes_the_shortest_number_that_is_read_back) {
  EXPECT_EQ(canonical_number(0), "0");
  EXPECT_EQ(canonical_number(1), "1");
  EXPECT_EQ(canonical_number(0.1), "0.1");
  EXPECT_EQ(canonical_number(1234.5), "1234.5");
  EXPECT_EQ(canonical_number(1e9), "1e9");
  EXPECT_EQ(canonical_number(1e22), "1e22");
  EXPECT_EQ(canonical_number(2.5e-7), "2.5e-7");
  EXPECT_EQ(canonical_number(0x1p-1074), "5e-324");
  EXPECT_EQ(canonical_number(0x1.fffffffffffffp+1023), "1.7976931348623157e308");
  EXPECT_EQ(canonical_number(0x1.5555555555555p-2), "0.3333333333333333");
  EXPECT_EQ(canonical_number(-2), "-2");
  EXPECT_EQ(canonical_of(".5+1.+2.50E-3"), "0.5+1+0.0025");
}

// Trees that the parser could have made, of every kind of node.
class RandomTrees {
 public:
  explicit RandomTrees(std::uint64_t seed) : bits_(seed) {}

  Tree next() {
    tree_ = Tree{};
    tree_.variables = {"x", "y", "andy", "e1"};
    scope_.clear();
    tree_.root = grow(1 + pick(8));
    return tree_;
  }

 private:
  // std::uniform_int_distribution differs between libraries; the small bias does not matter.
  std::size_t pick(std::size_t n) { return static_cast<std::size_t>(bits_() % n); }

  NodeId grow(std::size_t depth) {
    if (depth == 0 || pick(6) == 0) return leaf();
    switch (pick(5)) {
      case 4:
        return element(depth);
      case 0:
        return operation(prefix_operators()[pick(prefix_operators().size())].operation, 1, depth);
      case 1: {
        const Function& function = functions()[pick(functions().size())];
        if (is_loop(function)) return loop(function.operation, depth);
        const std::size_t most = std::min<std::size_t>(function.max_arguments, 4);
        return operation(function.operation,
                         function.min_arguments + pick(most - function.min_arguments + 1), depth);
      }
      default:
        return operation(binary_operators()[pick(binary_operators().size())].operation, 2, depth);
    }
  }

  NodeId loop(Operation operation, std::size_t depth) {
    const NodeId first = grow(depth - 1);
    const NodeId last = grow(depth - 1);
    Node node;
    node.kind = NodeKind::operation;
    node.operation = operation;
    node.name = static_cast<std::uint32_t>(tree_.indices.size());
    tree_.indices.push_back({"j" + std::to_string(scope_.size()), 0});
    scope_.push_back(node.name);
    const NodeId body = grow(depth - 1);
    scope_.pop_back();
    return with_operands(node, {first, last, body});
  }

  NodeId element(std::size_t depth) {
    const NodeId subscript = grow(depth - 1);
    Node node;
    node.kind = NodeKind::element;
    node.name = static_cast<std::uint32_t>(pick(tree_.variables.size()));
    return with_operands(node, {subscript});
  }

  NodeId leaf() {
    Node node;
    if (!scope_.empty() && pick(3) == 0) {
      node.kind = NodeKind::index;
      node.name = scope_[pick(scope_.size())];
      return add(node);
    }
    switch (pick(3)) {
      case 0: {
        node.kind = NodeKind::number;
        do {
          node.number = std::bit_cast<double>(bits_() >> 1);  // any double that is not negative
        } while (!std::isfinite(node.number));
        if (pick(2) == 0) node.number = static_cast<double>(pick(2000)) / 16;
        break;
      }
      case 1:
        node.kind = NodeKind::constant;
        node.name = static_cast<std::uint32_t>(pick(constants().size()));
        node.number = constants()[node.name].value;
        break;
      default:
        node.kind = NodeKind::variable;
        node.name = static_cast<std::uint32_t>(pick(tree_.variables.size()));
    }
    return add(node);
  }

  NodeId operation(Operation operation, std::size_t operand_count, std::size_t depth) {
    std::vector<NodeId> operands;
    for (std::size_t i = 0; i < operand_count; ++i) operands.push_back(grow(depth - 1));
    Node node;
    node.kind = NodeKind::operation;
    node.operation = operation;
    return with_operands(node, operands);
  }

  NodeId with_operands(Node node, const std::vector<NodeId>& operands) {
    node.first_operand = static_cast<std::uint32_t>(tree_.operands.size());
    node.operand_count = static_cast<std::uint32_t>(operands.size());
    tree_.operands.insert(tree_.operands.end(), operands.begin(), operands.end());
    return add(node);
  }

  NodeId add(const Node& node) {
    tree_.nodes.push_back(node);
    return static_cast<NodeId>(tree_.nodes.size() - 1);
  }

  std::mt19937_64 bits_;
  Tree tree_;
  std::vector<std::uint32_t> scope_;
};

TEST(Canonical, parses_to_the_same_tree) {
  Limits limits;
  limits.max_bytes = 1 << 24;
  limits.max_nodes = 1 << 20;
  RandomTrees trees(20240229);
  std::size_t nodes = 0;
  for (int i = 0; i < 5000; ++i) {
    const Tree tree = trees.next();
    const std::string text = canonical(tree);
    const Tree again = parse(text, limits);
    ASSERT_TRUE(same_structure(tree, again)) << text;
    ASSERT_EQ(canonical(again), text);
    nodes += tree.nodes.size();
  }
  EXPECT_GT(nodes, 50'000u);
}

TEST(Canonical, prints_deep_trees_without_recursion) {
  std::string sum = "1";
  for (int i = 0; i < 8000; ++i) sum += i % 2 == 0 ? "-x" : "+y";
  EXPECT_EQ(canonical_of(sum), sum);
}

// The two ways in which canonical text outgrows what it was made from.
TEST(Canonical, stays_within_the_limits_for_canonical_text) {
  const Limits limits;
  std::string deep = "x";
  for (std::size_t i = 0; i < limits.max_depth; ++i) deep.insert(0, "pow(1+").append(",2)^3");
  const Tree tree = parse(deep, limits);
  EXPECT_TRUE(same_structure(tree, parse(canonical(tree), limits.for_canonical_text())));

  std::string longer = ".5";
  for (int i = 0; i < 8000; ++i) longer += "*.5";
  Limits tight;
  tight.max_bytes = longer.size();
  const Tree product = parse(longer, tight);
  EXPECT_GT(canonical(product).size(), tight.max_bytes);
  EXPECT_TRUE(same_structure(product, parse(canonical(product), tight.for_canonical_text())));
}

}  // namespace
}  // namespace oche::formula

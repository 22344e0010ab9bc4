#include "formula/syntax.h"

#include <algorithm>
#include <bit>

namespace oche::formula {
namespace {

bool same_node(const Tree& tree_a, const Node& a, const Tree& tree_b, const Node& b) {
  if (a.kind != b.kind) return false;
  switch (a.kind) {
    case NodeKind::number:
      return std::bit_cast<std::uint64_t>(a.number) == std::bit_cast<std::uint64_t>(b.number);
    case NodeKind::constant:
      return a.name == b.name;
    case NodeKind::variable:
      return tree_a.variables[a.name] == tree_b.variables[b.name];
    case NodeKind::index:
      return tree_a.indices[a.name].name == tree_b.indices[b.name].name;
    case NodeKind::element:
      return tree_a.variables[a.name] == tree_b.variables[b.name] &&
             std::ranges::equal(tree_a.operands_of(a), tree_b.operands_of(b));
    case NodeKind::operation:
      return a.operation == b.operation &&
             (!is_loop(a) || tree_a.indices[a.name].name == tree_b.indices[b.name].name) &&
             std::ranges::equal(tree_a.operands_of(a), tree_b.operands_of(b));
  }
  return false;
}

}  // namespace

// Post-order numbers equal trees equally, so comparing the arrays compares the trees.
bool same_structure(const Tree& a, const Tree& b) {
  return std::ranges::equal(a.nodes, b.nodes, [&](const Node& left, const Node& right) {
    return same_node(a, left, b, right);
  });
}

}  // namespace oche::formula

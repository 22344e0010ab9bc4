// The syntax tree of an expression: what the parser makes of a text, before anything is checked
// but the grammar, the functions' names and the numbers of their arguments.
//
// Invariants, which every pass over a tree may rely on:
// - Post-order: each node stands after all of its children, and the root is the last node. So one
//   pass over `nodes` from first to last sees operands before operations, and nothing has to
//   recurse (10,000 terms with + between them are a tree of 10,000 levels).
// - Each node but the root is the child of exactly one node. So the nodes of a subtree are
//   neighbours: those of a loop's body stand between its last bound and the loop's node.
// - An index is used in the body of its loop only, and no loop inside has an index of its name.
// - A number is finite and not negative (-2 is the negation of 2).
// - Two texts with the same meaning in the grammar (spaces, needless brackets, unary +, ** for ^,
//   pow(a,b) for a^b) have trees with the same nodes but for offsets and lengths.
#ifndef OCHE_FORMULA_SYNTAX_H_
#define OCHE_FORMULA_SYNTAX_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "math/function_list.h"

namespace oche::formula {

// What an inner node does with its children. Operators and functions share this list: `pow(a,b)`
// and `a^b` are the same node. Comparisons and logic yield 1 or 0, and take anything but 0 as true.
enum class Operation : std::uint8_t {
  negate,
  logical_not,
  add,
  subtract,
  multiply,
  divide,
  power,
  less,
  less_equal,
  greater,
  greater_equal,
  equal,
  not_equal,
  logical_and,
  logical_or,
  min,  // two or more operands
  max,  // two or more operands
  abs,
  select,  // if(condition, then, else)
  normal_quantile,
  sum,      // over an index: first, last, body
  product,  // over an index: first, last, body
#define OCHE_ROW(name, Name, cost, error) name,
  OCHE_MATH_UNARY(OCHE_ROW) OCHE_MATH_BINARY(OCHE_ROW)
#undef OCHE_ROW
};

enum class NodeKind : std::uint8_t {
  number,     // a literal
  constant,   // pi, e, inf: `number` holds its value
  variable,   // the name of an input or of a let
  element,    // x[3]: an element of an array of inputs; one operand, the index
  index,      // the index of a loop, in its body
  operation,  // an operator or a function
};

using NodeId = std::uint32_t;  // an index into Tree::nodes

struct Node {
  NodeKind kind = NodeKind::number;
  Operation operation = Operation::add;  // kind operation only
  double number = 0;                     // kinds number and constant
  // Kinds variable and element: index into Tree::variables. Kind constant: index into constants()
  // (functions.h). Kind index and the operations sum and product: index into Tree::indices.
  std::uint32_t name = 0;
  // Kinds operation and element: the operands are
  // Tree::operands[first_operand … first_operand + operand_count).
  std::uint32_t first_operand = 0;
  std::uint32_t operand_count = 0;
  // Where the operator, the function's name or the literal stands in *Tree::source, in bytes.
  std::uint32_t offset = 0;
  std::uint32_t length = 0;
};

// The index of one loop, j in sum(j=1..8, x[j]).
struct LoopIndex {
  std::string name;
  std::uint32_t offset = 0;  // where its name stands in *Tree::source, in bytes
};

constexpr bool is_loop(const Node& node) {
  return node.kind == NodeKind::operation &&
         (node.operation == Operation::sum || node.operation == Operation::product);
}

struct Tree {
  std::vector<Node> nodes;
  std::vector<NodeId> operands;        // the operands of all nodes, see Node::first_operand
  std::vector<std::string> variables;  // names, in the order of their first use; no duplicates
  std::vector<LoopIndex> indices;      // one per loop
  NodeId root = 0;
  // The text that offsets refer to: the whole argument that the expression stood in. Shared, since
  // one argument may hold an expression and many inputs. Never null in a tree from the parser.
  std::shared_ptr<const std::string> source;

  std::span<const NodeId> operands_of(const Node& node) const {
    return std::span(operands).subspan(node.first_operand, node.operand_count);
  }
};

// True if the trees are the same but for places in the source. Numbers are compared by their bits.
bool same_structure(const Tree& a, const Tree& b);

// What a text may cost before it is refused. A text from the network is held to the same limits.
struct Limits {
  std::size_t max_bytes = 64 * 1024;  // of a definition: all arguments together
  // Nested brackets, calls, prefix operators and exponents. 400 levels of the costliest kind took
  // less than 1 MiB of stack without optimization.
  std::size_t max_depth = 200;
  std::size_t max_nodes = 16384;  // of one tree
  std::size_t max_inputs = 1024;
  std::size_t max_lets = 1024;
  std::size_t max_outputs = 64;

  // The limits within which canonical text parses, if the text that it was made from parsed within
  // these: canonical text may be longer (.5 becomes 0.5, the name of each input's data set 64
  // digits and its column a number) and deeper (pow(a+1,b)^c becomes ((a+1)^b)^c). What a manager
  // sends to a worker is canonical text.
  constexpr Limits for_canonical_text() const {
    return {2 * max_bytes + 72 * max_inputs,
            2 * max_depth,
            max_nodes,
            max_inputs,
            max_lets,
            max_outputs};
  }
};

}  // namespace oche::formula

#endif  // OCHE_FORMULA_SYNTAX_H_

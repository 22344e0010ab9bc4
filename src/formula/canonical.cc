#include "formula/canonical.h"

#include <charconv>
#include <cmath>
#include <string_view>
#include <vector>

#include "base/assert.h"
#include "formula/functions.h"

namespace oche::formula {
namespace {

Precedence tighter(Precedence precedence) {
  return static_cast<Precedence>(static_cast<int>(precedence) + 1);
}

// Prints with a stack of its own: a sum of ten thousand terms is as many levels deep.
class Printer {
 public:
  explicit Printer(const Tree& tree) : tree_(tree) {}

  std::string print() {
    push(tree_.root, Precedence::lowest);
    while (!stack_.empty()) {
      const Item item = stack_.back();
      stack_.pop_back();
      if (item.is_text) {
        text_ += item.text;
      } else {
        print_node(tree_.nodes[item.node], item.loosest);
      }
    }
    return std::move(text_);
  }

 private:
  // What is still to be printed: a text, or a node, in brackets if it binds less than `loosest`.
  struct Item {
    bool is_text = false;
    std::string_view text;
    NodeId node = 0;
    Precedence loosest = Precedence::lowest;
  };

  void push(std::string_view text) { stack_.push_back({true, text}); }
  void push(NodeId node, Precedence loosest) { stack_.push_back({false, {}, node, loosest}); }

  void print_node(const Node& node, Precedence loosest) {
    switch (node.kind) {
      case NodeKind::number:
        text_ += canonical_number(node.number);
        return;
      case NodeKind::constant:
        text_ += constants()[node.name].name;
        return;
      case NodeKind::variable:
        text_ += tree_.variables[node.name];
        return;
      case NodeKind::index:
        text_ += tree_.indices[node.name].name;
        return;
      case NodeKind::element:
        text_ += tree_.variables[node.name];
        text_ += '[';
        push("]");
        push(tree_.operands_of(node)[0], Precedence::lowest);
        return;
      case NodeKind::operation:
        break;
    }
    const Operator* const op = operator_of(node.operation);
    if (op == nullptr) {
      push_call(node);
      return;
    }
    const bool needs_brackets = op->precedence < loosest;
    if (needs_brackets) {
      text_ += '(';
      push(")");
    }
    push_operator(node, *op);
  }

  // Last part first: it is a stack.
  void push_call(const Node& node) {
    text_ += function_name(node.operation);
    text_ += '(';
    push(")");
    const std::span<const NodeId> operands = tree_.operands_of(node);
    if (is_loop(node)) {
      push(operands[2], Precedence::lowest);
      push(",");
      push(operands[1], Precedence::lowest);
      push("..");
      push(operands[0], Precedence::lowest);
      text_ += tree_.indices[node.name].name;
      text_ += '=';
      return;
    }
    for (std::size_t i = operands.size(); i-- > 0;) {
      push(operands[i], Precedence::lowest);
      if (i > 0) push(",");
    }
  }

  void push_operator(const Node& node, const Operator& op) {
    const std::span<const NodeId> operands = tree_.operands_of(node);
    const bool is_word = is_word_operator(op.symbol);
    if (operands.size() == 1) {
      text_ += op.symbol;
      if (is_word) text_ += ' ';
      push(operands[0], op.precedence);
      return;
    }
    OCHE_ASSERT(operands.size() == 2);
    const bool is_power = node.operation == Operation::power;
    const bool chains = op.precedence != Precedence::comparison && !is_power;
    push(operands[1], is_power ? Precedence::prefix : tighter(op.precedence));
    if (is_word) push(" ");
    push(op.symbol);
    if (is_word) push(" ");
    push(operands[0], chains ? op.precedence : tighter(op.precedence));
  }

  const Tree& tree_;
  std::vector<Item> stack_;
  std::string text_;
};

}  // namespace

std::string canonical(const Tree& tree) { return Printer(tree).print(); }

// std::to_chars writes the exponent as printf does, with a sign and two digits: 1e+09 becomes 1e9.
std::string canonical_number(double value) {
  OCHE_ASSERT(std::isfinite(value));
  char buffer[32];
  const auto [end, code] = std::to_chars(buffer, buffer + sizeof(buffer), value);
  OCHE_ASSERT(code == std::errc());
  const std::string_view text(buffer, static_cast<std::size_t>(end - buffer));
  const std::size_t e = text.find('e');
  if (e == std::string_view::npos) return std::string(text);
  std::string result(text.substr(0, e + 1));
  std::string_view exponent = text.substr(e + 1);
  if (exponent.starts_with('-')) result += '-';
  exponent.remove_prefix(exponent.find_first_of("123456789"));
  return result.append(exponent);
}

}  // namespace oche::formula

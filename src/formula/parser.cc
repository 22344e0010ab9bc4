#include "formula/parser.h"

#include <algorithm>
#include <limits>
#include <utility>

namespace oche::formula {
namespace {

Precedence tighter(Precedence precedence) {
  return static_cast<Precedence>(static_cast<int>(precedence) + 1);
}

// The loosest operator that may stand in an operator's right operand without brackets.
Precedence right_operand(const Operator& op) {
  return op.operation == Operation::power ? Precedence::prefix : tighter(op.precedence);
}

// True if `rest` has the closing bracket of an `opening` one that stands before it.
bool closes_later(std::string_view rest, char opening) {
  const char closing = opening == '(' ? ')' : ']';
  std::size_t open = 1;
  for (const char c : rest) {
    if (c == opening) ++open;
    if (c == closing && --open == 0) return true;
  }
  return false;
}

}  // namespace

void check_length(std::size_t bytes, std::string_view what, const Limits& limits) {
  // Offsets are 32 bits wide.
  const std::size_t limit =
      std::min<std::size_t>(limits.max_bytes, std::numeric_limits<std::int32_t>::max());
  if (bytes <= limit) return;
  throw FormulaError(std::string(what) + " " + std::to_string(bytes) + " bytes (the limit is " +
                         std::to_string(limit) + "); write a shorter one",
                     {}, 0, 0);
}

Tree parse(std::string_view text, const Limits& limits) {
  check_length(text.size(), "the expression has", limits);
  Parser parser(std::make_shared<const std::string>(text), limits);
  Tree tree = parser.expression();
  parser.require_end_of_expression(Surroundings::text);
  return tree;
}

Parser::Parser(std::shared_ptr<const std::string> source, const Limits& limits)
    : source_(std::move(source)), limits_(limits), lexer_(*source_), current_(lexer_.next()) {}

Token Parser::take() {
  previous_ = current_;
  current_ = lexer_.next();
  return previous_;
}

bool Parser::accept(std::string_view symbol) {
  if (!at(symbol)) return false;
  take();
  return true;
}

void Parser::resume(std::size_t offset) {
  previous_ = current_;
  lexer_.seek(offset);
  current_ = lexer_.next();
}

void Parser::fail(const std::string& message, const Token& token) const {
  throw FormulaError(message, *source_, token.offset, token.text.size());
}

Tree Parser::expression() {
  tree_ = Tree{};
  tree_.source = source_;
  variables_.clear();
  scope_.clear();
  if (at_end() && previous_.kind == TokenKind::end) {
    throw FormulaError(
        "the expression is empty (there is nothing to estimate); write one, such as "
        "x^2+y^2<=1",
        {}, 0, 0);
  }
  tree_.root = parse_operators(Precedence::lowest);
  return std::exchange(tree_, Tree{});
}

void Parser::require_end_of_expression(Surroundings surroundings) const {
  if (at_end() || (surroundings != Surroundings::text && at(","))) return;
  if (surroundings == Surroundings::outputs && at(";")) return;
  fail(cannot_follow(previous_, current_, surroundings), current_);
}

// Operators that bind at least as tightly as `loosest`, and their operands.
NodeId Parser::parse_operators(Precedence loosest) {
  NodeId left = parse_prefix(loosest);
  Token comparison;
  while (const Operator* op = operator_here()) {
    if (op->precedence < loosest) break;
    const Token token = take();
    if (op->precedence == Precedence::comparison) {
      if (comparison.kind != TokenKind::end) fail_comparison_chain(comparison, token);
      comparison = token;
    }
    if (op->operation == Operation::power) {
      const Level level(*this, token);
      left = add_operation(op->operation, {left, parse_operators(right_operand(*op))}, token);
    } else {
      left = add_operation(op->operation, {left, parse_operators(right_operand(*op))}, token);
    }
  }
  return left;
}

NodeId Parser::parse_prefix(Precedence loosest) {
  const bool is_not = current_.is(TokenKind::name, "not");
  if (!is_not && !at("-") && !at("+")) return parse_primary();
  if (is_not && loosest > Precedence::logical_not) {
    fail("not stands in an operand of " + shown(previous_.text) +
             " (which binds tighter than not); write it in brackets: (not ...)",
         current_);
  }
  const Token token = take();
  const Level level(*this, token);
  const NodeId operand = parse_operators(is_not ? Precedence::logical_not : Precedence::prefix);
  if (token.text == "+") return operand;
  return add_operation(is_not ? Operation::logical_not : Operation::negate, {operand}, token);
}

NodeId Parser::parse_primary() {
  if (current_.kind == TokenKind::number) {
    const Token token = take();
    Node node;
    node.kind = NodeKind::number;
    node.number = token.number;
    return add_node(node, token);
  }
  if (current_.kind == TokenKind::name && !is_word_operator(current_.text)) return parse_name();
  if (at("(")) return parse_brackets();
  fail_missing_operand();
}

NodeId Parser::parse_name() {
  const Token token = take();
  const Function* const function = find_function(token.text);
  if (at("(")) {
    if (function == nullptr) fail(unknown_function(token.text), token);
    return is_loop(*function) ? parse_loop(*function, token) : parse_call(*function, token);
  }
  if (function != nullptr) fail(function_without_call(*function), token);
  if (token.text == kLet) fail(misplaced_let(), token);
  if (const std::uint32_t* const index = index_in_scope(token.text)) {
    Node node;
    node.kind = NodeKind::index;
    node.name = *index;
    return add_node(node, token);
  }
  if (const Constant* const constant = find_constant(token.text)) {
    Node node;
    node.kind = NodeKind::constant;
    node.number = constant->value;
    node.name = static_cast<std::uint32_t>(constant - constants().data());
    return add_node(node, token);
  }
  return at("[") ? parse_element(token) : add_variable(token);
}

NodeId Parser::parse_call(const Function& function, const Token& name) {
  const Token open = take();
  const Level level(*this, name);
  std::vector<NodeId> arguments;
  if (!at(")")) {
    do {
      arguments.push_back(parse_operators(Precedence::lowest));
    } while (accept(","));
  }
  require_closing(open, Surroundings::call);
  take();
  if (arguments.size() < function.min_arguments || arguments.size() > function.max_arguments) {
    fail(wrong_argument_count(function, arguments.size()), name);
  }
  Node node;
  node.kind = NodeKind::operation;
  node.operation = function.operation;
  return add_with_operands(node, arguments, name);
}

// sum(j=first..last, body). The index is known in the body only.
NodeId Parser::parse_loop(const Function& function, const Token& name) {
  const Token open = take();
  const Level level(*this, name);
  const Token index = parse_index_name(function);
  NodeId operands[3] = {};
  operands[0] = parse_operators(Precedence::lowest);
  if (!at("..")) fail(not_a_loop(function), current_);
  take();
  operands[1] = parse_operators(Precedence::lowest);
  if (!at(",")) {
    if (at(")")) fail(not_a_loop(function), current_);
    fail(cannot_follow(previous_, current_, Surroundings::call), current_);
  }
  take();
  Node node;
  node.kind = NodeKind::operation;
  node.operation = function.operation;
  node.name = static_cast<std::uint32_t>(tree_.indices.size());
  tree_.indices.push_back({std::string(index.text), static_cast<std::uint32_t>(index.offset)});
  scope_.push_back(node.name);
  operands[2] = parse_operators(Precedence::lowest);
  scope_.pop_back();
  if (at(",")) fail(not_a_loop(function), current_);
  require_closing(open, Surroundings::call);
  take();
  return add_with_operands(node, operands, name);
}

// The name of a loop's index, and its "=".
Token Parser::parse_index_name(const Function& function) {
  if (current_.kind != TokenKind::name) fail(not_a_loop(function), current_);
  const Token name = take();
  if (!at("=")) fail(not_a_loop(function), name);
  const std::string reason = index_in_scope(name.text) != nullptr
                                 ? "a loop around it has that index"
                                 : why_reserved(name.text);
  if (!reason.empty()) {
    fail(shown(name.text) + " cannot be the index of a " + loop_noun(function) + " (" + reason +
             "); choose another name, such as " + shown(name.text) + "1",
         name);
  }
  take();
  return name;
}

NodeId Parser::parse_element(const Token& name) {
  const Token open = take();
  const Level level(*this, open);
  const NodeId subscript = parse_operators(Precedence::lowest);
  require_closing(open, Surroundings::subscript);
  take();
  Node node;
  node.kind = NodeKind::element;
  node.name = variable_number(name);
  return add_with_operands(node, {&subscript, 1}, name);
}

NodeId Parser::parse_brackets() {
  const Token open = take();
  const Level level(*this, open);
  const NodeId inside = parse_operators(Precedence::lowest);
  require_closing(open, Surroundings::brackets);
  take();
  return inside;
}

// Null if the current token is no binary operator.
const Operator* Parser::operator_here() const {
  if (current_.kind != TokenKind::symbol && current_.kind != TokenKind::name) return nullptr;
  const std::string_view symbol = current_.text == "**" ? "^" : current_.text;
  const auto row = std::ranges::find(binary_operators(), symbol, &Operator::symbol);
  return row == binary_operators().end() ? nullptr : &*row;
}

void Parser::require_closing(const Token& open, Surroundings surroundings) const {
  const bool is_subscript = surroundings == Surroundings::subscript;
  const std::string closing = is_subscript ? "]" : ")";
  if (at(closing)) return;
  const bool may_be_outside = at("=") || at("~") || at("..") || at(";");
  if (at_end() ||
      (may_be_outside && !closes_later(std::string_view(*source_).substr(current_.end()),
                                       is_subscript ? '[' : '('))) {
    fail("this " + std::string(open.text) + " is never closed (no " + closing +
             " follows its expression); add a " + closing,
         open);
  }
  fail(cannot_follow(previous_, current_, surroundings), current_);
}

Parser::Level::Level(Parser& parser, const Token& token) : parser_(parser) {
  if (parser.depth_ >= parser.limits_.max_depth) parser.fail_too_deep(token);
  ++parser.depth_;
}

void Parser::fail_too_deep(const Token& token) const {
  fail("the expression is nested too deeply (the limit is " + std::to_string(limits_.max_depth) +
           " brackets, signs and exponents inside each other); write it with fewer",
       token);
}

void Parser::fail_comparison_chain(const Token& first, const Token& second) const {
  const std::string a(first.text), b(second.text);
  fail("comparisons do not chain (a " + a + " b is 1 or 0, which " + b +
           " would compare); write a" + a + "b and b" + b + "c",
       second);
}

void Parser::fail_missing_operand() const { fail(missing_operand(previous_, current_), current_); }

NodeId Parser::add_node(Node node, const Token& token) {
  if (tree_.nodes.size() >= limits_.max_nodes) {
    fail("the expression is too long (the limit is " + std::to_string(limits_.max_nodes) +
             " numbers, names, operators and calls); write a shorter one",
         token);
  }
  node.offset = static_cast<std::uint32_t>(token.offset);
  node.length = static_cast<std::uint32_t>(token.text.size());
  tree_.nodes.push_back(node);
  return static_cast<NodeId>(tree_.nodes.size() - 1);
}

NodeId Parser::add_with_operands(Node node, std::span<const NodeId> operands, const Token& token) {
  node.first_operand = static_cast<std::uint32_t>(tree_.operands.size());
  node.operand_count = static_cast<std::uint32_t>(operands.size());
  tree_.operands.insert(tree_.operands.end(), operands.begin(), operands.end());
  return add_node(node, token);
}

NodeId Parser::add_operation(Operation operation, std::initializer_list<NodeId> operands,
                             const Token& token) {
  Node node;
  node.kind = NodeKind::operation;
  node.operation = operation;
  return add_with_operands(node, std::span(operands.begin(), operands.size()), token);
}

NodeId Parser::add_variable(const Token& token) {
  Node node;
  node.kind = NodeKind::variable;
  node.name = variable_number(token);
  return add_node(node, token);
}

std::uint32_t Parser::variable_number(const Token& name) {
  const auto next = static_cast<std::uint32_t>(tree_.variables.size());
  const auto [known, is_new] = variables_.try_emplace(name.text, next);
  if (is_new) tree_.variables.emplace_back(name.text);
  return known->second;
}

// Null if no loop around this place has an index of that name.
const std::uint32_t* Parser::index_in_scope(std::string_view name) const {
  const auto row = std::ranges::find_if(
      scope_, [&](std::uint32_t index) { return tree_.indices[index].name == name; });
  return row == scope_.end() ? nullptr : &*row;
}

}  // namespace oche::formula

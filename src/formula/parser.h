// Text to syntax tree.
//
// Grammar, loosest first; each line's operators bind tighter than those above it:
//   expression := expression "or" expression                                     left
//               | expression "and" expression                                    left
//               | "not" expression
//               | sum ("<" | "<=" | ">" | ">=" | "==" | "!=") sum                does not chain
//   sum        := sum ("+" | "-") product | product                              left
//   product    := product ("*" | "/") prefix | prefix                            left
//   prefix     := ("-" | "+") prefix | power
//   power      := primary ["^" prefix]                  right; "**" is the same
//   primary    := number | name | name "(" expression {"," expression} ")" | "(" expression ")"
//               | name "[" expression "]"
//               | ("sum" | "prod") "(" name "=" expression ".." expression "," expression ")"
#ifndef OCHE_FORMULA_PARSER_H_
#define OCHE_FORMULA_PARSER_H_

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "formula/diagnosis.h"
#include "formula/functions.h"
#include "formula/lexer.h"
#include "formula/syntax.h"

namespace oche::formula {

// Parses a text that is one expression. Every name that is not a constant becomes a variable; which
// variables exist is checked by parse_definition(). Throws FormulaError with the first problem.
Tree parse(std::string_view text, const Limits& limits = {});

// Throws if `bytes`, the length of `what`, is over the limit.
void check_length(std::size_t bytes, std::string_view what, const Limits& limits);

// Reads expressions, and what stands between them, from one text. By recursive descent with
// precedences; Limits::max_depth bounds the stack. After an exception, a parser is of no more use.
class Parser {
 public:
  // The source's length must have been checked.
  Parser(std::shared_ptr<const std::string> source, const Limits& limits);

  // The expression that begins at the current token. Stops at the first token that cannot continue
  // it: the caller says what may follow there, see require_end_of_expression().
  Tree expression();

  // Throws unless the current token may follow an expression: the end, among items and outputs a
  // comma, among outputs a semicolon.
  void require_end_of_expression(Surroundings surroundings) const;

  // Throws unless the current token is the ")" of `open`, the "]" in Surroundings::subscript.
  void require_closing(const Token& open, Surroundings surroundings) const;

  const Token& current() const { return current_; }
  const Token& previous() const { return previous_; }  // an `end` token if there is none
  const std::shared_ptr<const std::string>& source() const { return source_; }
  bool at(std::string_view symbol) const { return current_.is(TokenKind::symbol, symbol); }
  bool at_end() const { return current_.kind == TokenKind::end; }
  Token take();                          // the current token; goes on to the next
  bool accept(std::string_view symbol);  // takes the current token if it is `symbol`
  // Goes on with the token at `offset` of the source, which is not before the current token's end:
  // what lies between was no expression, and its reader has taken it.
  void resume(std::size_t offset);

  [[noreturn]] void fail(const std::string& message, const Token& token) const;

 private:
  // Counts a level of nesting while it lives.
  class Level {
   public:
    Level(Parser& parser, const Token& token);
    ~Level() { --parser_.depth_; }
    Level(const Level&) = delete;
    Level& operator=(const Level&) = delete;

   private:
    Parser& parser_;
  };

  NodeId parse_operators(Precedence loosest);
  NodeId parse_prefix(Precedence loosest);
  NodeId parse_primary();
  NodeId parse_name();
  NodeId parse_call(const Function& function, const Token& name);
  NodeId parse_loop(const Function& function, const Token& name);
  Token parse_index_name(const Function& function);
  NodeId parse_element(const Token& name);
  NodeId parse_brackets();
  const Operator* operator_here() const;
  [[noreturn]] void fail_too_deep(const Token& token) const;
  [[noreturn]] void fail_comparison_chain(const Token& first, const Token& second) const;
  [[noreturn]] void fail_missing_operand() const;

  NodeId add_node(Node node, const Token& token);
  NodeId add_with_operands(Node node, std::span<const NodeId> operands, const Token& token);
  NodeId add_operation(Operation operation, std::initializer_list<NodeId> operands,
                       const Token& token);
  NodeId add_variable(const Token& token);
  std::uint32_t variable_number(const Token& name);
  const std::uint32_t* index_in_scope(std::string_view name) const;

  std::shared_ptr<const std::string> source_;
  Limits limits_;
  Lexer lexer_;
  Token previous_;
  Token current_;
  std::size_t depth_ = 0;
  // The tree that is being built, and the indices of its variables.
  Tree tree_;
  std::unordered_map<std::string_view, std::uint32_t> variables_;
  std::vector<std::uint32_t> scope_;  // Tree::indices of the loops whose body is being read
};

}  // namespace oche::formula

#endif  // OCHE_FORMULA_PARSER_H_

#include "formula/definitions.h"

#include <memory>
#include <utility>

#include "formula/canonical.h"
#include "formula/functions.h"
#include "formula/names.h"
#include "formula/parser.h"
#include "formula/suggestion.h"

namespace oche::formula {
namespace {

struct ForeignDistribution {
  std::string_view name;  // in lower case
  std::string_view ours;
};

constexpr ForeignDistribution kForeignDistributions[] = {
    {"gauss", "normal"},
    {"gaussian", "normal"},
    {"norm", "normal"},
    {"n", "normal"},
    {"u", "uniform"},
    {"unif", "uniform"},
    {"rand", "uniform"},
    {"random", "uniform"},
    {"exp", "exponential"},
    {"expon", "exponential"},
    {"student", "t"},
    {"student_t", "t"},
    {"students_t", "t"},
    {"chi2", "chi_squared"},
    {"chisq", "chi_squared"},
    {"chisquare", "chi_squared"},
    {"tri", "triangular"},
    {"triang", "triangular"},
    {"trapezoid", "trapezoidal"},
    {"choice", "discrete"},
    {"csv", "data"},
    {"file", "data"},
    {"empirical", "data"},
    {"resample", "data"},
    {"bootstrap", "data"},
    {"extreme", "gumbel"},
    {"rectangular", "uniform"},
    {"lognorm", "lognormal"},
    {"log_normal", "lognormal"},
};

std::string unknown_distribution(std::string_view name) {
  std::vector<std::string_view> names;
  for (const Distribution& distribution : distributions()) names.push_back(distribution.name);
  std::string_view near = closest(name, names);
  for (const ForeignDistribution& foreign : kForeignDistributions) {
    if (near.empty() && equal_but_for_case(name, foreign.name)) near = foreign.ours;
  }
  return shown(name) + " is not a distribution (oche --help distributions lists them); " +
         (near.empty() ? "use one of them" : "did you mean " + std::string(near) + "?");
}

// Reads the arguments of a command one after the other.
class DefinitionParser {
 public:
  explicit DefinitionParser(const Limits& limits) : limits_(limits) {}

  void parse_argument(const std::string& text, std::size_t index) {
    try {
      if (index > 0 && text.find_first_not_of(" \t\r\n") == std::string::npos) {
        throw FormulaError(
            "an input is empty (it has nothing but spaces); write one such as "
            "x=0..1, or remove it",
            {}, 0, 0);
      }
      argument_ = index;
      Parser parser(std::make_shared<const std::string>(text), limits_);
      if (index == 0) {
        parse_outputs(parser);
        if (parser.at_end()) return;
        parser.take();
      }
      parse_inputs(parser);
    } catch (const FormulaError& problem) {
      // The inputs from the mistake on are lost; names that belong to them are not mistakes.
      list_ = InputList::incomplete;
      problems_.add(problem);
    }
  }

  Definition finish() && {
    check_names(definition_, places_, list_, problems_);
    if (!problems_.empty()) problems_.raise();
    return std::move(definition_);
  }

 private:
  void parse_outputs(Parser& parser) {
    bool is_let = false;
    do {
      is_let = parser.current().is(TokenKind::name, kLet);
      is_let ? parse_let(parser) : parse_output(parser);
      parser.require_end_of_expression(Surroundings::outputs);
    } while (parser.accept(";"));
    if (is_let) {
      parser.fail(
          "there is no output after the last let (a let only names a value for what "
          "follows it); write ; and an expression",
          parser.current());
    }
  }

  void parse_output(Parser& parser) {
    if (definition_.outputs.size() >= limits_.max_outputs) {
      parser.fail("there are too many outputs (the limit is " +
                      std::to_string(limits_.max_outputs) + "); use fewer",
                  parser.current());
    }
    definition_.outputs.push_back(parser.expression());
    places_.lets_before.push_back(definition_.lets.size());
  }

  void parse_let(Parser& parser) {
    const Token word = parser.take();
    if (definition_.lets.size() >= limits_.max_lets) {
      parser.fail("there are too many lets (the limit is " + std::to_string(limits_.max_lets) +
                      "); use fewer",
                  word);
    }
    const std::string usage = "; write let r=hypot(x,y); and then the expression that uses r";
    if (parser.current().kind != TokenKind::name) {
      parser.fail("there is no name after let (it gives a value a name)" + usage, parser.current());
    }
    const Token name = parser.take();
    if (!parser.accept("=")) {
      parser.fail("there is no = after let " + shown(name.text) +
                      " (it stands between the name and the value)" + usage,
                  parser.current());
    }
    definition_.lets.push_back({std::string(name.text), parser.expression()});
    places_.lets.push_back({parser.source(), name.offset});
  }

  void parse_inputs(Parser& parser) {
    do {
      parse_input(parser);
      if (!parser.at_end() && !parser.at(",")) fail_after_input(parser);
    } while (parser.accept(","));
  }

  void parse_input(Parser& parser) {
    if (parser.current().kind != TokenKind::name) fail_no_name(parser);
    if (definition_.inputs.size() >= limits_.max_inputs) {
      parser.fail("there are too many inputs (the limit is " + std::to_string(limits_.max_inputs) +
                      "); use fewer",
                  parser.current());
    }
    const Token name = parser.take();
    if (name.text == "corr" && parser.at("(")) return parse_correlation(parser);
    InputDefinition input;
    input.name = name.text;
    if (parser.at("[")) parse_elements(parser, input);
    if (parser.accept("=")) {
      parse_range_or_value(parser, input);
    } else if (parser.accept("~")) {
      parse_distribution(parser, input);
    } else {
      fail_no_input(parser, name);
    }
    places_.inputs.push_back({parser.source(), name.offset});
    definition_.inputs.push_back(std::move(input));
  }

  static void parse_elements(Parser& parser, InputDefinition& input) {
    const Token open = parser.take();
    ElementRange elements;
    elements.first = parser.expression();
    if (!parser.accept("..")) {
      parser.fail("an array is given as a whole (from its first index to its last); write " +
                      shown(input.name) + "[1..8]=0..1",
                  parser.current());
    }
    elements.last = parser.expression();
    parser.require_closing(open, Surroundings::subscript);
    parser.take();
    input.elements = std::move(elements);
  }

  static void parse_range_or_value(Parser& parser, InputDefinition& input) {
    Tree first = parser.expression();
    if (parser.accept("..")) {
      input.kind = InputDefinition::Kind::range;
      input.low = std::move(first);
      input.high = parser.expression();
    } else {
      input.kind = InputDefinition::Kind::constant;
      input.value = std::move(first);
    }
  }

  void parse_distribution(Parser& parser, InputDefinition& input) {
    input.kind = InputDefinition::Kind::distribution;
    if (parser.current().kind != TokenKind::name) {
      parser.fail(
          "there is no distribution after ~ (such as normal(0,1)); write its name, or a range "
          "as " +
              shown(input.name) + "=0..1",
          parser.current());
    }
    const Token name = parser.take();
    const Distribution* const distribution = find_distribution(name.text);
    if (distribution == nullptr) parser.fail(unknown_distribution(name.text), name);
    input.distribution = distribution->name;
    if (!parser.at("(")) {
      parser.fail(input.distribution + " has no arguments (they stand in brackets); write " +
                      signature(*distribution),
                  name);
    }
    if (distribution->kind == DistributionKind::data) return parse_data(parser, input);
    const Token open = parser.take();
    if (!parser.at(")")) {
      do {
        input.arguments.push_back(parser.expression());
      } while (parser.accept(","));
    }
    parser.require_closing(open, Surroundings::call);
    parser.take();
    if (!takes_arguments(*distribution, input.arguments.size())) {
      const std::string takes = distribution->kind == DistributionKind::discrete
                                    ? "pairs of a value and a weight"
                                    : std::to_string(distribution->parameters.size());
      parser.fail(input.distribution + " has " + counted(input.arguments.size(), "argument") +
                      " (it takes " + takes + "); write " + signature(*distribution),
                  name);
    }
    if (parser.at("[")) parse_truncation(parser, input);
  }

  // At the bracket after the name data.
  void parse_data(Parser& parser, InputDefinition& input) {
    input.data = parse_data_column(parser);
    input.data->argument = argument_;
    parser.take();
    if (!parser.at("[")) return;
    parser.fail("the rows of " + shown(input.name) +
                    " are drawn whole (a truncation would leave some out for all columns); leave "
                    "the brackets out, and remove those rows from the file",
                parser.current());
  }

  static void parse_truncation(Parser& parser, InputDefinition& input) {
    const Token open = parser.take();
    Truncation kept;
    kept.low = parser.expression();
    if (!parser.accept("..")) {
      parser.fail("a truncation has two ends (what lies between them is kept); write " +
                      input.distribution + "(...)[0..inf]",
                  parser.current());
    }
    kept.high = parser.expression();
    parser.require_closing(open, Surroundings::subscript);
    parser.take();
    input.truncation = std::move(kept);
  }

  // After the name corr, at its bracket.
  void parse_correlation(Parser& parser) {
    const Token open = parser.take();
    const std::string usage = "; write corr(x,y)=0.3";
    CorrelationDefinition correlation;
    correlation.first = parser.expression();
    if (!parser.accept(",")) {
      parser.fail("corr has one argument (it takes two inputs)" + usage, parser.current());
    }
    correlation.second = parser.expression();
    parser.require_closing(open, Surroundings::call);
    parser.take();
    if (!parser.accept("=")) {
      parser.fail("there is no = after corr(...) (it gives two inputs a correlation)" + usage,
                  parser.current());
    }
    correlation.value = parser.expression();
    definition_.correlations.push_back(std::move(correlation));
  }

  [[noreturn]] static void fail_no_name(const Parser& parser) {
    const Token& token = parser.current();
    if (token.kind == TokenKind::end) {
      parser.fail(
          "an input is missing after the comma (the text ends there); add one such as "
          "x=0..1, or remove the comma",
          token);
    }
    const bool after_comma = parser.previous().is(TokenKind::symbol, ",");
    parser.fail(
        shown(token.text) +
            " does not begin an input (an input begins with its name); write one as x=0..1, "
            "x~normal(0,1) or x=3" +
            (after_comma && token.kind == TokenKind::number ? ", or a decimal number with a point"
                                                            : ""),
        token);
  }

  [[noreturn]] static void fail_no_input(const Parser& parser, const Token& name) {
    const std::string x = shown(name.text);
    if (parser.at("==")) {
      parser.fail("this is a comparison, not an input (an input has a single =); write " + x +
                      "=..., or put the comparison into the expression",
                  parser.current());
    }
    const bool is_name = parser.current().kind == TokenKind::name;
    if (is_name && equal_but_for_case(parser.current().text, "in")) {
      parser.fail("in is not part of an input (a range is given by =); write " + x + "=1..2",
                  parser.current());
    }
    parser.fail(x + " is not an input (it has no range, distribution or value); write " + x +
                    "=0..1, " + x + "~normal(0,1) or " + x + "=3",
                name);
  }

  [[noreturn]] static void fail_after_input(const Parser& parser) {
    if (parser.at("..")) {
      parser.fail("a third end stands in a range (it goes from one to another); remove it",
                  parser.current());
    }
    if (parser.at("=") || parser.at("~")) {
      parser.fail("a second " + std::string(parser.current().text) +
                      " stands in an input (each has one); separate inputs by commas, and write a "
                      "comparison as ==",
                  parser.current());
    }
    parser.fail(cannot_follow(parser.previous(), parser.current(), Surroundings::items),
                parser.current());
  }

  const Limits& limits_;
  std::size_t argument_ = 0;  // that is being parsed
  Definition definition_;
  NamePlaces places_;
  InputList list_ = InputList::complete;
  Problems problems_;
};

}  // namespace

Definition parse_definition(const std::vector<std::string>& arguments, const Limits& limits) {
  if (arguments.empty()) {
    throw FormulaError(
        "there is no expression (it says what to estimate); write one, such as "
        "x^2+y^2<=1",
        {}, 0, 0);
  }
  check_length(arguments.front().size(), "the expression has", limits);
  std::size_t bytes = 0;
  for (const std::string& argument : arguments) bytes += argument.size();
  check_length(bytes, "the expression and its inputs have", limits);

  DefinitionParser parser(limits);
  for (std::size_t i = 0; i < arguments.size(); ++i) parser.parse_argument(arguments[i], i);
  return std::move(parser).finish();
}

std::string canonical(const InputDefinition& input) {
  std::string text = input.name;
  if (input.elements) {
    text += "[" + canonical(input.elements->first) + ".." + canonical(input.elements->last) + "]";
  }
  switch (input.kind) {
    case InputDefinition::Kind::range:
      return text + "=" + canonical(input.low) + ".." + canonical(input.high);
    case InputDefinition::Kind::constant:
      return text + "=" + canonical(input.value);
    case InputDefinition::Kind::distribution:
      break;
  }
  if (input.data) return text + "~" + canonical(*input.data);
  text += "~" + input.distribution + "(";
  for (std::size_t i = 0; i < input.arguments.size(); ++i) {
    if (i > 0) text += ',';
    text += canonical(input.arguments[i]);
  }
  text += ')';
  if (!input.truncation) return text;
  return text + "[" + canonical(input.truncation->low) + ".." + canonical(input.truncation->high) +
         "]";
}

std::string canonical(const Definition& definition) {
  std::string text;
  for (const LetDefinition& let : definition.lets) {
    text += "let " + let.name + "=" + canonical(let.value) + "; ";
  }
  for (std::size_t i = 0; i < definition.outputs.size(); ++i) {
    if (i > 0) text += "; ";
    text += canonical(definition.outputs[i]);
  }
  for (const InputDefinition& input : definition.inputs) text += ", " + canonical(input);
  for (const CorrelationDefinition& c : definition.correlations) {
    text += ", corr(" + canonical(c.first) + "," + canonical(c.second) + ")=" + canonical(c.value);
  }
  return text;
}

}  // namespace oche::formula

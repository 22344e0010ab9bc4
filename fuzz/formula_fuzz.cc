// Fuzzes the formula's parser: any bytes either make a definition whose canonical text is stable,
// or an oche::Error with a place inside the text. Arguments are separated by ends of lines.
//
//   cmake -DOCHE_FUZZ=ON …; formula_fuzz fuzz/corpus/formula
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/assert.h"
#include "formula/canonical.h"
#include "formula/definitions.h"
#include "formula/formula_error.h"
#include "formula/parser.h"

namespace {

using oche::formula::Definition;
using oche::formula::InputDefinition;
using oche::formula::Limits;
using oche::formula::Tree;

std::vector<std::string> arguments_of(std::string_view text) {
  std::vector<std::string> arguments;
  std::size_t begin = 0;
  while (true) {
    const std::size_t end = text.find('\n', begin);
    arguments.emplace_back(text.substr(begin, end - begin));
    if (end == std::string_view::npos) return arguments;
    begin = end + 1;
  }
}

void check_tree(const Tree& tree) {
  OCHE_ASSERT(tree.root + 1 == tree.nodes.size());
  OCHE_ASSERT(tree.source != nullptr);
  std::size_t operands = 0;
  for (oche::formula::NodeId id = 0; id < tree.nodes.size(); ++id) {
    const oche::formula::Node& node = tree.nodes[id];
    OCHE_ASSERT(node.offset + node.length <= tree.source->size());
    for (const oche::formula::NodeId operand : tree.operands_of(node)) OCHE_ASSERT(operand < id);
    operands += node.operand_count;
  }
  OCHE_ASSERT(operands + 1 == tree.nodes.size());
  std::size_t loops = 0;
  for (const oche::formula::Node& node : tree.nodes) {
    if (is_loop(node)) ++loops;
    if (is_loop(node) || node.kind == oche::formula::NodeKind::index) {
      OCHE_ASSERT(node.name < tree.indices.size());
    }
  }
  OCHE_ASSERT(loops == tree.indices.size());
}

void check_same(const Tree& a, const Tree& b) { OCHE_ASSERT(oche::formula::same_structure(a, b)); }

void check_definition(const Definition& definition, const Limits& limits) {
  OCHE_ASSERT(!definition.outputs.empty());
  for (const Tree& output : definition.outputs) check_tree(output);
  const std::string text = canonical(definition);
  const Definition again = oche::formula::parse_definition({text}, limits.for_canonical_text());
  OCHE_ASSERT(canonical(again) == text);
  OCHE_ASSERT(definition.outputs.size() == again.outputs.size());
  for (std::size_t i = 0; i < again.outputs.size(); ++i) {
    check_same(definition.outputs[i], again.outputs[i]);
  }
  OCHE_ASSERT(definition.lets.size() == again.lets.size());
  for (std::size_t i = 0; i < again.lets.size(); ++i) {
    OCHE_ASSERT(definition.lets[i].name == again.lets[i].name);
    check_same(definition.lets[i].value, again.lets[i].value);
  }
  OCHE_ASSERT(definition.inputs.size() == again.inputs.size());
  for (std::size_t i = 0; i < again.inputs.size(); ++i) {
    const InputDefinition& a = definition.inputs[i];
    const InputDefinition& b = again.inputs[i];
    OCHE_ASSERT(a.name == b.name && a.kind == b.kind && a.distribution == b.distribution);
    OCHE_ASSERT(a.arguments.size() == b.arguments.size());
    OCHE_ASSERT(a.elements.has_value() == b.elements.has_value());
    if (a.elements) {
      check_same(a.elements->first, b.elements->first);
      check_same(a.elements->last, b.elements->last);
    }
    check_same(a.low, b.low);
    check_same(a.high, b.high);
    check_same(a.value, b.value);
    for (std::size_t j = 0; j < a.arguments.size(); ++j) check_same(a.arguments[j], b.arguments[j]);
    OCHE_ASSERT(a.data.has_value() == b.data.has_value());
    if (a.data) {
      OCHE_ASSERT(a.data->set == b.data->set && a.data->column == b.data->column);
      OCHE_ASSERT(a.data->offset + a.data->length <= a.data->source->size());
    }
  }
}

void check_error(const oche::formula::FormulaError& error) {
  const std::string_view text = error.what();
  OCHE_ASSERT(!error.message().empty());
  OCHE_ASSERT(error.line() >= 1 && error.column() >= 1);
  // Ten problems, each with a message of a few hundred characters, a line and its carets.
  OCHE_ASSERT(text.size() < 10'000);
  for (const char c : text) OCHE_ASSERT(c == '\n' || (c & 0xE0) != 0);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const Limits limits;
  try {
    check_definition(oche::formula::parse_definition(arguments_of(text), limits), limits);
  } catch (const oche::formula::FormulaError& error) {
    check_error(error);
  }
  return 0;
}

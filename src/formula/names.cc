#include "formula/names.h"

#include <span>
#include <unordered_map>
#include <utility>

#include "base/assert.h"
#include "formula/canonical.h"
#include "formula/diagnosis.h"
#include "formula/functions.h"

namespace oche::formula {
namespace {

// Empty if an input may have this name.
std::string reserved_name_problem(const std::string& name) {
  const std::string reason = why_reserved(name);
  if (reason.empty()) return {};
  return name + " cannot be the name of an input (" + reason + "); choose another, such as " +
         name + "1";
}

// What a name stands for.
struct Meaning {
  enum class Kind { input, array, let };
  Kind kind = Kind::input;
  std::size_t index = 0;  // in Definition::inputs or Definition::lets
};

class NameCheck {
 public:
  NameCheck(const Definition& definition, const NamePlaces& places, InputList list,
            Problems& problems)
      : definition_(definition), places_(places), list_(list), problems_(problems) {
    for (std::size_t i = 0; i < definition.inputs.size(); ++i) {
      const InputDefinition& input = definition.inputs[i];
      meanings_.try_emplace(
          input.name, Meaning{input.elements ? Meaning::Kind::array : Meaning::Kind::input, i});
      inputs_.push_back(input.name);
    }
    names_ = inputs_;
    for (std::size_t i = 0; i < definition.lets.size(); ++i) {
      meanings_.try_emplace(definition.lets[i].name, Meaning{Meaning::Kind::let, i});
      names_.push_back(definition.lets[i].name);
    }
  }

  // Problems in the order of the text.
  void run() {
    std::size_t lets = 0;
    const auto check_lets_up_to = [&](std::size_t end) {
      for (; lets < end; ++lets) {
        check_let_name(lets);
        check_value_tree(definition_.lets[lets].value, lets);
      }
    };
    for (std::size_t i = 0; i < definition_.outputs.size(); ++i) {
      check_lets_up_to(places_.lets_before[i]);
      check_value_tree(definition_.outputs[i], places_.lets_before[i]);
    }
    check_lets_up_to(definition_.lets.size());
    for (std::size_t i = 0; i < definition_.inputs.size(); ++i) check_input(i);
    for (const CorrelationDefinition& c : definition_.correlations) {
      check_value_tree(c.first, 0);
      check_value_tree(c.second, 0);
      check_value_tree(c.value, 0);
    }
  }

 private:
  // Adds the problem whose message make_message() returns, if another one is worth showing.
  template <class MakeMessage>
  void add(const MakeMessage& make_message, const std::string& source, std::size_t offset,
           std::size_t length) {
    if (problems_.has_room()) {
      problems_.add(FormulaError(make_message(), source, offset, length));
    } else {
      problems_.add_unshown();
    }
  }

  // Calls visit(name, node) for the first use of each variable, and the first with an index.
  template <class Visit>
  static void for_each_variable(const Tree& tree, const Visit& visit) {
    std::vector<bool> seen(2 * tree.variables.size());
    for (const Node& node : tree.nodes) {
      if (node.kind != NodeKind::variable && node.kind != NodeKind::element) continue;
      const std::size_t use = std::size_t{2} * node.name + (node.kind == NodeKind::element ? 1 : 0);
      if (seen[use]) continue;
      seen[use] = true;
      visit(tree.variables[node.name], node);
    }
  }

  // Null if the name stands for nothing.
  const Meaning* meaning_of(std::string_view name) const {
    const auto row = meanings_.find(name);
    return row == meanings_.end() ? nullptr : &row->second;
  }

  // Empty if what the name stands for may be used as `node` does, with an index or without.
  std::string wrong_use(const std::string& name, const Meaning& meaning, const Node& node) const {
    const bool has_index = node.kind == NodeKind::element;
    if (has_index == (meaning.kind == Meaning::Kind::array)) return {};
    if (!has_index) {
      return shown(name) +
             " is an array (each of its elements is an input); write an element, as " +
             shown(name) + "[" + canonical(definition_.inputs[meaning.index].elements->first) + "]";
    }
    return shown(name) + " has no elements (it is " +
           (meaning.kind == Meaning::Kind::let ? "a let, which names one value"
                                               : "one input, not an array") +
           "); write it without an index";
  }

  // The value of a let or an output, which may use the first `lets` lets.
  void check_value_tree(const Tree& tree, std::size_t lets) {
    check_indices(tree);
    for_each_variable(tree, [&](const std::string& name, const Node& node) {
      const Meaning* const meaning = meaning_of(name);
      if (meaning == nullptr && list_ == InputList::incomplete) return;
      const bool is_early =
          meaning != nullptr && meaning->kind == Meaning::Kind::let && meaning->index >= lets;
      if (meaning != nullptr && !is_early && wrong_use(name, *meaning, node).empty()) return;
      add(
          [&] {
            if (meaning == nullptr) return unknown(name, node, names_);
            return is_early ? early_let(name) : wrong_use(name, *meaning, node);
          },
          *tree.source, node.offset, node.length);
    });
  }

  static std::string unknown(const std::string& name, const Node& node,
                             std::span<const std::string_view> known) {
    return node.kind == NodeKind::element ? unknown_array(name, known)
                                          : unknown_variable(name, known);
  }

  static std::string early_let(const std::string& name) {
    return "the let " + shown(name) +
           " is used before it ends (a let serves what follows its ;); put it first";
  }

  void check_indices(const Tree& tree) {
    for (const LoopIndex& index : tree.indices) {
      const Meaning* const meaning = meaning_of(index.name);
      if (meaning == nullptr) continue;
      add(
          [&] {
            return shown(index.name) + " cannot be an index (it is " +
                   (meaning->kind == Meaning::Kind::let ? "a let" : "an input") +
                   "); choose another name for one of them";
          },
          *tree.source, index.offset, index.name.size());
    }
  }

  void check_let_name(std::size_t i) {
    const std::string& name = definition_.lets[i].name;
    const Meaning& meaning = *meaning_of(name);
    const NamePlace& place = places_.lets[i];
    const std::string reason = why_reserved(name);
    if (!reason.empty()) {
      add(
          [&] {
            return shown(name) + " cannot be the name of a let (" + reason +
                   "); choose another, such as " + shown(name) + "1";
          },
          *place.source, place.offset, name.size());
    } else if (meaning.kind != Meaning::Kind::let || meaning.index != i) {
      add(
          [&] {
            return shown(name) + " is there twice (" +
                   (meaning.kind == Meaning::Kind::let ? "each let has a name of its own"
                                                       : "it is an input too") +
                   "); choose another name for one of them";
          },
          *place.source, place.offset, name.size());
    }
  }

  void check_input(std::size_t i) {
    check_input_name(i);
    const InputDefinition& input = definition_.inputs[i];
    if (input.elements) {
      check_input_tree(i, input.elements->first);
      check_input_tree(i, input.elements->last);
    }
    check_input_tree(i, input.low);
    check_input_tree(i, input.high);
    check_input_tree(i, input.value);
    for (const Tree& argument : input.arguments) check_input_tree(i, argument);
    if (!input.truncation) return;
    check_input_tree(i, input.truncation->low);
    check_input_tree(i, input.truncation->high);
  }

  void check_input_name(std::size_t i) {
    const std::string& name = definition_.inputs[i].name;
    const NamePlace& place = places_.inputs[i];
    if (!reserved_name_problem(name).empty()) {
      add([&] { return reserved_name_problem(name); }, *place.source, place.offset, name.size());
    } else if (meaning_of(name)->index != i) {
      add(
          [&] {
            return "the input " + shown(name) +
                   " is there twice (each input has one range, distribution or value); remove one";
          },
          *place.source, place.offset, name.size());
    }
  }

  void check_input_tree(std::size_t i, const Tree& tree) {
    check_indices(tree);
    const std::string input = definition_.inputs[i].name;
    for_each_variable(tree, [&](const std::string& name, const Node& node) {
      const Meaning* const meaning = meaning_of(name);
      if (meaning == nullptr && list_ == InputList::incomplete) return;
      const bool is_usable =
          meaning != nullptr && meaning->kind != Meaning::Kind::let && meaning->index < i;
      if (is_usable && wrong_use(name, *meaning, node).empty()) return;
      add(
          [&] {
            return is_usable ? wrong_use(name, *meaning, node) : unusable_name(input, name, node);
          },
          *tree.source, node.offset, node.length);
    });
  }

  std::string unusable_name(const std::string& input, const std::string& name,
                            const Node& node) const {
    const std::string rule = " (an input may only use earlier inputs); ";
    if (name == input) {
      return "the input " + shown(input) + " uses itself" + rule + "write it without " +
             shown(name);
    }
    const Meaning* const meaning = meaning_of(name);
    if (meaning == nullptr) {
      return "in the input " + shown(input) + ", " + unknown(name, node, inputs_) + " before " +
             shown(input);
    }
    if (meaning->kind == Meaning::Kind::let) {
      return "the input " + shown(input) + " uses the let " + shown(name) + rule +
             "write the value of " + shown(name) + " instead";
    }
    return "the input " + shown(input) + " uses " + shown(name) + ", which comes later" + rule +
           "put " + shown(input) + " after " + shown(name);
  }

  const Definition& definition_;
  const NamePlaces& places_;
  InputList list_;
  Problems& problems_;
  std::unordered_map<std::string_view, Meaning> meanings_;  // the first of that name, inputs first
  std::vector<std::string_view> inputs_;                    // their names
  std::vector<std::string_view> names_;                     // of inputs and lets
};

}  // namespace

void Problems::add(FormulaError problem) {
  if (has_room()) {
    shown_.push_back(std::move(problem));
  } else {
    ++more_;
  }
}

void Problems::raise() const {
  OCHE_ASSERT(!shown_.empty());
  throw FormulaError::of(shown_, more_);
}

void check_names(const Definition& definition, const NamePlaces& places, InputList list,
                 Problems& problems) {
  OCHE_ASSERT(places.inputs.size() == definition.inputs.size());
  OCHE_ASSERT(places.lets.size() == definition.lets.size());
  OCHE_ASSERT(places.lets_before.size() == definition.outputs.size());
  NameCheck(definition, places, list, problems).run();
}

}  // namespace oche::formula

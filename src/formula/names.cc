#include "formula/names.h"

#include <unordered_map>
#include <utility>

#include "base/assert.h"
#include "formula/diagnosis.h"
#include "formula/functions.h"

namespace oche::formula {
namespace {

// Empty if an input may have this name.
std::string reserved_name_problem(const std::string& name) {
  std::string reason;
  if (find_function(name) != nullptr) {
    reason = "it is a function";
  } else if (find_constant(name) != nullptr) {
    reason = "it is a constant";
  } else if (is_word_operator(name)) {
    reason = "it is an operator";
  } else {
    return {};
  }
  return name + " cannot be the name of an input (" + reason + "); choose another, such as " +
         name + "1";
}

class NameCheck {
 public:
  NameCheck(const Definition& definition, std::span<const NamePlace> places, InputList list,
            Problems& problems)
      : definition_(definition), places_(places), list_(list), problems_(problems) {
    for (std::size_t i = 0; i < definition.inputs.size(); ++i) {
      index_of_.try_emplace(definition.inputs[i].name, i);
      names_.push_back(definition.inputs[i].name);
    }
  }

  void run() {
    check_expression();
    for (std::size_t i = 0; i < definition_.inputs.size(); ++i) {
      check_input_name(i);
      const InputDefinition& input = definition_.inputs[i];
      check_input_tree(i, input.low);
      check_input_tree(i, input.high);
      check_input_tree(i, input.value);
      for (const Tree& argument : input.arguments) check_input_tree(i, argument);
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

  // Calls visit(name, node) for the first use of each variable.
  template <class Visit>
  static void for_each_variable(const Tree& tree, const Visit& visit) {
    std::vector<bool> seen(tree.variables.size());
    for (const Node& node : tree.nodes) {
      if (node.kind != NodeKind::variable || seen[node.name]) continue;
      seen[node.name] = true;
      visit(tree.variables[node.name], node);
    }
  }

  void check_expression() {
    const Tree& tree = definition_.expression;
    for_each_variable(tree, [&](const std::string& name, const Node& node) {
      if (list_ == InputList::incomplete || index_of_.contains(name)) return;
      add([&] { return unknown_variable(name, names_); }, *tree.source, node.offset, node.length);
    });
  }

  void check_input_name(std::size_t i) {
    const std::string& name = definition_.inputs[i].name;
    const NamePlace& place = places_[i];
    if (!reserved_name_problem(name).empty()) {
      add([&] { return reserved_name_problem(name); }, *place.source, place.offset, name.size());
    } else if (index_of_.at(name) != i) {
      add(
          [&] {
            return "the input " + shown(name) +
                   " is there twice (each input has one range, distribution or value); remove one";
          },
          *place.source, place.offset, name.size());
    }
  }

  void check_input_tree(std::size_t i, const Tree& tree) {
    const std::string input = definition_.inputs[i].name;
    for_each_variable(tree, [&](const std::string& name, const Node& node) {
      const auto used = index_of_.find(name);
      if (used == index_of_.end() && list_ == InputList::incomplete) return;
      if (used != index_of_.end() && used->second < i) return;
      add([&] { return unusable_name(input, name); }, *tree.source, node.offset, node.length);
    });
  }

  std::string unusable_name(const std::string& input, const std::string& name) const {
    const std::string rule = " (an input may only use earlier inputs); ";
    if (name == input) {
      return "the input " + shown(input) + " uses itself" + rule + "write it without " +
             shown(name);
    }
    if (index_of_.contains(name)) {
      return "the input " + shown(input) + " uses " + shown(name) + ", which comes later" + rule +
             "put " + shown(input) + " after " + shown(name);
    }
    return "in the input " + shown(input) + ", " + unknown_variable(name, names_) + " before " +
           shown(input);
  }

  const Definition& definition_;
  std::span<const NamePlace> places_;
  InputList list_;
  Problems& problems_;
  std::unordered_map<std::string_view, std::size_t> index_of_;  // the first of that name
  std::vector<std::string_view> names_;
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

void check_names(const Definition& definition, std::span<const NamePlace> places, InputList list,
                 Problems& problems) {
  OCHE_ASSERT(places.size() == definition.inputs.size());
  NameCheck(definition, places, list, problems).run();
}

}  // namespace oche::formula

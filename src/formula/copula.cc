#include "formula/copula.h"

#include <algorithm>
#include <cmath>

#include "base/assert.h"
#include "formula/lower_expression.h"

namespace oche::formula {
namespace {

// Below this a pivot is rounding errors.
constexpr double kSmallestPivot = 1e-12;

// The key of the input that the tree names.
std::string input_named(const Tree& tree) {
  const Node& root = tree.nodes[tree.root];
  if (root.kind == NodeKind::variable) return tree.variables[root.name];
  throw formula::problem(
      tree,
      "this is not the name of an input (corr takes two of them, but no elements of "
      "arrays); write corr(x,y)=0.3");
}

}  // namespace

Copula::Copula(const Definition& definition, const ConstantOf& constant_of) {
  for (const CorrelationDefinition& c : definition.correlations) {
    Pair pair{&c, input_named(c.first), input_named(c.second), constant_of(c.value)};
    const std::string name = "corr(" + pair.first + "," + pair.second + ")";
    if (pair.first == pair.second) {
      throw formula::problem(c.second,
                             name + " has the same input twice (its correlation is 1); remove it");
    }
    if (!(pair.value > -1.0 && pair.value < 1.0)) {
      throw formula::problem(c.value,
                             name + " is " + spelled(pair.value) +
                                 " (a correlation lies between -1 and 1, and at these ends one "
                                 "input is a function of the other); give a smaller one");
    }
    const auto is_same = [&](const Pair& other) {
      return (other.first == pair.first && other.second == pair.second) ||
             (other.first == pair.second && other.second == pair.first);
    };
    if (std::ranges::any_of(pairs_, is_same)) {
      throw formula::problem(c.first,
                             name + " is there twice (a pair has one correlation); remove one");
    }
    partners_[pair.first].push_back(pairs_.size());
    partners_[pair.second].push_back(pairs_.size());
    pairs_.push_back(std::move(pair));
  }
}

const CorrelationDefinition& Copula::first_with(const std::string& input) const {
  return *pairs_[partners_.at(input).front()].definition;
}

double Copula::correlation_of(const std::string& a, const std::string& b) const {
  for (const std::size_t i : partners_.at(a)) {
    const Pair& pair = pairs_[i];
    if ((pair.first == a ? pair.second : pair.first) == b) return pair.value;
  }
  return 0.0;
}

void Copula::fail_not_definite(const std::string& input) const {
  std::string names;
  for (const std::size_t i : partners_.at(input)) {
    if (!names.empty()) names += ", ";
    names += "corr(" + pairs_[i].first + "," + pairs_[i].second + ")=" + spelled(pairs_[i].value);
  }
  throw formula::problem(
      first_with(input).value,
      "the correlations of " + input +
          " do not go with the others (their matrix is not positive definite: no "
          "inputs can have them all at once); bring these nearer to 0: " +
          names);
}

// A row of the Cholesky factor from the rows before it.
ValueId Copula::score(ProgramBuilder& builder, const std::string& input, std::uint32_t place,
                      Margin margin, ValueId w) {
  Member member{input, place, margin, w, {}};
  double rest = 1.0;
  for (std::size_t j = 0; j < members_.size(); ++j) {
    const std::vector<double>& other = members_[j].row;
    double sum = correlation_of(input, members_[j].input);
    for (std::size_t i = 0; i < j; ++i) sum -= member.row[i] * other[i];
    member.row.push_back(sum / other[j]);
    rest -= member.row[j] * member.row[j];
  }
  if (!(rest > kSmallestPivot)) fail_not_definite(input);
  member.row.push_back(std::sqrt(rest));
  ValueId z =
      rest == 1.0 ? w : builder.operation(Op::multiply, {builder.constant(member.row.back()), w});
  for (std::size_t j = 0; j < members_.size(); ++j) {
    if (member.row[j] == 0.0) continue;
    z = builder.operation(Op::fma, {builder.constant(member.row[j]), members_[j].w, z});
  }
  members_.push_back(std::move(member));
  return z;
}

const Copula::Member& Copula::member_of(const std::string& input, const Tree& tree) const {
  const auto member = std::ranges::find(members_, input, &Member::input);
  if (member != members_.end()) return *member;
  throw formula::problem(tree, input +
                                   " cannot be correlated (it is not an input with a "
                                   "distribution); name one that has a distribution");
}

std::vector<Correlation> Copula::correlations() const {
  std::vector<Correlation> all;
  for (const Pair& pair : pairs_) {
    const Member& first = member_of(pair.first, pair.definition->first);
    const Member& second = member_of(pair.second, pair.definition->second);
    all.push_back({first.place, second.place, pair.value,
                   first.margin == Margin::fixed && second.margin == Margin::fixed});
  }
  return all;
}

}  // namespace oche::formula

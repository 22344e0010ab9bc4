// Correlated inputs: a Gaussian copula.
//
// Each correlated input has a uniform number, whose normal quantile is w. Its score is z = L w, L
// the Cholesky factor of the matrix of the correlations in the order of the inputs, and its sample
// the quantile of its distribution at the normal distribution function of z. So corr(x,y) is the
// correlation of the scores (R. B. Nelsen, An Introduction to Copulas, 2006, section 2.3); that of
// the samples is the same for normal inputs, and for others somewhat nearer to 0.
#ifndef OCHE_FORMULA_COPULA_H_
#define OCHE_FORMULA_COPULA_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "formula/definitions.h"
#include "formula/program_builder.h"

namespace oche::formula {

class Copula {
 public:
  // `constant_of` is the value of a constant expression, or throws. Throws FormulaError for a value
  // not between -1 and 1, an input with itself, and a pair that is there twice.
  using ConstantOf = std::function<double(const Tree&)>;
  Copula(const Definition& definition, const ConstantOf& constant_of);

  // Whether a correlation names the input.
  bool has(const std::string& input) const { return partners_.contains(input); }
  // The first of the correlations that name it.
  const CorrelationDefinition& first_with(const std::string& input) const;

  // The score of an input that a correlation names; w is the normal quantile of its uniform number.
  // Once for each, in the order of the inputs; `place` is its index in Program::inputs. Throws
  // FormulaError, naming the pairs, when the matrix of the inputs up to it isn't positive definite.
  enum class Margin : std::uint8_t { fixed, depends };  // on other inputs
  ValueId score(ProgramBuilder& builder, const std::string& input, std::uint32_t place,
                Margin margin, ValueId w);

  // The pairs; throws FormulaError if score() was not called for one of them.
  std::vector<Correlation> correlations() const;

 private:
  struct Pair {
    const CorrelationDefinition* definition;
    std::string first, second;
    double value;
  };
  struct Member {
    std::string input;
    std::uint32_t place;
    Margin margin;
    ValueId w;
    std::vector<double> row;  // of L
  };
  const Member& member_of(const std::string& input, const Tree& tree) const;
  double correlation_of(const std::string& a, const std::string& b) const;
  [[noreturn]] void fail_not_definite(const std::string& input) const;

  std::vector<Pair> pairs_;
  std::map<std::string, std::vector<std::size_t>> partners_;  // indices into pairs_
  std::vector<Member> members_;                               // in the order of the inputs
};

}  // namespace oche::formula

#endif  // OCHE_FORMULA_COPULA_H_

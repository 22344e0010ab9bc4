#include "formula/lower_distribution.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <span>
#include <string>

#include "base/assert.h"
#include "formula/distribution_domain.h"
#include "formula/lower_expression.h"
#include "math/quantile_tables.h"

namespace oche::formula {
namespace {

using Kind = DistributionKind;
constexpr double kPi = 3.14159265358979323846;

// The probabilities below and above a sample.
struct Pair {
  ValueId p, q;
  bool exact;  // q is 1 - p, both without an error
};

class Drawing {
 public:
  Drawing(ProgramBuilder& builder, TableCache& tables, const InputDefinition& input,
          const DistributionArguments& arguments, const Randomness& randomness)
      : b_(builder),
        tables_(tables),
        input_(input),
        row_(*find_distribution(input.distribution)),
        a_(arguments.parameters),
        kept_(arguments.kept),
        randomness_(randomness) {}

  ValueId run() {
    const std::optional<ValueId> in_domain = check_domain(b_, input_, a_);
    if (kept_) check_truncation();
    ValueId x = row_.is_discrete ? discrete() : is_tabulated() ? tabulated() : closed_form();
    if (kept_) x = min(max(x, kept_->first), kept_->second);
    if (in_domain) x = select(*in_domain, x, number(std::numeric_limits<double>::quiet_NaN()));
    return x;
  }

 private:
  // --- code
  ValueId number(double v) { return b_.constant(v); }
  ValueId add(ValueId x, ValueId y) { return b_.operation(Op::add, {x, y}); }
  ValueId subtract(ValueId x, ValueId y) { return b_.operation(Op::subtract, {x, y}); }
  ValueId multiply(ValueId x, ValueId y) { return b_.operation(Op::multiply, {x, y}); }
  ValueId divide(ValueId x, ValueId y) { return b_.operation(Op::divide, {x, y}); }
  ValueId fma(ValueId x, ValueId y, ValueId z) { return b_.operation(Op::fma, {x, y, z}); }
  ValueId negate(ValueId x) { return b_.operation(Op::negate, {x}); }
  ValueId one(Op op, ValueId x) { return b_.operation(op, {x}); }
  ValueId less(ValueId x, ValueId y) { return b_.operation(Op::less, {x, y}); }
  ValueId min(ValueId x, ValueId y) { return b_.operation(Op::min, {x, y}); }
  ValueId max(ValueId x, ValueId y) { return b_.operation(Op::max, {x, y}); }
  ValueId select(ValueId c, ValueId x, ValueId y) { return b_.operation(Op::select, {c, x, y}); }

  // --- parameters
  double value(std::size_t i) const { return b_.constant_value(a_[i]); }
  bool is_constant(std::size_t i) const { return b_.is_constant(a_[i]); }
  std::vector<double> values() const {
    std::vector<double> all;
    for (std::size_t i = 0; i < a_.size(); ++i) all.push_back(value(i));
    return all;
  }

  FormulaError problem(std::size_t i, const std::string& message) const {
    return formula::problem(input_.arguments[i], message);
  }

  // --- truncation
  double low() const { return b_.constant_value(kept_->first); }
  double high() const { return b_.constant_value(kept_->second); }

  void check_truncation() const {
    const Tree& tree = input_.truncation->high;
    if (row_.is_discrete) {
      throw formula::problem(tree,
                             "the distribution of " + input_.name +
                                 " is discrete (only a continuous one can be truncated); leave "
                                 "the brackets out");
    }
    bool is_fixed = b_.is_constant(kept_->first) && b_.is_constant(kept_->second);
    for (std::size_t i = 0; i < a_.size(); ++i) is_fixed = is_fixed && is_constant(i);
    if (!is_fixed) {
      throw formula::problem(tree,
                             "the truncated distribution of " + input_.name +
                                 " depends on other inputs (what is cut off is computed once, "
                                 "before there are any samples); give constants");
    }
    if (low() < high()) return;
    throw formula::problem(tree, "the truncation of " + input_.name + " goes from " +
                                     spelled(low()) + " to " + spelled(high()) +
                                     " (nothing lies between); give the smaller end first");
  }

  FormulaError nothing_left() const {
    return formula::problem(input_.truncation->high,
                            "nothing of the distribution of " + input_.name + " lies from " +
                                spelled(low()) + " to " + spelled(high()) +
                                " (its probability is below any number); give other ends");
  }

  TailPair tails_at(double x) const {
    if (std::isinf(x)) return x < 0 ? TailPair{0.0, 1.0} : TailPair{1.0, 0.0};
    return closed_form_tails(row_.kind, values(), x);
  }

  // --- the uniform number
  Pair whole_pair() {
    const ValueId r = randomness_.value;
    if (randomness_.kind == Randomness::Kind::uniform) {
      return {r, subtract(number(1.0), r), true};
    }
    // Streams go no further out, and no quantile is infinite there.
    const ValueId smallest = number(0x1p-53);
    return {max(one(Op::normal_cdf, r), smallest), max(one(Op::normal_cdf, negate(r)), smallest),
            false};
  }

  Pair pair() {
    const Pair whole = whole_pair();
    if (!kept_) return whole;
    const TailPair below = tails_at(low());
    const TailPair above = tails_at(high());
    // The probability of what is kept, as a difference of the tails that cancel less.
    double mass = 1.0 - below.lower - above.upper;
    if (above.lower <= 0.5) mass = above.lower - below.lower;
    if (below.upper <= 0.5) mass = below.upper - above.upper;
    if (!(mass > std::numeric_limits<double>::min())) throw nothing_left();
    return {fma(number(mass), whole.p, number(below.lower)),
            fma(number(mass), whole.q, number(above.upper)), false};
  }

  ValueId log_of(ValueId p, ValueId other, bool exact) {
    if (exact) return one(Op::log, p);
    return select(less(other, number(0.5)), one(Op::log1p, negate(other)), one(Op::log, p));
  }
  ValueId log_p(const Pair& u) { return log_of(u.p, u.q, u.exact); }
  ValueId log_q(const Pair& u) { return log_of(u.q, u.p, u.exact); }

  ValueId score() {
    if (!kept_) {
      return randomness_.kind == Randomness::Kind::score
                 ? randomness_.value
                 : one(Op::normal_quantile, randomness_.value);
    }
    const Pair u = pair();
    const ValueId z = one(Op::normal_quantile, min(u.p, u.q));
    return select(less(u.p, u.q), z, negate(z));
  }

  // --- closed forms
  ValueId closed_form() {
    switch (row_.kind) {
      case Kind::normal:
        return fma(a_[1], score(), a_[0]);
      case Kind::lognormal:
        return one(Op::exp, fma(a_[1], score(), a_[0]));
      case Kind::uniform:
        return uniform();
      case Kind::exponential:
        return multiply(negate(a_[0]), log_q(pair()));
      case Kind::triangular:
        return trapezoid(a_[0], a_[1], a_[1], a_[2]);
      case Kind::trapezoidal:
        return trapezoid(a_[0], a_[1], a_[2], a_[3]);
      case Kind::ctrap:
        return curvilinear_trapezoid();
      case Kind::arcsine:
        return arcsine();
      case Kind::cauchy:
        return cauchy();
      case Kind::weibull:
        return multiply(
            a_[1], b_.operation(Op::power, {negate(log_q(pair())), divide(number(1.0), a_[0])}));
      case Kind::gumbel:
        return fma(negate(a_[1]), one(Op::log, negate(log_p(pair()))), a_[0]);
      case Kind::logistic: {
        const Pair u = pair();
        return fma(a_[1], one(Op::log, divide(u.p, u.q)), a_[0]);
      }
      default:
        OCHE_ASSERT(row_.kind == Kind::pareto);
        return multiply(a_[1], b_.operation(Op::power, {pair().q, divide(number(-1.0), a_[0])}));
    }
  }

  // A truncated one is another uniform distribution.
  ValueId uniform() {
    if (!kept_) return affine(a_[0], subtract(a_[1], a_[0]), whole_pair().p);
    const double from = std::max(low(), value(0));
    const double to = std::min(high(), value(1));
    if (!(from < to)) throw nothing_left();
    return affine(number(from), number(to - from), whole_pair().p);
  }

  ValueId affine(ValueId low, ValueId width, ValueId u) {
    const bool unit = b_.is_constant(low) && b_.is_constant(width) &&
                      b_.constant_value(low) == 0.0 && b_.constant_value(width) == 1.0;
    return unit ? u : fma(width, u, low);
  }

  // Density h between the corners a and b; left of a is the probability h (a-low)/2. A sloping side
  // is followed from its outer end, low + sqrt(2p (a-low)/h), or, where that would cancel, from the
  // corner: with p0 its whole probability, a - (a-low) (1 - p/p0)/(1 + sqrt(p/p0)).
  ValueId trapezoid(ValueId low, ValueId a, ValueId b, ValueId high) {
    const Pair u = pair();
    const ValueId inverse_height = multiply(number(0.5), add(subtract(high, low), subtract(b, a)));
    const ValueId lower_half = less(u.p, u.q);
    struct Side {
      ValueId share, from_end, from_corner;
    };
    const auto side = [&](ValueId length, ValueId near, ValueId far) {
      Side s{};
      s.share = divide(multiply(number(0.5), length), inverse_height);
      const ValueId product = multiply(multiply(number(2.0), length), inverse_height);
      s.from_end = one(Op::sqrt, multiply(product, near));
      // 1 - near/share, from the other tail.
      const ValueId rest = divide(subtract(far, subtract(number(1.0), s.share)), s.share);
      s.from_corner = divide(multiply(length, rest), add(number(1.0), divide(s.from_end, length)));
      return s;
    };
    const Side rise = side(subtract(a, low), u.p, u.q);
    const Side fall = side(subtract(high, b), u.q, u.p);
    const ValueId left = select(lower_half, add(low, rise.from_end), subtract(a, rise.from_corner));
    const ValueId right =
        select(lower_half, add(b, fall.from_corner), subtract(high, fall.from_end));
    const ValueId middle = select(lower_half, fma(inverse_height, subtract(u.p, rise.share), a),
                                  subtract(b, multiply(inverse_height, subtract(u.q, fall.share))));
    return select(less(u.p, rise.share), left, select(less(u.q, fall.share), right, middle));
  }

  ValueId arcsine() {
    const Pair u = pair();
    const ValueId s = one(Op::sin, multiply(number(0.5 * kPi), min(u.p, u.q)));
    const ValueId off = multiply(subtract(a_[1], a_[0]), multiply(s, s));
    return select(less(u.p, u.q), add(a_[0], off), subtract(a_[1], off));
  }

  ValueId cauchy() {
    const Pair u = pair();
    const ValueId t = divide(a_[1], one(Op::tan, multiply(number(kPi), min(u.p, u.q))));
    return select(less(u.p, u.q), subtract(a_[0], t), add(a_[0], t));
  }

  // In the tail of 2d at either end: c (1 - exp(-g)) from the end, c = (b-a)/2 + d, g the gamma
  // quantile of shape 2 at 4d/c times the tail's probability.
  ValueId curvilinear_trapezoid() {
    const Pair u = pair();
    const ValueId v = min(u.p, u.q);
    const ValueId d = a_[2];
    const ValueId c = fma(number(0.5), subtract(a_[1], a_[0]), d);
    const ValueId four_d = multiply(number(4.0), d);
    const ValueId two_d = multiply(number(2.0), d);
    const ValueId share = divide(multiply(four_d, v), c);
    const ValueId looked_up = b_.table(
        table({static_cast<double>(Kind::gamma), 2.0}, [] { return math::gamma_quantiles(2.0); }),
        share);
    // Below the table's range: the distribution function g^2/2 - g^3/3 + ... turned round.
    const ValueId s = one(Op::sqrt, multiply(number(2.0), share));
    const ValueId g =
        select(less(share, number(0x1p-50)), fma(multiply(s, s), number(1.0 / 3), s), looked_up);
    const ValueId outer = multiply(negate(c), one(Op::expm1, negate(g)));
    // 4d times the density between the tails, and the probability of a tail.
    const ValueId level = negate(one(Op::log1p, negate(divide(two_d, c))));
    const ValueId tail = divide(subtract(two_d, multiply(subtract(c, two_d), level)), four_d);
    const ValueId inner = fma(divide(four_d, level), subtract(v, tail), two_d);
    const ValueId off = select(less(v, tail), outer, inner);
    return select(less(u.p, u.q), add(subtract(a_[0], d), off), subtract(add(a_[1], d), off));
  }

  // --- tables
  bool is_tabulated() const {
    return row_.kind == Kind::gamma || row_.kind == Kind::beta || row_.kind == Kind::chi_squared ||
           row_.kind == Kind::t;
  }

  // The table of that key, made where there is none yet.
  template <class Make>
  std::shared_ptr<const math::SampleTable> table(std::vector<double> key, const Make& make) {
    std::shared_ptr<const math::SampleTable>& known = tables_.tables[std::move(key)];
    if (!known) {
      auto made = make();
      if (!made) {
        if (kept_) throw nothing_left();
        throw problem(0, signature(row_) + " of " + input_.name +
                             " has no table (it would not reach its stated accuracy); use less "
                             "extreme parameters");
      }
      known = std::make_shared<const math::SampleTable>(std::move(*made));
      tables_.bytes += math::bytes_of(*known);
      if (tables_.bytes > kMaxTableBytes) {
        throw problem(0, "the distributions up to that of " + input_.name +
                             " have tables of over " + std::to_string(kMaxTableBytes) +
                             " bytes (the limit); use fewer different ones");
      }
    }
    return known;
  }

  // The operand of a table: the smaller tail, the upper one with a minus.
  ValueId tail() {
    if (randomness_.kind == Randomness::Kind::uniform) return randomness_.value;
    const Pair u = whole_pair();
    return select(less(u.p, u.q), u.p, negate(u.q));
  }

  ValueId tabulated() {
    const auto kept = [&](double location, double scale) {
      if (!kept_) return math::Truncation{};
      return math::Truncation{(low() - location) / scale, (high() - location) / scale};
    };
    std::vector<double> key = {static_cast<double>(row_.kind), value(0)};
    if (row_.kind == Kind::beta) key.push_back(value(1));
    const auto looked_up = [&](const math::Truncation& part, const auto& make) {
      if (kept_) key.insert(key.end(), {part.low, part.high});
      return b_.table(table(key, [&] { return make(part); }), tail());
    };
    switch (row_.kind) {
      case Kind::gamma:
        return multiply(a_[1], looked_up(kept(0.0, kept_ ? value(1) : 1.0), [&](const auto& part) {
                          return math::gamma_quantiles(value(0), part);
                        }));
      case Kind::chi_squared:
        return multiply(number(2.0), looked_up(kept(0.0, 2.0), [&](const auto& part) {
                          return math::gamma_quantiles(0.5 * value(0), part);
                        }));
      case Kind::beta:
        return looked_up(kept(0.0, 1.0), [&](const auto& part) {
          return math::beta_quantiles(value(0), value(1), part);
        });
      default:
        return fma(
            a_[2],
            looked_up(kept_ ? kept(value(1), value(2)) : kept(0.0, 1.0),
                      [&](const auto& part) { return math::student_quantiles(value(0), part); }),
            a_[1]);
    }
  }

  ValueId discrete() {
    if (row_.kind == Kind::bernoulli) return less(whole_pair().p, a_[0]);
    std::vector<double> key = values();
    key.insert(key.begin(), static_cast<double>(row_.kind));
    const auto made = [&]() -> std::optional<math::StepTable> {
      if (row_.kind == Kind::poisson) return math::poisson_steps(value(0));
      if (row_.kind == Kind::binomial) return math::binomial_steps(value(0), value(1));
      std::vector<double> points, weights;
      for (std::size_t i = 0; i < a_.size(); i += 2) {
        points.push_back(value(i));
        weights.push_back(value(i + 1));
      }
      return math::StepTable(points, weights);
    };
    return b_.table(table(std::move(key), made), whole_pair().p);
  }

  ProgramBuilder& b_;
  TableCache& tables_;
  const InputDefinition& input_;
  const Distribution& row_;
  const std::vector<ValueId>& a_;
  const std::optional<std::pair<ValueId, ValueId>>& kept_;
  Randomness randomness_;
};

}  // namespace

ValueId lower_distribution(ProgramBuilder& builder, TableCache& tables,
                           const InputDefinition& input, const DistributionArguments& arguments,
                           const Randomness& randomness) {
  OCHE_ASSERT(takes_arguments(*find_distribution(input.distribution), arguments.parameters.size()));
  return Drawing(builder, tables, input, arguments, randomness).run();
}

}  // namespace oche::formula

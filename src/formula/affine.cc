#include "formula/affine.h"

#include <algorithm>
#include <cmath>

namespace oche::formula {
namespace {

template <class F>
Affine transformed(const Affine& a, F f) {
  Affine result;
  result.constant = f(a.constant);
  for (const Affine::Term& term : a.terms) {
    const double factor = f(term.factor);
    if (factor != 0.0) result.terms.push_back({term.loop, factor});
  }
  return result;
}

}  // namespace

Affine operator+(const Affine& a, const Affine& b) {
  Affine sum;
  sum.constant = a.constant + b.constant;
  auto x = a.terms.begin();
  auto y = b.terms.begin();
  while (x != a.terms.end() || y != b.terms.end()) {
    Affine::Term term;
    if (y == b.terms.end() || (x != a.terms.end() && x->loop < y->loop)) {
      term = *x++;
    } else if (x == a.terms.end() || y->loop < x->loop) {
      term = *y++;
    } else {
      term = {x->loop, x->factor + y->factor};
      ++x;
      ++y;
    }
    if (term.factor != 0.0) sum.terms.push_back(term);
  }
  return sum;
}

Affine operator*(const Affine& a, double factor) {
  return transformed(a, [factor](double x) { return x * factor; });
}

Affine operator/(const Affine& a, double divisor) {
  return transformed(a, [divisor](double x) { return x / divisor; });
}

bool is_whole(const Affine& a) {
  return a.constant == std::floor(a.constant) && std::ranges::all_of(a.terms, [](const auto& term) {
           return term.factor == std::floor(term.factor);
         });
}

double evaluate(const Affine& a, std::span<const double> index_of_loop) {
  double value = a.constant;
  for (const Affine::Term& term : a.terms) value += term.factor * index_of_loop[term.loop];
  return value;
}

// An index goes out by its bound that makes the value largest, which depends on outer loops only.
Extent extent(const Affine& a, std::span<const Loop> loops) {
  const auto bound = [&](Affine form, bool is_most) {
    while (!form.terms.empty()) {
      const Affine::Term inner = form.terms.back();
      form.terms.pop_back();
      const Loop& loop = loops[inner.loop];
      form = form + ((inner.factor > 0) == is_most ? loop.last : loop.first) * inner.factor;
    }
    return form.constant;
  };
  return {bound(a, false), bound(a, true)};
}

}  // namespace oche::formula

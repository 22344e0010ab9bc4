// Euler's beta function over vectors, with the bits of functions.h's scalar one on every target.
// coefficients.h has the formulas. Include functions-inl.h, which includes this.

#if defined(OCHE_MATH_BETA_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef OCHE_MATH_BETA_INL_H_
#undef OCHE_MATH_BETA_INL_H_
#else
#define OCHE_MATH_BETA_INL_H_
#endif

#include "math/coefficients.h"
#include "math/simd-inl.h"

HWY_BEFORE_NAMESPACE();
namespace oche {
namespace HWY_NAMESPACE {

// Stirling's delta(z) for z >= 16.
template <class D, class V>
HWY_INLINE V Stirling(D d, V z) {
  const V w = hn::Div(hn::Set(d, 1.0), z);
  const V w2 = hn::Mul(w, w);
  V sum = hn::Set(d, math::detail::kStirling[5]);
  for (std::size_t k = 5; k-- > 0;) sum = Fma(sum, w2, hn::Set(d, math::detail::kStirling[k]));
  return hn::Mul(sum, w);
}

// The beta function by its gammas. s + t is the sum of a and b.
template <class D, class V>
HWY_INLINE V BetaOfGammas(D d, V a, V b, V s, V t) {
  const V one = hn::Set(d, 1.0);
  const V p = hn::Add(s, hn::Set(d, 2.0));
  const V w = hn::Div(one, p);
  const V psi =
      hn::Sub(Log(d, p), Fma(hn::Mul(w, w), hn::Set(d, 1.0 / 12), hn::Mul(hn::Set(d, 0.5), w)));
  const V lost = hn::Mul(hn::Div(t, s), hn::Sub(FmaSub(s, psi, one), hn::Div(s, hn::Add(s, one))));
  const V ratio = hn::Div(Gamma(d, a), Gamma(d, s));
  return hn::Mul(Gamma(d, b), NegFma(ratio, lost, ratio));
}

// For a large and b below 16.
template <class D, class V>
HWY_INLINE V BetaOfOneLarge(D d, V a, V b, V s, V t) {
  const V x = hn::Div(b, a);
  V sum = hn::Set(d, 1.0 / 17);
  for (int k = 16; k >= 2; --k) sum = NegFma(sum, x, hn::Set(d, 1.0 / k));
  const V exponent =
      Fma(hn::Mul(b, x), sum,
          hn::Sub(hn::Sub(Stirling(d, a), Stirling(d, s)), hn::Mul(b, hn::Div(t, s))));
  const V half = Pow(d, s, hn::Mul(hn::Set(d, -0.5), b));
  const V front = hn::Mul(hn::Mul(Gamma(d, b), Sqrt(d, hn::Div(s, a))), Exp(d, exponent));
  return hn::Mul(hn::Mul(front, half), half);
}

// For both large.
template <class D, class V>
HWY_INLINE V BetaOfTwoLarge(D d, V a, V b, V s, V t) {
  const V u = hn::Div(a, s);
  const V v = hn::Div(b, s);
  const auto power = hn::Le(a, hn::Set(d, math::detail::kBetaPowerUpTo));
  const V x = hn::Div(b, a);
  const V rest_of_power = hn::Sub(NegFma(u, s, a), hn::Mul(u, t));
  const V rest_of_exp = hn::Mul(hn::Mul(b, x), Fma(x, hn::Set(d, -1.0 / 3), hn::Set(d, 0.5)));
  const V rest = hn::IfThenElse(power, rest_of_power, rest_of_exp);
  const V exponent = hn::Add(hn::Sub(hn::Add(Stirling(d, a), Stirling(d, b)), Stirling(d, s)),
                             hn::Add(rest, hn::Sub(NegFma(v, s, b), hn::Mul(v, t))));
  const V root = hn::Mul(hn::Set(d, math::detail::kSqrt2Pi), Sqrt(d, hn::Div(s, hn::Mul(a, b))));
  const V first = hn::IfThenElse(power, Pow(d, u, a), Exp(d, hn::Neg(b)));
  return hn::Mul(hn::Mul(hn::Mul(root, Exp(d, exponent)), first), Pow(d, v, b));
}

template <class D, class V>
HWY_INLINE V Beta(D d, V x, V y) {
  namespace c = math::detail;
  const V zero = hn::Zero(d);
  const V a = Maximum(x, y);
  const V b = Minimum(x, y);
  const V s = hn::Add(a, b);
  const V t = hn::Sub(b, hn::Sub(s, a));
  const V one = hn::Set(d, 1.0);
  V z = hn::Add(hn::Div(one, b), hn::Div(one, a));
  // Which lanes are left for which form; each is computed where one of them wants it.
  const auto by_gammas = hn::And(hn::Ge(a, hn::Set(d, c::kBetaIsSumOfInversesBelow)),
                                 hn::Le(s, hn::Set(d, c::kBetaOfGammasUpTo)));
  if (!hn::AllFalse(d, by_gammas)) z = hn::IfThenElse(by_gammas, BetaOfGammas(d, a, b, s, t), z);
  const auto large = hn::Gt(s, hn::Set(d, c::kBetaOfGammasUpTo));
  const auto one_large = hn::And(large, hn::Lt(b, hn::Set(d, c::kBetaStirlingOfBothFrom)));
  if (!hn::AllFalse(d, one_large)) z = hn::IfThenElse(one_large, BetaOfOneLarge(d, a, b, s, t), z);
  const auto two_large = hn::And(large, hn::Ge(b, hn::Set(d, c::kBetaStirlingOfBothFrom)));
  if (!hn::AllFalse(d, two_large)) z = hn::IfThenElse(two_large, BetaOfTwoLarge(d, a, b, s, t), z);
  const auto infinite = hn::Eq(a, hn::Inf(d));
  z = hn::IfThenElse(hn::Or(infinite, hn::Gt(b, hn::Set(d, c::kBetaIsZeroAbove))), zero, z);
  z = hn::IfThenElse(hn::Eq(b, zero), hn::IfThenElse(infinite, hn::NaN(d), hn::Inf(d)), z);
  return hn::IfThenElse(hn::Ge(b, zero), z, hn::NaN(d));
}

}  // namespace HWY_NAMESPACE
}  // namespace oche
HWY_AFTER_NAMESPACE();

#endif  // OCHE_MATH_BETA_INL_H_

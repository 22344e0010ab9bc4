// Elementary functions over vectors, with the bits of functions.h's scalar ones, on every target.
// Each result depends on its own lane only. math/functions.h says what holds for special values;
// the errors are the largest found against MPFR (accuracy_test.cc and functions_test.cc check it).
//
// Most are SLEEF's, called for the full vector of the target; where it is not what C99 Annex F
// says, a wrapper repairs the lanes concerned. The portable target calls SLEEF's scalar form.

#if defined(OCHE_MATH_FUNCTIONS_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef OCHE_MATH_FUNCTIONS_INL_H_
#undef OCHE_MATH_FUNCTIONS_INL_H_
#else
#define OCHE_MATH_FUNCTIONS_INL_H_
#endif

#include <bit>
#include <cstddef>
#include <cstdint>

#include "math/coefficients.h"
#include "math/factorials.h"
#include "math/functions.h"
#include "math/simd-inl.h"
#include "math/sleef.h"

HWY_BEFORE_NAMESPACE();
namespace oche {
namespace HWY_NAMESPACE {

// SLEEF's function of one or two arguments for this target's full vector.
#if OCHE_SIMD_PORTABLE
#define OCHE_SLEEF1(name, error, x) EachLane(x, Sleef_finz_##name##d1_##error##purecfma)
#define OCHE_SLEEF2(name, error, x, y) EachLane(x, y, Sleef_finz_##name##d1_##error##purecfma)
#elif defined(__clang__)
template <class V>
HWY_INLINE V CallByAddress(void (*function)(double*) noexcept, V x) {
  const hn::DFromV<V> d;
  alignas(64) double a[hn::MaxLanes(hn::DFromV<V>())];
  hn::Store(x, d, a);
  function(a);
  return hn::Load(d, a);
}
template <class V>
HWY_INLINE V CallByAddress(void (*function)(double*, const double*) noexcept, V x, V y) {
  const hn::DFromV<V> d;
  alignas(64) double a[hn::MaxLanes(hn::DFromV<V>())];
  alignas(64) double b[hn::MaxLanes(hn::DFromV<V>())];
  hn::Store(x, d, a);
  hn::Store(y, d, b);
  function(a, b);
  return hn::Load(d, a);
}
#if HWY_TARGET == HWY_AVX2
#define OCHE_SLEEF1(name, error, x) CallByAddress(math::detail::sleef_##name##_avx2, x)
#define OCHE_SLEEF2(name, error, x, y) CallByAddress(math::detail::sleef_##name##_avx2, x, y)
#else
#define OCHE_SLEEF1(name, error, x) CallByAddress(math::detail::sleef_##name##_avx512, x)
#define OCHE_SLEEF2(name, error, x, y) CallByAddress(math::detail::sleef_##name##_avx512, x, y)
#endif
#elif HWY_TARGET == HWY_AVX2
#define OCHE_SLEEF1(name, error, x) \
  DoubleVector { Sleef_finz_##name##d4_##error##avx2((x).raw) }
#define OCHE_SLEEF2(name, error, x, y) \
  DoubleVector { Sleef_finz_##name##d4_##error##avx2((x).raw, (y).raw) }
#else
#define OCHE_SLEEF1(name, error, x) \
  DoubleVector { Sleef_finz_##name##d8_##error##avx512f((x).raw) }
#define OCHE_SLEEF2(name, error, x, y) \
  DoubleVector { Sleef_finz_##name##d8_##error##avx512f((x).raw, (y).raw) }
#endif

// e to the power x.
template <class D, class V>
HWY_INLINE V Exp(D d, V x) {
  namespace c = math::detail;
  constexpr auto& q = c::kExpRemainder;
  const hn::RebindToUnsigned<D> du;
  const auto in_one_step = hn::Le(hn::Abs(x), hn::Set(d, c::kExpScalesInOneStepUpTo));
  const bool easy = hn::AllTrue(d, in_one_step);
  if (HWY_UNLIKELY(!easy)) {
    const V most = hn::Set(d, c::kExpIsInfiniteAbove);
    const V least = hn::Set(d, c::kExpIsZeroBelow);
    x = hn::IfThenElse(hn::Gt(x, most), most, hn::IfThenElse(hn::Lt(x, least), least, x));
  }
  const V shifted = hn::Add(Fma(x, hn::Set(d, c::kLog2OfE), hn::Set(d, -c::kExpOffset)),
                            hn::Set(d, c::kExpShift));
  const V n = hn::Sub(shifted, hn::Set(d, c::kExpShift));
  const V r = NegFma(n, hn::Set(d, c::kLn2Low), NegFma(n, hn::Set(d, c::kLn2High), x));
  const V s = hn::Mul(r, r);
  V even = hn::Set(d, q[10]);
  V odd = hn::Set(d, q[9]);
  for (const std::size_t k : {8, 6, 4, 2}) {
    even = Fma(even, s, hn::Set(d, q[k]));
    odd = Fma(odd, s, hn::Set(d, q[k - 1]));
  }
  const V sum = Fma(odd, r, Fma(even, s, hn::Set(d, q[0])));
  const V y = hn::Add(Fma(sum, s, r), hn::Set(d, 1.0));
  const auto exponent = hn::ShiftLeft<52>(hn::BitCast(du, shifted));
  if (HWY_LIKELY(easy)) return hn::BitCast(d, hn::Add(hn::BitCast(du, y), exponent));
  // 2^n may be no normal number; the first of two factors is exact, so that one rounding remains.
  const V half = RoundDown(hn::Mul(n, hn::Set(d, 0.5)));
  const auto power = [d, du](V k) {
    const V biased = hn::Add(k, hn::Set(d, c::kExpShift + 1023.0));
    return hn::BitCast(d, hn::ShiftLeft<52>(hn::BitCast(du, biased)));
  };
  return hn::Mul(hn::Mul(y, power(half)), power(hn::Sub(n, half)));
}

// The natural logarithm.
template <class D, class V>
HWY_INLINE V Log(D /*d*/, V x) {
  return OCHE_SLEEF1(log, u10, x);
}

// x in radians, of any size.
template <class D, class V>
HWY_INLINE V Sin(D /*d*/, V x) {
  return OCHE_SLEEF1(sin, u10, x);
}

// x in radians, of any size.
template <class D, class V>
HWY_INLINE V Cos(D /*d*/, V x) {
  return OCHE_SLEEF1(cos, u10, x);
}

// x in radians, of any size.
template <class D, class V>
HWY_INLINE V Tan(D d, V x) {
  // tan x = x (1 + x^2/3 + ...): x itself below 2^-27, where SLEEF loses the smallest subnormals.
  const auto tiny = hn::Lt(hn::Abs(x), hn::Set(d, math::detail::kIsArgumentBelow));
  return hn::IfThenElse(tiny, x, OCHE_SLEEF1(tan, u10, x));
}

// x to the power y.
template <class D, class V>
HWY_INLINE V Pow(D d, V x, V y) {
  V z = OCHE_SLEEF2(pow, u10, x, y);
  // SLEEF overflows 1.8e-6 too early, as its exp does.
  const V infinity = hn::Inf(d);
  const V a = hn::Abs(x);
  const auto overflow =
      hn::And(hn::Eq(hn::Abs(z), infinity), hn::And(hn::Lt(a, infinity), hn::Gt(a, hn::Zero(d))));
  if (HWY_UNLIKELY(!hn::AllFalse(d, overflow))) {
    const V root = OCHE_SLEEF2(pow, u10, a, hn::Mul(y, hn::Set(d, 0.5)));
    const V magnitude = hn::IfThenElse(hn::Eq(y, hn::Set(d, 1.0)), a, hn::Mul(root, root));
    z = hn::IfThenElse(overflow, hn::CopySign(magnitude, z), z);
  }
  return z;
}

// The square root, correctly rounded.
template <class D, class V>
HWY_INLINE V Sqrt(D /*d*/, V x) {
  return hn::Sqrt(x);
}

// f(x) of the scalar form in the few lanes that `special` marks, and y in the others.
template <class D, class M, class V>
HWY_INLINE V Repair(D d, M special, V x, V y, double (*f)(double) noexcept) {
  if (HWY_LIKELY(hn::AllFalse(d, special))) return y;
  return hn::IfThenElse(special, EachLane(x, f), y);
}

// What SLEEF has right for every argument.
#define OCHE_AS_SLEEF_HAS_IT(Name, name, error) \
  template <class D, class V>                   \
  HWY_INLINE V Name(D /*d*/, V x) {             \
    return OCHE_SLEEF1(name, error, x);         \
  }
OCHE_AS_SLEEF_HAS_IT(Cbrt, cbrt, u10)
OCHE_AS_SLEEF_HAS_IT(Exp2, exp2, u10)
OCHE_AS_SLEEF_HAS_IT(Exp10, exp10, u10)
OCHE_AS_SLEEF_HAS_IT(Expm1, expm1, u10)
OCHE_AS_SLEEF_HAS_IT(Log2, log2, u10)
OCHE_AS_SLEEF_HAS_IT(Log10, log10, u10)
OCHE_AS_SLEEF_HAS_IT(Asin, asin, u10)
OCHE_AS_SLEEF_HAS_IT(Acos, acos, u10)
OCHE_AS_SLEEF_HAS_IT(Atan, atan, u10)
OCHE_AS_SLEEF_HAS_IT(Erf, erf, u10)
OCHE_AS_SLEEF_HAS_IT(Erfc, erfc, u15)
#undef OCHE_AS_SLEEF_HAS_IT

template <class D, class V>
HWY_INLINE V Atan2(D /*d*/, V y, V x) {
  return OCHE_SLEEF2(atan2, u10, y, x);
}

template <class D, class V>
HWY_INLINE V Hypot(D /*d*/, V x, V y) {
  return OCHE_SLEEF2(hypot, u05, x, y);
}

template <class D, class V>
HWY_INLINE V Lgamma(D d, V x) {
  const auto special = hn::Gt(x, hn::Set(d, math::detail::kLgammaIsSleefsUpTo));
  return Repair(d, special, x, OCHE_SLEEF1(lgamma, u10, x), math::lgamma);
}

template <class D, class V>
HWY_INLINE V Log1p(D d, V x) {
  const auto special = hn::Or(hn::Lt(hn::Abs(x), hn::Set(d, math::detail::kLog1pIsArgumentBelow)),
                              hn::Gt(x, hn::Set(d, math::detail::kLog1pIsLogAbove)));
  return Repair(d, special, x, OCHE_SLEEF1(log1p, u10, x), math::log1p);
}

// Whether |x| is so small that an odd function is its argument, or above `large`.
template <class D, class V>
HWY_INLINE auto TinyOrAbove(D d, V x, double large) {
  const V a = hn::Abs(x);
  return hn::Or(hn::Lt(a, hn::Set(d, math::detail::kIsArgumentBelow)),
                hn::Gt(a, hn::Set(d, large)));
}

template <class D, class V>
HWY_INLINE V Sinh(D d, V x) {
  return Repair(d, TinyOrAbove(d, x, math::detail::kHyperbolicIsHalfExpAbove), x,
                OCHE_SLEEF1(sinh, u10, x), math::sinh);
}

template <class D, class V>
HWY_INLINE V Cosh(D d, V x) {
  const auto special = hn::Gt(hn::Abs(x), hn::Set(d, math::detail::kHyperbolicIsHalfExpAbove));
  return Repair(d, special, x, OCHE_SLEEF1(cosh, u10, x), math::cosh);
}

template <class D, class V>
HWY_INLINE V Tanh(D d, V x) {
  const auto tiny = hn::Lt(hn::Abs(x), hn::Set(d, math::detail::kIsArgumentBelow));
  return hn::IfThenElse(tiny, x, OCHE_SLEEF1(tanh, u10, x));
}

template <class D, class V>
HWY_INLINE V Asinh(D d, V x) {
  return Repair(d, TinyOrAbove(d, x, math::detail::kArcIsLogAbove), x, OCHE_SLEEF1(asinh, u10, x),
                math::asinh);
}

template <class D, class V>
HWY_INLINE V Acosh(D d, V x) {
  const auto special = hn::Gt(x, hn::Set(d, math::detail::kArcIsLogAbove));
  return Repair(d, special, x, OCHE_SLEEF1(acosh, u10, x), math::acosh);
}

template <class D, class V>
HWY_INLINE V Atanh(D d, V x) {
  const auto tiny = hn::Lt(hn::Abs(x), hn::Set(d, math::detail::kIsArgumentBelow));
  return hn::IfThenElse(tiny, x, OCHE_SLEEF1(atanh, u10, x));
}

template <class D, class V>
HWY_INLINE V Gamma(D d, V x) {
  const V y = OCHE_SLEEF1(tgamma, u10, x);
  const V half = hn::Mul(hn::Set(d, 0.5), RoundDown(x));
  const V sign = hn::IfThenElse(hn::Eq(half, RoundDown(half)), hn::Zero(d), hn::Set(d, -0.0));
  const auto negative = hn::And(hn::Lt(x, hn::Zero(d)), hn::Eq(y, y));
  const auto shifted = hn::Lt(x, hn::Set(d, math::detail::kGammaIsShiftedBelow));
  return Repair(d, shifted, x, hn::IfThenElse(negative, hn::Or(hn::Abs(y), sign), y), math::gamma);
}

template <class D, class V>
HWY_INLINE V NormalCdf(D d, V x) {
  namespace c = math::detail;
  const V a = hn::Mul(x, hn::Set(d, -c::kInverseSqrt2High));
  const V r = hn::Sub(Fma(x, hn::Set(d, -c::kInverseSqrt2High), hn::Neg(a)),
                      hn::Mul(x, hn::Set(d, c::kInverseSqrt2Low)));
  const V slope = hn::Mul(hn::Set(d, c::kTwoOverSqrtPi), Exp(d, hn::Neg(hn::Mul(a, a))));
  const V p = hn::Mul(hn::Set(d, 0.5), Fma(hn::Neg(r), slope, Erfc(d, a)));
  const auto certain = hn::Gt(hn::Abs(x), hn::Set(d, c::kNormalIsCertainBeyond));
  const V end = hn::IfThenElse(hn::Lt(x, hn::Zero(d)), hn::Zero(d), hn::Set(d, 1.0));
  return hn::IfThenElse(certain, end, p);
}

template <class D, class V>
HWY_INLINE V Floor(D /*d*/, V x) {
  return RoundDown(x);
}

template <class D, class V>
HWY_INLINE V Ceil(D /*d*/, V x) {
  return RoundUp(x);
}

template <class D, class V>
HWY_INLINE V Round(D d, V x) {
  const V whole = RoundTowardZero(x);
  const auto away = hn::Ge(hn::Abs(hn::Sub(x, whole)), hn::Set(d, 0.5));
  return hn::IfThenElse(away, hn::Add(whole, hn::CopySign(hn::Set(d, 1.0), x)), whole);
}

template <class D, class V>
HWY_INLINE V Sign(D d, V x) {
  const auto itself = hn::Or(IsNotEqual(x, x), hn::Eq(x, hn::Zero(d)));
  return hn::IfThenElse(itself, x, hn::CopySign(hn::Set(d, 1.0), x));
}

// Where |a/b| < 2^52 the quotient, cut off, is right or 1 too large in magnitude, and what remains
// fits a double, so that one fused step and one correction are exact. Beyond, an exact remainder
// has no short form for vectors: the quotient may have a thousand bits.
template <class D, class V>
HWY_INLINE V Mod(D d, V a, V b) {
  const V zero = hn::Zero(d);
  const V quotient = hn::Div(a, b);
  const auto easy =
      hn::And(hn::Lt(hn::Abs(quotient), hn::Set(d, 0x1p52)), hn::Lt(hn::Abs(b), hn::Inf(d)));
  V r = NegFma(RoundTowardZero(quotient), b, a);
  const auto too_far = hn::Lt(hn::Mul(r, hn::CopySign(hn::Set(d, 1.0), a)), zero);
  r = hn::IfThenElse(too_far, hn::Add(r, hn::CopySign(b, a)), r);
  const auto other_sign = hn::Lt(hn::Mul(r, hn::CopySign(hn::Set(d, 1.0), b)), zero);
  r = hn::IfThenElse(other_sign, hn::Add(r, b), r);
  r = hn::IfThenElse(hn::Eq(r, zero), hn::CopySign(zero, b), r);
  if (HWY_LIKELY(hn::AllTrue(d, easy))) return r;
  return hn::IfThenElse(easy, r, EachLane(a, b, math::mod));
}

template <class D, class V>
HWY_INLINE V Factorial(D d, V n) {
  const hn::RebindToSigned<D> di;
  const auto whole = hn::And(hn::Ge(n, hn::Zero(d)), hn::Eq(n, RoundDown(n)));
  const auto listed = hn::And(whole, hn::Le(n, hn::Set(d, math::detail::kLastFactorial)));
  // Added to 2^52, a small whole number stands in the lowest bits.
  const V shift = hn::Set(d, 0x1p52);
  const auto index = hn::Sub(hn::BitCast(di, hn::Add(hn::IfThenElseZero(listed, n), shift)),
                             hn::BitCast(di, shift));
  const V value = hn::GatherIndex(d, math::detail::kFactorials.data(), index);
  return hn::IfThenElse(listed, value, hn::IfThenElse(whole, hn::Inf(d), hn::NaN(d)));
}

// p(x) for the coefficients of ascending powers, by Horner's rule with fused steps.
template <class D, class V, std::size_t kDegree>
HWY_INLINE V Polynomial(D d, V x, const std::array<double, kDegree>& p) {
  V sum = hn::Set(d, p[kDegree - 1]);
  for (std::size_t k = kDegree - 1; k-- > 0;) sum = Fma(sum, x, hn::Set(d, p[k]));
  return sum;
}

// The quantile where |u - 1/2| is at most kCentralHalfWidth.
template <class D, class V>
HWY_INLINE V NormalQuantileCentral(D d, V q) {
  const V r = NegFma(q, q, hn::Set(d, 0.25));
  return hn::Mul(q, hn::Div(Polynomial(d, r, math::detail::kCentralNumerator),
                            Polynomial(d, r, math::detail::kCentralDenominator)));
}

// The quantile elsewhere.
template <class D, class V>
HWY_INLINE V NormalQuantileTail(D d, V u) {
  namespace as241 = math::detail;
  const V r = Sqrt(d, hn::Neg(Log(d, Minimum(u, hn::Sub(hn::Set(d, 1.0), u)))));
  const V s = hn::Sub(r, hn::Set(d, as241::kNearShift));
  V z = hn::Div(Polynomial(d, s, as241::kNearNumerator), Polynomial(d, s, as241::kNearDenominator));
  const auto is_far = hn::Gt(r, hn::Set(d, as241::kFarBeyond));
  if (HWY_UNLIKELY(!hn::AllFalse(d, is_far))) {
    const V t = hn::Sub(r, hn::Set(d, as241::kFarShift));
    const V far =
        hn::Div(Polynomial(d, t, as241::kFarNumerator), Polynomial(d, t, as241::kFarDenominator));
    z = hn::IfThenElse(is_far, far, z);
    z = hn::IfThenElse(hn::Eq(r, hn::Inf(d)), r, z);
  }
  return hn::CopySign(z, hn::Sub(u, hn::Set(d, 0.5)));
}

template <class D, class V>
HWY_INLINE auto IsCentral(D d, V q) {
  return hn::Le(hn::Abs(q), hn::Set(d, math::detail::kCentralHalfWidth));
}

// The z with P(standard normal < z) = u; see normal_quantile in functions.h. NormalQuantiles does
// the same for an array, faster.
template <class D, class V>
HWY_INLINE V NormalQuantile(D d, V u) {
  const V q = hn::Sub(u, hn::Set(d, 0.5));
  const auto is_central = IsCentral(d, q);
  V z = NormalQuantileCentral(d, q);
  if (!hn::AllTrue(d, is_central)) {
    z = hn::IfThenElse(is_central, z, NormalQuantileTail(d, u));
  }
  return z;
}

// NormalQuantileCentral of two vectors, whose polynomials advance together, step by step: each step
// waits for the last, and a processor's view ahead holds few such chains.
template <class D, class V>
HWY_INLINE void NormalQuantilesCentral(D d, V q0, V q1, double* z) {
  constexpr auto& numerator = math::detail::kCentralNumerator;
  constexpr auto& denominator = math::detail::kCentralDenominator;
  static_assert(numerator.size() == denominator.size());
  const V r0 = NegFma(q0, q0, hn::Set(d, 0.25));
  const V r1 = NegFma(q1, q1, hn::Set(d, 0.25));
  V above0 = hn::Set(d, numerator.back());
  V above1 = above0;
  V below0 = hn::Set(d, denominator.back());
  V below1 = below0;
  for (std::size_t k = numerator.size() - 1; k-- > 0;) {
    above0 = Fma(above0, r0, hn::Set(d, numerator[k]));
    above1 = Fma(above1, r1, hn::Set(d, numerator[k]));
    below0 = Fma(below0, r0, hn::Set(d, denominator[k]));
    below1 = Fma(below1, r1, hn::Set(d, denominator[k]));
  }
  hn::Store(hn::Mul(q0, hn::Div(above0, below0)), d, z);
  hn::Store(hn::Mul(q1, hn::Div(above1, below1)), d, z + hn::Lanes(d));
}

// z[i] = the quantile of u[i], with the bits of NormalQuantile. n is a multiple of Lanes(d), arrays
// are aligned to a vector, z may be u.
// Vectors with an element in a tail are noted without a branch, which couldn't be predicted; then
// these elements are put together, and done again.
template <class D>
HWY_INLINE void NormalQuantiles(D d, const double* u, double* z, std::size_t n) {
  using V = hn::VFromD<D>;
  constexpr std::size_t kBlock = 512;
  const std::size_t lanes = hn::Lanes(d);
  alignas(64) double noted[kBlock];  // copies of u, which z may overwrite
  std::uint16_t noted_places[kBlock];
  std::uint8_t noted_tails[kBlock + 8];  // a bit for each lane
  alignas(64) double tails[kBlock];
  std::uint16_t places[kBlock];
  for (std::size_t begin = 0; begin < n; begin += kBlock) {
    const std::size_t size = begin + kBlock < n ? kBlock : n - begin;
    std::size_t vectors = 0;
    const auto centre_and_note = [&](std::size_t i) {
      const auto x = hn::Load(d, u + begin + i);
      const auto q = hn::Sub(x, hn::Set(d, 0.5));
      const auto is_tail = hn::Not(IsCentral(d, q));
      hn::Store(x, d, noted + vectors * lanes);
      hn::StoreMaskBits(d, is_tail, noted_tails + vectors);
      noted_places[vectors] = static_cast<std::uint16_t>(i);
      vectors += hn::AllFalse(d, is_tail) ? 0 : 1;
      return q;
    };
    std::size_t i = 0;
    for (; i + 2 * lanes <= size; i += 2 * lanes) {
      const V q0 = centre_and_note(i);
      const V q1 = centre_and_note(i + lanes);
      NormalQuantilesCentral(d, q0, q1, z + begin + i);
    }
    if (i < size) hn::Store(NormalQuantileCentral(d, centre_and_note(i)), d, z + begin + i);
    std::size_t count = 0;
    for (std::size_t v = 0; v < vectors; ++v) {
      for (unsigned bits = noted_tails[v]; bits != 0; bits &= bits - 1) {
        const auto lane = static_cast<unsigned>(std::countr_zero(bits));
        tails[count] = noted[v * lanes + lane];
        places[count++] = static_cast<std::uint16_t>(noted_places[v] + lane);
      }
    }
    const std::size_t whole = (count + lanes - 1) / lanes * lanes;
    for (std::size_t k = count; k < whole; ++k) tails[k] = 0.5;
    for (std::size_t k = 0; k < count; k += lanes) {
      hn::Store(NormalQuantileTail(d, hn::Load(d, tails + k)), d, tails + k);
    }
    for (std::size_t k = 0; k < count; ++k) z[begin + places[k]] = tails[k];
  }
}

#undef OCHE_SLEEF1
#undef OCHE_SLEEF2

}  // namespace HWY_NAMESPACE
}  // namespace oche
HWY_AFTER_NAMESPACE();

// Made of the functions above.
#include "math/beta-inl.h"

#endif  // OCHE_MATH_FUNCTIONS_INL_H_

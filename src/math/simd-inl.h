// Operations whose bits are the same on every target, for code under Highway's dynamic dispatch.
//
// Use Highway's own Add, Sub, Mul, Div, Sqrt, Abs, Neg, CopySign, And, Or, Xor, IfThenElse, Eq, Lt,
// Le, Gt, Ge, Load, Store: they agree. Don't use its MulAdd family, Min, Max, Round, Trunc, Floor,
// Ceil or Ne on doubles: they differ between targets (EMU128 doesn't fuse; its Min drops NaN and
// its Round loses -0; Ne is false for NaN on some). The replacements here have other names, so that
// a name found through the argument's namespace can never stand in for them silently.
//
// What isn't covered anywhere: sign and payload of a NaN. Every NaN is the same value.
//
// A file that includes this has math/simd_targets.h and hwy/foreach_target.h before it.

#if defined(OCHE_MATH_SIMD_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef OCHE_MATH_SIMD_INL_H_
#undef OCHE_MATH_SIMD_INL_H_
#else
#define OCHE_MATH_SIMD_INL_H_
#endif

#ifndef OCHE_MATH_SIMD_TARGETS_H_
#error "Include math/simd_targets.h before hwy/foreach_target.h."
#endif

#include <hwy/highway.h>

#include <cmath>
#include <cstddef>
#include <cstdint>

HWY_BEFORE_NAMESPACE();
namespace oche {
namespace HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

// A full vector of doubles: 8 lanes with AVX-512, 4 with AVX2, 2 on the portable target.
using DoubleTag = hn::ScalableTag<double>;
using DoubleVector = hn::Vec<DoubleTag>;
using DoubleMask = hn::Mask<DoubleTag>;

// 1 on the target without vector instructions, which works lane by lane.
#undef OCHE_SIMD_PORTABLE
#if HWY_TARGET == HWY_EMU128 || HWY_TARGET == HWY_SCALAR
#define OCHE_SIMD_PORTABLE 1
#else
#define OCHE_SIMD_PORTABLE 0
#endif

// f applied to each lane: how the portable target computes what Highway's emulation gets wrong.
template <class V, class F>
HWY_INLINE V EachLane(V a, F f) {
  const hn::DFromV<V> d;
  alignas(64) double x[hn::MaxLanes(hn::DFromV<V>())];
  hn::Store(a, d, x);
  for (std::size_t i = 0; i < hn::Lanes(d); ++i) x[i] = f(x[i]);
  return hn::Load(d, x);
}

template <class V, class F>
HWY_INLINE V EachLane(V a, V b, F f) {
  const hn::DFromV<V> d;
  alignas(64) double x[hn::MaxLanes(hn::DFromV<V>())];
  alignas(64) double y[hn::MaxLanes(hn::DFromV<V>())];
  hn::Store(a, d, x);
  hn::Store(b, d, y);
  for (std::size_t i = 0; i < hn::Lanes(d); ++i) x[i] = f(x[i], y[i]);
  return hn::Load(d, x);
}

template <class V, class F>
HWY_INLINE V EachLane(V a, V b, V c, F f) {
  const hn::DFromV<V> d;
  alignas(64) double x[hn::MaxLanes(hn::DFromV<V>())];
  alignas(64) double y[hn::MaxLanes(hn::DFromV<V>())];
  alignas(64) double z[hn::MaxLanes(hn::DFromV<V>())];
  hn::Store(a, d, x);
  hn::Store(b, d, y);
  hn::Store(c, d, z);
  for (std::size_t i = 0; i < hn::Lanes(d); ++i) x[i] = f(x[i], y[i], z[i]);
  return hn::Load(d, x);
}

// a * b + c with one rounding, as std::fma.
template <class V>
HWY_INLINE V Fma(V a, V b, V c) {
#if OCHE_SIMD_PORTABLE
  return EachLane(a, b, c, [](double x, double y, double z) { return std::fma(x, y, z); });
#else
  return hn::MulAdd(a, b, c);
#endif
}

// a * b - c with one rounding.
template <class V>
HWY_INLINE V FmaSub(V a, V b, V c) {
#if OCHE_SIMD_PORTABLE
  return EachLane(a, b, c, [](double x, double y, double z) { return std::fma(x, y, -z); });
#else
  return hn::MulSub(a, b, c);
#endif
}

// c - a * b with one rounding.
template <class V>
HWY_INLINE V NegFma(V a, V b, V c) {
#if OCHE_SIMD_PORTABLE
  return EachLane(a, b, c, [](double x, double y, double z) { return std::fma(-x, y, z); });
#else
  return hn::NegMulAdd(a, b, c);
#endif
}

// The smaller of two: NaN if either is NaN (a NaN is data: it must reach the count of non-finite
// values), and -0 is below +0. IEEE 754-2019 minimum.
template <class V>
HWY_INLINE V Minimum(V a, V b) {
#if OCHE_SIMD_PORTABLE
  return EachLane(a, b, [](double x, double y) {
    if (x != x || y != y) return x + y;
    if (x == y) return std::signbit(x) ? x : y;
    return x < y ? x : y;
  });
#elif HWY_ARCH_X86
  // The instruction yields its second operand for a NaN and for two zeros. So the two orders have
  // different bits only then, and their union is a NaN or the negative zero.
  return hn::Or(hn::Min(a, b), hn::Min(b, a));
#else
  return hn::Min(a, b);
#endif
}

// The larger of two: NaN if either is NaN, and +0 is above -0. IEEE 754-2019 maximum.
template <class V>
HWY_INLINE V Maximum(V a, V b) {
  return hn::Neg(Minimum(hn::Neg(a), hn::Neg(b)));
}

// To the nearest integer, halves to the even one. A zero keeps or takes the argument's sign.
template <class V>
HWY_INLINE V RoundHalfEven(V a) {
#if OCHE_SIMD_PORTABLE
  return EachLane(a, [](double x) { return std::nearbyint(x); });
#else
  return hn::Round(a);
#endif
}

// The largest integer not above a; -0 stays -0.
template <class V>
HWY_INLINE V RoundDown(V a) {
#if OCHE_SIMD_PORTABLE
  return EachLane(a, [](double x) { return std::floor(x); });
#else
  return hn::Floor(a);
#endif
}

// The smallest integer not below a; zero from (-1, -0] is -0.
template <class V>
HWY_INLINE V RoundUp(V a) {
#if OCHE_SIMD_PORTABLE
  return EachLane(a, [](double x) { return std::ceil(x); });
#else
  return hn::Ceil(a);
#endif
}

// The integer part; a zero takes the argument's sign.
template <class V>
HWY_INLINE V RoundTowardZero(V a) {
#if OCHE_SIMD_PORTABLE
  return EachLane(a, [](double x) { return std::trunc(x); });
#else
  return hn::Trunc(a);
#endif
}

// a != b as in C: true if either is NaN.
template <class V>
HWY_INLINE auto IsNotEqual(V a, V b) {
  return hn::Not(hn::Eq(a, b));
}

// Whether a lane is NaN.
template <class V>
HWY_INLINE auto IsNotANumber(V a) {
  return hn::Not(hn::Eq(a, a));
}

// Whether a lane is neither infinite nor NaN.
template <class V>
HWY_INLINE auto IsFiniteNumber(V a) {
  const hn::DFromV<V> d;
  return hn::Lt(hn::Abs(a), hn::Inf(d));
}

// 1.0 where the mask is true, +0.0 elsewhere: the value of a comparison.
template <class D, class M>
HWY_INLINE hn::Vec<D> OneWhere(D d, M mask) {
  return hn::IfThenElseZero(mask, hn::Set(d, 1.0));
}

}  // namespace HWY_NAMESPACE
}  // namespace oche
HWY_AFTER_NAMESPACE();

#endif  // OCHE_MATH_SIMD_INL_H_

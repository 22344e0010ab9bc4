// Three expressions written by hand: uniforms, function and moments fused. Nothing is stored but,
// for the normal input, 512 numbers in the first-level cache: gathering the tails is the faster
// way.
#include "math/simd_targets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "bench/limits_expressions.cc"
#include <hwy/foreach_target.h>
// Above, before the kernels of each target.
#include "bench/limits.h"
#include "math/dispatch.h"
#include "math/functions-inl.h"
#include "random/stream-inl.h"

HWY_BEFORE_NAMESPACE();
namespace oche {
namespace HWY_NAMESPACE {

// Samples after which the sums in the lanes are merged into the result.
constexpr std::uint64_t kBlock = 512;

// Uniforms of one vector of samples after the other, and the value of the function there.
template <class D>
class Uniforms {
 public:
  using V = hn::Vec<D>;
  HWY_INLINE Uniforms(D d, const random::StreamKey& key, std::uint64_t first_sample)
      : keys_(d, key), pairs_(d, key, first_sample, 0) {}
  HWY_INLINE void StartBlock(D /*d*/) {}
  HWY_INLINE void Next(D d, V& x, V& y) { pairs_.Next(d, keys_, x, y); }

 private:
  StreamKeys<D> keys_;
  UniformPairs<D> pairs_;
};

// Standard normal numbers from dimension 0.
template <class D>
class Normals {
 public:
  using V = hn::Vec<D>;
  HWY_INLINE Normals(D d, const random::StreamKey& key, std::uint64_t first_sample)
      : keys_(d, key), pairs_(d, key, first_sample, 0) {}
  HWY_INLINE void StartBlock(D d) {
    V even, odd;
    for (std::uint64_t i = 0; i < kBlock; i += hn::Lanes(d)) {
      pairs_.Next(d, keys_, even, odd);
      hn::Store(even, d, z_ + i);
    }
    NormalQuantiles(d, z_, z_, kBlock);
    next_ = 0;
  }
  HWY_INLINE void Next(D d, V& z, V& /*unused*/) {
    z = hn::Load(d, z_ + next_);
    next_ += hn::Lanes(d);
  }

 private:
  StreamKeys<D> keys_;
  UniformPairs<D> pairs_;
  std::uint64_t next_ = 0;
  alignas(64) double z_[kBlock];
};

struct Reciprocal {
  template <class D>
  using Source = Uniforms<D>;
  template <class D, class V>
  static HWY_INLINE V Value(D d, V u, V /*unused*/) {
    return hn::Div(hn::Set(d, 1.0), hn::Add(u, hn::Set(d, 1.0)));
  }
};

struct Waves {
  template <class D>
  using Source = Uniforms<D>;
  template <class D, class V>
  static HWY_INLINE V Value(D d, V x, V y) {
    const V bell = Exp(d, hn::Neg(hn::Mul(x, x)));
    const V wave = Sin(d, hn::Mul(hn::Set(d, 3.0), y));
    return hn::Add(hn::Mul(bell, wave), Sqrt(d, hn::Mul(x, y)));
  }
};

struct Option {
  template <class D>
  using Source = Normals<D>;
  template <class D, class V>
  static HWY_INLINE V Value(D d, V z, V /*unused*/) {
    const V growth = Exp(d, hn::Add(hn::Set(d, 0.05), hn::Mul(hn::Set(d, 0.2), z)));
    const V hundred = hn::Set(d, 100.0);
    return Maximum(hn::Sub(hn::Mul(hundred, growth), hundred), hn::Zero(d));
  }
};

// Two moments of one block of 512 about `shift`, which is near the mean, so that
// sum (f - mean)^2 = sum (f - shift)^2 - n (mean - shift)^2 cancels nothing that matters.
template <class Function, class D>
HWY_INLINE bench::Moments BlockMoments(D d, typename Function::template Source<D>& source,
                                       double shift) {
  using V = hn::Vec<D>;
  const V c = hn::Set(d, shift);
  V first0 = hn::Zero(d), first1 = hn::Zero(d), second0 = hn::Zero(d), second1 = hn::Zero(d);
  V x = hn::Zero(d), y = hn::Zero(d);
  source.StartBlock(d);
  for (std::uint64_t i = 0; i < kBlock; i += 2 * hn::Lanes(d)) {
    source.Next(d, x, y);
    const V a = hn::Sub(Function::Value(d, x, y), c);
    first0 = hn::Add(first0, a);
    second0 = Fma(a, a, second0);
    source.Next(d, x, y);
    const V b = hn::Sub(Function::Value(d, x, y), c);
    first1 = hn::Add(first1, b);
    second1 = Fma(b, b, second1);
  }
  const auto n = static_cast<double>(kBlock);
  const double first = hn::GetLane(hn::SumOfLanes(d, hn::Add(first0, first1)));
  const double second = hn::GetLane(hn::SumOfLanes(d, hn::Add(second0, second1)));
  return {n, shift + first / n, second - first * first / n};
}

template <class Function>
HWY_INLINE bench::Moments Run(std::uint64_t seed, std::uint64_t first_sample, std::uint64_t n) {
  const DoubleTag d;
  const random::StreamKey key{seed, 0, random::Domain::samples};
  using Source = typename Function::template Source<DoubleTag>;
  Source pilot(d, key, first_sample);
  const double shift = BlockMoments<Function>(d, pilot, 0.0).mean;
  Source source(d, key, first_sample);
  bench::Moments all;
  for (std::uint64_t done = 0; done < n; done += kBlock) {
    const bench::Moments block = BlockMoments<Function>(d, source, shift);
    const double delta = block.mean - all.mean;
    const double total = all.n + block.n;
    all.squares += block.squares + delta * delta * all.n * block.n / total;
    all.mean += delta * block.n / total;
    all.n = total;
  }
  return all;
}

bench::Moments RunReciprocal(std::uint64_t seed, std::uint64_t first, std::uint64_t n) {
  return Run<Reciprocal>(seed, first, n);
}
bench::Moments RunWaves(std::uint64_t seed, std::uint64_t first, std::uint64_t n) {
  return Run<Waves>(seed, first, n);
}
bench::Moments RunOption(std::uint64_t seed, std::uint64_t first, std::uint64_t n) {
  return Run<Option>(seed, first, n);
}

}  // namespace HWY_NAMESPACE
}  // namespace oche
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
#include "base/assert.h"

namespace oche {

OCHE_EXPORT(RunReciprocal);
OCHE_EXPORT(RunWaves);
OCHE_EXPORT(RunOption);

namespace bench {
namespace {

Moments run_reciprocal(std::uint64_t seed, std::uint64_t first, std::uint64_t n) {
  OCHE_ASSERT(n % 512 == 0);
  return OCHE_DISPATCH(RunReciprocal)(seed, first, n);
}
Moments run_waves(std::uint64_t seed, std::uint64_t first, std::uint64_t n) {
  OCHE_ASSERT(n % 512 == 0);
  return OCHE_DISPATCH(RunWaves)(seed, first, n);
}
Moments run_option(std::uint64_t seed, std::uint64_t first, std::uint64_t n) {
  OCHE_ASSERT(n % 512 == 0);
  return OCHE_DISPATCH(RunOption)(seed, first, n);
}

}  // namespace

const std::vector<ExpressionLimit>& expression_limits() {
  // The means: ln 2; by quadrature; the formula of Black and Scholes, undiscounted.
  static const std::vector<ExpressionLimit> limits = {
      {"1/x", {"x=1..2"}, 0.6931471805599453, run_reciprocal},
      {"exp(-x*x)*sin(3*y)+sqrt(x*y)", {"x=0..1", "y=0..1"}, 0.93983591797006588, run_waves},
      {"max(100*exp(0.05+0.2*z)-100,0)", {"z~normal(0,1)"}, 12.378321181747648, run_option},
  };
  return limits;
}

}  // namespace bench
}  // namespace oche
#endif  // HWY_ONCE

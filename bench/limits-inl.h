// What the hand-written expressions share: numbers in registers, calls of library functions, the
// tally.
//
// Library functions run over arrays of 512 in the first-level cache, which is up to a third faster
// than to call them in the midst of what the registers hold; and gathering the tails is the faster
// way to make normal numbers. Where the whole distribution is measured, the output and the inputs
// are stored too; elsewhere nothing else is.

#if defined(OCHE_BENCH_LIMITS_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef OCHE_BENCH_LIMITS_INL_H_
#undef OCHE_BENCH_LIMITS_INL_H_
#else
#define OCHE_BENCH_LIMITS_INL_H_
#endif

#include <array>
#include <utility>
#include <vector>

#include "bench/limits.h"
#include "math/functions-inl.h"
#include "random/stream-inl.h"
#include "tally/bins.h"

HWY_BEFORE_NAMESPACE();
namespace oche {
namespace HWY_NAMESPACE {

// Samples at a time where normal numbers are made.
constexpr std::uint64_t kBlock = 512;
// The tally's lanes: sixteen, so that two vectors of AVX-512 don't wait for each other.
constexpr std::uint64_t kLanes = 16;

// Uniforms of one vector of samples after the other, in kPairs pairs of dimensions.
template <class D, unsigned kPairs>
class Uniforms {
 public:
  using V = hn::Vec<D>;
  HWY_INLINE Uniforms(D d, const random::StreamKey& key, std::uint64_t first_sample)
      : Uniforms(d, key, first_sample, std::make_integer_sequence<std::uint32_t, kPairs>()) {}
  HWY_INLINE void StartBlock(D /*d*/) {}
  // A copy, so that the compiler keeps the counters in registers.
  using Reader = Uniforms;
  HWY_INLINE Reader Begin(D /*d*/) { return *this; }
  HWY_INLINE void End(const Reader& reader) { *this = reader; }
  HWY_INLINE void Next(D d, V* u) {
    for (unsigned p = 0; p < kPairs; ++p) pairs_[p].Next(d, keys_, u[2 * p], u[2 * p + 1]);
  }

 private:
  template <std::uint32_t... kPair>
  HWY_INLINE Uniforms(D d, const random::StreamKey& key, std::uint64_t first_sample,
                      std::integer_sequence<std::uint32_t, kPair...> /*pairs*/)
      : keys_(d, key), pairs_{UniformPairs<D>(d, key, first_sample, kPair)...} {}

  StreamKeys<D> keys_;
  UniformPairs<D> pairs_[kPairs];
};

// Standard normal numbers from dimension 0.
template <class D>
class Normals {
 public:
  using V = hn::Vec<D>;
  HWY_INLINE Normals(D d, const random::StreamKey& key, std::uint64_t first_sample)
      : keys_(d, key), pairs_(d, key, first_sample, 0) {}
  struct Reader {
    const double* next;
    HWY_INLINE void Next(D d, V* z) {
      *z = hn::Load(d, next);
      next += hn::Lanes(d);
    }
  };
  HWY_INLINE Reader Begin(D d) {
    UniformPairs<D> pairs = pairs_;
    V even, odd;
    for (std::uint64_t i = 0; i < kBlock; i += hn::Lanes(d)) {
      pairs.Next(d, keys_, even, odd);
      hn::Store(even, d, z_ + i);
    }
    pairs_ = pairs;
    NormalQuantiles(d, z_, z_, kBlock);
    return {z_};
  }
  HWY_INLINE void End(const Reader& /*reader*/) {}

 private:
  StreamKeys<D> keys_;
  UniformPairs<D> pairs_;
  alignas(64) double z_[kBlock];
};

// The three inputs of propagation_limit(): standard normal numbers from dimensions 0 and 2, between
// them uniforms.
template <class D>
class NormalUniformNormal {
 public:
  using V = hn::Vec<D>;
  HWY_INLINE NormalUniformNormal(D d, const random::StreamKey& key, std::uint64_t first_sample)
      : keys_(d, key), pairs_{{d, key, first_sample, 0}, {d, key, first_sample, 1}} {}
  struct Reader {
    const double* next;
    HWY_INLINE void Next(D d, V* x) {
      for (unsigned j = 0; j < 3; ++j) x[j] = hn::Load(d, next + j * kBlock);
      next += hn::Lanes(d);
    }
  };
  HWY_INLINE Reader Begin(D d) {
    UniformPairs<D> first = pairs_[0], second = pairs_[1];
    V x[4];
    for (std::uint64_t i = 0; i < kBlock; i += hn::Lanes(d)) {
      first.Next(d, keys_, x[0], x[1]);
      second.Next(d, keys_, x[2], x[3]);
      for (unsigned j = 0; j < 3; ++j) hn::Store(x[j], d, x_ + j * kBlock + i);
    }
    pairs_[0] = first;
    pairs_[1] = second;
    NormalQuantiles(d, x_, x_, kBlock);
    NormalQuantiles(d, x_ + 2 * kBlock, x_ + 2 * kBlock, kBlock);
    return {x_};
  }
  HWY_INLINE void End(const Reader& /*reader*/) {}

 private:
  StreamKeys<D> keys_;
  UniformPairs<D> pairs_[2];
  alignas(64) double x_[3 * kBlock];
};

// Sums of t = f - centre and of its squares, and the extremes of f, in lanes.
template <class D>
struct Tally {
  using V = hn::Vec<D>;
  static constexpr std::size_t kVectors = kLanes / hn::MaxLanes(D());
  V first[kVectors], second[kVectors], least[kVectors], most[kVectors];

  explicit HWY_INLINE Tally(D d) {
    for (std::size_t v = 0; v < kVectors; ++v) {
      first[v] = second[v] = hn::Zero(d);
      least[v] = hn::Inf(d);
      most[v] = hn::Neg(hn::Inf(d));
    }
  }
  HWY_INLINE void Add(std::size_t v, V f, V centre) {
    const V t = hn::Sub(f, centre);
    first[v] = hn::Add(first[v], t);
    second[v] = Fma(t, t, second[v]);
    least[v] = hn::Min(least[v], f);
    most[v] = hn::Max(most[v], f);
  }
  HWY_INLINE bench::Moments Result(D d, std::uint64_t n, double centre) {
    for (std::size_t v = 1; v < kVectors; ++v) {
      first[0] = hn::Add(first[0], first[v]);
      second[0] = hn::Add(second[0], second[v]);
      least[0] = hn::Min(least[0], least[v]);
      most[0] = hn::Max(most[0], most[v]);
    }
    const auto count = static_cast<double>(n);
    const double s1 = hn::GetLane(hn::SumOfLanes(d, first[0]));
    const double s2 = hn::GetLane(hn::SumOfLanes(d, second[0]));
    return {count, centre + s1 / count, s2 - s1 * s1 / count,
            hn::GetLane(hn::MinOfLanes(d, least[0])), hn::GetLane(hn::MaxOfLanes(d, most[0]))};
  }
};

// Calls of library functions: over arrays of one block.
template <class Function>
concept IsStaged = requires { Function::kFunctions; };

template <class Function>
concept HasInputs = requires { Function::kInputs; };

template <class Function>
inline constexpr unsigned kInputsOf = 0;
template <HasInputs Function>
inline constexpr unsigned kInputsOf<Function> = Function::kInputs;

template <class Function, class D, bool kKeepInputs = false>
class Stages {
 public:
  using V = hn::Vec<D>;
  using Source = typename Function::template Source<D>;
  HWY_INLINE Stages(D d, const random::StreamKey& key, std::uint64_t first_sample)
      : source_(d, key, first_sample) {}

  HWY_INLINE void StartBlock(D d) {
    V u[6], a[kArrays];
    typename Source::Reader source = source_.Begin(d);
    for (std::uint64_t i = 0; i < kBlock; i += hn::Lanes(d)) {
      source.Next(d, u);
      Function::Prepare(d, static_cast<const V*>(u), a);
      for (unsigned k = 0; k < kArrays; ++k) hn::Store(a[k], d, arrays_[k] + i);
      if constexpr (kKeepInputs) {
        V x[kInputsOf<Function>];
        Function::Inputs(d, static_cast<const V*>(u), x);
        for (unsigned k = 0; k < Function::kInputs; ++k) hn::Store(x[k], d, inputs_[k] + i);
      }
    }
    source_.End(source);
    Apply<0>(d);
    if constexpr (Function::kFunctions > 1) Apply<1>(d);
    next_ = 0;
  }
  HWY_INLINE void Next(D d, V* a) {
    for (unsigned k = 0; k < kArrays; ++k) a[k] = hn::Load(d, arrays_[k] + next_);
    next_ += hn::Lanes(d);
  }
  const double* input(unsigned k) const { return inputs_[k]; }

 private:
  static constexpr unsigned kArrays = Function::kFunctions + Function::kKept;

  template <unsigned kFunction>
  HWY_INLINE void Apply(D d) {
    double* const x = arrays_[kFunction];
    for (std::uint64_t i = 0; i < kBlock; i += hn::Lanes(d)) {
      hn::Store(Function::template Call<kFunction>(d, hn::Load(d, x + i)), d, x + i);
    }
  }

  Source source_;
  std::uint64_t next_ = 0;
  alignas(64) double arrays_[kArrays][kBlock];
  alignas(64) double inputs_[kKeepInputs ? kInputsOf<Function> : 1][kBlock];
};

template <class Function>
struct SourceFor {
  using type = typename Function::template Source<DoubleTag>;
};
template <IsStaged Function>
struct SourceFor<Function> {
  using type = Stages<Function, DoubleTag>;
};

template <class Function>
HWY_INLINE bench::Moments Sum(const random::StreamKey& key, std::uint64_t first_sample,
                              std::uint64_t n, double centre) {
  const DoubleTag d;
  using V = DoubleVector;
  const V c = hn::Set(d, centre);
  Tally<DoubleTag> tally(d);
  typename SourceFor<Function>::type source(d, key, first_sample);
  for (std::uint64_t done = 0; done < n; done += kBlock) {
    source.StartBlock(d);
    for (std::uint64_t i = 0; i < kBlock; i += kLanes) {
      constexpr std::size_t kVectors = Tally<DoubleTag>::kVectors;
      V u[kVectors][6];
      for (std::size_t v = 0; v < kVectors; ++v) source.Next(d, u[v]);
      for (std::size_t v = 0; v < kVectors; ++v) {
        tally.Add(v, Function::Value(d, static_cast<const V*>(u[v])), c);
      }
    }
  }
  return tally.Result(d, n, centre);
}

// Counters for all bins, of which those that values fall into are ever touched. Which octaves these
// are is noted once for a block, but where there are many.
class BinCounts {
 public:
  template <class D, class V = hn::Vec<D>>
  HWY_INLINE void Count(D d, const double* y, double origin) {
    const hn::RebindToUnsigned<D> du;
    const hn::RebindToSigned<D> di;
    constexpr int kShift = 52 - tally::kBinFractionBits;
    alignas(64) std::uint64_t bins[kBlock];
    V low = hn::Inf(d), high = hn::Neg(low), least = low;
    for (std::uint64_t i = 0; i < kBlock; i += hn::Lanes(d)) {
      const auto t = hn::Add(hn::Sub(hn::Load(d, y + i), hn::Set(d, origin)), hn::Zero(d));
      low = hn::Min(low, t);
      high = hn::Max(high, t);
      const V but_0 = hn::IfThenElse(hn::Eq(t, hn::Zero(d)), hn::Inf(d), hn::Abs(t));
      least = hn::Min(least, but_0);
      const auto sign = hn::BitCast(du, hn::BroadcastSignBit(hn::BitCast(di, t)));
      const auto bits = hn::Xor(hn::BitCast(du, t), hn::ShiftRight<1>(sign));
      hn::Store(hn::Xor(hn::ShiftRight<kShift>(bits), hn::Set(du, std::uint64_t{tally::kZeroBin})),
                du, bins + i);
    }
    Touch(hn::GetLane(hn::MinOfLanes(d, low)), hn::GetLane(hn::MaxOfLanes(d, high)),
          hn::GetLane(hn::MinOfLanes(d, least)), bins);
    for (const std::uint64_t bin : bins) ++counts_[bin];
  }
  // How many were counted; begins anew.
  std::uint64_t Take() {
    std::uint64_t all = 0;
    constexpr std::size_t kOctave = std::size_t{1} << tally::kBinFractionBits;
    for (std::size_t octave = 0; octave < touched_.size(); ++octave) {
      if (touched_[octave] == 0) continue;
      touched_[octave] = 0;
      for (std::size_t k = octave * kOctave; k < (octave + 1) * kOctave; ++k) {
        all += std::exchange(counts_[k], 0);
      }
    }
    return all;
  }

 private:
  void Touch(double low, double high, double least, const std::uint64_t* bins) {
    constexpr std::uint32_t kZero = tally::kZeroBin >> tally::kBinFractionBits;
    const auto octave_of = [](double t) { return tally::bin_of(t) >> tally::kBinFractionBits; };
    const double greatest = high > -low ? high : -low;
    touched_[kZero] = 1;
    if (!(greatest > 0)) return;
    const std::uint32_t from = octave_of(least) - kZero;
    const std::uint32_t upto = octave_of(greatest) - kZero;
    if (upto - from < 32) {
      for (std::uint32_t octave = from; octave <= upto; ++octave) {
        if (high > 0) touched_[kZero + octave] = 1;
        if (low < 0) touched_[kZero - 1 - octave] = 1;
      }
    } else {
      for (std::uint64_t i = 0; i < kBlock; ++i) touched_[bins[i] >> tally::kBinFractionBits] = 1;
    }
  }

  std::vector<std::uint32_t> counts_ = std::vector<std::uint32_t>(tally::kBins);
  std::vector<std::uint8_t> touched_ =
      std::vector<std::uint8_t>(tally::kBins >> tally::kBinFractionBits);
};

template <unsigned kCount>
HWY_INLINE std::array<Tally<DoubleTag>, kCount> Tallies(DoubleTag d) {
  return [d]<std::size_t... k>(std::index_sequence<k...>) {
    return std::array{((void)k, Tally<DoubleTag>(d))...};
  }(std::make_index_sequence<kCount>());
}

// Sum with the distribution: loops over arrays in the first-level cache, one for the output and one
// for each input, whose sums all fit the registers.
template <class Function>
HWY_INLINE bench::Moments SumShape(const random::StreamKey& key, std::uint64_t first_sample,
                                   std::uint64_t n, double centre, const double* centres,
                                   bench::Shape& shape) {
  const DoubleTag d;
  using V = DoubleVector;
  constexpr std::size_t kVectors = Tally<DoubleTag>::kVectors;
  constexpr std::size_t kWidth = hn::MaxLanes(DoubleTag());
  static BinCounts bins;
  Tally<DoubleTag> tally(d);
  std::array<Tally<DoubleTag>, Function::kInputs> of_input = Tallies<Function::kInputs>(d);
  V cubes[kVectors], fourths[kVectors], products[Function::kInputs][kVectors];
  for (std::size_t v = 0; v < kVectors; ++v) {
    cubes[v] = fourths[v] = hn::Zero(d);
    for (auto& one : products) one[v] = hn::Zero(d);
  }
  Stages<Function, DoubleTag, true> source(d, key, first_sample);
  alignas(64) double y[kBlock];
  for (std::uint64_t done = 0; done < n; done += kBlock) {
    source.StartBlock(d);
    for (std::uint64_t i = 0; i < kBlock; i += kLanes) {
      for (std::size_t v = 0; v < kVectors; ++v) {
        V a[6];
        source.Next(d, a);
        const V f = Function::Value(d, static_cast<const V*>(a));
        hn::Store(f, d, y + i + v * kWidth);
        tally.Add(v, f, hn::Set(d, centre));
        const V t = hn::Sub(f, hn::Set(d, centre));
        const V square = hn::Mul(t, t);
        cubes[v] = Fma(square, t, cubes[v]);
        fourths[v] = Fma(square, square, fourths[v]);
      }
    }
    for (unsigned k = 0; k < Function::kInputs; ++k) {
      for (std::uint64_t i = 0; i < kBlock; i += kLanes) {
        for (std::size_t v = 0; v < kVectors; ++v) {
          const V x = hn::Load(d, source.input(k) + i + v * kWidth);
          of_input[k].Add(v, x, hn::Set(d, centres[k]));
          const V t = hn::Sub(hn::Load(d, y + i + v * kWidth), hn::Set(d, centre));
          products[k][v] = Fma(t, hn::Sub(x, hn::Set(d, centres[k])), products[k][v]);
        }
      }
    }
    bins.Count(d, y, centre);
  }
  const auto sum = [d](V* lanes) {
    for (std::size_t v = 1; v < kVectors; ++v) lanes[0] = hn::Add(lanes[0], lanes[v]);
    return hn::GetLane(hn::SumOfLanes(d, lanes[0]));
  };
  shape = {sum(cubes), sum(fourths), bins.Take(), {}, {}};
  const bench::Moments moments = tally.Result(d, n, centre);
  for (unsigned k = 0; k < Function::kInputs; ++k) {
    shape.inputs.push_back(of_input[k].Result(d, n, centres[k]));
    shape.co_moments.push_back(sum(products[k]) - moments.n * (moments.mean - centre) *
                                                      (shape.inputs[k].mean - centres[k]));
  }
  return moments;
}

template <class Function>
HWY_INLINE bench::Moments RunShape(std::uint64_t seed, std::uint64_t first_sample, std::uint64_t n,
                                   bench::Shape& shape) {
  const random::StreamKey key{seed, 0, random::Domain::samples};
  double centres[Function::kInputs] = {};
  const double centre = SumShape<Function>(key, first_sample, kBlock, 0.0, centres, shape).mean;
  for (unsigned k = 0; k < Function::kInputs; ++k) centres[k] = shape.inputs[k].mean;
  return SumShape<Function>(key, first_sample, n, centre, centres, shape);
}

template <class Function>
HWY_INLINE bench::Moments Run(std::uint64_t seed, std::uint64_t first_sample, std::uint64_t n) {
  const random::StreamKey key{seed, 0, random::Domain::samples};
  const double centre = Sum<Function>(key, first_sample, kBlock, 0.0).mean;
  return Sum<Function>(key, first_sample, n, centre);
}

}  // namespace HWY_NAMESPACE
}  // namespace oche
HWY_AFTER_NAMESPACE();

#endif  // OCHE_BENCH_LIMITS_INL_H_

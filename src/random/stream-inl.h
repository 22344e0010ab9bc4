// The map of random/stream.h over vectors, for kernels that want their uniforms in registers. Same
// bits as uniform() and fill_uniforms() on every target.
//
//   const StreamKeys<D> keys(d, key);
//   UniformPairs<D> pairs(d, key, first_sample, dimension / 2);
//   for (…) { pairs.Next(d, keys, even, odd); … }   // Lanes(d) samples further each time
//
// Lane layout: each 128-bit lane of a vector holds a block, as the wide AES instructions want it.
// One vector has the blocks of the even samples, another those of the odd ones. Their low halves,
// interleaved, are the first dimension in the order of samples, their high halves the second: one
// unpack for each vector of doubles.

#if defined(OCHE_RANDOM_STREAM_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef OCHE_RANDOM_STREAM_INL_H_
#undef OCHE_RANDOM_STREAM_INL_H_
#else
#define OCHE_RANDOM_STREAM_INL_H_
#endif

#include "math/simd-inl.h"
#include "random/stream.h"

HWY_BEFORE_NAMESPACE();
namespace oche {
namespace HWY_NAMESPACE {

static_assert(random::kArsRounds == 7, "the kernels below are written out for seven rounds");

// 52 bits of each word as (k + 1/2) * 2^-52: the bits become the fraction of a number in [1, 2),
// from which 1 - 2^-53 is taken away. Exact.
template <class D>
HWY_INLINE hn::Vec<D> UniformFromBits(D d, hn::Vec<hn::RebindToUnsigned<D>> bits) {
  const hn::RebindToUnsigned<D> du;
#if HWY_TARGET == HWY_AVX3_DL
  // One double-width shift brings in the exponent of 1.0 from above.
  const hn::Vec<decltype(du)> exponent = hn::Set(du, 0x3ff);
  const hn::Vec<decltype(du)> number{_mm512_shrdi_epi64(bits.raw, exponent.raw, 12)};
#else
  const auto number = hn::Or(hn::ShiftRight<12>(bits), hn::Set(du, 0x3ff0000000000000));
#endif
  return hn::Sub(hn::BitCast(d, number), hn::Set(d, 1.0 - 0x1p-53));
}

#if OCHE_SIMD_PORTABLE

// Lane by lane, by the table of ars.cc.
template <class D>
class StreamKeys {
 public:
  StreamKeys(D /*d*/, const random::StreamKey& key) : key_(random::ars_key(key)) {}

 private:
  template <class>
  friend class UniformPairs;
  random::Block key_;
};

template <class D>
class UniformPairs {
 public:
  UniformPairs(D /*d*/, const random::StreamKey& key, std::uint64_t first_sample,
               std::uint32_t pair)
      : counter_(random::ars_counter(key, first_sample, pair)) {}

  void Next(D d, const StreamKeys<D>& keys, hn::Vec<D>& even, hn::Vec<D>& odd) {
    const hn::RebindToUnsigned<D> du;
    alignas(64) std::uint64_t low[hn::MaxLanes(D())];
    alignas(64) std::uint64_t high[hn::MaxLanes(D())];
    for (std::size_t i = 0; i < hn::Lanes(d); ++i, ++counter_.low) {
      const random::Block block = random::ars(random::kArsRounds, counter_, keys.key_);
      low[i] = block.low;
      high[i] = block.high;
    }
    even = UniformFromBits(d, hn::Load(du, low));
    odd = UniformFromBits(d, hn::Load(du, high));
  }

 private:
  random::Block counter_;
};

#else  // with AES instructions

#if HWY_TARGET == HWY_AVX3_DL
// Wide AES instructions: four blocks in a vector.
template <class D>
using BlocksTag = hn::RebindToUnsigned<D>;
#else
// One block in a vector.
template <class D>
using BlocksTag = hn::Full128<std::uint64_t>;
#endif

// AESENC and AESENCLAST on 64-bit lanes.
template <class V64>
HWY_INLINE V64 AesRound(V64 state, V64 key) {
  const hn::DFromV<V64> d64;
  const hn::Repartition<std::uint8_t, decltype(d64)> d8;
  return hn::BitCast(d64, hn::AESRound(hn::BitCast(d8, state), hn::BitCast(d8, key)));
}
template <class V64>
HWY_INLINE V64 AesLastRound(V64 state, V64 key) {
  const hn::DFromV<V64> d64;
  const hn::Repartition<std::uint8_t, decltype(d64)> d8;
  return hn::BitCast(d64, hn::AESLastRound(hn::BitCast(d8, state), hn::BitCast(d8, key)));
}

// `low` and `high` in all blocks of a vector.
template <class D64>
HWY_INLINE hn::Vec<D64> SetBlocks(D64 d, std::uint64_t low, std::uint64_t high) {
  return hn::OddEven(hn::Set(d, high), hn::Set(d, low));
}

// The round keys: what all samples of a (seed, domain) share.
template <class D>
class StreamKeys {
 public:
  HWY_INLINE StreamKeys(D /*d*/, const random::StreamKey& key) {
    const BlocksTag<D> db;
    const random::Block first = random::ars_key(key);
    const Blocks weyl = SetBlocks(db, random::kArsWeyl.low, random::kArsWeyl.high);
    k0_ = SetBlocks(db, first.low, first.high);
    k1_ = hn::Add(k0_, weyl);
    k2_ = hn::Add(k1_, weyl);
    k3_ = hn::Add(k2_, weyl);
    k4_ = hn::Add(k3_, weyl);
    k5_ = hn::Add(k4_, weyl);
    k6_ = hn::Add(k5_, weyl);
    k7_ = hn::Add(k6_, weyl);
  }

 private:
  template <class>
  friend class UniformPairs;
  using Blocks = hn::Vec<BlocksTag<D>>;

  HWY_INLINE Blocks Ars(Blocks counter) const {
    Blocks s = hn::Xor(counter, k0_);
    s = AesRound(s, k1_);
    s = AesRound(s, k2_);
    s = AesRound(s, k3_);
    s = AesRound(s, k4_);
    s = AesRound(s, k5_);
    s = AesRound(s, k6_);
    return AesLastRound(s, k7_);
  }

  Blocks k0_, k1_, k2_, k3_, k4_, k5_, k6_, k7_;
};

// The uniforms of one pair of dimensions, for consecutive samples.
template <class D>
class UniformPairs {
 public:
#if HWY_TARGET == HWY_AVX3_DL
  HWY_INLINE UniformPairs(D /*d*/, const random::StreamKey& key, std::uint64_t first_sample,
                          std::uint32_t pair) {
    const BlocksTag<D> db;
    const random::Block first = random::ars_counter(key, first_sample, pair);
    alignas(64) constexpr std::uint64_t kEven[8] = {0, 0, 2, 0, 4, 0, 6, 0};
    even_ = hn::Add(SetBlocks(db, first.low, first.high), hn::Load(db, kEven));
    odd_ = hn::Add(even_, SetBlocks(db, 1, 0));
  }

  // The next Lanes(d) samples, one in each lane: `even` is dimension 2 * pair, `odd` the one after.
  HWY_INLINE void Next(D d, const StreamKeys<D>& keys, hn::Vec<D>& even, hn::Vec<D>& odd) {
    const BlocksTag<D> db;
    const Blocks a = keys.Ars(even_);
    const Blocks b = keys.Ars(odd_);
    const Blocks step = SetBlocks(db, hn::Lanes(d), 0);
    even_ = hn::Add(even_, step);
    odd_ = hn::Add(odd_, step);
    even = UniformFromBits(d, hn::InterleaveLower(db, a, b));
    odd = UniformFromBits(d, hn::InterleaveUpper(db, a, b));
  }

 private:
  using Blocks = hn::Vec<BlocksTag<D>>;
  Blocks even_, odd_;
#else
  HWY_INLINE UniformPairs(D /*d*/, const random::StreamKey& key, std::uint64_t first_sample,
                          std::uint32_t pair) {
    const BlocksTag<D> db;
    const random::Block first = random::ars_counter(key, first_sample, pair);
    counter_ = SetBlocks(db, first.low, first.high);
  }

  // The next Lanes(d) samples, one in each lane: `even` is dimension 2 * pair, `odd` the one after.
  HWY_INLINE void Next(D d, const StreamKeys<D>& keys, hn::Vec<D>& even, hn::Vec<D>& odd) {
    const hn::RebindToUnsigned<D> du;
    hn::Vec<decltype(du)> a, b;
    Gather(du, keys, a, b);
    even = UniformFromBits(d, hn::InterleaveLower(du, a, b));
    odd = UniformFromBits(d, hn::InterleaveUpper(du, a, b));
  }

 private:
  using Blocks = hn::Vec<BlocksTag<D>>;

  // Blocks of the next samples: even ones in a, odd ones in b.
  template <class DU>
  HWY_INLINE void Gather(DU du, const StreamKeys<D>& keys, hn::Vec<DU>& a, hn::Vec<DU>& b) {
    const BlocksTag<D> db;
    const Blocks one = SetBlocks(db, 1, 0);
    if constexpr (hn::MaxLanes(DU()) == 2) {
      a = keys.Ars(counter_);
      counter_ = hn::Add(counter_, one);
      b = keys.Ars(counter_);
      counter_ = hn::Add(counter_, one);
    } else {
      const hn::Half<DU> half;
      hn::Vec<decltype(half)> a0, a1, b0, b1;
      Gather(half, keys, a0, b0);
      Gather(half, keys, a1, b1);
      a = hn::Combine(du, a1, a0);
      b = hn::Combine(du, b1, b0);
    }
  }

  Blocks counter_;
#endif
};

#endif  // OCHE_SIMD_PORTABLE

}  // namespace HWY_NAMESPACE
}  // namespace oche
HWY_AFTER_NAMESPACE();

#endif  // OCHE_RANDOM_STREAM_INL_H_

#include "random/stream.h"

#include "math/simd_targets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "random/stream.cc"
#include <hwy/foreach_target.h>
// Above, before the kernels of each target.
#include "base/assert.h"
#include "math/dispatch.h"
#include "random/stream-inl.h"

HWY_BEFORE_NAMESPACE();
namespace oche {
namespace HWY_NAMESPACE {

// One pair of dimensions. A row that isn't wanted is null.
template <class D>
HWY_INLINE void FillPair(D d, const random::StreamKey& key, std::uint64_t first_sample,
                         std::size_t n, std::uint32_t pair, double* even_row, double* odd_row) {
  const StreamKeys<D> keys(d, key);
  UniformPairs<D> pairs(d, key, first_sample, pair);
  hn::Vec<D> even, odd;
  if (even_row != nullptr && odd_row != nullptr) {
    for (std::size_t i = 0; i < n; i += hn::Lanes(d)) {
      pairs.Next(d, keys, even, odd);
      hn::Store(even, d, even_row + i);
      hn::Store(odd, d, odd_row + i);
    }
  } else if (even_row != nullptr) {
    for (std::size_t i = 0; i < n; i += hn::Lanes(d)) {
      pairs.Next(d, keys, even, odd);
      hn::Store(even, d, even_row + i);
    }
  } else {
    for (std::size_t i = 0; i < n; i += hn::Lanes(d)) {
      pairs.Next(d, keys, even, odd);
      hn::Store(odd, d, odd_row + i);
    }
  }
}

void FillUniforms(const random::StreamKey& key, std::uint64_t first_sample, std::size_t n,
                  std::uint64_t first_dimension, std::uint64_t end_dimension, double* u,
                  std::size_t stride) {
  const DoubleTag d;
  for (std::uint64_t pair = first_dimension / 2; 2 * pair < end_dimension; ++pair) {
    const std::uint64_t even = 2 * pair;
    double* const even_row =
        even >= first_dimension ? u + (even - first_dimension) * stride : nullptr;
    double* const odd_row =
        even + 1 < end_dimension ? u + (even + 1 - first_dimension) * stride : nullptr;
    FillPair(d, key, first_sample, n, static_cast<std::uint32_t>(pair), even_row, odd_row);
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace oche
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace oche {

OCHE_EXPORT(FillUniforms);

namespace random {

std::uint64_t bits(const StreamKey& key, std::uint64_t sample, std::uint32_t dimension) noexcept {
  const Block block = ars(kArsRounds, ars_counter(key, sample, dimension / 2), ars_key(key));
  return dimension % 2 == 0 ? block.low : block.high;
}

double uniform(const StreamKey& key, std::uint64_t sample, std::uint32_t dimension) noexcept {
  return uniform_from_bits(bits(key, sample, dimension));
}

void fill_uniforms(const StreamKey& key, std::uint64_t first_sample, std::size_t n,
                   unsigned first_dimension, unsigned dimensions, double* u, std::size_t stride) {
  if (n == 0 || dimensions == 0) return;
  const std::size_t padded = (n + 7) / 8 * 8;
  OCHE_ASSERT(reinterpret_cast<std::uintptr_t>(u) % 64 == 0);
  OCHE_ASSERT(stride % 8 == 0 && (dimensions == 1 || stride >= padded));
  OCHE_ASSERT(first_sample <= ~std::uint64_t{0} - (padded - 1));
  const std::uint64_t end_dimension = std::uint64_t{first_dimension} + dimensions;
  OCHE_ASSERT(end_dimension <= kMaxDimensions);
  OCHE_DISPATCH(FillUniforms)
  (key, first_sample, n, first_dimension, end_dimension, u, stride);
}

}  // namespace random
}  // namespace oche
#endif  // HWY_ONCE

// The map of streams: every SIMD target against the scalar form, endpoints, and cheap statistics.
// ars_reference_test.cc checks the layout against Random123.
#include "math/simd_targets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "random/stream_test.cc"
#include <hwy/foreach_target.h>
// Above, before the kernels of each target.
#include "math/dispatch.h"
#include "random/stream-inl.h"

HWY_BEFORE_NAMESPACE();
namespace oche {
namespace HWY_NAMESPACE {

// u[i] = the uniform of words[i], for eight of them.
void ConvertWords(const std::uint64_t* words, double* u) {
  const DoubleTag d;
  const hn::RebindToUnsigned<DoubleTag> du;
  for (std::size_t i = 0; i < 8; i += hn::Lanes(d)) {
    hn::Store(UniformFromBits(d, hn::Load(du, words + i)), d, u + i);
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace oche
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
#include <gtest/gtest.h>
#include <hwy/aligned_allocator.h>

#include <cmath>
#include <string>
#include <vector>

#include "math/simd.h"

namespace oche {

OCHE_EXPORT(ConvertWords);

namespace random {
namespace {

class StreamOnTarget : public ::testing::TestWithParam<std::string> {
 protected:
  void SetUp() override { math::select_simd_target(GetParam()); }
  void TearDown() override { math::select_simd_target("auto"); }
};

INSTANTIATE_TEST_SUITE_P(All, StreamOnTarget, ::testing::ValuesIn(math::supported_simd_targets()),
                         [](const auto& target) { return target.param; });

TEST_P(StreamOnTarget, fills_what_the_scalar_form_gives) {
  constexpr std::size_t kStride = 104;
  const auto u = hwy::AllocateAligned<double>(5 * kStride);
  const StreamKey keys[] = {{1, 0, Domain::samples},
                            {0xfedcba9876543210, 0xffffffff, Domain::samples},
                            {0, 7, Domain::scramble}};
  for (const StreamKey& key : keys) {
    for (const std::uint64_t first :
         {std::uint64_t{0}, std::uint64_t{3}, std::uint64_t{0xfffffffe}, std::uint64_t{1} << 63}) {
      for (const unsigned first_dimension : {0U, 1U, 2U, 7U, 0xfffffff0U}) {
        for (unsigned dimensions = 1; dimensions <= 5; ++dimensions) {
          for (const std::size_t n : {std::size_t{1}, std::size_t{8}, std::size_t{101}}) {
            fill_uniforms(key, first, n, first_dimension, dimensions, u.get(), kStride);
            for (unsigned j = 0; j < dimensions; ++j) {
              for (std::size_t i = 0; i < n; i += n > 8 ? 9 : 1) {
                ASSERT_EQ(u[j * kStride + i], uniform(key, first + i, first_dimension + j))
                    << "seed " << key.seed << " sample " << first + i << " dimension "
                    << first_dimension + j;
              }
            }
          }
        }
      }
    }
  }
}

TEST_P(StreamOnTarget, leaves_everything_outside_the_padded_rows_alone) {
  constexpr std::size_t kStride = 32;
  const auto u = hwy::AllocateAligned<double>(4 * kStride);
  for (std::size_t i = 0; i < 4 * kStride; ++i) u[i] = -1;
  fill_uniforms({}, 10, 13, 1, 2, u.get() + kStride, kStride);
  for (std::size_t i = 0; i < 4 * kStride; ++i) {
    const std::size_t row = i / kStride;
    if (row == 0 || row == 3 || i % kStride >= 16) {
      EXPECT_EQ(u[i], -1) << i;
    }
  }
}

TEST_P(StreamOnTarget, reaches_the_last_sample) {
  const auto u = hwy::AllocateAligned<double>(16);
  const std::uint64_t last = ~std::uint64_t{0};
  fill_uniforms({}, last - 7, 8, 0, 2, u.get(), 8);
  EXPECT_EQ(u[7], uniform({}, last, 0));
  EXPECT_EQ(u[15], uniform({}, last, 1));
}

TEST_P(StreamOnTarget, converts_words_as_the_scalar_form_up_to_both_ends) {
  alignas(64) const std::uint64_t words[8] = {0,
                                              ~std::uint64_t{0},
                                              0xfff,
                                              0x1000,
                                              0x7fffffffffffffff,
                                              0x8000000000000000,
                                              0xfffffffffffff000,
                                              0x123456789abcdef0};
  alignas(64) double u[8];
  OCHE_DISPATCH(ConvertWords)(words, u);
  for (int i = 0; i < 8; ++i) EXPECT_EQ(u[i], uniform_from_bits(words[i])) << i;
  EXPECT_EQ(u[0], 0x1p-53);
  EXPECT_EQ(u[1], 1 - 0x1p-53);
  EXPECT_EQ(u[2], 0x1p-53);
  EXPECT_EQ(u[3], 3 * 0x1p-53);
  EXPECT_EQ(u[4], 0.5 - 0x1p-53);
  EXPECT_EQ(u[5], 0.5 + 0x1p-53);
}

TEST(Stream, refuses_what_would_wrap_or_misalign) {
  const auto u = hwy::AllocateAligned<double>(64);
  const std::uint64_t last = ~std::uint64_t{0};
  EXPECT_DEATH(fill_uniforms({}, last - 6, 8, 0, 1, u.get(), 8), "first_sample");
  EXPECT_DEATH(fill_uniforms({}, 0, 8, 0, 1, u.get() + 1, 8), "% 64");
  EXPECT_DEATH(fill_uniforms({}, 0, 9, 0, 2, u.get(), 8), "stride");
  EXPECT_DEATH(fill_uniforms({}, 0, 8, 0xffffffff, 2, u.get(), 8), "kMaxDimensions");
}

// Statistics of n uniforms. Fixed seeds: a failure is a change of the stream, not bad luck. Bounds
// are five standard errors, which a good generator passes at a first try with probability 1 - 6e-7.
constexpr std::size_t kCount = std::size_t{1} << 16;
constexpr double kSigmas = 5;

std::vector<double> draw(const StreamKey& key, unsigned dimension, std::uint64_t first = 0) {
  const auto u = hwy::AllocateAligned<double>(kCount);
  fill_uniforms(key, first, kCount, dimension, 1, u.get(), kCount);
  return std::vector<double>(u.get(), u.get() + kCount);
}

// The mean of (a - 1/2)(b - 1/2), divided by its standard error for independent uniforms, which is
// (1/12) / sqrt(n).
double correlation_in_sigmas(const std::vector<double>& a, const std::vector<double>& b) {
  double sum = 0;
  for (std::size_t i = 0; i < kCount; ++i) sum += (a[i] - 0.5) * (b[i] - 0.5);
  return std::fabs(sum) * 12 / std::sqrt(static_cast<double>(kCount));
}

TEST(Stream, has_the_mean_and_variance_of_a_uniform) {
  const auto n = static_cast<double>(kCount);
  for (const std::uint64_t seed : {0ULL, 1ULL, 2ULL, 0x8000000000000000ULL}) {
    for (const unsigned dimension : {0U, 1U, 2U, 1000U}) {
      double first = 0, second = 0;
      for (const double u : draw({seed, 0, Domain::samples}, dimension)) {
        first += u - 0.5;
        second += (u - 0.5) * (u - 0.5);
      }
      // Variances of u and of (u - 1/2)^2: 1/12 and 1/180.
      EXPECT_LT(std::fabs(first / n), kSigmas * std::sqrt(1 / (12 * n))) << seed;
      EXPECT_LT(std::fabs(second / n - 1.0 / 12), kSigmas * std::sqrt(1 / (180 * n))) << seed;
    }
  }
}

TEST(Stream, has_each_bit_set_half_of_the_time) {
  int ones[64] = {};
  for (std::size_t i = 0; i < kCount; ++i) {
    const std::uint64_t word = bits({}, i, 0);
    for (int b = 0; b < 64; ++b) ones[b] += static_cast<int>((word >> b) & 1);
  }
  const auto n = static_cast<double>(kCount);
  for (const int count : ones) EXPECT_LT(std::fabs(count - n / 2), kSigmas * std::sqrt(n) / 2);
}

TEST(Stream, is_uncorrelated_with_its_neighbours) {
  const StreamKey key{1, 0, Domain::samples};
  const std::vector<double> base = draw(key, 0);
  for (const std::uint64_t lag : {1, 2, 8, 256, 65536}) {
    EXPECT_LT(correlation_in_sigmas(base, draw(key, 0, lag)), kSigmas) << "lag " << lag;
  }
  for (const unsigned dimension : {1U, 2U, 3U, 256U, 65536U}) {
    EXPECT_LT(correlation_in_sigmas(base, draw(key, dimension)), kSigmas) << dimension;
  }
  for (int b = 0; b < 64; ++b) {
    const StreamKey other{key.seed ^ (std::uint64_t{1} << b), 0, Domain::samples};
    EXPECT_LT(correlation_in_sigmas(base, draw(other, 0)), kSigmas) << "seed bit " << b;
  }
  for (const std::uint32_t pass : {1U, 2U, 0x80000000U}) {
    EXPECT_LT(correlation_in_sigmas(base, draw({1, pass, Domain::samples}, 0)), kSigmas) << pass;
  }
  EXPECT_LT(correlation_in_sigmas(base, draw({1, 0, Domain::scramble}, 0)), kSigmas);
}

}  // namespace
}  // namespace random
}  // namespace oche
#endif  // HWY_ONCE

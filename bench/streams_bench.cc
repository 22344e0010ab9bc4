// Candidates for the generator of streams, as ratios in one run: ARS with five and seven rounds on
// the wide AES instructions and Philox4x32-10 with AVX-512, all by hand, nothing stored; the
// library's fill; and what each costs without vector or AES instructions. Each makes two doubles of
// 52 bits a block and counts the darts in the quarter disc. docs/decisions/0002-streams.md quotes
// the result.
#include <Random123/philox.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <string>
#include <vector>

#include "bench/limits.h"
#include "bench/measure.h"
#include "math/simd.h"
#include "random/ars.h"
#include "random/stream.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace oche::bench {
namespace {

constexpr random::StreamKey kKey{};

struct Candidate {
  std::string name;
  std::uint64_t samples;
  std::function<std::uint64_t(std::uint64_t)> hits;
};

std::uint64_t is_inside(std::uint64_t a, std::uint64_t b) {
  const double x = random::uniform_from_bits(a);
  const double y = random::uniform_from_bits(b);
  return x * x + y * y <= 1.0 ? 1 : 0;
}

std::uint64_t ars_scalar(std::uint64_t n) {
  std::uint64_t hits = 0;
  for (std::uint64_t i = 0; i < n; ++i) {
    const random::Block b = random::ars(7, {i, 0}, random::ars_key(kKey));
    hits += is_inside(b.low, b.high);
  }
  return hits;
}

std::uint64_t philox_scalar(std::uint64_t n) {
  std::uint64_t hits = 0;
  for (std::uint64_t i = 0; i < n; ++i) {
    const philox4x32_ctr_t b = philox4x32_R(
        10, {{static_cast<std::uint32_t>(i), static_cast<std::uint32_t>(i >> 32), 0, 0}}, {{1, 1}});
    hits +=
        is_inside(b.v[0] | (std::uint64_t{b.v[1]} << 32), b.v[2] | (std::uint64_t{b.v[3]} << 32));
  }
  return hits;
}

std::uint64_t fill_only(std::uint64_t n) {
  constexpr std::size_t kBlock = 512;
  alignas(64) static double u[2 * kBlock];
  for (std::uint64_t i = 0; i < n; i += kBlock) {
    random::fill_uniforms(kKey, i, kBlock, 0, 2, u, kBlock);
  }
  return u[0] < 1 ? 1 : 0;
}

#if defined(__x86_64__)
#define OCHE_AVX512 \
  __attribute__((target("avx512f,avx512dq,avx512bw,avx512vl,avx512vbmi2,vaes,popcnt")))

OCHE_AVX512 inline __m512i four_blocks(std::uint64_t low, std::uint64_t high) {
  return _mm512_broadcast_i32x4(
      _mm_set_epi64x(static_cast<long long>(high), static_cast<long long>(low)));
}

OCHE_AVX512 inline std::uint64_t count_inside(__m512i a, __m512i b) {
  const __m512i exponent = _mm512_set1_epi64(0x3ff);
  const __m512d offset = _mm512_set1_pd(1.0 - 0x1p-53);
  const __m512d x = _mm512_sub_pd(_mm512_castsi512_pd(_mm512_shrdi_epi64(a, exponent, 12)), offset);
  const __m512d y = _mm512_sub_pd(_mm512_castsi512_pd(_mm512_shrdi_epi64(b, exponent, 12)), offset);
  const __m512d r = _mm512_add_pd(_mm512_mul_pd(x, x), _mm512_mul_pd(y, y));
  return static_cast<unsigned>(
      _mm_popcnt_u32(_mm512_cmp_pd_mask(r, _mm512_set1_pd(1.0), _CMP_LE_OQ)));
}

template <int kRounds>
OCHE_AVX512 std::uint64_t ars_wide(std::uint64_t n) {
  const random::Block key = random::ars_key(kKey);
  __m512i k[kRounds + 1];
  k[0] = four_blocks(key.low, key.high);
  for (int r = 1; r <= kRounds; ++r) {
    k[r] = _mm512_add_epi64(k[r - 1], four_blocks(random::kArsWeyl.low, random::kArsWeyl.high));
  }
  const __m512i step = four_blocks(16, 0);
  __m512i c[4];
  for (std::uint64_t j = 0; j < 4; ++j) {
    c[j] = _mm512_add_epi64(_mm512_set_epi64(0, 6, 0, 4, 0, 2, 0, 0),
                            four_blocks(j % 2 + j / 2 * 8, 0));
  }
  std::uint64_t hits = 0;
  for (std::uint64_t i = 0; i < n; i += 16) {
    __m512i s[4];
#pragma GCC unroll 4
    for (int j = 0; j < 4; ++j) {
      s[j] = _mm512_xor_si512(c[j], k[0]);
      c[j] = _mm512_add_epi64(c[j], step);
    }
#pragma GCC unroll 8
    for (int r = 1; r < kRounds; ++r) {
#pragma GCC unroll 4
      for (int j = 0; j < 4; ++j) s[j] = _mm512_aesenc_epi128(s[j], k[r]);
    }
#pragma GCC unroll 4
    for (int j = 0; j < 4; ++j) s[j] = _mm512_aesenclast_epi128(s[j], k[kRounds]);
    hits += count_inside(_mm512_unpacklo_epi64(s[0], s[1]), _mm512_unpackhi_epi64(s[0], s[1]));
    hits += count_inside(_mm512_unpacklo_epi64(s[2], s[3]), _mm512_unpackhi_epi64(s[2], s[3]));
  }
  return hits;
}

// One 32-bit word of eight blocks in the low halves of the lanes; high halves hold rubbish, which
// the multiplication ignores.
OCHE_AVX512 std::uint64_t philox_wide(std::uint64_t n) {
  const __m512i m0 = _mm512_set1_epi64(0xD2511F53);
  const __m512i m1 = _mm512_set1_epi64(0xCD9E8D57);
  __m512i key0[10], key1[10];
  for (unsigned r = 0; r < 10; ++r) {
    key0[r] = _mm512_set1_epi64(static_cast<std::uint32_t>(1 + r * 0x9E3779B9U));
    key1[r] = _mm512_set1_epi64(static_cast<std::uint32_t>(1 + r * 0xBB67AE85U));
  }
  __m512i counter = _mm512_set_epi64(7, 6, 5, 4, 3, 2, 1, 0);
  std::uint64_t hits = 0;
  for (std::uint64_t i = 0; i < n; i += 8) {
    __m512i x0 = counter;
    __m512i x1 = _mm512_srli_epi64(counter, 32);
    __m512i x2 = _mm512_setzero_si512();
    __m512i x3 = _mm512_setzero_si512();
    counter = _mm512_add_epi64(counter, _mm512_set1_epi64(8));
#pragma GCC unroll 10
    for (int r = 0; r < 10; ++r) {
      const __m512i p0 = _mm512_mul_epu32(x0, m0);
      const __m512i p1 = _mm512_mul_epu32(x2, m1);
      x0 = _mm512_ternarylogic_epi64(_mm512_srli_epi64(p1, 32), x1, key0[r], 0x96);
      x2 = _mm512_ternarylogic_epi64(_mm512_srli_epi64(p0, 32), x3, key1[r], 0x96);
      x1 = p1;
      x3 = p0;
    }
    const __mmask16 high = 0xaaaa;
    const __m512i a = _mm512_mask_mov_epi32(x0, high, _mm512_slli_epi64(x1, 32));
    const __m512i b = _mm512_mask_mov_epi32(x2, high, _mm512_slli_epi64(x3, 32));
    hits += count_inside(a, b);
  }
  return hits;
}
#endif  // x86-64

std::vector<Candidate> candidates() {
  std::vector<Candidate> all;
  constexpr std::uint64_t kFast = 1 << 24;
  constexpr std::uint64_t kSlow = 1 << 19;
#if defined(__x86_64__)
  if (limit_pi_form() == "avx512-vaes") {
    all.push_back({"ARS-7, AVX-512 and wide AES", kFast, ars_wide<7>});
    all.push_back({"ARS-5, AVX-512 and wide AES", kFast, ars_wide<5>});
    all.push_back({"Philox4x32-10, AVX-512", kFast, philox_wide});
  }
#endif
  all.push_back({"pi by hand (" + limit_pi_form() + ")", kFast,
                 [](std::uint64_t n) { return limit_pi_hits(1, 0, n); }});
  for (const std::string& target : math::supported_simd_targets()) {
    all.push_back({"fill of 2 dimensions, " + target, target == "portable" ? kSlow : kFast,
                   [target](std::uint64_t n) {
                     math::select_simd_target(target);
                     return fill_only(n);
                   }});
  }
  all.push_back({"ARS-7, scalar by table", kSlow, ars_scalar});
  all.push_back({"Philox4x32-10, scalar", kSlow, philox_scalar});
  return all;
}

}  // namespace
}  // namespace oche::bench

// With an argument: that many repetitions (default 9).
int main(int argc, char** argv) {
  using oche::bench::Candidate;
  const int repetitions = argc > 1 ? std::max(1, std::atoi(argv[1])) : 9;
  double base = 0;
  std::printf("%-36s %9s %12s %7s %7s\n", "", "ns/block", "samples/s", "ratio", "spread");
  for (const Candidate& candidate : oche::bench::candidates()) {
    volatile std::uint64_t hits = 0;
    const oche::bench::Timing t =
        oche::bench::measure(repetitions, [&] { hits = candidate.hits(candidate.samples); });
    const double rate = static_cast<double>(candidate.samples) / t.median;
    if (base == 0) base = rate;
    std::printf("%-36s %9.3f %12.3g %7.3f %6.1f%%\n", candidate.name.c_str(), 1e9 / rate, rate,
                rate / base, 100 * t.spread);
  }
}

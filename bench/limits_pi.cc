// Pi by counting darts, with AVX-512 and the wide AES instructions, and with AVX2 and AES-NI.
#include <algorithm>

#include "bench/limits.h"
#include "random/stream.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace oche::bench {
namespace {

constexpr double kOffset = 1.0 - 0x1p-53;

std::uint64_t count_from_fill(std::uint64_t seed, std::uint64_t first, std::uint64_t n) {
  constexpr std::size_t kBlock = 512;
  alignas(64) double u[2 * kBlock];
  const random::StreamKey key{seed, 0, random::Domain::samples};
  std::uint64_t hits = 0;
  for (std::uint64_t done = 0; done < n; done += kBlock) {
    const std::size_t count = std::min<std::uint64_t>(kBlock, n - done);
    random::fill_uniforms(key, first + done, count, 0, 2, u, kBlock);
    for (std::size_t i = 0; i < count; ++i) {
      const double xx = u[i] * u[i];
      const double yy = u[kBlock + i] * u[kBlock + i];
      hits += xx + yy <= 1.0 ? 1 : 0;
    }
  }
  return hits;
}

#if defined(__x86_64__)

#define OCHE_AVX512 \
  __attribute__((target("avx512f,avx512dq,avx512bw,avx512vl,avx512vbmi2,vaes,popcnt")))
#define OCHE_AVX2 __attribute__((target("avx2,aes,popcnt")))

// n is a multiple of 16.
OCHE_AVX512 std::uint64_t count_avx512(const random::Block& key, std::uint64_t first,
                                       std::uint64_t n) {
  const __m512i weyl = _mm512_broadcast_i32x4(_mm_set_epi64x(
      static_cast<long long>(random::kArsWeyl.high), static_cast<long long>(random::kArsWeyl.low)));
  __m512i k[8];
  k[0] = _mm512_broadcast_i32x4(
      _mm_set_epi64x(static_cast<long long>(key.high), static_cast<long long>(key.low)));
  for (int r = 1; r < 8; ++r) k[r] = _mm512_add_epi64(k[r - 1], weyl);

  // Four vectors of four counters: samples 0 2 4 6, 1 3 5 7, and the same eight further.
  const __m512i begin = _mm512_add_epi64(
      _mm512_set_epi64(0, static_cast<long long>(first), 0, static_cast<long long>(first), 0,
                       static_cast<long long>(first), 0, static_cast<long long>(first)),
      _mm512_set_epi64(0, 6, 0, 4, 0, 2, 0, 0));
  const __m512i one = _mm512_set_epi64(0, 1, 0, 1, 0, 1, 0, 1);
  const __m512i step = _mm512_slli_epi64(one, 4);
  __m512i c0 = begin;
  __m512i c1 = _mm512_add_epi64(begin, one);
  __m512i c2 = _mm512_add_epi64(begin, _mm512_slli_epi64(one, 3));
  __m512i c3 = _mm512_add_epi64(c2, one);

  const __m512i exponent = _mm512_set1_epi64(0x3ff);
  const __m512d offset = _mm512_set1_pd(kOffset);
  const __m512d unit = _mm512_set1_pd(1.0);
  std::uint64_t hits = 0;
  for (std::uint64_t i = 0; i < n; i += 16) {
    __m512i s0 = _mm512_xor_si512(c0, k[0]);
    __m512i s1 = _mm512_xor_si512(c1, k[0]);
    __m512i s2 = _mm512_xor_si512(c2, k[0]);
    __m512i s3 = _mm512_xor_si512(c3, k[0]);
    c0 = _mm512_add_epi64(c0, step);
    c1 = _mm512_add_epi64(c1, step);
    c2 = _mm512_add_epi64(c2, step);
    c3 = _mm512_add_epi64(c3, step);
#pragma GCC unroll 6
    for (int r = 1; r < 7; ++r) {
      s0 = _mm512_aesenc_epi128(s0, k[r]);
      s1 = _mm512_aesenc_epi128(s1, k[r]);
      s2 = _mm512_aesenc_epi128(s2, k[r]);
      s3 = _mm512_aesenc_epi128(s3, k[r]);
    }
    s0 = _mm512_aesenclast_epi128(s0, k[7]);
    s1 = _mm512_aesenclast_epi128(s1, k[7]);
    s2 = _mm512_aesenclast_epi128(s2, k[7]);
    s3 = _mm512_aesenclast_epi128(s3, k[7]);
    const auto uniform = [&](__m512i words) OCHE_AVX512 {
      return _mm512_sub_pd(_mm512_castsi512_pd(_mm512_shrdi_epi64(words, exponent, 12)), offset);
    };
    const __m512d x0 = uniform(_mm512_unpacklo_epi64(s0, s1));
    const __m512d y0 = uniform(_mm512_unpackhi_epi64(s0, s1));
    const __m512d x1 = uniform(_mm512_unpacklo_epi64(s2, s3));
    const __m512d y1 = uniform(_mm512_unpackhi_epi64(s2, s3));
    const __m512d r0 = _mm512_add_pd(_mm512_mul_pd(x0, x0), _mm512_mul_pd(y0, y0));
    const __m512d r1 = _mm512_add_pd(_mm512_mul_pd(x1, x1), _mm512_mul_pd(y1, y1));
    const __mmask16 inside = _mm512_kunpackb(_mm512_cmp_pd_mask(r1, unit, _CMP_LE_OQ),
                                             _mm512_cmp_pd_mask(r0, unit, _CMP_LE_OQ));
    hits += static_cast<unsigned>(_mm_popcnt_u32(inside));
  }
  return hits;
}

// n is a multiple of 16.
OCHE_AVX2 std::uint64_t count_avx2(const random::Block& key, std::uint64_t first, std::uint64_t n) {
  const __m128i weyl = _mm_set_epi64x(static_cast<long long>(random::kArsWeyl.high),
                                      static_cast<long long>(random::kArsWeyl.low));
  __m128i k[8];
  k[0] = _mm_set_epi64x(static_cast<long long>(key.high), static_cast<long long>(key.low));
  for (int r = 1; r < 8; ++r) k[r] = _mm_add_epi64(k[r - 1], weyl);

  const __m128i one = _mm_set_epi64x(0, 1);
  __m128i counter = _mm_set_epi64x(0, static_cast<long long>(first));
  const __m256i exponent = _mm256_set1_epi64x(0x3ff0000000000000);
  const __m256d offset = _mm256_set1_pd(kOffset);
  const __m256d unit = _mm256_set1_pd(1.0);
  __m256i hits = _mm256_setzero_si256();
  for (std::uint64_t i = 0; i < n; i += 4) {
    __m128i s[4];
#pragma GCC unroll 4
    for (int j = 0; j < 4; ++j) {
      s[j] = _mm_xor_si128(counter, k[0]);
      counter = _mm_add_epi64(counter, one);
    }
#pragma GCC unroll 6
    for (int r = 1; r < 7; ++r) {
#pragma GCC unroll 4
      for (int j = 0; j < 4; ++j) s[j] = _mm_aesenc_si128(s[j], k[r]);
    }
#pragma GCC unroll 4
    for (int j = 0; j < 4; ++j) s[j] = _mm_aesenclast_si128(s[j], k[7]);
    const __m256i even = _mm256_set_m128i(s[2], s[0]);
    const __m256i odd = _mm256_set_m128i(s[3], s[1]);
    const auto uniform = [&](__m256i words) OCHE_AVX2 {
      const __m256i number = _mm256_or_si256(_mm256_srli_epi64(words, 12), exponent);
      return _mm256_sub_pd(_mm256_castsi256_pd(number), offset);
    };
    const __m256d x = uniform(_mm256_unpacklo_epi64(even, odd));
    const __m256d y = uniform(_mm256_unpackhi_epi64(even, odd));
    const __m256d r = _mm256_add_pd(_mm256_mul_pd(x, x), _mm256_mul_pd(y, y));
    // A true comparison is -1 as an integer.
    hits = _mm256_sub_epi64(hits, _mm256_castpd_si256(_mm256_cmp_pd(r, unit, _CMP_LE_OQ)));
  }
  alignas(32) std::uint64_t sums[4];
  _mm256_store_si256(reinterpret_cast<__m256i*>(sums), hits);
  return sums[0] + sums[1] + sums[2] + sums[3];
}

bool has_avx512() {
  return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
         __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl") &&
         __builtin_cpu_supports("avx512vbmi2") && __builtin_cpu_supports("vaes");
}

bool has_avx2() { return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("aes"); }

#endif  // x86-64

}  // namespace

std::string limit_pi_form() {
#if defined(__x86_64__)
  if (has_avx512()) return "avx512-vaes";
  if (has_avx2()) return "avx2-aes";
#endif
  return "library";
}

std::uint64_t limit_pi_hits(std::uint64_t seed, std::uint64_t first_sample, std::uint64_t n) {
#if defined(__x86_64__)
  const random::StreamKey key{seed, 0, random::Domain::samples};
  const std::uint64_t whole = n / 16 * 16;
  const std::uint64_t rest = count_from_fill(seed, first_sample + whole, n - whole);
  if (has_avx512()) return rest + count_avx512(random::ars_key(key), first_sample, whole);
  if (has_avx2()) return rest + count_avx2(random::ars_key(key), first_sample, whole);
#endif
  return count_from_fill(seed, first_sample, n);
}

std::uint64_t reference_pi_hits(std::uint64_t seed, std::uint64_t first_sample, std::uint64_t n) {
  return count_from_fill(seed, first_sample, n);
}

}  // namespace oche::bench

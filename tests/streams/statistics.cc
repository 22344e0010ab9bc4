#include "streams/statistics.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstddef>

#include "streams/tail.h"

namespace oche::streams {
namespace {

constexpr std::uint64_t kMask = (std::uint64_t{1} << kBits) - 1;

// The bits of the next word that count.
std::uint64_t next_bits(Words& sequence) { return sequence.next() >> (64 - kBits); }

enum class End { highest, lowest };

// `count` bits from one end of the 52.
std::uint64_t some_bits(std::uint64_t word, unsigned count, End end) {
  return end == End::highest ? word >> (kBits - count) : word & ((std::uint64_t{1} << count) - 1);
}

const char* name_of(End end) { return end == End::highest ? "highest" : "lowest"; }

// P(weight of 52 fair bits = w).
std::array<double, kBits + 1> weight_probabilities() {
  std::array<double, kBits + 1> p{};
  p[0] = 0x1p-52;
  for (unsigned w = 1; w <= kBits; ++w) p[w] = p[w - 1] * (kBits - w + 1) / w;
  return p;
}

// ---- collisions

struct Urns {
  unsigned words;  // per ball
  unsigned bits;   // of each word
  End end;
};

double collisions_once(Words& sequence, const Urns& urns, std::uint64_t balls,
                       std::vector<std::uint64_t>& taken) {
  std::fill(taken.begin(), taken.end(), 0);
  std::uint64_t count = 0;
  for (std::uint64_t ball = 0; ball < balls; ++ball) {
    std::uint64_t urn = 0;
    for (unsigned i = 0; i < urns.words; ++i) {
      urn = (urn << urns.bits) | some_bits(next_bits(sequence), urns.bits, urns.end);
    }
    const std::uint64_t bit = std::uint64_t{1} << (urn % 64);
    count += (taken[urn / 64] & bit) != 0 ? 1 : 0;
    taken[urn / 64] |= bit;
  }
  return static_cast<double>(count);
}

Finding collisions_in(Words& sequence, const Urns& urns, std::uint64_t words) {
  const unsigned address = urns.words * urns.bits;
  const double k = std::ldexp(1.0, static_cast<int>(address));
  const auto balls = std::uint64_t{1} << (address == 26 ? 18 : 14);
  const auto n = static_cast<double>(balls);
  const std::uint64_t repetitions = std::max<std::uint64_t>(1, words / (balls * urns.words));
  std::vector<std::uint64_t> taken(std::size_t{1} << (address - 6));
  double count = 0;
  for (std::uint64_t r = 0; r < repetitions; ++r) {
    count += collisions_once(sequence, urns, balls, taken);
  }
  const double a = n / k;
  const double mean = n + k * std::expm1(n * std::log1p(-1 / k));
  const double variance = -k * std::exp(-a) * (std::expm1(-a) + a * std::exp(-a));
  const auto times = static_cast<double>(repetitions);
  return {"collisions of " + std::to_string(urns.bits) + ' ' + name_of(urns.end) + " bits of " +
              std::to_string(urns.words),
          normal_tail((count - times * mean) / std::sqrt(times * variance))};
}

// ---- ranks

// A matrix over GF(2), a row in `width` words of 52 bits.
class BitMatrix {
 public:
  explicit BitMatrix(std::size_t width) : width_(width), words_(width * width * kBits) {}

  void fill(Words& sequence) {
    for (std::uint64_t& word : words_) word = next_bits(sequence);
  }

  // By elimination, which spoils the matrix.
  std::size_t rank() {
    const std::size_t size = width_ * kBits;
    std::size_t rank = 0;
    for (std::size_t column = 0; column < size; ++column) {
      const std::size_t pivot = find_pivot(rank, column);
      if (pivot == size) continue;
      std::swap_ranges(row(pivot), row(pivot) + width_, row(rank));
      for (std::size_t r = pivot + 1; r < size; ++r) {
        if (!bit(r, column)) continue;
        for (std::size_t w = column / kBits; w < width_; ++w) row(r)[w] ^= row(rank)[w];
      }
      ++rank;
    }
    return rank;
  }

 private:
  std::uint64_t* row(std::size_t r) { return words_.data() + r * width_; }
  bool bit(std::size_t r, std::size_t column) {
    return ((row(r)[column / kBits] >> (column % kBits)) & 1) != 0;
  }
  std::size_t find_pivot(std::size_t from, std::size_t column) {
    const std::size_t size = width_ * kBits;
    while (from < size && !bit(from, column)) ++from;
    return from;
  }

  std::size_t width_;
  std::vector<std::uint64_t> words_;
};

// P(rank = n - d) for d = 0, 1, 2, and 3 or more, n large.
std::array<double, 4> rank_probabilities() {
  std::array<double, 4> p{};
  p[3] = 1;
  for (int d = 0; d < 3; ++d) {
    double probability = std::ldexp(1.0, -d * d);
    for (int i = 1; i <= 60; ++i) {
      const double factor = 1 - std::ldexp(1.0, -i);
      probability = i > d ? probability * factor : probability / factor;
    }
    p[static_cast<std::size_t>(d)] = probability;
    p[3] -= probability;
  }
  return p;
}

// ---- pairs at a distance

// The weight's class, of five that are about as likely.
unsigned weight_class(unsigned weight) {
  constexpr unsigned kLastOf[4] = {22, 24, 27, 29};
  unsigned c = 0;
  while (c < 4 && weight > kLastOf[c]) ++c;
  return c;
}

std::string at_lag(const char* what, std::size_t lag) {
  return what + std::string(" at lag ") + std::to_string(lag);
}

// Pairs of weights `lag` apart, no word in two of them.
Finding weight_pairs(Words& sequence, std::uint64_t words, std::size_t lag) {
  std::array<double, 5> of_class{};
  const auto of_weight = weight_probabilities();
  for (unsigned w = 0; w <= kBits; ++w) of_class[weight_class(w)] += of_weight[w];
  std::array<double, 25> probabilities{}, counts{};
  for (unsigned c = 0; c < 25; ++c) probabilities[c] = of_class[c / 5] * of_class[c % 5];
  std::vector<unsigned> before(lag);
  const auto draw = [&] {
    return weight_class(static_cast<unsigned>(std::popcount(next_bits(sequence))));
  };
  for (std::uint64_t done = 0; done < words; done += 2 * lag) {
    for (unsigned& c : before) c = draw();
    for (const unsigned c : before) counts[5 * c + draw()] += 1;
  }
  return {at_lag("pairs of weights", lag), pearson_tail(counts, probabilities)};
}

}  // namespace

Findings collisions(Words& sequence, std::uint64_t words) {
  Findings findings;
  for (const End end : {End::highest, End::lowest}) {
    for (const Urns& urns : {Urns{1, 26, end}, Urns{2, 13, end}, Urns{20, 1, end}}) {
      findings.push_back(collisions_in(sequence, urns, words));
    }
  }
  return findings;
}

Findings gaps(Words& sequence, std::uint64_t words) {
  constexpr unsigned kLongest = 160;
  constexpr double kInside = 1.0 / 16;
  std::array<double, kLongest + 1> probabilities{};
  double rest = 1;
  for (unsigned length = 0; length < kLongest; ++length) {
    probabilities[length] = rest * kInside;
    rest *= 1 - kInside;
  }
  probabilities[kLongest] = rest;

  constexpr const char* kNames[3] = {"gaps of the lowest interval", "gaps of the highest interval",
                                     "gaps of the lowest bits"};
  std::array<std::array<double, kLongest + 1>, 3> counts{};
  std::array<unsigned, 3> length{};
  for (std::uint64_t i = 0; i < words; ++i) {
    const std::uint64_t word = next_bits(sequence);
    const std::uint64_t highest = some_bits(word, 4, End::highest);
    const bool inside[3] = {highest == 0, highest == 15, some_bits(word, 4, End::lowest) == 0};
    for (std::size_t t = 0; t < 3; ++t) {
      if (inside[t]) {
        counts[t][std::min(length[t], kLongest)] += 1;
        length[t] = 0;
      } else {
        ++length[t];
      }
    }
  }
  Findings findings;
  for (std::size_t t = 0; t < 3; ++t) {
    findings.push_back({kNames[t], pearson_tail(counts[t], probabilities)});
  }
  return findings;
}

Findings ranks(Words& sequence, std::uint64_t words) {
  const auto probabilities = rank_probabilities();
  Findings findings;
  for (const std::size_t width : {std::size_t{1}, std::size_t{20}}) {
    BitMatrix matrix(width);
    const std::uint64_t matrices = words / (width * width * kBits);
    // Fewer give no statistic.
    if (matrices < 100) continue;
    std::array<double, 4> counts{};
    for (std::uint64_t m = 0; m < matrices; ++m) {
      matrix.fill(sequence);
      counts[std::min<std::size_t>(width * kBits - matrix.rank(), 3)] += 1;
    }
    // From the rare to the frequent, so that the rare are joined with one another.
    std::reverse(counts.begin(), counts.end());
    auto reversed = probabilities;
    std::reverse(reversed.begin(), reversed.end());
    findings.push_back(
        {"ranks of " + std::to_string(width * kBits), pearson_tail(counts, reversed)});
  }
  return findings;
}

Findings hamming_weights(Words& sequence, std::uint64_t words) {
  const auto probabilities = weight_probabilities();
  std::array<double, kBits + 1> counts{};
  for (std::uint64_t i = 0; i < words; ++i) {
    counts[static_cast<std::size_t>(std::popcount(next_bits(sequence)))] += 1;
  }
  Findings findings = {{"weights", pearson_tail(counts, probabilities)}};
  for (const std::size_t lag : {1, 64, 65, 1024}) {
    findings.push_back(weight_pairs(sequence, words, lag));
  }
  return findings;
}

Findings serial_correlation(Words& sequence, std::uint64_t words) {
  constexpr std::size_t kRing = 2048;
  constexpr std::size_t kLags[] = {1,  2,  3,  4,  5,  6,  7,  8,  9,   10,
                                   11, 12, 13, 14, 15, 16, 64, 65, 1024};
  std::array<double, kRing> ring{};
  std::array<double, std::size(kLags)> sums{};
  std::array<double, kBits> equal{};
  std::uint64_t before = 0;
  for (std::uint64_t i = 0; i < words; ++i) {
    const std::uint64_t word = next_bits(sequence);
    const double centred = (static_cast<double>(word) + 0.5) * 0x1p-52 - 0.5;
    ring[i % kRing] = centred;
    for (std::size_t l = 0; l < std::size(kLags); ++l) {
      // The ring holds zeros before the first word.
      sums[l] += centred * ring[(i + kRing - kLags[l]) % kRing];
    }
    if (i > 0) {
      for (unsigned b = 0; b < kBits; ++b) {
        equal[b] += static_cast<double>(((~(word ^ before) & kMask) >> b) & 1);
      }
    }
    before = word;
  }
  Findings findings;
  for (std::size_t l = 0; l < std::size(kLags); ++l) {
    const auto n = static_cast<double>(words - kLags[l]);
    findings.push_back({at_lag("correlation", kLags[l]), normal_tail(sums[l] * 12 / std::sqrt(n))});
  }
  double squares = 0;
  const auto n = static_cast<double>(words - 1);
  for (const double count : equal) squares += (2 * count - n) * (2 * count - n) / n;
  findings.push_back({"bits equal to their neighbours", chi_squared_tail(squares, kBits)});
  return findings;
}

}  // namespace oche::streams

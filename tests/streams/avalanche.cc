#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>

#include "streams/statistics.h"
#include "streams/tail.h"

namespace oche::streams {
namespace {

// Where a word is taken from.
struct Place {
  std::uint64_t seed = 1;
  std::uint64_t sample = 0;
  std::uint64_t dimension = 0;
  std::uint64_t pass = 0;
};

struct Coordinate {
  const char* name;
  std::uint64_t Place::* value;
  unsigned bits;
};

constexpr Coordinate kCoordinates[] = {{"seed", &Place::seed, 64},
                                       {"sample", &Place::sample, 64},
                                       {"dimension", &Place::dimension, 32},
                                       {"pass", &Place::pass, 32}};

std::uint64_t word_at(Map map, const Place& place) {
  const random::StreamKey key{place.seed, static_cast<std::uint32_t>(place.pass),
                              random::Domain::samples};
  return map(key, place.sample, static_cast<std::uint32_t>(place.dimension));
}

// x with a zero put in at a bit: so that of a place and its neighbour only one is ever counted.
std::uint64_t with_zero_at(std::uint64_t x, unsigned bit) {
  const std::uint64_t low = (std::uint64_t{1} << bit) - 1;
  return (((x & ~low) << 1) | (x & low)) & ~(std::uint64_t{1} << bit);
}

// SplitMix64's finalizer (G. Steele, D. Lea, C. Flood, OOPSLA 2014): places that have nothing to do
// with the map.
std::uint64_t scrambled(std::uint64_t x) {
  x += 0x9E3779B97F4A7C15;
  x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9;
  x = (x ^ (x >> 27)) * 0x94D049BB133111EB;
  return x ^ (x >> 31);
}

enum class Where { near, far };

Place place_of(std::uint64_t i, const Coordinate& coordinate, unsigned bit, Where where) {
  Place place;
  std::uint64_t value = i;
  if (where == Where::far) {
    place = {scrambled(5 * i), scrambled(5 * i + 1), scrambled(5 * i + 2) >> 32,
             scrambled(5 * i + 3) >> 32};
    value = place.*coordinate.value;
  }
  // What the zero pushes out above is lost.
  const std::uint64_t mask = coordinate.bits == 64 ? ~std::uint64_t{0} : 0xffffffff;
  place.*coordinate.value = with_zero_at(value, bit) & mask;
  return place;
}

void judge(Map map, const Coordinate& coordinate, std::uint64_t places, Where where,
           Findings& findings) {
  const auto n = static_cast<double>(places);
  double squares = 0;
  double worst = 0;
  for (unsigned bit = 0; bit < coordinate.bits; ++bit) {
    std::array<std::uint64_t, kBits> flips{};
    for (std::uint64_t i = 0; i < places; ++i) {
      Place place = place_of(i, coordinate, bit, where);
      const std::uint64_t word = word_at(map, place);
      place.*coordinate.value |= std::uint64_t{1} << bit;
      const std::uint64_t difference = (word ^ word_at(map, place)) >> (64 - kBits);
      for (unsigned b = 0; b < kBits; ++b) flips[b] += (difference >> b) & 1;
    }
    for (const std::uint64_t count : flips) {
      const double z = (2 * static_cast<double>(count) - n) / std::sqrt(n);
      squares += z * z;
      worst = std::max(worst, std::fabs(z));
    }
  }
  const double cells = coordinate.bits * kBits;
  const std::string what =
      std::string("bits of the ") + coordinate.name + (where == Where::near ? ", near" : ", far");
  findings.push_back({"avalanche from " + what, chi_squared_tail(squares, cells)});
  // Two tails of each cell, so that the sum is that of the smaller of the two ends.
  findings.push_back({"worst cell from " + what, std::min(0.5, 2 * cells * normal_tail(worst))});
}

}  // namespace

Findings avalanche(Map map, std::uint64_t places) {
  Findings findings;
  for (const Coordinate& coordinate : kCoordinates) {
    for (const Where where : {Where::near, Where::far}) {
      judge(map, coordinate, places, where, findings);
    }
  }
  return findings;
}

}  // namespace oche::streams

#include "tally/tally.h"

#include <algorithm>
#include <bit>
#include <utility>

#include "base/assert.h"
#include "tally/tree.h"

namespace oche::tally {
namespace {

bool same_bits(double a, double b) {
  return std::bit_cast<std::uint64_t>(a) == std::bit_cast<std::uint64_t>(b);
}

bool identical(const CoMoment& a, const CoMoment& b) {
  return a.a == b.a && a.b == b.b && same_bits(a.value, b.value);
}

bool identical(const Shape& a, const Shape& b) {
  return same_bits(a.higher.m3, b.higher.m3) && same_bits(a.higher.m4, b.higher.m4) &&
         a.bins == b.bins;
}

// Co-moments and higher moments need the moments of both sides as they were before the merge.
void merge_joint(Tally& left, const Tally& right) {
  OCHE_ASSERT(left.others.size() == right.others.size() &&
              left.co_moments.size() == right.co_moments.size() &&
              left.shapes.size() == right.shapes.size());
  for (std::size_t i = 0; i < left.co_moments.size(); ++i) {
    CoMoment& c = left.co_moments[i];
    c.value = merge_co_moments(left.quantity(c.a), left.quantity(c.b), c.value, right.quantity(c.a),
                               right.quantity(c.b), right.co_moments[i].value);
  }
  for (std::size_t i = 0; i < left.shapes.size(); ++i) {
    Shape& shape = left.shapes[i];
    shape.higher = merge(left.quantity(i), shape.higher, right.quantity(i), right.shapes[i].higher);
    shape.bins = merge(std::move(shape.bins), right.shapes[i].bins);
  }
  for (std::size_t i = 0; i < left.others.size(); ++i) {
    left.others[i] = merge(left.others[i], right.others[i]);
  }
}

void write(ByteWriter& out, const Moments& m) {
  out.u64(m.count);
  out.f64(m.mean);
  out.f64(m.m2);
  out.f64(m.minimum);
  out.f64(m.maximum);
  out.u64(m.non_finite);
  out.u64(m.first_non_finite);
}

}  // namespace

std::uint64_t Tally::samples() const {
  std::uint64_t n = 0;
  for (const StratumMoments& s : strata) n += s.moments.samples();
  return n;
}

Moments Tally::total() const {
  PairwiseMerger<Moments> merger;
  for (const StratumMoments& s : strata) merger.add(s.moments);
  return merger.result();
}

Tally merge(Tally left, const Tally& right) {
  if (right.strata.empty()) return left;
  if (left.strata.empty()) return right;
  merge_joint(left, right);
  auto next = right.strata.begin();
  StratumMoments& last = left.strata.back();
  OCHE_ASSERT(last.stratum <= next->stratum);
  if (last.stratum == next->stratum) {
    last.moments = merge(last.moments, next->moments);
    ++next;
  }
  left.strata.insert(left.strata.end(), next, right.strata.end());
  return left;
}

Tally without_bins(const Tally& tally) {
  Tally copy;
  copy.strata = tally.strata;
  copy.others = tally.others;
  copy.co_moments = tally.co_moments;
  for (const Shape& shape : tally.shapes) copy.shapes.push_back({shape.higher, {}});
  return copy;
}

bool identical(const Tally& a, const Tally& b) {
  const auto equal = [](const auto& x, const auto& y) {
    return std::equal(x.begin(), x.end(), y.begin(), y.end(),
                      [](const auto& u, const auto& v) { return identical(u, v); });
  };
  return std::equal(a.strata.begin(), a.strata.end(), b.strata.begin(), b.strata.end(),
                    [](const StratumMoments& x, const StratumMoments& y) {
                      return x.stratum == y.stratum && identical(x.moments, y.moments);
                    }) &&
         equal(a.others, b.others) && equal(a.co_moments, b.co_moments) &&
         equal(a.shapes, b.shapes);
}

void write(ByteWriter& out, const Tally& tally) {
  out.u64(tally.strata.size());
  for (const StratumMoments& s : tally.strata) {
    out.u32(s.stratum);
    write(out, s.moments);
  }
  out.u64(tally.others.size());
  for (const Moments& m : tally.others) write(out, m);
  out.u64(tally.co_moments.size());
  for (const CoMoment& c : tally.co_moments) {
    out.u32(c.a);
    out.u32(c.b);
    out.f64(c.value);
  }
  out.u64(tally.shapes.size());
  for (const Shape& shape : tally.shapes) {
    out.f64(shape.higher.m3);
    out.f64(shape.higher.m4);
    out.u64(shape.bins.size());
    for (const Bin& bin : shape.bins) {
      out.u32(bin.index);
      out.u64(bin.count);
    }
  }
}

Hash256 hash_of(const Tally& tally) {
  ByteWriter out;
  write(out, tally);
  return sha256(out.bytes());
}

namespace {

// Bytes of one element of each list, at least: what a claimed length is held against.
constexpr std::size_t kMomentsBytes = 56;
constexpr std::size_t kStratumBytes = 4 + kMomentsBytes;
constexpr std::size_t kCoMomentBytes = 16;
constexpr std::size_t kShapeBytes = 24;
constexpr std::size_t kBinBytes = 12;

// The length of a list whose elements have at least so many bytes each.
std::optional<std::uint64_t> read_length(ByteReader& in, std::size_t bytes_each) {
  const std::uint64_t n = in.u64();
  if (!in.ok() || n > in.remaining() / bytes_each) return std::nullopt;
  return n;
}

Moments read_moments(ByteReader& in) {
  Moments m;
  m.count = in.u64();
  m.mean = in.f64();
  m.m2 = in.f64();
  m.minimum = in.f64();
  m.maximum = in.f64();
  m.non_finite = in.u64();
  m.first_non_finite = in.u64();
  return m;
}

bool read_strata(ByteReader& in, Tally& tally) {
  const auto strata = read_length(in, kStratumBytes);
  if (!strata) return false;
  for (std::uint64_t i = 0; i < *strata; ++i) {
    const std::uint32_t stratum = in.u32();
    if (i > 0 && stratum <= tally.strata.back().stratum) return false;
    tally.strata.push_back({stratum, read_moments(in)});
  }
  return true;
}

bool read_bins(ByteReader& in, Bins& bins) {
  const auto n = read_length(in, kBinBytes);
  if (!n) return false;
  for (std::uint64_t i = 0; i < *n; ++i) {
    Bin bin;
    bin.index = in.u32();
    bin.count = in.u64();
    if (bin.index >= kBins || bin.count == 0) return false;
    if (i > 0 && bin.index <= bins.back().index) return false;
    bins.push_back(bin);
  }
  return true;
}

}  // namespace

std::optional<Tally> read(ByteReader& in) {
  Tally tally;
  if (!read_strata(in, tally)) return std::nullopt;
  const auto others = read_length(in, kMomentsBytes);
  if (!others) return std::nullopt;
  for (std::uint64_t i = 0; i < *others; ++i) tally.others.push_back(read_moments(in));
  const auto pairs = read_length(in, kCoMomentBytes);
  if (!pairs) return std::nullopt;
  for (std::uint64_t i = 0; i < *pairs; ++i) {
    CoMoment& pair = tally.co_moments.emplace_back();
    pair.a = in.u32();
    pair.b = in.u32();
    pair.value = in.f64();
  }
  const auto shapes = read_length(in, kShapeBytes);
  if (!shapes) return std::nullopt;
  for (std::uint64_t i = 0; i < *shapes; ++i) {
    Shape& shape = tally.shapes.emplace_back();
    shape.higher.m3 = in.f64();
    shape.higher.m4 = in.f64();
    if (!read_bins(in, shape.bins)) return std::nullopt;
  }
  if (!in.ok()) return std::nullopt;
  return tally;
}

}  // namespace oche::tally

#include "sampling/chunk.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <new>

#include "base/assert.h"

namespace oche::sampling {
namespace {

constexpr std::size_t kBlock = integrand::kBlock;
static_assert(kBlock == tally::kBlockSamples);

// The largest double below 1: what a cell's upper edge is rounded to.
constexpr double kBelowOne = 1.0 - 0x1p-53;

// Which stratum sample i is in: the last one that begins at or before it.
std::uint32_t stratum_of(const PassContext& pass, std::uint64_t sample) {
  const auto& first = pass.first_sample;
  const auto after = std::upper_bound(first.begin(), first.end() - 1, sample);
  return static_cast<std::uint32_t>(after - first.begin() - 1);
}

// Moves uniforms of the unit cube into a stratum's box: u -> (cell + u) / cells, kept below 1.
void move_into_stratum(const Plan& plan, std::uint32_t stratum, double* u, std::size_t stride,
                       std::size_t n) {
  std::uint32_t rest = stratum;
  for (std::size_t j = 0; j < plan.log2_cells.size(); ++j) {
    const unsigned log2 = plan.log2_cells[j];
    const double cell = static_cast<double>(rest & ((1u << log2) - 1));
    const double width = std::ldexp(1.0, -static_cast<int>(log2));
    rest >>= log2;
    double* const x = u + j * stride;
    for (std::size_t i = 0; i < n; ++i) {
      const double moved = (cell + x[i]) * width;
      x[i] = moved < kBelowOne ? moved : kBelowOne;
    }
  }
}

// A piece of a block whose samples are all in one stratum.
struct Segment {
  std::uint32_t stratum;
  std::size_t begin, end;
};

void split_block(const PassContext& pass, std::uint64_t first, std::size_t n,
                 std::vector<Segment>& segments) {
  segments.clear();
  if (!pass.plan.stratified()) {
    segments.push_back({0, 0, n});
    return;
  }
  std::uint32_t stratum = stratum_of(pass, first);
  for (std::size_t begin = 0; begin < n; ++stratum) {
    const std::uint64_t stratum_end = pass.first_sample[stratum + 1];
    const std::size_t end =
        static_cast<std::size_t>(std::min<std::uint64_t>(n, stratum_end - first));
    if (end > begin) segments.push_back({stratum, begin, end});
    begin = std::max(begin, end);
  }
}

// Collects the moments of segments that come in the order of their strata.
class StrataMerger {
 public:
  void add(std::uint32_t stratum, const tally::Moments& moments) {
    if (started_ && stratum != stratum_) flush();
    stratum_ = stratum;
    started_ = true;
    merger_.add(moments);
  }
  tally::Tally finish() {
    if (started_) flush();
    return std::move(tally_);
  }

 private:
  void flush() {
    tally_.strata.push_back({stratum_, merger_.result()});
    merger_ = {};
  }
  tally::Tally tally_;
  tally::PairwiseMerger<tally::Moments> merger_;
  std::uint32_t stratum_ = 0;
  bool started_ = false;
};

}  // namespace

std::uint64_t chunk_samples(std::uint64_t static_cost) {
  constexpr std::uint64_t kCostOfChunk = std::uint64_t{1} << 18;
  constexpr std::uint64_t kMost = std::uint64_t{1} << 14;
  constexpr std::uint64_t kLeast = std::uint64_t{1} << 8;
  const std::uint64_t samples = kCostOfChunk / std::max<std::uint64_t>(static_cost, 1);
  return std::clamp(std::bit_floor(std::max<std::uint64_t>(samples, 1)), kLeast, kMost);
}

PassContext::PassContext(const integrand::Integrand& f, std::uint64_t seed_, std::uint64_t samples_,
                         Plan plan_)
    : integrand(&f), seed(seed_), chunk_samples(samples_), plan(std::move(plan_)) {
  first_sample.push_back(0);
  for (const std::uint64_t n : plan.allocation) first_sample.push_back(first_sample.back() + n);
}

void Workspace::Free::operator()(double* p) const { ::operator delete[](p, std::align_val_t{64}); }

double* Workspace::doubles(std::size_t n) {
  if (n > size_) {
    memory_.reset(static_cast<double*>(::operator new[](n * sizeof(double), std::align_val_t{64})));
    size_ = n;
    std::fill_n(memory_.get(), n, 0.5);  // padding of a block is read, so it must be initialized
  }
  return memory_.get();
}

namespace {

// The arrays of one block in a workspace.
struct Block {
  double* u;  // kBlock doubles per dimension
  double* values;
  double* scratch;

  Block(const integrand::Integrand& f, Workspace& workspace)
      : u(workspace.doubles((f.dimensions() + 1) * kBlock + f.scratch_doubles())),
        values(u + f.dimensions() * kBlock),
        scratch(values + kBlock) {}
};

void draw(const PassContext& pass, std::uint64_t first, std::size_t n, double* u) {
  const random::StreamKey key{pass.seed, pass.plan.pass, random::Domain::samples};
  random::fill_uniforms(key, first, n, 0, pass.integrand->dimensions(), u, kBlock);
}

// Calls f(first sample, number of samples) for each block of a chunk.
template <class F>
void for_each_block(std::uint64_t begin, std::uint64_t length, F f) {
  for (std::uint64_t done = 0; done < length; done += kBlock) {
    f(begin + done, static_cast<std::size_t>(std::min<std::uint64_t>(kBlock, length - done)));
  }
}

// A chunk of an indicator without strata: the hits say it all.
tally::Tally count_chunk(const PassContext& pass, std::uint64_t begin, std::uint64_t length,
                         const formula::TwoValues& two, Workspace& workspace) {
  const Block block(*pass.integrand, workspace);
  std::uint64_t hits = 0;
  for_each_block(begin, length, [&](std::uint64_t first, std::size_t n) {
    draw(pass, first, n, block.u);
    hits += pass.integrand->count(block.u, kBlock, n, block.scratch);
  });
  return {{{0, tally::moments_of_two_values(length, hits, two.hit, two.miss)}}};
}

}  // namespace

tally::Tally compute_chunk(const PassContext& pass, std::uint64_t index, std::uint64_t length,
                           Workspace& workspace) {
  const integrand::Integrand& f = *pass.integrand;
  const std::uint64_t begin = index * pass.chunk_samples;
  const std::optional<formula::TwoValues> two = f.two_values();
  if (two && !pass.plan.stratified()) return count_chunk(pass, begin, length, *two, workspace);
  const Block block(f, workspace);
  StrataMerger merger;
  std::vector<Segment> segments;
  for_each_block(begin, length, [&](std::uint64_t first, std::size_t n) {
    draw(pass, first, n, block.u);
    split_block(pass, first, n, segments);
    if (pass.plan.stratified()) {
      for (const Segment& s : segments) {
        move_into_stratum(pass.plan, s.stratum, block.u + s.begin, kBlock, s.end - s.begin);
      }
    }
    f.evaluate(block.u, kBlock, n, block.values, block.scratch);
    for (const Segment& s : segments) {
      merger.add(s.stratum,
                 tally::moments_of_block(block.values + s.begin, s.end - s.begin, first + s.begin));
    }
  });
  return merger.finish();
}

tally::Tally compute_node(const PassContext& pass, tally::Node node, std::uint64_t end_sample,
                          Workspace& workspace, const std::function<bool()>& cancelled) {
  tally::PairwiseMerger<tally::Tally> merger;
  for (std::uint64_t chunk = node.first(); chunk < node.end(); ++chunk) {
    if (cancelled && cancelled()) return {};
    const std::uint64_t begin = chunk * pass.chunk_samples;
    std::uint64_t length = pass.chunk_samples;
    if (end_sample != 0) {
      OCHE_ASSERT(begin < end_sample);
      length = std::min(length, end_sample - begin);
    }
    merger.add(compute_chunk(pass, chunk, length, workspace));
  }
  return merger.result();
}

std::vector<double> uniforms_at(const PassContext& pass, std::uint64_t sample) {
  const random::StreamKey key{pass.seed, pass.plan.pass, random::Domain::samples};
  std::vector<double> u(pass.integrand->dimensions());
  for (std::size_t j = 0; j < u.size(); ++j) {
    u[j] = random::uniform(key, sample, static_cast<std::uint32_t>(j));
  }
  if (pass.plan.stratified()) {
    move_into_stratum(pass.plan, stratum_of(pass, sample), u.data(), 1, 1);
  }
  return u;
}

namespace {

// What the moments of `samples` samples that begin at `begin` can be.
bool plausible_moments(const tally::Moments& m, std::uint64_t begin, std::uint64_t samples) {
  if (m.count > samples || m.non_finite != samples - m.count) return false;
  if (m.non_finite == 0) {
    if (m.first_non_finite != tally::kNoSample) return false;
  } else if (m.first_non_finite < begin || m.first_non_finite - begin >= samples) {
    return false;
  }
  if (m.count == 0) {
    tally::Moments empty;
    empty.non_finite = m.non_finite;
    empty.first_non_finite = m.first_non_finite;
    return tally::identical(m, empty);
  }
  if (!std::isfinite(m.minimum) || !std::isfinite(m.maximum) || m.minimum > m.maximum) return false;
  // The mean may leave the range by the rounding of its sums.
  const double slack = 1e-9 * std::max(std::fabs(m.minimum), std::fabs(m.maximum));
  if (!(m.mean >= m.minimum - slack && m.mean <= m.maximum + slack && m.m2 >= 0)) return false;
  // n values within a range R have R^2/2 <= M2 <= n R^2/4 (the upper bound is Popoviciu's), here
  // with some air; a square may have overflowed or vanished on either side.
  const double least = 0.7 * std::max(0.0, m.maximum - m.minimum - 4 * slack);
  const double most = 0.51 * (m.maximum - m.minimum + 4 * slack);
  constexpr double kVanishing = 1e-300;
  return m.m2 + kVanishing >= least * least &&
         m.m2 <= static_cast<double>(m.count) * (most * most) + kVanishing;
}

}  // namespace

bool plausible(const PassContext& pass, tally::Node node, std::uint64_t end_sample,
               const tally::Tally& tally) {
  std::uint64_t at = node.first() * pass.chunk_samples;
  std::uint64_t end = node.end() * pass.chunk_samples;
  if (end_sample != 0) end = std::min(end, end_sample);
  for (const tally::StratumMoments& s : tally.strata) {
    if (at >= end) return false;
    const bool stratified = pass.plan.stratified();
    if (s.stratum != (stratified ? stratum_of(pass, at) : 0)) return false;
    const std::uint64_t upto = stratified ? std::min(end, pass.first_sample[s.stratum + 1]) : end;
    if (!plausible_moments(s.moments, at, upto - at)) return false;
    at = upto;
  }
  return at == end && !tally.strata.empty();
}

}  // namespace oche::sampling

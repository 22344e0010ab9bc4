#include "sampling/chunk.h"

#include <algorithm>
#include <cmath>

#include "base/assert.h"
#include "sampling/joint.h"
#include "sampling/strata.h"

namespace oche::sampling {
namespace {

constexpr std::size_t kBlock = integrand::kBlock;
static_assert(kBlock == tally::kBlockSamples);

random::StreamKey key_of(const PassContext& pass) {
  return {pass.seed, pass.plan.pass, random::Domain::samples};
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
  const integrand::Integrand& f = *pass.integrand;
  const Block block(f, workspace);
  std::uint64_t hits = 0;
  std::uint64_t done_by_kernel = 0;
  if (const integrand::Kernel* const kernel = f.kernel()) {
    done_by_kernel = kernel_share(length);
    hits = kernel->count(key_of(pass), begin, done_by_kernel, block.scratch);
  }
  for_each_block(begin + done_by_kernel, length - done_by_kernel,
                 [&](std::uint64_t first, std::size_t n) {
                   for (std::size_t done = 0; done < n; done += block.piece) {
                     const std::size_t samples = std::min(block.piece, n - done);
                     random::fill_uniforms(key_of(pass), first + done, samples, 0, f.dimensions(),
                                           block.u, block.piece);
                     hits += f.count(block.u, block.piece, samples, block.scratch);
                   }
                 });
  tally::Tally tally;
  tally.strata = {{0, tally::moments_of_two_values(length, hits, two.hit, two.miss)}};
  return tally;
}

// Mean and variance of one output, block by block, whatever its values are.
tally::Tally careful_chunk(const PassContext& pass, std::uint64_t begin, std::uint64_t length,
                           const Block& block) {
  tally::PairwiseMerger<tally::Moments> merger;
  for_each_block(begin, length, [&](std::uint64_t first, std::size_t n) {
    evaluate_block(*pass.integrand, key_of(pass), first, n, block);
    merger.add(tally::moments_of_block(block.values, n, first));
  });
  tally::Tally tally;
  tally.strata = {{0, std::move(merger).result()}};
  return tally;
}

// Mean and variance of one output.
tally::Tally simple_chunk(const PassContext& pass, std::uint64_t begin, std::uint64_t length,
                          Workspace& workspace) {
  const Block block(*pass.integrand, workspace);
  const double centre = pass.pilot.centres[0];
  tally::LaneSums lanes;
  std::uint64_t done_by_kernel = 0;
  if (const integrand::Kernel* const kernel = pass.integrand->kernel()) {
    done_by_kernel = kernel_share(length);
    kernel->accumulate(key_of(pass), begin, done_by_kernel, &centre, &lanes, block.scratch);
  }
  for_each_block(begin + done_by_kernel, length - done_by_kernel,
                 [&](std::uint64_t first, std::size_t n) {
                   evaluate_block(*pass.integrand, key_of(pass), first, n, block);
                   tally::accumulate(block.values, n, centre, lanes);
                 });
  const tally::Sums sums(lanes);
  if (!sums.usable()) return careful_chunk(pass, begin, length, block);
  tally::Tally tally;
  tally.strata = {{0, tally::moments_of(sums, length, centre)}};
  return tally;
}

// Several quantities: first in one pass; again, with care, where the sums of that don't serve.
tally::Tally joint_chunk(const PassContext& pass, std::uint64_t begin, std::uint64_t length,
                         Workspace& workspace) {
  const integrand::Measure& measure = pass.integrand->measure();
  const Block block(*pass.integrand, workspace);
  JointSums sums(measure, pass.pilot, workspace.joint_memory());
  for_each_block(begin, length, [&](std::uint64_t first, std::size_t n) {
    evaluate_block(*pass.integrand, key_of(pass), first, n, block);
    if (sums.add(block.values, n)) return;
    evaluate_block(*pass.integrand, key_of(pass), first, n, block);
    sums.add_finite_ones(block.values, n, first);
  });
  if (std::optional<tally::Tally> tally = sums.tally()) return std::move(*tally);
  tally::PairwiseMerger<tally::Tally> merger;
  for_each_block(begin, length, [&](std::uint64_t first, std::size_t n) {
    evaluate_block(*pass.integrand, key_of(pass), first, n, block);
    merger.add(careful_joint_block(measure, block.values, n, first));
  });
  return std::move(merger).result();
}

tally::Tally stratified_chunk(const PassContext& pass, std::uint64_t begin, std::uint64_t length,
                              Workspace& workspace) {
  const integrand::Integrand& f = *pass.integrand;
  const Block block(f, workspace);
  StrataMerger merger;
  std::vector<Segment> segments;
  // Pieces, not blocks: a segment's values must be evaluated where its uniforms are.
  for_each_block(begin, length, [&](std::uint64_t first, std::size_t n) {
    split_block(pass, first, n, segments);
    for (std::size_t done = 0; done < n; done += block.piece) {
      const std::size_t samples = std::min(block.piece, n - done);
      random::fill_uniforms(key_of(pass), first + done, samples, 0, f.dimensions(), block.u,
                            block.piece);
      for (const Segment& s : segments) {
        const std::size_t from = std::max(s.begin, done);
        const std::size_t to = std::min(s.end, done + samples);
        if (from >= to) continue;
        move_into_stratum(pass.plan, s.stratum, block.u + (from - done), block.piece, to - from);
      }
      f.evaluate(block.u, block.piece, samples, block.values + done, kBlock, block.scratch);
    }
    for (const Segment& s : segments) {
      merger.add(s.stratum,
                 tally::moments_of_block(block.values + s.begin, s.end - s.begin, first + s.begin));
    }
  });
  return merger.finish();
}

// All but the bins, which are counted in the workspace.
tally::Tally chunk_without_bins(const PassContext& pass, std::uint64_t index, std::uint64_t length,
                                Workspace& workspace) {
  const integrand::Integrand& f = *pass.integrand;
  const std::uint64_t begin = index * pass.chunk_samples;
  if (pass.plan.stratified()) return stratified_chunk(pass, begin, length, workspace);
  if (const auto two = f.two_values()) return count_chunk(pass, begin, length, *two, workspace);
  if (f.measure().is_simple()) return simple_chunk(pass, begin, length, workspace);
  return joint_chunk(pass, begin, length, workspace);
}

// Moves the bins that were counted since the last call into the tally.
void take_bins(const PassContext& pass, Workspace& workspace, tally::Tally& tally) {
  const integrand::Measure& measure = pass.integrand->measure();
  if (!measure.shapes || pass.plan.stratified()) return;
  std::vector<tally::BinCounter>& counters = workspace.joint_memory().counters;
  for (std::size_t o = 0; o < std::min<std::size_t>(measure.outputs, counters.size()); ++o) {
    tally::Bins bins = counters[o].take();
    if (o < tally.shapes.size()) tally.shapes[o].bins = std::move(bins);
  }
}

}  // namespace

std::uint64_t chunk_samples(std::uint64_t static_cost) {
  constexpr std::uint64_t kCostOfChunk = std::uint64_t{1} << 22;
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
  if (!plan.stratified() && !f.two_values()) pilot = pilot_of(f, seed);
}

tally::Tally compute_chunk(const PassContext& pass, std::uint64_t index, std::uint64_t length,
                           Workspace& workspace) {
  tally::Tally tally = chunk_without_bins(pass, index, length, workspace);
  take_bins(pass, workspace, tally);
  return tally;
}

tally::Tally compute_node(const PassContext& pass, tally::Node node, std::uint64_t end_sample,
                          Workspace& workspace, const std::function<bool()>& cancelled) {
  tally::PairwiseMerger<tally::Tally> merger;
  tally::Tally tally;
  for (std::uint64_t chunk = node.first(); chunk < node.end(); ++chunk) {
    if (cancelled && cancelled()) {
      take_bins(pass, workspace, tally);
      return {};
    }
    const std::uint64_t begin = chunk * pass.chunk_samples;
    std::uint64_t length = pass.chunk_samples;
    if (end_sample != 0) {
      OCHE_ASSERT(begin < end_sample);
      length = std::min(length, end_sample - begin);
    }
    merger.add(chunk_without_bins(pass, chunk, length, workspace));
  }
  tally = std::move(merger).result();
  take_bins(pass, workspace, tally);
  return tally;
}

std::vector<double> uniforms_at(const PassContext& pass, std::uint64_t sample) {
  std::vector<double> u(pass.integrand->dimensions());
  for (std::size_t j = 0; j < u.size(); ++j) {
    u[j] = random::uniform(key_of(pass), sample, static_cast<std::uint32_t>(j));
  }
  if (pass.plan.stratified()) {
    move_into_stratum(pass.plan, stratum_of(pass, sample), u.data(), 1, 1);
  }
  return u;
}

}  // namespace oche::sampling

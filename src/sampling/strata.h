// How the samples of a stratified pass stand to its strata.
#ifndef OCHE_SAMPLING_STRATA_H_
#define OCHE_SAMPLING_STRATA_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "sampling/chunk.h"
#include "tally/tally.h"
#include "tally/tree.h"

namespace oche::sampling {

// Which stratum sample i is in: the last one that begins at or before it.
std::uint32_t stratum_of(const PassContext& pass, std::uint64_t sample);

// Moves uniforms of the unit cube into a stratum's box: u -> (cell + u) / cells, kept below 1.
void move_into_stratum(const Plan& plan, std::uint32_t stratum, double* u, std::size_t stride,
                       std::size_t n);

// A piece of a block whose samples are all in one stratum.
struct Segment {
  std::uint32_t stratum;
  std::size_t begin, end;
};

// The segments of samples [first, first + n), in their order.
void split_block(const PassContext& pass, std::uint64_t first, std::size_t n,
                 std::vector<Segment>& segments);

// Collects the moments of segments that come in the order of their strata.
class StrataMerger {
 public:
  void add(std::uint32_t stratum, const tally::Moments& moments);
  tally::Tally finish();

 private:
  void flush();

  tally::Tally tally_;
  tally::PairwiseMerger<tally::Moments> merger_;
  std::uint32_t stratum_ = 0;
  bool started_ = false;
};

}  // namespace oche::sampling

#endif  // OCHE_SAMPLING_STRATA_H_

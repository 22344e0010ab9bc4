// From the values of several quantities to a tally of the plain method.
#ifndef OCHE_SAMPLING_JOINT_H_
#define OCHE_SAMPLING_JOINT_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "integrand/measure.h"
#include "sampling/pilot.h"
#include "tally/bins.h"
#include "tally/tally.h"

namespace oche::sampling {

// What JointSums works in. It outlives a chunk: the bins that are counted in it, and the memory of
// all else.
struct JointMemory {
  struct Lanes {
    std::vector<tally::LaneSums> lanes;         // per quantity
    std::vector<tally::PowerLanes> powers;      // per output with a shape
    std::vector<tally::ProductLanes> products;  // per pair
  };
  std::vector<tally::BinCounter> counters;  // per output with a shape, made on first use
  Lanes sums;
  Lanes before;
  std::vector<std::size_t> pair_of;
};

// The sums of one chunk, block by block, each a single pass about the pilot's centres
// (tally/lanes.h). A sample with a quantity that isn't finite counts in none.
class JointSums {
 public:
  JointSums(const integrand::Measure& measure, const Pilot& pilot, JointMemory& memory);

  // values[q * kBlock + i] is quantity q of a sample, i < n. They are overwritten. False where one
  // isn't finite, or a sum overflowed: then nothing was added.
  bool add(double* values, std::size_t n);
  // The same of those samples of which all quantities are finite.
  void add_finite_ones(double* values, std::size_t n, std::uint64_t first_sample);

  // Without the bins. Nothing where sums overflowed.
  std::optional<tally::Tally> tally() const;

 private:
  void add_to_sums(double* values, std::size_t n);
  void count_bins(std::size_t n);

  const integrand::Measure& measure_;
  const Pilot& pilot_;
  std::vector<tally::BinCounter>& counters_;
  JointMemory::Lanes& sums_;
  JointMemory::Lanes& before_;  // as sums_ was
  // Per quantity, the pair whose products are added up in the pass over it: the other's t are there
  // by then.
  std::vector<std::size_t>& pair_of_;
  std::uint64_t count_ = 0;
  std::uint64_t non_finite_ = 0;
  std::uint64_t first_non_finite_ = tally::kNoSample;
};

// The tally, without bins, of one block whose sums may overflow: means are computed from scaled
// values, all else about the means.
tally::Tally careful_joint_block(const integrand::Measure& measure, double* values, std::size_t n,
                                 std::uint64_t first_sample);

}  // namespace oche::sampling

#endif  // OCHE_SAMPLING_JOINT_H_

// The bins of an output as a distribution.
#ifndef OCHE_JOB_COUNTS_H_
#define OCHE_JOB_COUNTS_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "tally/bins.h"
#include "tally/tally.h"

namespace oche::job {

// One output of a plain run: moments, shape and what was taken from its values before they were put
// into bins. At least one value.
struct OutputTally {
  tally::Moments moments;
  tally::Shape shape;
  double origin = 0.0;
};

// Ends on the axis of the values, and running counts. Bins are numbered from 0 among those that are
// not empty. `output` outlives it.
//
// A bin whose neighbours are empty is taken for one single value: the smallest or the largest of
// all in the outermost bins, else the number in the bin that has the fewest digits.
class Counts {
 public:
  explicit Counts(const OutputTally& output);

  std::size_t size() const { return bins().size(); }
  std::uint64_t count(std::size_t i) const { return bins()[i].count; }
  std::uint64_t total() const { return upto_.back(); }
  std::uint64_t before(std::size_t i) const { return i == 0 ? 0 : upto_[i - 1]; }
  // No value is outside of what was seen.
  double low(std::size_t i) const { return on_axis(tally::bin_low(bins()[i].index)); }
  double high(std::size_t i) const { return on_axis(tally::bin_high(bins()[i].index)); }
  double middle(std::size_t i) const { return low(i) + 0.5 * (high(i) - low(i)); }
  // Ends of intervals that hold the values of the bin: its ends, or the single value where it is
  // known.
  double from(std::size_t i) const;
  double to(std::size_t i) const;

  // The bin in which the k-th smallest value is, k from 1.
  std::size_t of_rank(std::uint64_t k) const;
  // The value below which `rank` of the values lie, between those of a bin in proportion.
  double value(double rank) const;

  // Whether the output takes few values: each bin that has some is single, and there are many more
  // values than bins.
  bool takes_few_values() const;

 private:
  const tally::Bins& bins() const { return output_.shape.bins; }
  double on_axis(double t) const;
  bool is_single(std::size_t i) const;
  double single_value(std::size_t i) const;
  // Whether the values are known from their bins: all are single, and each is so much narrower
  // than the last place of the numbers with the fewest digits in them, the smallest and the largest
  // value among them, that hardly another than a multiple of that place would have had one in its
  // bin.
  bool are_decimals() const;
  bool all_are_single() const;

  const OutputTally& output_;
  std::vector<std::uint64_t> upto_;
  bool decimals_ = false;
};

}  // namespace oche::job

#endif  // OCHE_JOB_COUNTS_H_

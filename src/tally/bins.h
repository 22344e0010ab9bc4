// How often the values of an output fell where: integer counts in bins that are fine everywhere, so
// that quantiles need no pilot that knows their range, and no tail is lost.
//
// A bin is a sign, an exponent and the ten leading bits of the fraction of t = y - origin: 1024
// bins to the octave, each at most 1/1024 of |t| wide. Bins are numbered so that a larger number is
// a larger value: kZeroBin is [0, the smallest positive), below it are the negative ones. Counts
// are integers and add up in any order.
#ifndef OCHE_TALLY_BINS_H_
#define OCHE_TALLY_BINS_H_

#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <vector>

namespace oche::tally {

inline constexpr unsigned kBinFractionBits = 10;
inline constexpr std::uint32_t kBins = std::uint32_t{1} << (1 + 11 + kBinFractionBits);
inline constexpr std::uint32_t kZeroBin = kBins / 2;

struct Bin {
  std::uint32_t index = 0;
  std::uint64_t count = 0;
  friend bool operator==(const Bin&, const Bin&) = default;
};
// Strictly ascending, no count is 0.
using Bins = std::vector<Bin>;

// The bin of a finite t.
std::uint32_t bin_of(double t);
// Its ends: low <= t < high for a bin of positive numbers, low < t <= high for negative ones. Those
// of the last exponent, which no finite number has, are infinite.
double bin_low(std::uint32_t index);
double bin_high(std::uint32_t index);

Bins merge(Bins left, const Bins& right);

// Of some numbers.
struct Extremes {
  double low = std::numeric_limits<double>::infinity();
  double high = -std::numeric_limits<double>::infinity();
  double least_magnitude = std::numeric_limits<double>::infinity();
  double least_magnitude_but_0 = std::numeric_limits<double>::infinity();
};

// Counts in the memory of one thread: two counters for each bin, of which only those that values
// fall into are ever touched. Two in turns, as the values of an output are often the same for many
// samples, and a counter that is counted up again at once waits for itself.
class BinCounter {
 public:
  BinCounter();

  // Finds the bins of t[i] = y[i] - origin for i < n, n at most kBlockSamples, in place of those
  // found before.
  void find(const double* y, std::size_t n, double origin);
  // Counts what was found, which must be of finite values.
  void count_found();
  // All that was counted since the last call; begins anew.
  Bins take();

 private:
  void drain();
  // Marks the octaves between those found, if they are few.
  bool touch_all_found();

  struct Free {
    void operator()(std::uint32_t* p) const;
  };
  std::unique_ptr<std::uint32_t[], Free> counts_;
  std::vector<std::uint8_t> touched_;  // per octave: 2^kBinFractionBits counters
  std::unique_ptr<std::uint64_t[]> found_;
  std::size_t number_found_ = 0;
  Extremes extremes_;          // of the t found
  std::uint64_t counted_ = 0;  // since the last drain: each counter holds at most as much
  Bins drained_;
};

}  // namespace oche::tally

#endif  // OCHE_TALLY_BINS_H_

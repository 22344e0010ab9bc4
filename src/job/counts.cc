#include "job/counts.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/round_number.h"

namespace oche::job {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
// More are not looked at: each costs up to 17 conversions to text.
constexpr std::size_t kMostDecimals = 4096;
// How wide a bin may be in units of the last place: so often a number between is taken for one of
// few digits.
constexpr double kWidestBin = 0.1;
// So many values to a bin are no accident of a few samples.
constexpr std::uint64_t kValuesPerBin = 20;

}  // namespace

Counts::Counts(const OutputTally& output) : output_(output) {
  std::uint64_t running = 0;
  for (const tally::Bin& bin : output.shape.bins) {
    running += bin.count;
    upto_.push_back(running);
  }
  decimals_ = are_decimals();
}

std::size_t Counts::of_rank(std::uint64_t k) const {
  return static_cast<std::size_t>(std::ranges::lower_bound(upto_, k) - upto_.begin());
}

double Counts::value(double rank) const {
  const auto k =
      static_cast<std::uint64_t>(std::clamp(std::ceil(rank), 1.0, static_cast<double>(total())));
  const std::size_t i = of_rank(k);
  if (decimals_ || (is_single(i) && size() > 1)) return single_value(i);
  const double share = (rank - static_cast<double>(before(i))) / static_cast<double>(count(i));
  return low(i) + std::clamp(share, 0.0, 1.0) * (high(i) - low(i));
}

double Counts::on_axis(double t) const {
  return std::clamp(output_.origin + t, output_.moments.minimum, output_.moments.maximum);
}

// What is nearer to 0 than the smallest normal numbers is taken for 0.
double Counts::from(std::size_t i) const {
  if (decimals_) return single_value(i);
  return output_.origin == 0 && bins()[i].index + 1 == tally::kZeroBin ? high(i) : low(i);
}

double Counts::to(std::size_t i) const {
  if (decimals_) return single_value(i);
  return output_.origin == 0 && bins()[i].index == tally::kZeroBin ? low(i) : high(i);
}

bool Counts::is_single(std::size_t i) const {
  const bool apart_below = i == 0 || bins()[i - 1].index + 1 < bins()[i].index;
  const bool apart_above = i + 1 == size() || bins()[i].index + 1 < bins()[i + 1].index;
  return apart_below && apart_above;
}

double Counts::single_value(std::size_t i) const {
  if (i == 0) return output_.moments.minimum;
  if (i + 1 == size()) return output_.moments.maximum;
  // The end further from the origin is in the next bin.
  const double a = low(i);
  const double b = high(i);
  return bins()[i].index >= tally::kZeroBin
             ? roundest_between(a, std::max(a, std::nextafter(b, -kInfinity)))
             : roundest_between(std::min(b, std::nextafter(a, kInfinity)), b);
}

bool Counts::all_are_single() const {
  for (std::size_t i = 0; i < size(); ++i) {
    if (!is_single(i)) return false;
  }
  return true;
}

bool Counts::takes_few_values() const {
  return output_.moments.minimum == output_.moments.maximum ||
         (size() > 1 && size() <= total() / kValuesPerBin && all_are_single());
}

bool Counts::are_decimals() const {
  if (output_.moments.minimum == output_.moments.maximum) return true;
  if (size() < 2 || size() > kMostDecimals || !all_are_single()) return false;
  double widest = 0.0;
  for (std::size_t i = 0; i < size(); ++i) {
    widest = std::max(widest, high(i) - low(i));
  }
  // The outermost first: of most outputs without few values they have many digits.
  const auto fits = [&](std::size_t i) {
    const double value = single_value(i);
    return value == 0 || widest <= kWidestBin * std::pow(10.0, last_decimal_place(value));
  };
  if (!fits(0) || !fits(size() - 1)) return false;
  for (std::size_t i = 1; i + 1 < size(); ++i) {
    if (!fits(i)) return false;
  }
  return true;
}

}  // namespace oche::job

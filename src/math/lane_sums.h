// What is summed up of values while they go by, over virtual lanes whose number does not depend on
// the width of a vector: what is added to what is the same on every target.
#ifndef OCHE_MATH_LANE_SUMS_H_
#define OCHE_MATH_LANE_SUMS_H_

#include <cstddef>
#include <limits>

namespace oche::math {

inline constexpr std::size_t kSumLanes = 16;

// Lane l has the values f_i with i = l mod 16, taken in ascending order of i, and t = f_i - c with
// a centre c:
//   s1 = s1 + t, s2 = fma(t, t, s2), minimum of f_i, maximum of f_i.
// The sums start at +0. Which of -0 and +0 is the smaller, and what the extremes are when a value
// is NaN, is not said: who reads them adds +0.0, and looks first whether the sums are finite.
struct alignas(64) LaneSums {
  double s1[kSumLanes] = {};
  double s2[kSumLanes] = {};
  double minimum[kSumLanes];
  double maximum[kSumLanes];

  LaneSums() {
    for (std::size_t l = 0; l < kSumLanes; ++l) {
      minimum[l] = std::numeric_limits<double>::infinity();
      maximum[l] = -std::numeric_limits<double>::infinity();
    }
  }
};

}  // namespace oche::math

#endif  // OCHE_MATH_LANE_SUMS_H_

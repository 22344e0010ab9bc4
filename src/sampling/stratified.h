// Stratified sampling in passes: a pilot with as many samples in each stratum, then passes whose
// samples go where the pass before saw the most variance (Neyman's allocation: n_h proportional to
// the standard deviation s_h in stratum h, as strata have equal volumes).
// J. Neyman, "On the two different aspects of the representative method", J. R. Stat. Soc. 97
// (1934) 558-625; W. G. Cochran, Sampling Techniques, 3rd ed., 1977, section 5.5.
#ifndef OCHE_SAMPLING_STRATIFIED_H_
#define OCHE_SAMPLING_STRATIFIED_H_

#include <cstdint>
#include <optional>

#include "sampling/plan.h"
#include "tally/tally.h"

namespace oche::sampling {

inline constexpr std::uint64_t kPilotSamplesPerStratum = 16;
// The samples of pass p >= 1 are 2^(kLog2FirstPass + p - 1): they don't depend on the target.
inline constexpr unsigned kLog2FirstPass = 17;
// Each stratum gets at least this share of an even division, and at least 2: what the pilot took
// for flat may not be, and would then bring most of the variance by a few samples. A half costs at
// most a factor of two in the variance.
inline constexpr double kDefensiveShare = 0.5;

// The pass that begins a run: plain's one plan, or the pilot. 2^kMaxLog2Strata strata, dimensions
// cut in two in turn (all once, then all twice, …).
Plan first_plan(Method method, std::uint32_t dimensions);

// The plan of the pass after `plan`, whose whole pass gave `root`. `remaining` is how many samples
// may still be drawn (0: no cap); a pass takes them all rather than leave too few for one more.
// Nothing when the method has no further pass or the cap is reached.
std::optional<Plan> next_plan(const Plan& plan, const tally::Tally& root, std::uint64_t remaining,
                              bool capped);

// The least --samples of a method.
std::uint64_t least_samples(Method method, std::uint32_t dimensions);

}  // namespace oche::sampling

#endif  // OCHE_SAMPLING_STRATIFIED_H_

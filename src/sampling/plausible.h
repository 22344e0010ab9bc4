// Whether a tally that a peer sent can be what it claims to be.
#ifndef OCHE_SAMPLING_PLAUSIBLE_H_
#define OCHE_SAMPLING_PLAUSIBLE_H_

#include <cstdint>

#include "sampling/chunk.h"
#include "tally/tally.h"
#include "tally/tree.h"

namespace oche::sampling {

// Whether a tally can be that of these samples: strata, counts, bins, and the bounds that moments
// have by those of other kinds. Nothing in it is taken on trust.
bool plausible(const PassContext& pass, tally::Node node, std::uint64_t end_sample,
               const tally::Tally& tally);

// The same of the first samples of a pass, all of a stratified one.
bool plausible_prefix(const PassContext& pass, std::uint64_t samples, const tally::Tally& tally);

}  // namespace oche::sampling

#endif  // OCHE_SAMPLING_PLAUSIBLE_H_

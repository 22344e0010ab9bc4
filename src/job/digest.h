// The digest: 64 hexadecimal digits by which anybody can check that two answers are the same to the
// last bit.
#ifndef OCHE_JOB_DIGEST_H_
#define OCHE_JOB_DIGEST_H_

#include <string>
#include <vector>

#include "job/job.h"
#include "sampling/estimate.h"

namespace oche::job {

// The number of the layout below.
inline constexpr std::uint32_t kDigestFormat = 2;

// SHA-256 of, little-endian (docs/CHECKPOINT.md):
//   u32 format number, u32 numerics number, u64 length and bytes of the canonical job, u64 number
//   of passes; per pass: the 32 bytes of the plan's hash, u64 samples, the tally (tally/tally.h).
std::string digest(const Job& job, const std::vector<sampling::PassResult>& passes);

}  // namespace oche::job

#endif  // OCHE_JOB_DIGEST_H_

// The number of the arithmetic: two builds with the same number give the same bits.
#ifndef OCHE_MATH_NUMERICS_H_
#define OCHE_MATH_NUMERICS_H_

#include <cstdint>

namespace oche {

// Raise it in any change after which some job may yield another bit on any path to the digest: the
// map of streams, the generator, the conversion to doubles, an elementary function or its library's
// version, the order of a sum, a chunk's size, a plan, a stop rule, the evaluation of an
// expression. It is part of a job's fingerprint, of leases, files and JSON; work of another number
// is refused. The golden digests in the tests fail when it should have been raised and wasn't.
inline constexpr std::uint32_t kNumerics = 5;

}  // namespace oche

#endif  // OCHE_MATH_NUMERICS_H_

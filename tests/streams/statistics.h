// Statistical tests of sequences of words, and of a map's avalanche. Each looks at the upper 52
// bits of words, from the top and, where it takes only some bits, from the lowest of the 52 too,
// and returns what it found: a name and the tail of each statistic, which is the probability that
// independent uniform bits are as far off or further, on the same side.
//
// `words` is about how many words a test may read. All are pure functions of the sequence.
#ifndef OCHE_TESTS_STREAMS_STATISTICS_H_
#define OCHE_TESTS_STREAMS_STATISTICS_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "streams/words.h"

namespace oche::streams {

struct Finding {
  std::string what;
  double tail;  // NaN where too few words were read for a statistic
};
using Findings = std::vector<Finding>;

// Below this a sequence is rejected. Seeds are fixed, so a test never flakes; some two hundred
// statistics, each with two tails, would all pass at a first try with probability 1 - 4e-4.
inline constexpr double kRejected = 1e-6;

// The collision test (Knuth, TAOCP vol. 2, 3.3.2, I): 2^18 balls into 2^26 urns, numbered by bits
// of one word, of two, or one bit of each of twenty (2^14 balls into 2^20). For a balls per urn the
// number of collisions has the mean n - k + k (1 - 1/k)^n and the variance k e^-a (1 - (1 + a)
// e^-a) (N. L. Johnson and S. Kotz, "Urn Models and Their Application", 1977, section 3.2); it is
// added over repetitions, and normal.
Findings collisions(Words& sequence, std::uint64_t words);

// The gap test (the same, D): how long numbers stay out of an interval of length 1/16: the lengths
// are geometric. For the lowest and the highest interval, and for the four lowest bits.
Findings gaps(Words& sequence, std::uint64_t words);

// Ranks of square matrices of bits (G. Marsaglia and L.-H. Tsay, "Matrices and the structure of
// random number sequences", Linear Algebra and its Applications 67, 1985): 52 rows of one word, and
// 1040 rows of twenty. The rank is n - d with probability 2^(-d^2) prod (1 - 2^-i, i > d) / prod (1
// - 2^-i, i <= d), for n beyond 50.
Findings ranks(Words& sequence, std::uint64_t words);

// Hamming weights (P. L'Ecuyer and R. Simard, "Beware of linear congruential generators with
// multipliers of the form a = +-2^q +-2^r", ACM TOMS 25, 1999): the number of ones among the 52
// bits is binomial; and in five classes it is independent of that of the words 1, 64, 65 and 1024
// before.
Findings hamming_weights(Words& sequence, std::uint64_t words);

// Serial correlation (Knuth, K) of the doubles at lags 1 to 16, 64, 65 and 1024, without their
// mean, which is 1/2: normal with variance 1/(144 n). And of each bit with itself one word later:
// the number of equal neighbours is binomial, the squares of the 52 standardized numbers add up to
// chi-squared.
Findings serial_correlation(Words& sequence, std::uint64_t words);

// Avalanche: of each of 64 bits of the seed, 64 of the sample, 32 of the dimension and 32 of the
// pass that is flipped, how often each of the 52 bits of the word flips, over `places` places near
// the origin, where runs are, and as many far away. It is binomial with probability 1/2; per
// coordinate, the squares of the standardized numbers add up to chi-squared, and no cell may be off
// by itself (the tail of the worst, times the number of cells).
Findings avalanche(Map map, std::uint64_t places);

}  // namespace oche::streams

#endif  // OCHE_TESTS_STREAMS_STATISTICS_H_

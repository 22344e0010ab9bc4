// What a run yields.
#ifndef OCHE_RESULT_H_
#define OCHE_RESULT_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace oche {

// One thread or one worker that took part.
struct CrewMember {
  std::string name;
  std::uint64_t chunks = 0;       // chunks accepted from it
  std::uint64_t repeats = 0;      // chunks that another had delivered before
  std::uint64_t leases_lost = 0;  // leases that ran past their deadline or ended with it
  double seconds = 0.0;           // of computing, as it says
};

struct Result {
  // The estimate; nothing when there is none to be trusted: a value was not finite or the mean
  // too large for a double, two workers differed, or the run ended before its first stop point.
  std::optional<double> estimate;
  double standard_error = 0.0;
  double low = 0.0;  // the interval at `confidence`
  double high = 0.0;
  double confidence = 0.95;
  // Of the integrand's values, for a plain run whose inputs all have distributions.
  std::optional<double> standard_deviation;
  double minimum = 0.0;  // of the integrand's values
  double maximum = 0.0;

  std::uint64_t samples = 0;
  std::uint64_t non_finite = 0;  // values that were NaN or infinite
  double seconds = 0.0;          // wall time
  std::uint64_t seed = 1;
  std::string method;
  std::string stream;          // the name of the map of random numbers
  std::uint32_t numerics = 0;  // the number of the numerics (docs/decisions/0001-numerics.md)
  std::string digest;          // 64 hexadecimal digits; equal digests: equal to the last bit
  // target, samples, time, interrupted, non_finite or mismatch.
  std::string stop_reason;
  // Whether the answer is what was asked for: the target met, or no target and the cap reached.
  bool met = false;
  std::vector<std::string> warnings;
  std::vector<CrewMember> crew;
};

}  // namespace oche

#endif  // OCHE_RESULT_H_

// Upper limits: what one core does when a single problem is written by hand, from the stream's
// counters to the tally, all in registers. Benchmarks compare oche with them; tests check that they
// compute the same thing.
//
// The streams are those of random/stream.h with pass 0 and Domain::samples.
#ifndef OCHE_BENCH_LIMITS_H_
#define OCHE_BENCH_LIMITS_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace oche::bench {

// How many of the samples [first_sample, first_sample + n) have x * x + y * y <= 1, with x and y
// the uniforms of dimensions 0 and 1. The products and the sum are rounded one by one. Any n.
std::uint64_t limit_pi_hits(std::uint64_t seed, std::uint64_t first_sample, std::uint64_t n);

// The same, counted from fill_uniforms: what the limit is checked against.
std::uint64_t reference_pi_hits(std::uint64_t seed, std::uint64_t first_sample, std::uint64_t n);

// Which form limit_pi_hits has on this processor: "avx512-vaes", "avx2-aes" or "library".
std::string limit_pi_form();

// The tally of n values: their mean, the sum of their squared distances from it, the extremes.
struct Moments {
  double n = 0;
  double mean = 0;
  double squares = 0;
  double minimum = 0;
  double maximum = 0;
};

// What the engine measures of a job whose inputs all have distributions.
struct Shape {
  double cubes = 0;  // sums about a centre
  double fourths = 0;
  std::uint64_t counted = 0;  // in bins, as tally/bins.h has them
  std::vector<Moments> inputs;
  std::vector<double> co_moments;  // of the output with each input
};

// An expression with its limit. All use the functions of math/, whose accuracy they share with the
// engine, and may fuse what the engine must round apart.
struct ExpressionLimit {
  const char* expression;
  std::vector<std::string> inputs;
  double true_mean;  // of the values, which lack the volume of the ranges; for checks
  // Moments over samples [first_sample, first_sample + n); n is a multiple of 512.
  Moments (*run)(std::uint64_t seed, std::uint64_t first_sample, std::uint64_t n);
  double (*value)(const double* u);  // the same in scalar functions, for checks
  // With the distribution, where the inputs have distributions. Null elsewhere.
  Moments (*run_shape)(std::uint64_t seed, std::uint64_t first_sample, std::uint64_t n,
                       Shape& shape) = nullptr;
  // There, input j that varies, in scalar functions.
  double (*input)(const double* u, unsigned j) = nullptr;
};

// Ten of different character: a quotient, transcendental functions, a normal input, a polynomial,
// many dimensions, a jump, an infinite range.
const std::vector<ExpressionLimit>& expression_limits();

// Beside them, what the propagation of uncertainty is measured with.
const ExpressionLimit& propagation_limit();

}  // namespace oche::bench

#endif  // OCHE_BENCH_LIMITS_H_

// The quantile function of a distribution on finitely many values as a table: cumulative
// probabilities, and a guide to where in them to begin.
//
// Outcome i belongs to the u with threshold[i-1] < u <= threshold[i]. The guide names, for each of
// 2^k equal parts of [0, 1), the first outcome that it can have, so that about one more comparison
// finds the outcome (H.-C. Chen and Y. Asau, AIIE Transactions 6 (1974) 163-166).
#ifndef OCHE_MATH_STEP_TABLE_H_
#define OCHE_MATH_STEP_TABLE_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace oche::math {

class StepTable {
 public:
  static constexpr std::size_t kMaxOutcomes = std::size_t{1} << 20;

  // `weights` of the values, in their order; those not positive never occur. Outcomes that no u
  // from 2^-53 to 1 - 2^-53 can have are left out. 1 to kMaxOutcomes of each; some weight is
  // positive.
  StepTable(std::span<const double> values, std::span<const double> weights);
  // The values `first`, first+1, ...
  StepTable(double first, std::span<const double> weights);
  // Equal weights: value floor(u n) of n.
  static StepTable equally_likely(std::vector<double> values);

  // The value for u, 0 < u < 1; the nearest end's for others; NaN for NaN.
  double operator()(double u) const noexcept;

  // x[i] = (*this)(u[i]) for i < n, by SIMD. Arrays are aligned to 64 bytes and have room for n
  // rounded up to 8 (the rest is read and overwritten); x may be u.
  void fill(const double* u, double* x, std::size_t n) const noexcept;

  std::size_t outcomes() const { return thresholds_.empty() ? values_.size() : thresholds_.size(); }

  std::size_t bytes() const { return 8 * (thresholds_.size() + guide_.size() + values_.size()); }

  // What the kernels read.
  struct View {
    const double* thresholds;   // null where all are equally likely; the last one is infinite
    const std::int64_t* guide;  // of as many parts as `parts`
    const double* values;       // null where they are first, first+1, ...
    double first;
    double parts;  // a power of two; where all are equally likely, the number of values
  };

 private:
  StepTable() = default;
  void build(std::span<const double> weights);
  View view() const;

  std::vector<double> thresholds_;
  std::vector<std::int64_t> guide_;
  std::vector<double> values_;
  double first_ = 0.0;
};

// The number of events where `mean` are expected, 0 <= mean <= kLargestPoissonMean.
inline constexpr double kLargestPoissonMean = 5e8;
StepTable poisson_steps(double mean);

// The number of successes of n, each with probability p. n is whole and at most
// kLargestBinomialTrials; n p (1-p) is at most kLargestPoissonMean.
inline constexpr double kLargestBinomialTrials = 0x1p52;
StepTable binomial_steps(double n, double p);

}  // namespace oche::math

#endif  // OCHE_MATH_STEP_TABLE_H_

// Making quantile tables: at a job's start, from the shape parameters, with the same bits anywhere.
#ifndef OCHE_MATH_QUANTILE_TABLES_H_
#define OCHE_MATH_QUANTILE_TABLES_H_

#include <limits>
#include <optional>

#include "math/quantile_table.h"

namespace oche::math {

// What every table that is made keeps, for all u from 2^-53 to 1 - 2^-53: its value is the exact
// quantile of a number that differs from u by at most kQuantileError min(u, 1-u), give or take
// 4 units in the last place of the value, 8 where the distribution is truncated. Building checks
// each cell for it against a series of twice the degree, and each octave against the distribution's
// tails (incomplete.h).
inline constexpr double kQuantileError = 1e-12;

// The shapes that tables are made for: where the tails and the checks were tried against
// references.
inline constexpr double kLargestShape = 1e7;
inline constexpr double kSmallestGammaShape = 0.005;
inline constexpr double kSmallestBetaShape = 0.02;
inline constexpr double kSmallestDof = 0.2;

// The part of a distribution that is kept; everything by default.
struct Truncation {
  double low = -std::numeric_limits<double>::infinity();
  double high = std::numeric_limits<double>::infinity();
};

// Empty where the accuracy can't be had: shapes too extreme, or nothing left by the truncation.
// They take from one to a few milliseconds, shapes of a million ten times that.
std::optional<QuantileTable> gamma_quantiles(double shape, const Truncation& kept = {});
std::optional<QuantileTable> beta_quantiles(double a, double b, const Truncation& kept = {});
std::optional<QuantileTable> student_quantiles(double dof, const Truncation& kept = {});

}  // namespace oche::math

#endif  // OCHE_MATH_QUANTILE_TABLES_H_

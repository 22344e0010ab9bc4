// The quantile function of a distribution as a table of polynomials: how samples of those without a
// closed form are made, a few nanoseconds each, with equal bits on every target.
//
// v = min(u, 1-u) lies in one of 52 octaves [2^-j, 2^-j+1), each cut into 2^k cells of equal width;
// a cell has a polynomial of degree 7 in t, the place in the cell from -1 to 1, for x or for log x.
// Both sides of the median have their cells. So the relative accuracy in u and in 1-u is the same
// from the median to the last of the 2^52 uniform numbers that a stream has (random/stream.h).
#ifndef OCHE_MATH_QUANTILE_TABLE_H_
#define OCHE_MATH_QUANTILE_TABLE_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace oche::math {

class QuantileTable {
 public:
  static constexpr int kCoefficients = 8;
  static constexpr int kOctaves = 52;
  // A line of the cache: coefficients of ascending powers of t.
  struct alignas(64) Cell {
    std::array<double, kCoefficients> c{};
  };
  enum class Form { value, logarithm };  // what the polynomials are of

  // cells[((side * kOctaves) + octave) * 2^cell_bits + i]: side 0 is below the median; octave 0 is
  // that of 2^-53, cells ascend with v.
  QuantileTable(Form form, int cell_bits, std::vector<Cell> cells);

  // The quantile of u, 0 < u < 1, and for u < 0 that of the number which is -u below 1: so callers
  // that know the upper tail better than u can hand it over. v is moved into [2^-53, 1/2 - 2^-54].
  // NaN for NaN.
  double operator()(double u) const noexcept;

  // x[i] = (*this)(u[i]) for i < n, by SIMD. Arrays are aligned to 64 bytes and have room for n
  // rounded up to 8 (the rest is read and overwritten); x may be u.
  void fill(const double* u, double* x, std::size_t n) const noexcept;

  std::size_t cells() const { return cells_.size(); }
  std::size_t bytes() const { return cells_.size() * sizeof(Cell); }

 private:
  Form form_;
  int cell_bits_;
  std::vector<Cell> cells_;
};

}  // namespace oche::math

#endif  // OCHE_MATH_QUANTILE_TABLE_H_

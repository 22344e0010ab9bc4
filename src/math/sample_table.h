// A table that makes samples of uniform numbers: of either kind.
#ifndef OCHE_MATH_SAMPLE_TABLE_H_
#define OCHE_MATH_SAMPLE_TABLE_H_

#include <cstddef>
#include <variant>

#include "math/quantile_table.h"
#include "math/step_table.h"

namespace oche::math {

using SampleTable = std::variant<QuantileTable, StepTable>;

inline double sample_at(const SampleTable& table, double u) noexcept {
  if (const auto* const smooth = std::get_if<QuantileTable>(&table)) return (*smooth)(u);
  return (*std::get_if<StepTable>(&table))(u);
}

// Arrays as for QuantileTable::fill.
inline void samples_at(const SampleTable& table, const double* u, double* x,
                       std::size_t n) noexcept {
  if (const auto* const smooth = std::get_if<QuantileTable>(&table)) return smooth->fill(u, x, n);
  std::get_if<StepTable>(&table)->fill(u, x, n);
}

inline std::size_t bytes_of(const SampleTable& table) {
  return std::visit([](const auto& kind) { return kind.bytes(); }, table);
}

}  // namespace oche::math

#endif  // OCHE_MATH_SAMPLE_TABLE_H_

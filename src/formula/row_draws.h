// The rows that inputs of data sets are drawn from.
#ifndef OCHE_FORMULA_ROW_DRAWS_H_
#define OCHE_FORMULA_ROW_DRAWS_H_

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include "formula/data_column.h"
#include "formula/definitions.h"
#include "math/sample_table.h"

namespace oche::formula {

// A sample draws one row of each data set by one uniform number, which all inputs from that set
// share: row floor(u n) of n, so that the dependence between columns is kept. Of arrays each index
// draws a row of its own, which the elements with that index share, of all arrays from that set.
class RowDraws {
 public:
  // `sets` must outlive it.
  explicit RowDraws(const DataSets& sets) : sets_(sets) {}

  // The values of the input's column, each equally likely. Throws FormulaError where there is no
  // such set or column: names must have become numbers before.
  std::shared_ptr<const math::SampleTable> values_of(const InputDefinition& input);

  // Which of a sample's uniform numbers draws the input's row, for an array that of its first
  // element, the others following; `count` and `first`, its index, are 1 and 0 for a single input.
  // `next` is the first that nothing uses yet, and goes on where these are new. Throws
  // FormulaError for an array that doesn't have the indices of another from the same set.
  std::uint32_t dimension_of(const InputDefinition& input, double first, std::uint32_t count,
                             std::uint32_t& next);

 private:
  struct Draw {
    std::uint32_t dimension = 0;
    double first = 0.0;
    std::uint32_t count = 1;
    std::string input;  // that it was made for
  };

  const DataSets& sets_;
  std::map<std::pair<std::string, std::size_t>, std::shared_ptr<const math::SampleTable>> tables_;
  std::map<std::string, Draw> single_, arrays_;  // by set
};

}  // namespace oche::formula

#endif  // OCHE_FORMULA_ROW_DRAWS_H_

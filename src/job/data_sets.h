// The data sets of a job: which columns its inputs use, and the bytes that identify them.
#ifndef OCHE_JOB_DATA_SETS_H_
#define OCHE_JOB_DATA_SETS_H_

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "formula/definitions.h"
#include "oche/data_set.h"

namespace oche::job {

// The columns that inputs use, in the order in which inputs first use them: values[column][row].
struct UsedDataSet {
  // The SHA-256 of bytes_of() it, in hexadecimal: its name in canonical text.
  std::string hash;
  std::vector<std::vector<double>> values;
};

// Replaces the names of data sets in the definition by hashes, and columns by their numbers in
// what is returned, so that they say which values are drawn and nothing else. Sets with the same
// values are one. The order is that of first use. Throws FormulaError (usage) for a set that isn't
// given, has no such column, or isn't such as DataSet says, and when the columns hold more than
// kMaxDataNumbers.
std::vector<UsedDataSet> bind_data_sets(formula::Definition& definition,
                                        const std::vector<DataSet>& given);

// What there is to choose a column from.
struct ColumnNames {
  std::size_t count = 0;
  std::vector<std::string> names;  // `count` of them, or none
};

// The column that the input draws from, from 0. Calls fail("<problem> (<why>); <what to do>"),
// which must throw, where there is none.
std::size_t column_of(const ColumnNames& columns, const formula::InputDefinition& input,
                      const std::function<void(const std::string&)>& fail);

// u64 number of columns, u64 number of rows, then f64 values, column after column
// (docs/CHECKPOINT.md).
std::string bytes_of(const std::vector<std::vector<double>>& values);

// Sets, one behind the other, each named by its hash. Nothing for other bytes, for more numbers
// than kMaxDataNumbers in a set, more sets or columns than a job has inputs, and values that aren't
// finite.
std::optional<std::vector<DataSet>> data_sets_from(std::string_view bytes);

}  // namespace oche::job

#endif  // OCHE_JOB_DATA_SETS_H_

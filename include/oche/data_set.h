// Data sets: rows of numbers that inputs are drawn from, by x~data(NAME) or x~data(NAME, COLUMN).
#ifndef OCHE_DATA_SET_H_
#define OCHE_DATA_SET_H_

#include <cstddef>
#include <string>
#include <vector>

namespace oche {

// The most numbers in the columns that a job uses, of all its data sets together: what is sent to
// each worker is 8 MiB then.
inline constexpr std::size_t kMaxDataNumbers = std::size_t{1} << 20;
// The most bytes of a job's data files together.
inline constexpr std::size_t kMaxDataFileBytes = std::size_t{1} << 27;
// The most columns of a data set.
inline constexpr std::size_t kMaxDataColumns = 16384;

// Each sample draws one of the rows, all equally likely, for all inputs from this set.
struct DataSet {
  std::string name;                  // NAME in the job's definition
  std::vector<std::string> columns;  // the names of the columns, all of them; or none
  // values[column][row]: finite, at least one row, as many in each column; a column that no input
  // uses may be empty instead.
  std::vector<std::vector<double>> values;
};

// Reads the files that data(FILE) names in the definition of a job (Job::definition), for
// Job::data_sets: one set for each name, with the columns that inputs use. Names are relative to
// `folder`, "" being the current one; ~/ is the user's home. docs/data-files.md says what a file
// may look like. Throws Error: usage for a definition that doesn't parse, file for a file that
// can't be read or has no such column, or another thing than a finite number in it.
std::vector<DataSet> read_data_sets(const std::vector<std::string>& definition,
                                    const std::string& folder = "");

}  // namespace oche

#endif  // OCHE_DATA_SET_H_

// data(points.csv, height): an input that is a column of a data set, of which each sample draws a
// row.
//
//   source := "data" "(" name ["," column] ")"
//   name   := letters, digits and _ - . / ~ +, or anything in quotes, single or double
//   column := a number from 1, or a name as above, of which a number in quotes is one too
#ifndef OCHE_FORMULA_DATA_COLUMN_H_
#define OCHE_FORMULA_DATA_COLUMN_H_

#include <cstddef>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "formula/formula_error.h"
#include "formula/parser.h"

namespace oche::formula {

struct DataColumn {
  // Of the data set: that of its file as typed. In canonical text the SHA-256 of its values.
  std::string set;
  // By name or by number, from 1; nothing: the one of the input's own name, or the only one.
  std::variant<std::monostate, std::string, std::size_t> column;
  // Where the set's name stands, its quotes included: in which argument of the command, its text,
  // and bytes of that.
  std::size_t argument = 0;
  std::shared_ptr<const std::string> source;
  std::size_t offset = 0;
  std::size_t length = 0;
};

// The values of data sets by their names: columns[column][row].
using DataSets = std::map<std::string, std::vector<std::vector<double>>>;

// Reads what stands between the brackets; the current token is "(", and afterwards ")". Throws
// FormulaError.
DataColumn parse_data_column(Parser& parser);

// "data(points.csv,2)": parses to the same column, and is the same for all spellings.
std::string canonical(const DataColumn& column);

// A name as it is written: in quotes where it needs them. It must not have both kinds of quotes.
std::string canonical_name(std::string_view name);

// An error about the set's name.
FormulaError problem(const DataColumn& column, const std::string& message);

}  // namespace oche::formula

#endif  // OCHE_FORMULA_DATA_COLUMN_H_

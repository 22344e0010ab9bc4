// Data files: the text of a table to a data set. Pure.
//
// A record is a line of fields; fields are separated by semicolons, else tabs, else commas, else
// blanks: whichever of them, in this order, stands in the first record outside quotes. A field may
// stand in double quotes, with each quote in it doubled, and then hold separators and ends of lines
// (RFC 4180). Blanks around fields don't count. Lines that begin with # are comments, but
// for the errors of spreadsheets (#N/A). Blank lines
// may stand before the first record and after the last. The first record is a header if it has a
// field that is asked for by its name, or if it has text and no number.
#ifndef OCHE_JOB_CSV_H_
#define OCHE_JOB_CSV_H_

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "formula/definitions.h"
#include "oche/data_set.h"

namespace oche::job {

// Reads the columns that `inputs` use, which must have data. `file` is how messages call the text.
// The columns read have at most `most_numbers` numbers together. The set has no name. Throws Error
// (file) that names line and column.
DataSet read_csv(std::string_view text, const std::string& file,
                 const std::vector<const formula::InputDefinition*>& inputs,
                 std::size_t most_numbers = kMaxDataNumbers);

}  // namespace oche::job

#endif  // OCHE_JOB_CSV_H_

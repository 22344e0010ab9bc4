// Rows of text, column under column.
#ifndef OCHE_REPORT_TABLE_H_
#define OCHE_REPORT_TABLE_H_

#include <string>
#include <vector>

namespace oche::report {

// Rows of cells, equally many in each; the first row holds the heads.
using Table = std::vector<std::vector<std::string>>;

// Each column as wide as its widest cell, three spaces between them, each line begun by `indent`.
std::string text_of(const Table& table, const std::string& indent);

}  // namespace oche::report

#endif  // OCHE_REPORT_TABLE_H_

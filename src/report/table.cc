#include "report/table.h"

#include <algorithm>

#include "base/assert.h"
#include "report/digits.h"

namespace oche::report {

std::string text_of(const Table& table, const std::string& indent) {
  std::vector<std::size_t> widths;
  for (const auto& row : table) {
    widths.resize(std::max(widths.size(), row.size()));
    for (std::size_t c = 0; c < row.size(); ++c) widths[c] = std::max(widths[c], columns(row[c]));
  }
  std::string text;
  for (const auto& row : table) {
    OCHE_ASSERT(row.size() == widths.size());
    std::string line = indent;
    for (std::size_t c = 0; c < row.size(); ++c) {
      line += row[c] + std::string(widths[c] - columns(row[c]) + 3, ' ');
    }
    text += line.substr(0, line.find_last_not_of(' ') + 1) + "\n";
  }
  return text;
}

}  // namespace oche::report

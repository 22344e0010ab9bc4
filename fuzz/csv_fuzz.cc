// Fuzzes the reader of data files: any bytes either make columns of finite numbers, or an Error
// that names the file.
//
// The first byte says which columns are asked for. Checked: the shape of what is read, the limit,
// that it stays the same when it is written as a plain table and read again, and that no message is
// empty or has a control character.
#include <bit>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/assert.h"
#include "formula/definitions.h"
#include "job/csv.h"
#include "oche/error.h"

namespace {

using namespace oche;

constexpr std::size_t kMost = 1000;

const formula::Definition& definition(std::uint8_t choice) {
  static const formula::Definition all[] = {
      formula::parse_definition({"1", "x~data(f)"}),
      formula::parse_definition({"1", "x~data(f,2)"}),
      formula::parse_definition({"1", "x~data(f)", "y~data(f)"}),
      formula::parse_definition({"1", "x~data(f,3)", "y~data(f, \"a b\")", "z~data(f,1)"}),
  };
  return all[choice % 4];
}

std::vector<const formula::InputDefinition*> inputs_of(const formula::Definition& d) {
  std::vector<const formula::InputDefinition*> inputs;
  for (const formula::InputDefinition& input : d.inputs) inputs.push_back(&input);
  return inputs;
}

bool same_bits(double a, double b) {
  return std::bit_cast<std::uint64_t>(a) == std::bit_cast<std::uint64_t>(b);
}

// The column as a file of one column.
std::string written(const std::vector<double>& column) {
  std::string text;
  for (const double value : column) {
    char buffer[32];
    const auto [end, code] = std::to_chars(buffer, buffer + sizeof buffer, value);
    OCHE_ASSERT(code == std::errc());
    text.append(buffer, end) += '\n';
  }
  return text;
}

void check(const DataSet& set) {
  OCHE_ASSERT(set.columns.empty() || set.columns.size() == set.values.size());
  std::size_t numbers = 0;
  std::size_t rows = 0;
  for (const std::vector<double>& column : set.values) {
    numbers += column.size();
    if (column.empty()) continue;
    OCHE_ASSERT(rows == 0 || rows == column.size());
    rows = column.size();
    for (const double value : column) OCHE_ASSERT(std::isfinite(value));
    const DataSet again = job::read_csv(written(column), "'f'", inputs_of(definition(0)));
    OCHE_ASSERT(again.values.size() == 1 && again.values[0].size() == column.size());
    for (std::size_t i = 0; i < rows; ++i) OCHE_ASSERT(same_bits(again.values[0][i], column[i]));
  }
  OCHE_ASSERT(rows > 0 && numbers <= kMost);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  try {
    check(job::read_csv(text, "'f'", inputs_of(definition(data[0])), kMost));
  } catch (const Error& error) {
    const std::string_view what = error.what();
    OCHE_ASSERT(error.kind() == ErrorKind::file && what.starts_with("'f'"));
    OCHE_ASSERT(what.size() < 2000);
    for (const char c : what) OCHE_ASSERT((c & 0xE0) != 0);
  }
  return 0;
}

#include "job/csv.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <system_error>
#include <variant>

#include "formula/characters.h"
#include "job/csv_records.h"
#include "job/data_sets.h"
#include "oche/error.h"

namespace oche::job {
namespace {

using formula::InputDefinition;
using formula::shown;

enum class Reading { number, not_finite, out_of_range, no_number };

struct Number {
  Reading reading = Reading::no_number;
  double value = 0.0;
};

// std::from_chars: correctly rounded, and the same in every locale. A plus sign is ours.
Number number_of(std::string_view text) {
  if (text.starts_with('+') && !text.starts_with("+-")) text.remove_prefix(1);
  Number number;
  const char* const end = text.data() + text.size();
  const auto [used, code] = std::from_chars(text.data(), end, number.value);
  if (used != end || text.empty()) return number;
  if (code == std::errc::result_out_of_range) {
    number.reading = Reading::out_of_range;
  } else if (code == std::errc()) {
    number.reading = std::isfinite(number.value) ? Reading::number : Reading::not_finite;
  }
  return number;
}

// What programs write where a value is missing: no names of columns, unless asked for by that name.
bool stands_for_missing(std::string_view text) {
  constexpr std::string_view kMissing[] = {"NA",   "na",   "N/A", "n/a", "null", "NULL", "Null",
                                           "None", "none", "-",   "--",  "?",    "."};
  return text.starts_with('#') || std::ranges::find(kMissing, text) != std::end(kMissing);
}

bool is_number_with_commas(std::string text) {
  return std::erase(text, ',') > 0 && number_of(text).reading == Reading::number;
}

class CsvReader {
 public:
  CsvReader(std::string_view text, const std::string& file,
            const std::vector<const InputDefinition*>& inputs, std::size_t most_numbers)
      : records_(text, file), file_(file), inputs_(inputs), most_numbers_(most_numbers) {}

  DataSet read() {
    if (!records_.next()) fail("has no rows (it is empty, or all of it is comments); give rows");
    columns_.count = records_.fields().size();
    const bool is_header = begins_with_header();
    if (is_header) {
      for (const std::string_view field : records_.fields()) columns_.names.emplace_back(field);
    }
    for (const InputDefinition* input : inputs_) {
      used_.push_back(
          column_of(columns_, *input, [this](const std::string& message) { fail(message); }));
    }
    std::ranges::sort(used_);
    used_.erase(std::ranges::unique(used_).begin(), used_.end());
    set_.columns = columns_.names;
    set_.values.resize(columns_.count);
    if (!is_header) add_row();
    while (records_.next()) add_row();
    if (rows_ == 0) fail("has no rows (only a header line); add some");
    return std::move(set_);
  }

 private:
  [[noreturn]] void fail(const std::string& message) const {
    throw Error(ErrorKind::file, file_ + " " + message);
  }

  // Whether a column is asked for by this name.
  bool is_wanted(std::string_view name) const {
    return std::ranges::any_of(inputs_, [&](const InputDefinition* input) {
      if (const auto* const given = std::get_if<std::string>(&input->data->column)) {
        return *given == name;
      }
      return std::holds_alternative<std::monostate>(input->data->column) && input->name == name;
    });
  }

  bool begins_with_header() const {
    const std::vector<std::string_view>& fields = records_.fields();
    const auto is_text = [](std::string_view field) {
      return !field.empty() && number_of(field).reading == Reading::no_number &&
             !stands_for_missing(field);
    };
    const auto texts = std::ranges::count_if(fields, is_text);
    const auto blanks = std::ranges::count(fields, std::string_view());
    if (std::ranges::any_of(fields, [this](std::string_view f) { return is_wanted(f); })) {
      return true;
    }
    const bool has_numbers = texts + blanks < static_cast<std::ptrdiff_t>(fields.size());
    if (texts == 0 || !has_numbers) return texts > 0;
    const bool by_number_only = std::ranges::all_of(inputs_, [](const InputDefinition* input) {
      return std::holds_alternative<std::size_t>(input->data->column);
    });
    if (!by_number_only) return true;  // what is asked for isn't there, which column_of() tells
    records_.fail(records_.line(),
                  "it is unclear whether the first line is a header (it has both numbers and "
                  "texts); name a column as it is called there, or add a header line before it");
  }

  void add_row() {
    const std::vector<std::string_view>& fields = records_.fields();
    if (fields.size() != columns_.count) fail_ragged(fields.size());
    ++rows_;
    if (used_.size() > most_numbers_ / rows_) {
      fail("has more than " + std::to_string(most_numbers_) +
           " numbers in the columns that are used (the limit is " +
           std::to_string(kMaxDataNumbers) +
           " in all files of a job); use fewer columns or a part of the rows");
    }
    for (const std::size_t column : used_) {
      const Number number = number_of(fields[column]);
      if (number.reading != Reading::number) fail_field(column, fields[column], number.reading);
      set_.values[column].push_back(number.value);
    }
  }

  [[noreturn]] void fail_ragged(std::size_t count) const {
    records_.fail(records_.line(), (count == 1 ? "there is 1 field"
                                               : "there are " + std::to_string(count) + " fields") +
                                       " (the first line has " + std::to_string(columns_.count) +
                                       ", and fields are separated by " + records_.separator() +
                                       " here); make all rows alike");
  }

  [[noreturn]] void fail_field(std::size_t column, std::string_view field, Reading reading) const {
    std::string where = "column " + std::to_string(column + 1);
    if (!columns_.names.empty()) where += " (" + shown(columns_.names[column]) + ")";
    const std::string has = where + " has '" + shown(field) + "' ";
    if (field.empty()) {
      records_.fail(records_.line(), where +
                                         " is empty (a row is drawn whole, so each needs a number "
                                         "there); fill it in, or remove the row");
    }
    switch (reading) {
      case Reading::not_finite:
        records_.fail(records_.line(), has + "(only finite numbers can be drawn); remove the row");
      case Reading::out_of_range:
        records_.fail(records_.line(),
                      has + "(it is beyond the numbers that a double can hold); scale the column");
      default:
        break;
    }
    if (is_number_with_commas(std::string(field))) {
      records_.fail(records_.line(), has +
                                         "(a comma in a number: they have a decimal point, and "
                                         "nothing between thousands); write the file so");
    }
    records_.fail(records_.line(), has + "(it is not a number); correct it, or remove the row");
  }

  CsvRecords records_;
  const std::string& file_;
  const std::vector<const InputDefinition*>& inputs_;
  std::size_t most_numbers_;
  ColumnNames columns_;
  std::vector<std::size_t> used_;  // ascending, each once
  DataSet set_;
  std::size_t rows_ = 0;
};

}  // namespace

DataSet read_csv(std::string_view text, const std::string& file,
                 const std::vector<const InputDefinition*>& inputs, std::size_t most_numbers) {
  return CsvReader(text, file, inputs, most_numbers).read();
}

}  // namespace oche::job

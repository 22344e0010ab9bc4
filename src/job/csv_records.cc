#include "job/csv_records.h"

#include <algorithm>
#include <utility>

#include "oche/data_set.h"
#include "oche/error.h"

namespace oche::job {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

// What spreadsheets write for a value that could not be computed: no comments.
bool is_spreadsheet_error(std::string_view text) {
  constexpr std::string_view kErrors[] = {"#N/A",   "#DIV/0!", "#VALUE!", "#REF!",
                                          "#NAME?", "#NUM!",   "#NULL!"};
  return std::ranges::any_of(kErrors, [&](auto error) { return text.starts_with(error); });
}

}  // namespace

CsvRecords::CsvRecords(std::string_view text, std::string file)
    : text_(text), file_(std::move(file)) {
  if (text_.starts_with(kByteOrderMark)) text_.remove_prefix(kByteOrderMark.size());
  if (text_.starts_with("\xFF\xFE") || text_.starts_with("\xFE\xFF")) {
    fail(1, "the text is UTF-16 (it begins with that byte order mark); save it as UTF-8");
  }
  if (const std::size_t zero = text_.find('\0'); zero != std::string_view::npos) {
    std::size_t line = 1;
    for (const char c : text_.substr(0, zero)) line += c == '\n' ? 1 : 0;
    fail(line, "there is a byte of value 0 (no text has one); give a text file of numbers");
  }
  if (skip_to_record()) choose_separator();
}

void CsvRecords::fail(std::size_t line, const std::string& message) const {
  throw Error(ErrorKind::file, file_ + ", line " + std::to_string(line) + ": " + message);
}

std::string CsvRecords::separator() const {
  switch (separator_) {
    case ';':
      return "semicolons";
    case '\t':
      return "tabs";
    case ',':
      return "commas";
    default:
      return "blanks";
  }
}

bool CsvRecords::at_blank() const {
  return !at_end() && (text_[at_] == ' ' || (text_[at_] == '\t' && separator_ != '\t'));
}

void CsvRecords::skip_blanks() {
  while (at_blank()) ++at_;
}

void CsvRecords::skip_line() {
  while (!at_line_end()) ++at_;
}

void CsvRecords::take_line_end() {
  if (at_end()) return;
  if (text_.substr(at_).starts_with("\r\n")) ++at_;
  ++at_;
  ++next_line_;
}

// Passes over comments and blank lines. False at the end.
bool CsvRecords::skip_to_record() {
  for (;;) {
    const std::size_t begin = at_;
    while (!at_end() && (text_[at_] == ' ' || text_[at_] == '\t')) ++at_;
    if (at_end()) return false;
    if (at_line_end()) {
      if (line_ > 0 && blank_line_ == 0) blank_line_ = next_line_;
    } else if (text_[at_] == '#' && !is_spreadsheet_error(text_.substr(at_))) {
      skip_line();
    } else {
      at_ = begin;
      return true;
    }
    take_line_end();
  }
}

// By the record that begins here.
void CsvRecords::choose_separator() {
  bool quoted = false;
  bool semicolon = false;
  bool tab = false;
  bool comma = false;
  for (std::size_t i = at_; i < text_.size(); ++i) {
    const char c = text_[i];
    if (c == '"') quoted = !quoted;
    if (quoted) continue;
    if (c == '\n' || c == '\r') break;
    semicolon = semicolon || c == ';';
    tab = tab || c == '\t';
    comma = comma || c == ',';
  }
  separator_ = semicolon ? ';' : tab ? '\t' : comma ? ',' : '\0';
}

bool CsvRecords::next() {
  if (!skip_to_record()) return false;
  if (blank_line_ != 0) {
    fail(blank_line_,
         "the line is blank (blank lines may stand before the first row and after the last); "
         "remove it");
  }
  line_ = next_line_;
  fields_.clear();
  unescaped_.clear();
  for (;;) {
    read_field();
    if (at_line_end()) break;
    if (separator_ != 0) ++at_;
  }
  take_line_end();
  return true;
}

// Up to its separator, or to the end of the line. Where fields are separated by blanks, these are
// passed over.
void CsvRecords::read_field() {
  if (fields_.size() == kMaxDataColumns) {
    fail(line_, "there are more than " + std::to_string(kMaxDataColumns) +
                    " fields (the limit of a row); leave out what is not needed");
  }
  skip_blanks();
  if (!at_end() && text_[at_] == '"') {
    const std::string_view field = quoted_field();
    const std::size_t end = at_;
    skip_blanks();
    const bool separated = separator_ == 0 ? at_ > end : !at_end() && text_[at_] == separator_;
    if (!at_line_end() && !separated) {
      fail(next_line_,
           "something stands behind the quote that closes a field (a quote in a field is doubled, "
           "\"\"); put quotes around the whole field");
    }
    fields_.push_back(field);
    return;
  }
  const std::size_t begin = at_;
  std::size_t end = at_;
  for (; !at_line_end(); ++at_) {
    const char c = text_[at_];
    if (separator_ == 0 ? at_blank() : c == separator_) break;
    if (c == '"') {
      fail(line_,
           "a quote stands in a field that doesn't begin with one (what it means is unclear); put "
           "quotes around the field and double those in it");
    }
    if (!at_blank()) end = at_ + 1;
  }
  fields_.push_back(text_.substr(begin, end - begin));
  if (separator_ == 0) skip_blanks();
}

// Behind its closing quote then.
std::string_view CsvRecords::quoted_field() {
  const std::size_t first_line = next_line_;
  const std::size_t begin = ++at_;
  std::string* copy = nullptr;  // where a doubled quote was met
  std::size_t copied = begin;
  for (; !at_end(); ++at_) {
    if (at_line_end()) {
      ++next_line_;
      if (text_.substr(at_).starts_with("\r\n")) ++at_;
      continue;
    }
    if (text_[at_] != '"') continue;
    if (at_ + 1 == text_.size() || text_[at_ + 1] != '"') break;
    if (copy == nullptr) copy = &unescaped_.emplace_back();
    copy->append(text_.substr(copied, at_ + 1 - copied));
    copied = at_ + 2;
    ++at_;
  }
  if (at_end()) {
    fail(first_line,
         "a quoted field is never closed (the file ends in it); add the quote at its end");
  }
  const std::string_view rest = text_.substr(copied, at_ - copied);
  ++at_;
  if (copy == nullptr) return rest;
  copy->append(rest);
  return *copy;
}

}  // namespace oche::job

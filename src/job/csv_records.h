// The text of a data file, cut into records and fields; see csv.h for the grammar.
#ifndef OCHE_JOB_CSV_RECORDS_H_
#define OCHE_JOB_CSV_RECORDS_H_

#include <cstddef>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

namespace oche::job {

class CsvRecords {
 public:
  // `text` must outlive it. `file` is how messages call it.
  CsvRecords(std::string_view text, std::string file);

  // Goes on to the next record; false at the end. Throws Error (file) for what is no record.
  bool next();

  // Of the record that next() found; valid until the next call.
  const std::vector<std::string_view>& fields() const { return fields_; }
  std::size_t line() const { return line_; }  // where it begins, from 1

  // "commas", "blanks", …
  std::string separator() const;

  // Throws Error (file): "<file>, line <line>: <message>".
  [[noreturn]] void fail(std::size_t line, const std::string& message) const;

 private:
  bool skip_to_record();
  void choose_separator();
  void read_field();
  std::string_view quoted_field();
  bool at_end() const { return at_ == text_.size(); }
  bool at_line_end() const { return at_end() || text_[at_] == '\n' || text_[at_] == '\r'; }
  bool at_blank() const;
  void skip_blanks();
  void skip_line();
  void take_line_end();

  std::string_view text_;
  std::string file_;
  std::size_t at_ = 0;
  std::size_t next_line_ = 1;  // of the text at at_
  std::size_t line_ = 0;
  std::size_t blank_line_ = 0;  // one that stands behind a record; 0 if there is none
  char separator_ = 0;          // 0: blanks
  std::vector<std::string_view> fields_;
  std::deque<std::string> unescaped_;  // fields that had doubled quotes
};

}  // namespace oche::job

#endif  // OCHE_JOB_CSV_RECORDS_H_

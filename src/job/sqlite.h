// SQLite, as a file of the run needs it: every failure is an Error (file) that names the file and
// says what to do.
#ifndef OCHE_JOB_SQLITE_H_
#define OCHE_JOB_SQLITE_H_

#include <cstdint>
#include <functional>
#include <string>

struct sqlite3;
struct sqlite3_stmt;

namespace oche::job {

class Database {
 public:
  // To write: nobody else may use the file meanwhile, and what is committed is on the disk.
  enum class Access { read, write };
  // Opens a file that is there, perhaps empty.
  Database(std::string path, Access access);
  ~Database();
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  const std::string& path() const { return path_; }
  void execute(const std::string& text) const;
  // All of what f does to the file, or, if it or the disk fails, nothing.
  void in_a_transaction(const std::function<void()>& f) const;

 private:
  friend class Statement;
  std::string path_;
  sqlite3* database_ = nullptr;
};

// One statement, from its begin to its end. The database outlives it.
class Statement {
 public:
  Statement(const Database& database, const char* text);
  ~Statement();
  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;

  // The values of the question marks, in their order.
  Statement& put(std::uint64_t number);
  Statement& put(const std::string& bytes);
  // Whether there is a row.
  bool step();
  // Of the row.
  std::uint64_t number(int column) const;
  std::string bytes(int column) const;

 private:
  void check(int code) const;
  const Database& database_;
  sqlite3_stmt* statement_ = nullptr;
  int bound_ = 0;
};

}  // namespace oche::job

#endif  // OCHE_JOB_SQLITE_H_

#include "job/sqlite.h"

#include <sqlite3.h>

#include <bit>
#include <new>
#include <utility>

#include "oche/error.h"

namespace oche::job {
namespace {

struct Trouble {
  const char* problem;
  const char* advice;
};

Trouble trouble_of(int code) {
  switch (code & 0xff) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return {"is in use", "wait until the other program is done with it"};
    case SQLITE_NOTADB:
      return {"is no checkpoint file", "give one that oche has made"};
    case SQLITE_CORRUPT:
      return {"is damaged", "take a copy of it from before, or run the job anew; it is as it was"};
    case SQLITE_FULL:
      return {"can't be written", "make room on its disk; what was written before is kept"};
    case SQLITE_READONLY:
    case SQLITE_PERM:
      return {"can't be written", "look at its mode and its folder's"};
    case SQLITE_CANTOPEN:
      return {"can't be opened", "look at its name, its mode and its folder's"};
    default:
      return {"can't be used", "look at its disk; what was written before is kept"};
  }
}

[[noreturn]] void fail(const std::string& path, int code, const char* text) {
  if ((code & 0xff) == SQLITE_NOMEM) throw std::bad_alloc();
  const auto [problem, advice] = trouble_of(code);
  throw Error(ErrorKind::file, "the file '" + path + "' " + problem + " (" + text + "); " + advice);
}

}  // namespace

Database::Database(std::string path, Access access) : path_(std::move(path)) {
  const int flags = access == Access::read ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE;
  const int code = sqlite3_open_v2(path_.c_str(), &database_, flags, nullptr);
  if (code != SQLITE_OK) {
    const std::string text = database_ == nullptr ? "no memory" : sqlite3_errmsg(database_);
    sqlite3_close_v2(database_);
    fail(path_, code, text.c_str());
  }
  sqlite3_extended_result_codes(database_, 1);
  if (access == Access::write) {
    execute("PRAGMA locking_mode = EXCLUSIVE");
    execute("PRAGMA synchronous = EXTRA");
  }
}

Database::~Database() { sqlite3_close_v2(database_); }

void Database::execute(const std::string& text) const {
  const int code = sqlite3_exec(database_, text.c_str(), nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) fail(path_, code, sqlite3_errmsg(database_));
}

void Database::in_a_transaction(const std::function<void()>& f) const {
  execute("BEGIN IMMEDIATE");
  try {
    f();
    execute("COMMIT");
  } catch (...) {
    sqlite3_exec(database_, "ROLLBACK", nullptr, nullptr, nullptr);
    throw;
  }
}

Statement::Statement(const Database& database, const char* text) : database_(database) {
  check(sqlite3_prepare_v2(database.database_, text, -1, &statement_, nullptr));
}

Statement::~Statement() { sqlite3_finalize(statement_); }

void Statement::check(int code) const {
  if (code != SQLITE_OK) fail(database_.path(), code, sqlite3_errmsg(database_.database_));
}

Statement& Statement::put(std::uint64_t number) {
  check(sqlite3_bind_int64(statement_, ++bound_, std::bit_cast<sqlite3_int64>(number)));
  return *this;
}

Statement& Statement::put(const std::string& bytes) {
  check(sqlite3_bind_blob64(statement_, ++bound_, bytes.data(), bytes.size(), SQLITE_TRANSIENT));
  return *this;
}

bool Statement::step() {
  const int code = sqlite3_step(statement_);
  if (code == SQLITE_ROW) return true;
  if (code != SQLITE_DONE) fail(database_.path(), code, sqlite3_errmsg(database_.database_));
  return false;
}

std::uint64_t Statement::number(int column) const {
  return std::bit_cast<std::uint64_t>(sqlite3_column_int64(statement_, column));
}

std::string Statement::bytes(int column) const {
  const void* const data = sqlite3_column_blob(statement_, column);
  const int n = sqlite3_column_bytes(statement_, column);
  if (data == nullptr || n <= 0) return {};
  return {static_cast<const char*>(data), static_cast<std::size_t>(n)};
}

}  // namespace oche::job

#include "cli/new_file.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>

#include "oche/error.h"
#include "talk/printable.h"

namespace oche::cli {
namespace {

struct CloseFile {
  void operator()(std::FILE* file) const { std::fclose(file); }
};

[[noreturn]] void fail_is_there(const std::string& path, const std::string& what) {
  throw Error(ErrorKind::file, shown_path(path) + " is there already (" + what +
                                   " is never written over); give another name");
}

[[noreturn]] void fail_to_write(const std::string& path) {
  throw Error(ErrorKind::file, shown_path(path) + " can't be written (" + std::strerror(errno) +
                                   "); give another name");
}

}  // namespace

std::string shown_path(const std::string& path) { return "'" + talk::excerpt(path) + "'"; }

void check_can_be_made(const std::string& path, const std::string& what) {
  struct stat status{};
  if (lstat(path.c_str(), &status) == 0) fail_is_there(path, what);
  const std::size_t slash = path.rfind('/');
  const std::string folder = slash == std::string::npos ? "." : path.substr(0, slash + 1);
  if (errno != ENOENT || access(folder.c_str(), W_OK | X_OK) != 0) fail_to_write(path);
}

void write_new_file(const std::string& path, const std::string& what, const std::string& text) {
  std::unique_ptr<std::FILE, CloseFile> file(std::fopen(path.c_str(), "wx"));
  if (!file && errno == EEXIST) fail_is_there(path, what);
  if (!file || std::fwrite(text.data(), 1, text.size(), file.get()) != text.size() ||
      std::fflush(file.get()) != 0) {
    fail_to_write(path);
  }
}

}  // namespace oche::cli

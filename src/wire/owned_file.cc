#include "wire/owned_file.h"

#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <utility>

#include "base/read_file.h"
#include "oche/error.h"
#include "wire/handshake.h"

namespace oche::wire {
namespace {

// A list of a large authority has millions of bytes.
constexpr std::size_t kMaxBytes = 16 << 20;

[[noreturn]] void fail(const std::string& what, const std::string& path, const std::string& why,
                       const std::string& advice) {
  throw Error(ErrorKind::file,
              what + " '" + printable(path, kMaxTextBytes) + "' " + why + "; " + advice);
}

}  // namespace

void check_owner(const std::string& what, const std::string& path, OthersMay others) {
  struct stat status{};
  if (::stat(path.c_str(), &status) != 0) return;
  if (!S_ISREG(status.st_mode)) {
    fail(what, path, "can't be used (it isn't a file)", "move it away, or name another");
  }
  // The superuser looks after the files of its services.
  if (status.st_uid != ::geteuid() && status.st_uid != 0 && ::geteuid() != 0) {
    fail(what, path, "can't be trusted (it belongs to another user)", "move it away, or chown it");
  }
  if (others == OthersMay::nothing && (status.st_mode & 077) != 0) {
    fail(what, path, "can't be trusted (other users may read or change it)",
         "chmod 600 it, and take back the keys in it if they may have been seen");
  }
  if ((status.st_mode & 022) != 0) {
    fail(what, path, "can't be trusted (other users may change it)", "chmod 644 it");
  }
  const std::string above = std::filesystem::path(path).parent_path().string();
  const std::string folder = above.empty() ? "." : above;
  const bool writable = ::stat(folder.c_str(), &status) == 0 && (status.st_mode & 022) != 0;
  if (writable && (status.st_mode & S_ISVTX) == 0) {
    fail(what, path, "can't be trusted (other users may put another in its place)",
         "chmod go-w its folder, and look at what the file holds");
  }
}

std::string read_owned(const std::string& what, const std::string& path, OthersMay others) {
  check_owner(what, path, others);
  FileBytes file = read_file(path, kMaxBytes);
  if (file.too_long) {
    fail(what, path, "can't be used (it has more than 16 MiB)", "make it shorter");
  }
  if (!file.failure.empty()) {
    fail(what, path, "can't be read (" + file.failure + ")", "check its name and its mode");
  }
  return std::move(file.bytes);
}

FileStamp stamp_of(const std::string& path) {
  struct stat status{};
  if (::stat(path.c_str(), &status) != 0) return {};
  return {status.st_mtim.tv_sec,
          status.st_mtim.tv_nsec,
          status.st_ctim.tv_sec,
          status.st_ctim.tv_nsec,
          status.st_dev,
          status.st_ino,
          static_cast<std::uint64_t>(status.st_size)};
}

}  // namespace oche::wire

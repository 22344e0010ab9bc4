// Files that decide who gets in: read whole, and only where others may not change them, nor put
// others in their place in their folder. What is further up, or behind symbolic links, isn't looked
// at.
#ifndef OCHE_WIRE_OWNED_FILE_H_
#define OCHE_WIRE_OWNED_FILE_H_

#include <cstdint>
#include <string>

namespace oche::wire {

// What other users may do with it, at most.
enum class OthersMay { nothing, read };

// Checks that path is a regular file of this user, or of the superuser (who looks after the files
// of services; to the superuser, of anybody), and that others may do no more than that. Throws
// Error (file) that begins with `what` and the path: "the key file '…' can't be trusted (…); …".
// What isn't there passes: reading it says so.
void check_owner(const std::string& what, const std::string& path, OthersMay others);

// check_owner(), and its bytes. Throws Error (file), also for a file that isn't there or has more
// than 16 MiB.
std::string read_owned(const std::string& what, const std::string& path, OthersMay others);

// Tells a file from what it was before. Equal if it wasn't changed, nor its mode, or isn't there.
struct FileStamp {
  std::int64_t seconds = 0, nanoseconds = 0;                // of its content
  std::int64_t status_seconds = 0, status_nanoseconds = 0;  // of its mode and owner too
  std::uint64_t device = 0, inode = 0, size = 0;
  bool operator==(const FileStamp&) const = default;
};
FileStamp stamp_of(const std::string& path);

}  // namespace oche::wire

#endif  // OCHE_WIRE_OWNED_FILE_H_

// A whole file in memory: a regular one, a device, or a pipe that somebody writes.
#ifndef OCHE_BASE_READ_FILE_H_
#define OCHE_BASE_READ_FILE_H_

#include <cstddef>
#include <string>

namespace oche {

struct FileBytes {
  std::string bytes;
  std::string failure;    // why it can't be read; empty if it was
  bool too_long = false;  // it has more than `most` bytes; `bytes` are some of them
};

// Reads the file at `path`. A pipe is read until its writers have closed it. One that nobody has
// open for writing is a failure: to wait for a writer would be to hang for ever.
FileBytes read_file(const std::string& path, std::size_t most);

}  // namespace oche

#endif  // OCHE_BASE_READ_FILE_H_

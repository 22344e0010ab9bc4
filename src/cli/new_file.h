// Files that are written for the user: never over one that is there.
#ifndef OCHE_CLI_NEW_FILE_H_
#define OCHE_CLI_NEW_FILE_H_

#include <string>

namespace oche::cli {

// Throws Error (file) if there is something of that name, or if its folder is not there or may not
// be written to. `what` is what is to be written, "a job file". Before a long run, so that its
// answer is not lost over a name.
void check_can_be_made(const std::string& path, const std::string& what);

// Writes the file, all of it. Throws Error (file) if there is one of that name, or it can't be
// written.
void write_new_file(const std::string& path, const std::string& what, const std::string& text);

// The path as messages show it.
std::string shown_path(const std::string& path);

}  // namespace oche::cli

#endif  // OCHE_CLI_NEW_FILE_H_

// A job in a file: what the command line says, in TOML.
#ifndef OCHE_CLI_JOB_FILE_H_
#define OCHE_CLI_JOB_FILE_H_

#include <string>
#include <vector>

#include "cli/run_command.h"

namespace oche::cli {

// Whether an argument names a job file: it ends in ".toml".
bool names_job_file(const std::string& argument);

// Reads the file at `path` into the definition (the expression, then its inputs) and into those of
// the flags that are not given. Keys are the options' names with _ for -, and `expression` and
// `inputs`. Throws Error (file) with the line, for a file that can't be read, is no TOML, or has a
// key or a value that no job has.
void read_job_file(const std::string& path, std::vector<std::string>& definition, RunFlags& flags);

// Writes a new file that read_job_file() reads as the same job. Names of data files are relative to
// `folder`, "" being the current one, and are written such that they are found from the new file's
// folder. Throws Error (file) if there is one of that name, or it can't be written.
void write_job_file(const std::string& path, const std::vector<std::string>& definition,
                    const std::string& folder, const RunFlags& flags);

// The folder of a file, which the names of data files in it are relative to: "" for the current
// one.
std::string folder_of(const std::string& path);

}  // namespace oche::cli

#endif  // OCHE_CLI_JOB_FILE_H_

// Jobs that a host runs: what estimate --at and the commands about a host have in common.
#ifndef OCHE_CLI_AT_HOST_H_
#define OCHE_CLI_AT_HOST_H_

#include <cstdint>
#include <string>

#include "cli/run_command.h"
#include "host/client.h"

namespace oche::cli {

// A client of that host in the user's name. Ctrl-C ends what waits.
host::ClientOptions client_of(const std::string& address, const KeyFlags& keys);

// Sends the job to the host of --at, waits for its answer and reports it as a run here would be.
// Ctrl-C leaves the job running, and says how to get its answer. Returns the exit code.
int run_at_host(const RunFlags& flags, const Job& job, const std::string& name);

// The same of a job that was sent before.
int report_of_host(const RunFlags& flags, const std::string& address, std::uint64_t number);

// The number of a job as it is typed.
std::uint64_t parse_job_number(const std::string& text);

}  // namespace oche::cli

#endif  // OCHE_CLI_AT_HOST_H_

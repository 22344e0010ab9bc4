// The configuration of a host in a file: its address, its certificate and its limits, in TOML.
#ifndef OCHE_CLI_HOST_FILE_H_
#define OCHE_CLI_HOST_FILE_H_

#include <string>

#include "host/host.h"
#include "wire/certificate.h"

namespace oche::cli {

// Reads the file into the options; what it doesn't name stays as it is. Throws Error (file) with
// the line, for a file that can't be read, is no TOML, or has a key or a value that no host has.
void read_host_file(const std::string& path, host::HostOptions& options,
                    wire::CertificateFiles& certificate);

}  // namespace oche::cli

#endif  // OCHE_CLI_HOST_FILE_H_

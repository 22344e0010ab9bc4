// The configuration of a host in a file: its address and its limits, in TOML.
#ifndef OCHE_CLI_HOST_FILE_H_
#define OCHE_CLI_HOST_FILE_H_

#include <memory>
#include <string>
#include <string_view>

#include "host/host.h"
#include "wire/address_range.h"

namespace oche::cli {

struct HostSettings {
  host::HostOptions options;
  // Who may call from where, as --allow says it.
  std::shared_ptr<wire::AllowList> allow = std::make_shared<wire::AllowList>();
};

// Reads the file into the settings; what it doesn't name stays as it is. Throws Error (file) with
// the line, for a file that can't be read, is no TOML, or has a key or a value that no host has.
void read_host_file(const std::string& path, HostSettings& settings);

}  // namespace oche::cli

#endif  // OCHE_CLI_HOST_FILE_H_

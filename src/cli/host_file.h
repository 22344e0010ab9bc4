// The configuration of a host in a file: its address, its certificate and its limits, in TOML.
#ifndef OCHE_CLI_HOST_FILE_H_
#define OCHE_CLI_HOST_FILE_H_

#include <memory>
#include <string>
#include <string_view>

#include "host/host.h"
#include "host/log_line.h"
#include "wire/address_range.h"
#include "wire/certificate.h"

namespace oche::cli {

struct HostSettings {
  host::HostOptions options;
  host::LogForm log = host::LogForm::text;
  // Who may call from where, as --allow says it.
  std::shared_ptr<wire::AllowList> allow = std::make_shared<wire::AllowList>();
  wire::CertificateFiles certificate;
};

// As --allow: `ADDR/LEN`, or `SERVICE=ADDR/LEN`, the metrics being a service too. Throws Error
// (usage).
void allow(HostSettings& settings, const std::string& text);

// Throws Error (usage).
host::LogForm parse_log_form(const std::string& key, const std::string& text);

// Reads the file into the settings; what it doesn't name stays as it is. Throws Error (file) with
// the line, for a file that can't be read, is no TOML, or has a key or a value that no host has.
void read_host_file(const std::string& path, HostSettings& settings);

}  // namespace oche::cli

#endif  // OCHE_CLI_HOST_FILE_H_

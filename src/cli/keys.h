// What a command shows and takes: keys, certificates (--authority and its group), or --insecure.
#ifndef OCHE_CLI_KEYS_H_
#define OCHE_CLI_KEYS_H_

#include <optional>
#include <string>
#include <vector>

#include "wire/address.h"
#include "wire/certificate.h"
#include "wire/handshake.h"

namespace CLI {  // NOLINT(readability-identifier-naming): CLI11's own
class App;
}

namespace oche::cli {

struct KeyFlags {
  std::optional<std::string> key_file;
  std::vector<std::string> allow;
  wire::CertificateFiles certificate;  // those given; empty: not
  bool insecure = false;
};

// --key-file, of commands that dial.
void add_key_file_option(CLI::App& command, KeyFlags& flags);
// --allow, of commands that listen.
void add_allow_option(CLI::App& command, KeyFlags& flags);
// --authority, --certificate, --private-key and --revoked, of commands that dial or listen.
void add_certificate_options(CLI::App& command, KeyFlags& flags);
// Throws Error (usage) if one of those was given.
void refuse_certificate(const KeyFlags& flags, const std::string& why);
// Whether they were given, all three. Throws Error (usage) if it is only some, or with --insecure.
bool has_certificate(const KeyFlags& flags);
// --insecure, of commands that dial or listen.
void add_insecure_option(CLI::App& command, KeyFlags& flags);

// What to dial that host with, for that service; nothing with --insecure. It is the certificate of
// --certificate; or else the key of --key-file, of the variable OCHE_KEY, the one kept for that
// host, or for this computer the user's own; or it is asked for on the terminal, and kept. Throws
// Error (usage) if there is none.
wire::Credential credential_for(const KeyFlags& flags, const wire::Address& host,
                                wire::Service service);

// Whom a listener of this user lets in.
wire::Admission admission_for(const KeyFlags& flags);
// The same, from where `allow` says.
wire::Admission admission_for(const KeyFlags& flags, std::shared_ptr<const wire::AllowList> allow);

}  // namespace oche::cli

#endif  // OCHE_CLI_KEYS_H_

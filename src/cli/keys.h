// The keys of a command: --key-file and --insecure, and where else a key may come from.
#ifndef OCHE_CLI_KEYS_H_
#define OCHE_CLI_KEYS_H_

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "wire/address.h"
#include "wire/handshake.h"

namespace CLI {  // NOLINT(readability-identifier-naming): CLI11's own
class App;
}

namespace oche::cli {

struct KeyFlags {
  std::optional<std::string> key_file;
  std::vector<std::string> allow;
  bool insecure = false;
};

// --key-file, of commands that dial.
void add_key_file_option(CLI::App& command, KeyFlags& flags);
// --allow, of commands that listen.
void add_allow_option(CLI::App& command, KeyFlags& flags);
// --insecure, of commands that dial or listen.
void add_insecure_option(CLI::App& command, KeyFlags& flags);

// The key to dial that host with, for that service; null with --insecure. It is that of --key-file,
// of the variable OCHE_KEY, the one kept for that host, or for this computer the user's own; or it
// is asked for on the terminal, and kept. Throws Error (usage) if there is none.
std::shared_ptr<const wire::Key> key_for(const KeyFlags& flags, const wire::Address& host,
                                         wire::Service service);

// Whom a listener of this user lets in.
wire::Admission admission_for(const KeyFlags& flags);
// The same, from where `allow` says.
wire::Admission admission_for(const KeyFlags& flags, std::shared_ptr<const wire::AllowList> allow);

}  // namespace oche::cli

#endif  // OCHE_CLI_KEYS_H_

// oche invite, oche revoke, oche keys: who may dial this user's hosts.
#include <CLI/CLI.hpp>

#include <cstdio>
#include <memory>
#include <string>

#include "cli/command.h"
#include "oche/error.h"
#include "wire/key_file.h"

namespace oche::cli {
namespace {

struct InviteOptions {
  std::string role;
  std::string name;
};

wire::KeyId checked(const InviteOptions& options) {
  const std::optional<wire::KeyRole> role = wire::key_role(options.role);
  if (!role || role == wire::KeyRole::own) {
    throw Error(ErrorKind::usage, "'" + wire::printable(options.role, wire::kMaxNameBytes) +
                                      "' is no service to invite to (there are work, estimate, "
                                      "talk and send); give one of those");
  }
  if (!wire::is_key_name(options.name)) {
    throw Error(ErrorKind::usage, "'" + wire::printable(options.name, wire::kMaxNameBytes) +
                                      "' can't be the name of a key (it has 1 to 32 letters, "
                                      "digits, '-' and '_', and begins with no '-'); give another");
  }
  return {*role, options.name};
}

std::string path() { return wire::host_keys_path(wire::key_folder()); }

int invite(const InviteOptions& options) {
  const wire::KeyId id = checked(options);
  const wire::Key key = wire::make_key(id.role, id.name);
  wire::add_host_key(path(), key);
  if (std::puts(to_text(key).c_str()) < 0 || std::fflush(stdout) != 0) {
    wire::remove_host_key(path(), id);
    throw Error(ErrorKind::file,
                "the key can't be shown (stdout can't be written), and was taken back; try again");
  }
  std::fprintf(stderr,
               "This line is the key of '%s' for %s: hand it over where nobody reads along.\n"
               "There: put it in a file (chmod 600) and give --key-file FILE, or paste it when it "
               "is asked for.\nTo take it back: oche revoke %s %s\n",
               id.name.c_str(), options.role.c_str(), options.role.c_str(), id.name.c_str());
  return exit_ok;
}

int revoke(const InviteOptions& options) {
  const wire::KeyId id = checked(options);
  if (!wire::remove_host_key(path(), id)) {
    throw Error(ErrorKind::usage, "there is no key '" + id.name + "' for " + options.role +
                                      "; see those that there are: oche keys");
  }
  std::fprintf(stderr, "taken back; its sessions end within a second\n");
  return exit_ok;
}

int list() {
  for (const wire::Key& key : wire::read_host_keys(path())) {
    std::printf("%-9s %s\n", std::string(to_string(key.id.role)).c_str(), key.id.name.c_str());
  }
  return exit_ok;
}

constexpr const char* kServices = "work, estimate, talk or send";

}  // namespace

void add_keys(CLI::App& app, Outcome& outcome) {
  auto options = std::make_shared<InviteOptions>();
  CLI::App* command =
      app.add_subcommand("invite", "Make a key for somebody who may dial your hosts, and print it");
  command->add_option("service", options->role, kServices)->type_name("SERVICE")->required();
  command->add_option("--name", options->name, "What the key is called, here and in notes")
      ->type_name("NAME")
      ->required();
  command->callback([options, &outcome] { outcome.exit_code = invite(*options); });

  auto taken = std::make_shared<InviteOptions>();
  CLI::App* back = app.add_subcommand("revoke", "Take a key back; its sessions end");
  back->add_option("service", taken->role, kServices)->type_name("SERVICE")->required();
  back->add_option("name", taken->name, "The key's name")->type_name("NAME")->required();
  back->callback([taken, &outcome] { outcome.exit_code = revoke(*taken); });

  CLI::App* all =
      app.add_subcommand("keys", "The keys that your hosts know, without their secrets");
  all->callback([&outcome] { outcome.exit_code = list(); });
}

}  // namespace oche::cli

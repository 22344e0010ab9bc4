// oche receive: wait for one message.
#include <CLI/CLI.hpp>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cli/command.h"
#include "cli/keys.h"
#include "cli/message_io.h"
#include "cli/run_command.h"
#include "cli/text_dialect.h"
#include "oche/error.h"
#include "talk/mail.h"
#include "wire/address.h"

namespace oche::cli {
namespace {

struct ReceiveOptions {
  std::string listen, at, name;
  std::optional<std::string> max_message, stall;
  bool text = false;
  KeyFlags keys;
};

int run(const CLI::App& command, const ReceiveOptions& options) {
  if (options.listen.empty() == options.at.empty()) {
    throw Error(
        ErrorKind::usage,
        "can't tell where to wait (exactly one of --listen and --at says it); give --listen "
        "ADDR:PORT to be called here, or --at HOST --name NAME to wait at a host");
  }
  if (options.text) {
    refuse_certificate(options.keys, "the chapter's protocol knows nothing of it");
    refuse_options(command, {"--at", "--name", "--max-message", "--stall", "--key-file"},
                   "the chapter's protocol knows nothing of it");
  } else if (options.listen.empty()) {
    refuse_options(command, {"--max-message", "--stall", "--allow"}, "the host says it");
  } else {
    refuse_options(command, {"--name", "--key-file"}, "who is called directly needs none");
  }
  if (options.text)
    return run_receive_text({{options.listen, options.keys.insecure}, options.keys.allow});
  exit_on_interrupt();
  TerminalConsole console;
  const auto notes = [&](std::string_view line) { console.note(line); };
  if (!options.at.empty()) {
    const wire::Address host = wire::parse_address(options.at, wire::AddressUse::dial);
    talk::receive_at(host, checked_name("--name", options.name), message_sink(), notes,
                     credential_for(options.keys, host, wire::Service::send));
    return exit_ok;
  }
  talk::receive_one(wire::parse_address(options.listen, wire::AddressUse::listen),
                    message_limits(options.max_message, options.stall), message_sink(), notes,
                    admission_for(options.keys));
  return exit_ok;
}

}  // namespace

void add_receive(CLI::App& app, Outcome& outcome) {
  auto options = std::make_shared<ReceiveOptions>();
  CLI::App* command = app.add_subcommand("receive", "Wait for one message and print it");
  command->add_option("--listen", options->listen, "Wait at ADDR:PORT (port 0: any free one)")
      ->type_name("ADDR:PORT");
  command->add_option("--at", options->at, "Wait at this host")->type_name("HOST[:PORT]");
  command->add_option("--name", options->name, "With --at: the name that senders send --to")
      ->type_name("NAME");
  command
      ->add_option("--max-message", options->max_message,
                   "With --listen: the longest message (default 1GiB)")
      ->type_name("SIZE");
  command
      ->add_option("--stall", options->stall,
                   "With --listen: how long a sender may move nothing (default 60s)")
      ->type_name("TIME");
  add_allow_option(*command, options->keys);
  command->add_flag("--text", options->text, "Speak the chapter's plain-text dialect");
  add_key_file_option(*command, options->keys);
  add_certificate_options(*command, options->keys);
  add_insecure_option(*command, options->keys);
  command->callback([options, command, &outcome] { outcome.exit_code = run(*command, *options); });
}

}  // namespace oche::cli

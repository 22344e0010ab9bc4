// oche receive: wait for one message.
#include <CLI/CLI.hpp>

#include <memory>
#include <string>
#include <vector>

#include "cli/command.h"
#include "cli/keys.h"
#include "cli/text_dialect.h"
#include "oche/error.h"
#include "talk/send_service.h"
#include "wire/address.h"
#include "wire/key_file.h"

namespace oche::cli {
namespace {

struct ReceiveOptions {
  std::string listen;
  std::vector<std::string> allow;
  bool text = false;
  KeyFlags keys;
};

int run(const ReceiveOptions& options) {
  if (!options.text && !options.allow.empty()) {
    throw Error(
        ErrorKind::usage,
        "--allow goes with --text only (without it, whoever calls needs a key); leave it out");
  }
  if (options.text)
    return run_receive_text({{options.listen, options.keys.insecure}, options.allow});
  exit_on_interrupt();
  TerminalConsole console;
  const wire::Address address = wire::parse_address(options.listen, wire::AddressUse::listen);
  talk::receive_one(
      address, print_message, [&](std::string_view line) { console.note(line); },
      table_for(options.keys));
  return exit_ok;
}

}  // namespace

void add_receive(CLI::App& app, Outcome& outcome) {
  auto options = std::make_shared<ReceiveOptions>();
  CLI::App* command = app.add_subcommand("receive", "Wait for one message and print it");
  command->add_option("--listen", options->listen, "Wait at ADDR:PORT (port 0: any free one)")
      ->type_name("ADDR:PORT")
      ->required();
  command->add_option("--allow", options->allow, "With --text: only from these addresses, ADDR/LEN")
      ->type_name("ADDR/LEN")
      ->allow_extra_args(false);
  command->add_flag("--text", options->text, "Speak the chapter's plain-text dialect");
  add_insecure_option(*command, options->keys);
  command->callback([options, &outcome] { outcome.exit_code = run(*options); });
}

}  // namespace oche::cli

// oche send: one message to whoever waits for it.
#include <CLI/CLI.hpp>

#include <memory>
#include <optional>
#include <string>

#include "cli/command.h"
#include "cli/keys.h"
#include "cli/message_io.h"
#include "cli/text_dialect.h"
#include "oche/error.h"
#include "talk/mail.h"
#include "wire/address.h"

namespace oche::cli {
namespace {

struct SendOptions {
  std::string host;
  std::optional<std::string> message;
  std::string to, name;
  bool text = false;
  KeyFlags keys;
};

int run(const SendOptions& options) {
  if (options.text && !options.to.empty()) {
    throw Error(ErrorKind::usage,
                "--to doesn't go with --text (the chapter's protocol has no names); leave one out");
  }
  if (options.text && !options.name.empty()) {
    throw Error(
        ErrorKind::usage,
        "--name doesn't go with --text (the chapter's protocol has no names); leave one out");
  }
  if (options.text) refuse_certificate(options.keys, "the chapter's protocol knows nothing of it");
  if (options.text) return run_send_text({{options.host, options.keys.insecure}, options.message});
  exit_on_interrupt();
  TerminalConsole console;
  talk::SenderOptions sender;
  sender.host = wire::parse_address(options.host, wire::AddressUse::dial);
  sender.to = checked_name("--to", options.to);
  sender.name = checked_name("--name", options.name);
  sender.credential = credential_for(options.keys, sender.host, wire::Service::send);
  talk::send_one(sender, message_source(options.message, console));
  console.note("the message was received");
  return exit_ok;
}

}  // namespace

void add_send(CLI::App& app, Outcome& outcome) {
  auto options = std::make_shared<SendOptions>();
  CLI::App* command =
      app.add_subcommand("send", "Send one message to who waits for it (oche receive)");
  command->add_option("host", options->host, "Where it goes")->type_name("HOST[:PORT]")->required();
  command
      ->add_option("message", options->message,
                   "The message; asked for, or read from stdin, without it")
      ->type_name("TEXT");
  command->add_option("--to", options->to, "Only to the receiver of this name")->type_name("NAME");
  command->add_option("--name", options->name, "How the receiver calls this sender")
      ->type_name("NAME");
  command->add_flag("--text", options->text, "Speak the chapter's plain-text dialect");
  add_key_file_option(*command, options->keys);
  add_certificate_options(*command, options->keys);
  add_insecure_option(*command, options->keys);
  command->callback([options, &outcome] { outcome.exit_code = run(*options); });
}

}  // namespace oche::cli

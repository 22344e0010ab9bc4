// oche talk: swap messages around a ring, as its host or as one of its talkers.
#include <CLI/CLI.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "cli/command.h"
#include "cli/keys.h"
#include "cli/message_io.h"
#include "cli/run_command.h"
#include "cli/text_dialect.h"
#include "cli/values.h"
#include "oche/error.h"
#include "talk/ring_host.h"
#include "talk/talker.h"
#include "wire/address.h"

namespace oche::cli {
namespace {

struct TalkOptions {
  std::string host;
  std::string listen;
  std::string ring, name;
  std::optional<std::string> of, as, max_message, stall;
  bool numbered = false;
  bool rounds = false;
  bool text = false;
  KeyFlags keys;
};

void check_combination(const TalkOptions& options) {
  const auto refuse = [](const std::string& message) { throw Error(ErrorKind::usage, message); };
  if (options.listen.empty() == options.host.empty()) {
    refuse(
        "can't tell whether to host a ring or to join one (exactly one of --listen and HOST says "
        "it); "
        "give --listen ADDR:PORT to host, or HOST:PORT to join");
  }
  if (!options.listen.empty() && options.as) {
    refuse("--as doesn't go with --listen (the host of a ring has no seat in it); leave one out");
  }
  if (options.text && options.listen.empty() && options.of) {
    refuse(
        "--of doesn't go with --text without --listen (the host decides the size of its ring); "
        "leave "
        "it out");
  }
}

// The number of an option, from 1; nothing where the option wasn't given.
std::optional<std::uint64_t> number_of(const std::string& option,
                                       const std::optional<std::string>& text) {
  if (!text) return std::nullopt;
  return parse_count(option, *text, 1, talk::kMostTalkers);
}

int host_text(const TalkOptions& options) {
  TextTalkHostOptions text;
  text.listen = {options.listen, options.keys.insecure};
  text.clients = number_of("--of", options.of);
  text.numbered = options.numbered;
  return run_talk_host_text(text);
}

int join_text(const TalkOptions& options) {
  TextTalkClientOptions text;
  text.host = {options.host, options.keys.insecure};
  text.numbered = options.numbered;
  text.number = number_of("--as", options.as);
  return run_talk_client_text(text);
}

int host_framed(const TalkOptions& options, TerminalConsole& console) {
  talk::RingHostOptions host;
  host.listen = wire::parse_address(options.listen, wire::AddressUse::listen);
  host.ring = checked_name("--ring", options.ring);
  host.order = options.numbered ? talk::Order::numbered : talk::Order::arrival;
  host.admission = admission_for(options.keys);
  host.limits = message_limits(options.max_message, options.stall);
  host.size = number_of_talkers(number_of("--of", options.of), console);
  talk::host_ring(host, [&](std::string_view line) { console.note(line); });
  return exit_ok;
}

int join_framed(const TalkOptions& options, TerminalConsole& console) {
  talk::TalkerOptions talker;
  talker.host = wire::parse_address(options.host, wire::AddressUse::dial);
  talker.ring = checked_name("--ring", options.ring);
  talker.credential = credential_for(options.keys, talker.host, wire::Service::talk);
  talker.name = checked_name("--name", options.name);
  talker.of = static_cast<std::uint32_t>(number_of("--of", options.of).value_or(0));
  talker.as = static_cast<std::uint32_t>(
      number_of_talker(number_of("--as", options.as), options.numbered, console));
  const talk::Source source = options.rounds ? line_source() : message_source({}, console);
  talk::join_ring(talker, source, message_sink(),
                  [&](std::string_view line) { console.note(line); });
  return exit_ok;
}

int run(const CLI::App& command, const TalkOptions& options) {
  check_combination(options);
  if (options.text) {
    refuse_certificate(options.keys, "the chapter's protocol knows nothing of it");
    refuse_options(
        command,
        {"--ring", "--name", "--rounds", "--max-message", "--stall", "--key-file", "--allow"},
        "the chapter's protocol knows nothing of it");
  } else if (options.listen.empty()) {
    refuse_options(command, {"--max-message", "--stall", "--allow"},
                   "the host of the ring says it");
  } else {
    refuse_options(command, {"--name", "--rounds", "--key-file"},
                   "the host of a ring has no seat in it");
  }
  exit_on_interrupt();
  if (options.text) return options.listen.empty() ? join_text(options) : host_text(options);
  TerminalConsole console;
  return options.listen.empty() ? join_framed(options, console) : host_framed(options, console);
}

}  // namespace

void add_talk(CLI::App& app, Outcome& outcome) {
  auto options = std::make_shared<TalkOptions>();
  CLI::App* command = app.add_subcommand("talk",
                                         "Swap messages around a ring: the i-th talker's goes to "
                                         "the next, the last one's to the first");
  command->add_option("host", options->host, "Join the ring at HOST[:PORT]")
      ->type_name("HOST[:PORT]");
  command
      ->add_option("--listen", options->listen, "Host a ring at ADDR:PORT (port 0: any free one)")
      ->type_name("ADDR:PORT");
  command
      ->add_option(
          "--of", options->of,
          "The number of talkers in the ring; its host is asked for it, and who joins a ring "
          "that is there needs none")
      ->type_name("N");
  command->add_option("--ring", options->ring, "The ring's name")->type_name("NAME");
  command->add_flag("--numbered", options->numbered, "The talkers say which seat they want");
  command->add_option("--as", options->as, "Take this seat, from 1")->type_name("I");
  command->add_option("--name", options->name, "How the others call this talker")
      ->type_name("NAME");
  command->add_flag("--rounds", options->rounds,
                    "Each line of stdin is a message (without it, all of stdin is one)");
  command
      ->add_option("--max-message", options->max_message,
                   "With --listen: the longest message (default 1GiB)")
      ->type_name("SIZE");
  command
      ->add_option("--stall", options->stall,
                   "With --listen: how long a talker may move nothing (default 60s)")
      ->type_name("TIME");
  command->add_flag("--text", options->text, "Speak the chapter's plain-text dialect");
  add_key_file_option(*command, options->keys);
  add_allow_option(*command, options->keys);
  add_certificate_options(*command, options->keys);
  add_insecure_option(*command, options->keys);
  command->callback([options, command, &outcome] { outcome.exit_code = run(*command, *options); });
}

}  // namespace oche::cli

// oche talk: swap messages around a ring, as its host or as one of its talkers.
#include <CLI/CLI.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "cli/command.h"
#include "cli/keys.h"
#include "cli/text_dialect.h"
#include "cli/values.h"
#include "oche/error.h"
#include "talk/talk_service.h"
#include "wire/address.h"
#include "wire/key_file.h"

namespace oche::cli {
namespace {

struct TalkOptions {
  std::string host;
  std::string listen;
  std::optional<std::string> of, as;
  bool numbered = false;
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
  if (options.listen.empty() && options.of) {
    refuse(
        "--of doesn't go without --listen (the host decides the size of its ring); leave it out");
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
  const wire::Address address = wire::parse_address(options.listen, wire::AddressUse::listen);
  const std::size_t size = number_of_talkers(number_of("--of", options.of), console);
  talk::host_ring(
      address, size, options.numbered ? talk::Order::numbered : talk::Order::arrival,
      [&](std::string_view line) { console.note(line); }, table_for(options.keys));
  return exit_ok;
}

int join_framed(const TalkOptions& options, TerminalConsole& console) {
  const wire::Address host = wire::parse_address(options.host, wire::AddressUse::dial);
  const std::uint32_t as = static_cast<std::uint32_t>(
      number_of_talker(number_of("--as", options.as), options.numbered, console));
  const auto key = key_for(options.keys, host, wire::Service::talk);
  const std::string ours = read_message(console);
  const std::string theirs =
      talk::join_ring(host, as, ours, [&](std::string_view line) { console.note(line); }, key);
  print_message(theirs);
  return exit_ok;
}

int run(const TalkOptions& options) {
  check_combination(options);
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
      ->add_option("--of", options->of, "The number of talkers in the ring; asked for without it")
      ->type_name("N");
  command->add_flag("--numbered", options->numbered, "The talkers say which seat they want");
  command->add_option("--as", options->as, "Take this seat, from 1")->type_name("I");
  command->add_flag("--text", options->text, "Speak the chapter's plain-text dialect");
  add_key_file_option(*command, options->keys);
  add_insecure_option(*command, options->keys);
  command->callback([options, &outcome] { outcome.exit_code = run(*options); });
}

}  // namespace oche::cli

#include "cli/text_dialect.h"

#include <unistd.h>

#include <csignal>
#include <cstdio>

#include "chapter/remote.h"
#include "chapter/talk.h"
#include "cli/command.h"
#include "oche/error.h"
#include "talk/limits.h"
#include "wire/address.h"

namespace oche::cli {
namespace {

// The longest answer that is read; what is longer is cut there, and no question takes as much.
constexpr std::size_t kLongestAnswer = 64 * 1024;

chapter::Reach reach_of(const TextPlace& place) {
  return place.insecure ? chapter::Reach::anywhere : chapter::Reach::loopback_only;
}

wire::Address dialled(const TextPlace& place, std::uint16_t default_port) {
  return wire::parse_address(place.address, wire::AddressUse::dial, default_port);
}

// Listens, and tells the port where the system has chosen it.
chapter::Socket listening(const TextPlace& place, std::uint16_t default_port,
                          std::size_t connections, chapter::Console& console) {
  const wire::Address address =
      wire::parse_address(place.address, wire::AddressUse::listen, default_port);
  chapter::Socket server =
      chapter::listen_at(chapter::listening_address(address, reach_of(place)), connections);
  if (address.port == 0) console.note("listening on " + chapter::to_string(server.local_address()));
  return server;
}

void check_range(std::uint64_t number, std::uint64_t highest, const char* what) {
  if (number >= 1 && number <= highest) return;
  throw Error(ErrorKind::usage, std::to_string(number) + " can't be " + what +
                                    " (it must be from 1 to " + std::to_string(highest) +
                                    "); give such a number");
}

}  // namespace

void TerminalConsole::say(std::string_view line) {
  std::fwrite(line.data(), 1, line.size(), stdout);
  std::fputc('\n', stdout);
  std::fflush(stdout);
}

std::optional<std::string> TerminalConsole::ask(std::string_view prompt) {
  std::fwrite(prompt.data(), 1, prompt.size(), stdout);
  std::fflush(stdout);
  std::string line;
  int c = std::fgetc(stdin);
  if (c == EOF) return std::nullopt;
  for (; c != EOF && c != '\n'; c = std::fgetc(stdin)) {
    if (line.size() < kLongestAnswer) line.push_back(static_cast<char>(c));
  }
  return line;
}

void TerminalConsole::note(std::string_view line) {
  std::fprintf(stderr, "%.*s\n", static_cast<int>(line.size()), line.data());
}

bool TerminalConsole::interactive() const { return ::isatty(STDIN_FILENO) == 1; }

std::size_t number_of_talkers(const std::optional<std::uint64_t>& given,
                              chapter::Console& console) {
  if (!given) return chapter::ask_number_of_clients(console);
  check_range(*given, talk::kMostTalkers, "the number of clients");
  return *given;
}

std::size_t number_of_talker(const std::optional<std::uint64_t>& given, bool numbered,
                             chapter::Console& console) {
  if (!given) return numbered ? chapter::ask_client_number(console) : 0;
  check_range(*given, talk::kMostTalkers, "the number of a client");
  return *given;
}

void exit_on_interrupt() {
  // _exit may be called from a signal's handler; the system closes the sockets.
  std::signal(SIGINT, [](int) { ::_exit(exit_interrupted); });
}

int run_manager_text(const TextManagerOptions& options) {
  check_range(options.wait, chapter::kMostTextWorkers, "the number of workers to wait for");
  exit_on_interrupt();
  TerminalConsole console;
  chapter::Socket server = listening(options.listen, wire::kDefaultPort, options.wait, console);
  chapter::serve_estimate(std::move(server), options.quantity, options.wait, console);
  return exit_ok;
}

int run_work_text(const TextWorkerOptions& options) {
  check_range(options.samples, chapter::kMostTextSamples, "the number of samples");
  exit_on_interrupt();
  TerminalConsole console;
  chapter::contribute_to_estimate(dialled(options.host, wire::kDefaultPort), reach_of(options.host),
                                  options.quantity, options.samples, console);
  return exit_ok;
}

chapter::SamplesAndWorkers ask_samples_and_workers(const chapter::AskLimits& limits) {
  TerminalConsole console;
  return chapter::ask_samples_and_workers(console, limits);
}

void print_estimate_and_error(double estimate, double truth) {
  TerminalConsole().say(chapter::estimate_and_error(estimate, truth));
}

int run_receive_text(const TextReceiveOptions& options) {
  std::vector<wire::AddressRange> allowed;
  for (const std::string& range : options.allow)
    allowed.push_back(wire::AddressRange::parse(range));
  exit_on_interrupt();
  TerminalConsole console;
  chapter::Socket server = listening(options.listen, chapter::kMessagePort, 1, console);
  const chapter::Reception reception =
      chapter::receive_one_message(std::move(server), allowed, console);
  return reception == chapter::Reception::received ? exit_ok : exit_network;
}

int run_send_text(const TextSendOptions& options) {
  const wire::Address server = dialled(options.host, chapter::kMessagePort);
  exit_on_interrupt();
  TerminalConsole console;
  if (options.text) {
    chapter::send_one_message(server, reach_of(options.host), *options.text, console);
  } else {
    chapter::ask_and_send_one_message(server, reach_of(options.host), console);
  }
  return exit_ok;
}

int run_talk_host_text(const TextTalkHostOptions& options) {
  exit_on_interrupt();
  TerminalConsole console;
  const std::size_t clients = number_of_talkers(options.clients, console);
  chapter::Socket server = listening(options.listen, wire::kDefaultPort, clients, console);
  chapter::host_ring(std::move(server), clients,
                     options.numbered ? talk::Order::numbered : talk::Order::arrival, console);
  return exit_ok;
}

int run_talk_client_text(const TextTalkClientOptions& options) {
  const wire::Address host = dialled(options.host, wire::kDefaultPort);
  exit_on_interrupt();
  TerminalConsole console;
  const std::size_t number = number_of_talker(options.number, options.numbered, console);
  chapter::join_ring(host, reach_of(options.host),
                     number == 0 ? std::nullopt : std::optional<std::size_t>(number), console);
  return exit_ok;
}

}  // namespace oche::cli

// oche host: the exchange that workers and jobs dial.
#include "host/host.h"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <net/if.h>

#include <CLI/CLI.hpp>

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "cli/command.h"
#include "cli/host_file.h"
#include "cli/host_log.h"
#include "cli/interrupt.h"
#include "cli/keys.h"
#include "cli/values.h"
#include "oche/error.h"
#include "wire/address.h"
#include "wire/dial.h"

namespace oche::cli {
namespace {

struct HostFlags {
  std::optional<std::string> listen, config, log, metrics, drain;
  KeyFlags keys;
  bool quiet = false;
  bool verbose = false;
};

using Say = std::function<void(const std::string& line)>;

// What others dial: the endpoint itself, or where it means every address of this computer, the
// first that isn't loopback.
std::string dialled(const std::string& endpoint) {
  const wire::Address listening = wire::parse_address(endpoint, wire::AddressUse::listen);
  const bool everywhere = listening.host == "0.0.0.0" || listening.host == "::";
  if (!everywhere) return endpoint;
  ifaddrs* list = nullptr;
  std::string found = "127.0.0.1";
  if (getifaddrs(&list) != 0) return found;
  for (const ifaddrs* one = list; one != nullptr; one = one->ifa_next) {
    if (one->ifa_addr == nullptr || one->ifa_addr->sa_family != AF_INET) continue;
    if ((one->ifa_flags & IFF_LOOPBACK) != 0 || (one->ifa_flags & IFF_UP) == 0) continue;
    char text[INET_ADDRSTRLEN];
    const auto* const address = reinterpret_cast<const sockaddr_in*>(one->ifa_addr);
    if (inet_ntop(AF_INET, &address->sin_addr, text, sizeof text) == nullptr) continue;
    found = text;
    break;
  }
  freeifaddrs(list);
  return to_string(wire::Address{found, listening.port});
}

void tell_how_to_dial(const std::string& endpoint, bool insecure, const Say& say) {
  const std::string place = dialled(endpoint);
  const bool alone = is_this_computer(wire::parse_address(place, wire::AddressUse::dial));
  say("lend cores:   oche work " + place);
  say("run a job:    oche estimate '1/x' x=1..2 --at " + place);
  say("look around:  oche jobs " + place + ", oche workers " + place);
  if (insecure) {
    say("without keys (--insecure): whoever reaches this port may do all of that");
  } else if (!alone) {
    say("other computers need a key: oche invite work --name NAME (or estimate, talk, send) prints "
        "one, to be pasted there");
  }
  if (alone) {
    say("for other computers: --listen 0.0.0.0");
  } else {
    say("if one can't get through: open TCP port " +
        std::to_string(wire::parse_address(place, wire::AddressUse::dial).port) +
        " in this computer's firewall; there, oche doctor " + place + " says what is wrong");
  }
}

HostSettings settings_from(const HostFlags& flags) {
  HostSettings settings;
  if (flags.config) read_host_file(*flags.config, settings);
  KeyFlags keys = flags.keys;
  // Options come before the file, as a whole: half of each would be neither.
  if (keys.certificate == wire::CertificateFiles{}) {
    keys.certificate = settings.certificate;
  } else if (keys.certificate.revoked.empty() && !settings.certificate.revoked.empty()) {
    throw Error(ErrorKind::usage,
                "--certificate without --revoked, which the configuration has (with options, those "
                "of the file don't count); give --revoked too");
  }
  host::HostOptions& options = settings.options;
  if (flags.listen) options.listen = *flags.listen;
  if (flags.log) settings.log = parse_log_form("--log", *flags.log);
  if (flags.drain) {
    options.drain = parse_duration("--drain", *flags.drain);
  }
  if (flags.metrics) options.metrics.listen = *flags.metrics;
  // What is given here comes before what the file says, as with the other options.
  if (!flags.keys.allow.empty()) {
    settings.allow = std::make_shared<wire::AllowList>();
    options.metrics.allow.clear();
    for (const std::string& range : flags.keys.allow) allow(settings, range);
  }
  options.admission = admission_for(keys, settings.allow);
  options.version = OCHE_VERSION;
  if (flags.verbose) options.detail = host::Detail::full;
  options.interrupt = &interrupt_requested();
  return settings;
}

int run(const HostFlags& flags) {
  HostSettings settings = settings_from(flags);
  const auto line_of = [form = settings.log](const host::LogEntry& entry) {
    return log_line(form, entry, std::chrono::system_clock::now());
  };
  // A copy: the thread that writes may outlive this.
  HostLog lines([line_of](std::size_t lost) {
    return line_of(host::LogEntry(host::Event::lines_lost).with("count", std::uint64_t{lost}));
  });
  const host::Log log = [&](const host::LogEntry& entry) { lines.say(line_of(entry)); };
  host::HostOptions& options = settings.options;
  options.on_listen = [&](const std::string& endpoint) {
    log(host::LogEntry(host::Event::listening).with("address", endpoint));
    if (flags.quiet) return;
    tell_how_to_dial(endpoint, flags.keys.insecure, [&](const std::string& line) {
      log(host::LogEntry(host::Event::hint).with("text", line));
    });
  };
  options.on_metrics = [&](const std::string& endpoint) {
    log(host::LogEntry(host::Event::listening)
            .with("address", endpoint)
            .with("service", "metrics"));
  };
  options.lines_lost = [&lines] { return lines.lost(); };
  options.log = log;
  if (flags.quiet) {
    options.log = [&](const host::LogEntry& entry) {
      if (entry.event == host::Event::trouble) log(entry);
    };
  }
  host::run_host(options);
  return exit_ok;
}

}  // namespace

void add_host(CLI::App& app, Outcome& outcome) {
  auto flags = std::make_shared<HostFlags>();
  CLI::App* command =
      app.add_subcommand("host", "Be the exchange: workers lend it cores, clients give it jobs");
  command
      ->add_option("--listen", flags->listen,
                   "Where (default 0.0.0.0:11267, every address of this computer; port 0: any "
                   "free one)")
      ->type_name("ADDR:PORT");
  command->add_option("--config", flags->config, "Its settings, in TOML (docs/host.md)")
      ->type_name("FILE");
  command
      ->add_option("--metrics", flags->metrics,
                   "Where a Prometheus server may read what the host counts, by HTTP (default: "
                   "nowhere)")
      ->type_name("ADDR:PORT");
  command
      ->add_option("--log", flags->log,
                   "The form of its lines on stderr: text or json (default text)")
      ->type_name("FORM");
  command
      ->add_option("--drain", flags->drain,
                   "How long jobs may go on after Ctrl-C or SIGTERM (default 30s)")
      ->type_name("T");
  add_allow_option(*command, flags->keys);
  command->get_option("--allow")
      ->description(
          "Only from these addresses, to all services or one (work, estimate, talk, send, "
          "metrics); may be given again")
      ->type_name("[SERVICE=]ADDR/LEN");
  add_certificate_options(*command, flags->keys);
  add_insecure_option(*command, flags->keys);
  command->add_flag("--quiet", flags->quiet, "Only where it listens, and what its owner must mend");
  command->add_flag("--verbose", flags->verbose,
                    "Each result of a worker as well, and each failed handshake");
  command->callback([flags, &outcome] { outcome.exit_code = run(*flags); });
}

}  // namespace oche::cli

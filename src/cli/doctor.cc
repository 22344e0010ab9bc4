// oche doctor: why can't I connect? Step by step, each with what to do when it fails.
#include <CLI/CLI.hpp>

#include <chrono>
#include <cstdio>
#include <memory>
#include <string>

#include "cli/command.h"
#include "cli/keys.h"
#include "math/numerics.h"
#include "oche/error.h"
#include "wire/dial.h"
#include "wire/key.h"

namespace oche::cli {
namespace {

constexpr Duration kDeadline = std::chrono::seconds(10);
// Beyond this, times in the logs of two computers can't be compared by eye.
constexpr std::int64_t kClockSkewMs = 2000;

struct DoctorOptions {
  std::string host;
  std::string service = "work";
  KeyFlags keys;
};

void tell(const char* step, const std::string& finding) {
  std::printf("%-9s %s\n", step, finding.c_str());
  std::fflush(stdout);
}

wire::Service service_of(const std::string& name) {
  for (const wire::Service service :
       {wire::Service::work, wire::Service::estimate, wire::Service::talk, wire::Service::send}) {
    if (to_string(service) == name) return service;
  }
  throw Error(ErrorKind::usage, "'" + wire::printable(name, wire::kMaxNameBytes) +
                                    "' is no service (there are work, estimate, talk and send); "
                                    "give one of those");
}

std::int64_t unix_time_ms() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::milliseconds>(now).count();
}

// What a probe came to.
struct Probe {
  std::optional<wire::Peer> peer;
  wire::Closed closed;
  std::string remote;
  Duration took{};
  std::int64_t here_ms = 0;  // our clock when the answer came
};

Probe probe(const wire::Address& host, wire::Service service, wire::Credential credential) {
  Probe found;
  wire::Loop loop;
  wire::DialTerms terms;
  terms.service = service;
  terms.numerics = kNumerics;
  terms.build = "oche " OCHE_VERSION;
  terms.name = "doctor";
  terms.probe = true;
  terms.credential = std::move(credential);
  const Instant begin = monotonic_now();
  wire::DialCallbacks callbacks;
  callbacks.on_open = [&](const std::shared_ptr<wire::Connection>& connection) {
    found.peer = connection->peer();
    found.remote = connection->remote();
    found.took = monotonic_now() - begin;
    found.here_ms = unix_time_ms();
    connection->on_closed = [&, connection](const wire::Closed& closed) {
      found.closed = closed;
      loop.stop();
    };
  };
  callbacks.on_failed = [&](const wire::Closed& closed) {
    found.closed = closed;
    loop.stop();
  };
  wire::dial(loop, host, std::move(terms), kDeadline, std::move(callbacks));
  loop.run();
  return found;
}

// Of a failure: which step it was, and what to do.
struct Finding {
  const char* step;
  const char* advice;
};
Finding explain(const wire::Closed& closed) {
  switch (closed.reason) {
    case wire::CloseReason::host_not_found:
      return {"name", "write its address, or mend its name in the DNS or in /etc/hosts"};
    case wire::CloseReason::cannot_connect:
      return {
          "port",
          "is oche running there, with --listen at an address that others reach, not 127.0.0.1? "
          "Is this its port?"};
    case wire::CloseReason::connect_timeout:
      return {"port", "a firewall may drop what comes: open the port on that computer, for TCP"};
    case wire::CloseReason::wrong_key:
      return {"key", "ask its owner for a new one: oche invite"};
    case wire::CloseReason::stranger:
    case wire::CloseReason::handshake_timeout:
    case wire::CloseReason::peer_gone:
      return {
          "key",
          "something answers there, but not as oche with keys does: is this its port, and is it "
          "without --insecure?"};
    default:
      break;
  }
  if (closed.refusal == wire::RefusalReason::no_common_version) {
    return {"version", "run the same release on both computers"};
  }
  if (closed.refusal == wire::RefusalReason::numerics_differ) {
    return {"numerics", "run the same release on both computers"};
  }
  if (closed.refusal == wire::RefusalReason::full) return {"service", "try later"};
  return {"service", "ask the owner of that host"};
}

constexpr Finding kCertificate{"key",
                               "compare --authority, the names in its host's certificate and both "
                               "ends' clocks (docs/certificates.md); "
                               "that host's own lines say what it has against this end's"};

std::string what_is_taken(const wire::Credential& credential) {
  if (credential.key)
    return "'" + identity_text(credential.key->id) + "' is taken; all is encrypted";
  if (credential.certificate) {
    return "the certificate of '" + credential.certificate->id().name +
           "' is taken; all is encrypted";
  }
  return "none is wanted (--insecure): nothing is encrypted";
}

int run(const DoctorOptions& options) {
  const wire::Address host = wire::parse_address(options.host, wire::AddressUse::dial);
  const wire::Service service = service_of(options.service);
  wire::Credential credential;
  std::string no_key;
  try {
    credential = credential_for(options.keys, host, service);
  } catch (const Error& error) {
    no_key = error.what();  // name and port can be looked at all the same
  }
  const Probe found = probe(host, service, credential);
  if (!found.peer) {
    Finding finding = explain(found.closed);
    if (credential.certificate && finding.step == std::string_view("key")) finding = kCertificate;
    const bool reached =
        finding.step != std::string_view("name") && finding.step != std::string_view("port");
    if (reached) tell("port", to_string(host) + " answers");
    if (reached && !no_key.empty()) {
      tell("key", "FAILED: " + no_key);
      return exit_network;
    }
    tell(finding.step, "FAILED: " + found.closed.text);
    tell("", std::string("→ ") + finding.advice);
    return exit_network;
  }
  const std::string name = to_string(host);
  tell("port", name + (found.remote == name ? "" : " is " + found.remote + ", and") + " answers (" +
                   std::to_string(
                       std::chrono::duration_cast<std::chrono::milliseconds>(found.took).count()) +
                   " ms for all of the handshake)");
  if (!no_key.empty()) {
    // That host may want none, but whoever gave one here means to show it.
    tell("key", "FAILED: " + no_key);
    return exit_network;
  }
  tell("key", what_is_taken(credential));
  tell("version", "protocol " + std::to_string(found.peer->version) + "; it is " +
                      (found.peer->build.empty() ? "oche" : found.peer->build));
  const bool same = found.peer->numerics == kNumerics;
  tell("numerics", std::to_string(found.peer->numerics) +
                       (same ? ", as here"
                             : ", here " + std::to_string(kNumerics) +
                                   " (it can't compute with this computer)"));
  if (found.peer->unix_time_ms != 0) {
    const std::int64_t ahead = found.peer->unix_time_ms - found.here_ms;
    const bool far = ahead > kClockSkewMs || ahead < -kClockSkewMs;
    tell("clock", "its clock is " + std::to_string(ahead < 0 ? -ahead : ahead) + " ms " +
                      (ahead < 0 ? "behind" : "ahead") +
                      (far ? " → set both by NTP, or times in their logs can't be compared" : ""));
  }
  tell("service", "'" + options.service + "' is offered to this computer");
  return exit_ok;
}

}  // namespace

void add_doctor(CLI::App& app, Outcome& outcome) {
  auto options = std::make_shared<DoctorOptions>();
  CLI::App* command =
      app.add_subcommand("doctor", "Why can't I connect? Name, port, key, version, clock");
  command->add_option("host", options->host, "Which host")->type_name("HOST[:PORT]")->required();
  command->add_option("--service", options->service, "work, estimate, talk or send (default work)")
      ->type_name("NAME");
  add_key_file_option(*command, options->keys);
  add_certificate_options(*command, options->keys);
  add_insecure_option(*command, options->keys);
  command->callback([options, &outcome] { outcome.exit_code = run(*options); });
}

}  // namespace oche::cli

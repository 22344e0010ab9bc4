#include "cli/keys.h"

#include <termios.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <iterator>
#include <memory>
#include <utility>

#include "oche/error.h"
#include "wire/address_range.h"
#include "wire/admission.h"
#include "wire/dial.h"
#include "wire/key_file.h"

namespace oche::cli {
namespace {

constexpr std::size_t kMaxKeyLine = 256;

[[noreturn]] void fail(const std::string& message) { throw Error(ErrorKind::usage, message); }

std::string service_name(wire::Service service) { return std::string(to_string(service)); }

void check_role(const wire::Key& key, wire::Service service, const std::string& source) {
  if (permits(key.id.role, service)) return;
  fail("the key " + source + " is one for " + std::string(to_string(key.id.role)) +
       " (this command asks for the service " + service_name(service) +
       "); give the key of an invitation for that");
}

std::shared_ptr<wire::Certificate> certificate_for(const wire::CertificateFiles& files,
                                                   wire::Service service) {
  auto certificate = std::make_shared<wire::Certificate>(files, wire::CertificateUse::dial);
  if (permits(certificate->id(), service)) return certificate;
  fail("the certificate '" + wire::printable(files.certificate, wire::kMaxTextBytes) +
       "' isn't one for the service " + service_name(service) + " (it has no URI oche:" +
       service_name(service) + "); ask its authority for one that has it");
}

std::optional<wire::Key> key_of_environment() {
  const char* const text = std::getenv("OCHE_KEY");
  if (text == nullptr || *text == '\0') return std::nullopt;
  std::optional<wire::Key> key = wire::key_from_text(text);
  if (!key) fail("OCHE_KEY holds no key (one looks like oche1.work.lab7.…); set it to one");
  return key;
}

termios shown_before;  // what the terminal was like

extern "C" void show_again(int number) {
  tcsetattr(STDIN_FILENO, TCSANOW, &shown_before);
  std::signal(number, SIG_DFL);
  std::raise(number);
}

// A line from the terminal, not shown while it is typed or pasted.
std::string ask_secretly(const std::string& question) {
  std::fprintf(stderr, "%s", question.c_str());
  std::fflush(stderr);
  const bool terminal = tcgetattr(STDIN_FILENO, &shown_before) == 0;
  constexpr int kEnding[] = {SIGINT, SIGTERM, SIGHUP};
  struct sigaction before[std::size(kEnding)] = {};
  if (terminal) {
    struct sigaction restore = {};
    restore.sa_handler = show_again;
    for (std::size_t i = 0; i < std::size(kEnding); ++i)
      sigaction(kEnding[i], &restore, &before[i]);
    termios hidden = shown_before;
    hidden.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &hidden);
  }
  std::string line;
  for (int c = std::fgetc(stdin); c != EOF && c != '\n'; c = std::fgetc(stdin)) {
    if (line.size() < kMaxKeyLine) line.push_back(static_cast<char>(c));
  }
  if (terminal) {
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &shown_before);
    for (std::size_t i = 0; i < std::size(kEnding); ++i) sigaction(kEnding[i], &before[i], nullptr);
  }
  std::fputc('\n', stderr);
  return line;
}

// Kept, so that it is asked for once.
wire::Key ask_for_key(const wire::Address& host, wire::Service service, const std::string& path) {
  const std::optional<wire::Key> key = wire::key_from_text(
      ask_secretly("Key for " + to_string(host) + " (the line that 'oche invite " +
                   service_name(service) + "' printed there): "));
  if (!key) fail("that is no key (one looks like oche1.work.lab7.…); paste the whole line");
  check_role(*key, service, "that was given");
  wire::keep_dial_key(path, host, *key);
  std::fprintf(stderr, "kept in %s\n", path.c_str());
  return *key;
}

std::optional<wire::Key> find_key(const KeyFlags& flags, const wire::Address& host,
                                  wire::Service service) {
  if (flags.key_file) {
    wire::Key key = wire::read_key(*flags.key_file);
    check_role(key, service, "of --key-file");
    return key;
  }
  if (std::optional<wire::Key> key = key_of_environment()) {
    check_role(*key, service, "of OCHE_KEY");
    return key;
  }
  const std::string folder = wire::key_folder();
  const std::string kept = wire::dial_keys_path(folder);
  if (std::optional<wire::Key> key = wire::find_dial_key(kept, host, service)) return key;
  if (is_this_computer(host)) return wire::own_key(wire::host_keys_path(folder));
  if (isatty(STDIN_FILENO) == 1) return ask_for_key(host, service, kept);
  return std::nullopt;
}

}  // namespace

void add_key_file_option(CLI::App& command, KeyFlags& flags) {
  command
      .add_option("--key-file", flags.key_file,
                  "A file with the key to show; - is standard input (else: OCHE_KEY, the key kept "
                  "for that host, or on this computer your own)")
      ->type_name("FILE");
}

void add_allow_option(CLI::App& command, KeyFlags& flags) {
  command
      .add_option("--allow", flags.allow,
                  "With --listen: only from these addresses; may be given again")
      ->type_name("ADDR/LEN")
      ->allow_extra_args(false);
}

void add_certificate_options(CLI::App& command, KeyFlags& flags) {
  command
      .add_option(
          "--authority", flags.certificate.authority,
          "Certificates of an own authority (docs/certificates.md): its certificate in PEM; "
          "with --certificate and --private-key")
      ->type_name("FILE");
  command
      .add_option(
          "--certificate", flags.certificate.certificate,
          "With --authority: the own certificate, and behind it those up to the authority's")
      ->type_name("FILE");
  command
      .add_option("--private-key", flags.certificate.private_key,
                  "With --authority: its private key (chmod 600)")
      ->type_name("FILE");
  command
      .add_option(
          "--revoked", flags.certificate.revoked,
          "With --authority: the authority's list of revoked certificates (a listener reads it "
          "again when it changes)")
      ->type_name("FILE");
  // An empty name is that of a variable which isn't set, and no file would mean no check.
  for (const char* const option : {"--authority", "--certificate", "--private-key", "--revoked"}) {
    command.get_option(option)->each([option](const std::string& file) {
      if (file.empty()) fail(std::string(option) + " names no file (it is empty); give one");
    });
  }
}

void refuse_certificate(const KeyFlags& flags, const std::string& why) {
  const wire::CertificateFiles& files = flags.certificate;
  const std::pair<const std::string&, const char*> given[] = {{files.authority, "--authority"},
                                                              {files.certificate, "--certificate"},
                                                              {files.private_key, "--private-key"},
                                                              {files.revoked, "--revoked"}};
  for (const auto& [file, option] : given) {
    if (!file.empty())
      fail(std::string(option) + " can't be given here (" + why + "); leave it out");
  }
}

bool has_certificate(const KeyFlags& flags) {
  const wire::CertificateFiles& files = flags.certificate;
  if (files == wire::CertificateFiles{}) return false;
  if (files.authority.empty() || files.certificate.empty() || files.private_key.empty()) {
    fail(
        "--authority, --certificate and --private-key go together (a certificate needs all "
        "three); give the others too, or leave them out");
  }
  if (flags.insecure) {
    fail("--authority and --insecure exclude each other; leave one out");
  }
  return true;
}

void add_insecure_option(CLI::App& command, KeyFlags& flags) {
  command.add_flag("--insecure", flags.insecure,
                   "No keys and no encryption: whoever reaches the port may do all; with --text: "
                   "allow other computers");
}

wire::Credential credential_for(const KeyFlags& flags, const wire::Address& host,
                                wire::Service service) {
  if (has_certificate(flags)) {
    if (flags.key_file) fail("--key-file and --certificate exclude each other; leave one out");
    return {nullptr, certificate_for(flags.certificate, service)};
  }
  if (flags.insecure) {
    if (flags.key_file) fail("--key-file and --insecure exclude each other; leave one out");
    return {};
  }
  const std::optional<wire::Key> key = find_key(flags, host, service);
  if (!key) {
    fail("there is no key for " + to_string(host) +
         " (hosts are closed to strangers); ask its owner for the line that 'oche invite " +
         service_name(service) +
         " --name NAME' prints, put it in a file (chmod 600), and give --key-file FILE");
  }
  return {std::make_shared<const wire::Key>(*key), nullptr};
}

wire::Admission admission_for(const KeyFlags& flags) {
  auto allow = std::make_shared<wire::AllowList>();
  for (const std::string& range : flags.allow) allow->add(range);
  return admission_for(flags, std::move(allow));
}

wire::Admission admission_for(const KeyFlags& flags, std::shared_ptr<const wire::AllowList> allow) {
  return wire::admission_of(std::move(allow), flags.insecure,
                            has_certificate(flags) ? flags.certificate : wire::CertificateFiles{});
}

}  // namespace oche::cli

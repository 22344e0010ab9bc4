#include "cli/host_file.h"

#include <algorithm>
#include <chrono>
#include <functional>
#include <string_view>
#include <vector>

#include "cli/toml_file.h"
#include "cli/values.h"
#include "oche/error.h"
#include "wire/address.h"

namespace oche::cli {
namespace {

constexpr char kKind[] = "a host's configuration";
// Of counts and bytes: nobody means more.
constexpr std::uint64_t kMost = std::uint64_t{1} << 40;

struct Settings {
  host::HostOptions& options;
  wire::CertificateFiles& certificate;
};
using Set = std::function<void(const Settings&, const std::string& key, const std::string&)>;
struct Key {
  const char* name;
  Set set;
};

Duration duration_of(const std::string& key, const std::string& value) {
  const double seconds = parse_seconds(key, value);
  if (seconds > 1e6) {
    throw Error(ErrorKind::usage, key + " is over 1e6 seconds (the limit); give less");
  }
  return std::chrono::duration_cast<Duration>(std::chrono::duration<double>(seconds));
}

template <class Member>
Set count(Member member, std::uint64_t least, std::uint64_t most = kMost) {
  return [=](const Settings& to, const std::string& key, const std::string& value) {
    member(to.options.limits) = parse_count(key, value, least, most);
  };
}

Set file(std::string wire::CertificateFiles::* member) {
  return [=](const Settings& to, const std::string&, const std::string& value) {
    to.certificate.*member = value;
  };
}

// In the order of docs/host.md.
const std::vector<Key>& keys() {
  using Limits = host::HostLimits;
  static const std::vector<Key> list{
      {"listen",
       [](const Settings& to, const std::string&, const std::string& value) {
         static_cast<void>(wire::parse_address(value, wire::AddressUse::listen));
         to.options.listen = value;
       }},
      {"drain", [](const Settings& to, const std::string& key,
                   const std::string& value) { to.options.drain = duration_of(key, value); }},
      {"lease",
       [](const Settings& to, const std::string& key, const std::string& value) {
         to.options.limits.lease = duration_of(key, value);
       }},
      {"authority", file(&wire::CertificateFiles::authority)},
      {"certificate", file(&wire::CertificateFiles::certificate)},
      {"private_key", file(&wire::CertificateFiles::private_key)},
      {"revoked", file(&wire::CertificateFiles::revoked)},
      {"sessions", count([](Limits& l) -> auto& { return l.sessions; }, 1)},
      {"pending_handshakes", count([](Limits& l) -> auto& { return l.pending_handshakes; }, 1)},
      {"handshakes_per_source", count([](Limits& l) -> auto& { return l.source.pending; }, 1)},
      {"sessions_per_source", count([](Limits& l) -> auto& { return l.source.sessions; }, 1)},
      {"failures_per_source", count([](Limits& l) -> auto& { return l.source.failures; }, 1)},
      {"jobs", count([](Limits& l) -> auto& { return l.queue.jobs; }, 1)},
      {"jobs_per_client", count([](Limits& l) -> auto& { return l.queue.jobs_per_client; }, 1)},
      {"samples",
       count([](Limits& l) -> auto& { return l.queue.samples; }, 1, sampling::kMaxSamples)},
      {"text_bytes", count([](Limits& l) -> auto& { return l.queue.text_bytes; }, 1)},
      {"data_bytes", count([](Limits& l) -> auto& { return l.queue.data_bytes; }, 0)},
      {"job_bytes", count([](Limits& l) -> auto& { return l.queue.job_bytes; }, 1)},
      {"answers", count([](Limits& l) -> auto& { return l.queue.answers; }, 1)},
      {"answer_bytes", count([](Limits& l) -> auto& { return l.queue.answer_bytes; }, 1)},
  };
  return list;
}

}  // namespace

void read_host_file(const std::string& path, host::HostOptions& options,
                    wire::CertificateFiles& certificate) {
  const Settings to{options, certificate};
  const toml::table table = read_toml(path, kKind, "those of docs/host.md");
  for (const auto& [name, node] : table) {
    const std::string key_name(name.str());
    const auto key =
        std::ranges::find_if(keys(), [&](const Key& one) { return one.name == key_name; });
    if (key == keys().end()) {
      std::vector<std::string_view> names;
      for (const Key& one : keys()) names.emplace_back(one.name);
      fail_unknown_key(path, key_name, node, kKind, names);
    }
    try {
      key->set(to, key_name, typed(path, key_name, node));
    } catch (const Error& error) {
      if (error.kind() == ErrorKind::file) throw;
      fail_at(path, node.source(), error.what());
    }
  }
}

}  // namespace oche::cli

#include "cli/host_file.h"

#include <algorithm>
#include <chrono>
#include <functional>
#include <string_view>
#include <vector>

#include "cli/toml_file.h"
#include "cli/values.h"
#include "oche/error.h"
#include "talk/printable.h"
#include "wire/address.h"

namespace oche::cli {
namespace {

constexpr char kKind[] = "a host's configuration";
// Of counts and bytes: nobody means more.
constexpr std::uint64_t kMost = std::uint64_t{1} << 40;

enum class Kind { one, list };
using Set = std::function<void(HostSettings&, const std::string& key, const std::string&)>;
struct Key {
  const char* name;
  Set set;  // for each of a list
  Kind kind = Kind::one;
};

template <class Member>
Set count(Member member, std::uint64_t least, std::uint64_t most = kMost) {
  return [=](HostSettings& settings, const std::string& key, const std::string& value) {
    member(settings.options.limits) = parse_count(key, value, least, most);
  };
}

Set file(std::string wire::CertificateFiles::* member) {
  return [=](HostSettings& settings, const std::string& key, const std::string& value) {
    if (value.empty()) {
      throw Error(ErrorKind::usage,
                  key + " names no file (it is empty); give one, or leave it out");
    }
    settings.certificate.*member = value;
  };
}

Set duration(void (*set)(host::HostLimits&, Duration)) {
  return [=](HostSettings& settings, const std::string& key, const std::string& value) {
    set(settings.options.limits, parse_duration(key, value));
  };
}

// In the order of docs/host.md.
const std::vector<Key>& keys() {
  using Limits = host::HostLimits;
  static const std::vector<Key> list{
      {"listen",
       [](HostSettings& settings, const std::string&, const std::string& value) {
         static_cast<void>(wire::parse_address(value, wire::AddressUse::listen));
         settings.options.listen = value;
       }},
      {"allow",
       [](HostSettings& settings, const std::string&, const std::string& value) {
         allow(settings, value);
       },
       Kind::list},
      {"metrics",
       [](HostSettings& settings, const std::string&, const std::string& value) {
         static_cast<void>(wire::parse_address(value, wire::AddressUse::listen));
         settings.options.metrics.listen = value;
       }},
      {"log", [](HostSettings& settings, const std::string& key,
                 const std::string& value) { settings.log = parse_log_form(key, value); }},
      {"drain",
       [](HostSettings& settings, const std::string& key, const std::string& value) {
         settings.options.drain = parse_duration(key, value);
       }},
      {"authority", file(&wire::CertificateFiles::authority)},
      {"certificate", file(&wire::CertificateFiles::certificate)},
      {"private_key", file(&wire::CertificateFiles::private_key)},
      {"revoked", file(&wire::CertificateFiles::revoked)},
      {"lease", duration([](Limits& l, Duration d) { l.lease = d; })},
      {"sessions", count([](Limits& l) -> auto& { return l.sessions; }, 1)},
      {"silent_connections", count([](Limits& l) -> auto& { return l.silent_connections; }, 1)},
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
      {"rings", count([](Limits& l) -> auto& { return l.talk.rings; }, 1)},
      {"talkers", count([](Limits& l) -> auto& { return l.talk.talkers; }, 1, talk::kMostTalkers)},
      {"receivers", count([](Limits& l) -> auto& { return l.send.receivers; }, 1)},
      {"message_bytes",
       [](HostSettings& settings, const std::string& key, const std::string& value) {
         host::HostLimits& l = settings.options.limits;
         l.talk.messages.message_bytes = l.send.messages.message_bytes =
             parse_count(key, value, 0, talk::kMaxMessageBytes);
       }},
      {"stall",
       duration([](Limits& l, Duration d) { l.talk.messages.stall = l.send.messages.stall = d; })},
      {"turn",
       duration([](Limits& l, Duration d) { l.talk.messages.turn = l.send.messages.turn = d; })},
  };
  return list;
}

void set_from(const Key& key, const std::string& path, const toml::node& node,
              HostSettings& settings) {
  const toml::array* const list = node.as_array();
  if (key.kind == Kind::one || list == nullptr) {
    return key.set(settings, key.name, typed(path, key.name, node));
  }
  if (list->empty()) {
    throw Error(ErrorKind::usage, std::string(key.name) +
                                      " is an empty list (which would be as if it were left out); "
                                      "leave it out, or say which");
  }
  for (const toml::node& one : *list) key.set(settings, key.name, typed(path, key.name, one));
}

}  // namespace

void allow(HostSettings& settings, const std::string& text) {
  constexpr std::string_view kMetrics = "metrics=";
  if (text.starts_with(kMetrics)) {
    settings.options.metrics.allow.push_back(
        wire::AddressRange::parse(std::string_view(text).substr(kMetrics.size())));
  } else {
    settings.allow->add(text);
  }
}

host::LogForm parse_log_form(const std::string& key, const std::string& text) {
  if (text == "text") return host::LogForm::text;
  if (text == "json") return host::LogForm::json;
  throw Error(ErrorKind::usage, key + " " + talk::excerpt(text) +
                                    " is no form of the log (there are text and json); give one "
                                    "of those");
}

void read_host_file(const std::string& path, HostSettings& settings) {
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
      set_from(*key, path, node, settings);
    } catch (const Error& error) {
      if (error.kind() == ErrorKind::file) throw;
      fail_at(path, node.source(), error.what());
    }
  }
}

}  // namespace oche::cli

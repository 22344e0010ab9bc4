// TLS between two ends with a network of the fuzzer's between them.
//
// The first byte picks what the dialler has: the right key, a wrong secret, or nothing (the fuzzer
// plays it); from 128 on the listener takes certificates as well, and the dialler has such a key,
// or a certificate that is good, or one of another authority. Then come steps of one byte for the
// verb (its low three bits) and what the verb takes:
//   0  what the dialler has said goes to the listener     1  and the other way
//   2  a byte of it is changed on the way (place, mask)   3  and the other way
//   4  raw bytes (a length byte) go to the listener       5  and to the dialler
//   6  the dialler sends a message                        7  what it has said goes twice
// Checked: only a dialler with the right key or certificate opens the listener; what the listener
// reads is a beginning of what the dialler sent, whatever happens between them; a problem is final.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "wire/testing_authority.h"
#include "wire/tls.h"

namespace {

using namespace oche::wire;

void check(bool condition) {
  if (!condition) std::abort();
}

struct Script {
  std::string_view rest;
  std::uint8_t byte() {
    if (rest.empty()) return 0;
    const auto value = static_cast<std::uint8_t>(rest.front());
    rest.remove_prefix(1);
    return value;
  }
  std::string_view bytes() {
    const std::string_view taken = rest.substr(0, byte());
    rest.remove_prefix(std::min(taken.size(), rest.size()));
    return taken;
  }
};

Key key_of(std::uint8_t fill) {
  Key key{{KeyRole::work, "fuzz"}, {}};
  key.secret.fill(fill);
  return key;
}

// Made once, with openssl.
struct Members {
  testing::TestAuthority lab;
  testing::TestAuthority other{"other authority"};
  Certificate host, worker, stranger;
  Members()
      : host(lab.issue("host", testing::kHost), CertificateUse::listen),
        worker(lab.issue("worker", testing::kWorker), CertificateUse::dial),
        stranger(believing_both(), CertificateUse::dial) {}
  // One that takes the host, so that the host is what refuses it.
  CertificateFiles believing_both() const {
    CertificateFiles files = other.issue("worker", testing::kWorker);
    other.write("both.pem", other.read("authority.pem") + lab.read("authority.pem"));
    files.authority = other.path("both.pem");
    return files;
  }
};
const Members& members() {
  static const Members all;
  return all;
}

class Play {
 public:
  explicit Play(std::uint8_t choice)
      : with_certificates_(choice >= 128),
        right_(with_certificates_ ? choice % 5 == 0 || choice % 5 == 3 : choice % 3 == 0),
        dialler_(dial(choice)),
        listener_(Tls::accept(find, with_certificates_ ? &members().host : nullptr)) {
    if (choice % (with_certificates_ ? 5 : 3) == 2) static_cast<void>(dialler_.take_output());
  }

  void step(Script& script) {
    const std::uint8_t verb = script.byte() & 7;
    switch (verb) {
      case 0:
        return to_listener(dialler_.take_output());
      case 1:
        return to_dialler(listener_.take_output());
      case 2:
        return to_listener(changed(dialler_.take_output(), script));
      case 3:
        return to_dialler(changed(listener_.take_output(), script));
      case 4:
        return to_listener(std::string(script.bytes()));
      case 5:
        return to_dialler(std::string(script.bytes()));
      case 6:
        if (!dialler_.open()) return;
        sent_ += "a message of the dialler";
        return dialler_.send("a message of the dialler");
      default:
        const std::string said = dialler_.take_output();
        to_listener(said);
        to_listener(said);
    }
  }

 private:
  static std::string changed(std::string bytes, Script& script) {
    const std::size_t place = script.byte() * 256u + script.byte();
    const std::uint8_t mask = script.byte();
    if (!bytes.empty()) bytes[place % bytes.size()] ^= static_cast<char>(mask);
    return bytes;
  }

  void to_listener(const std::string& bytes) {
    const bool was_over = listener_.problem().has_value();
    listener_.receive(bytes, [&](std::string_view plain) {
      check(!was_over);
      read_ += plain;
    });
    check(!was_over || listener_.problem());
    check(right_ || !listener_.open());
    check(sent_.substr(0, read_.size()) == read_);
    if (listener_.problem()) check(!listener_.problem()->text.empty() && !listener_.open());
  }

  void to_dialler(const std::string& bytes) {
    dialler_.receive(bytes, [](std::string_view) { check(false); });
    // With a certificate it is open before the listener has judged it.
    check(right_ || with_certificates_ || !dialler_.open());
  }

  Tls dial(std::uint8_t choice) const {
    if (!with_certificates_ || choice % 5 < 3) return Tls::dial(key_of(right_ ? 1 : 2));
    return Tls::dial(choice % 5 == 3 ? members().worker : members().stranger, "host.lab");
  }
  static std::optional<Key> find(std::string_view identity) {
    const Key key = key_of(1);
    return identity == identity_text(key.id) ? std::optional<Key>(key) : std::nullopt;
  }

  bool with_certificates_;
  bool right_;
  Tls dialler_, listener_;
  std::string sent_, read_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const std::string_view all(reinterpret_cast<const char*>(bytes), size);
  static_cast<void>(judge_opening(all));
  Script script{all};
  Play play(script.byte());
  while (!script.rest.empty()) play.step(script);
  return 0;
}

// TLS 1.3 between two ends that share a key (an external pre-shared key with an ephemeral
// Diffie-Hellman exchange, RFC 8446, section 2.2), or that both have a certificate of one authority
// (certificate.h): no tickets, no early data.
//
// Pure, but for the wall clock, by which libssl judges certificates: bytes of the network go in and
// come out, plaintext comes out and goes in. Each end proves that it knows its secret; neither says
// it. A dialler whose key the listener doesn't know can't be told from one whose secret is wrong,
// so that nobody can ask which keys there are.
//
// The dialler decides which of the two it is. With a key it takes no certificate in its stead, and
// the listener no certificate of one that offered a key which is wrong; with a certificate it
// offers no key.
#ifndef OCHE_WIRE_TLS_H_
#define OCHE_WIRE_TLS_H_

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "wire/certificate.h"
#include "wire/key.h"

namespace oche::wire {

enum class TlsFault {
  wrong_key,  // the proof of a key or a certificate failed, at one of the ends, or there was none
  broken,     // the bytes aren't TLS, or were changed on their way
};
struct TlsProblem {
  TlsFault fault = TlsFault::broken;
  std::string text;  // for people, of this end's view
};

// Not thread-safe. Throws Error (file) where libssl isn't there.
class Tls {
 public:
  // The key that is called so and that this dialler may use; nothing if none. Must not throw.
  using KeyFinder = std::function<std::optional<Key>(std::string_view identity)>;

  static Tls dial(const Key& key);
  // All that is loaded, before the first Tls needs it. Throws Error (file).
  static void load();
  // The other end has to show the certificate of a host called so, as it was dialled.
  static Tls dial(const Certificate& own, const std::string& host);
  // Without `own` only keys are taken.
  static Tls accept(KeyFinder find, const Certificate* own = nullptr);
  ~Tls();
  Tls(Tls&& other) noexcept;
  Tls& operator=(Tls&& other) noexcept;

  // Bytes of the network; the plaintext in them goes to `take`, piece by piece. After a problem
  // they are ignored.
  void receive(std::string_view bytes, const std::function<void(std::string_view)>& take);
  // Encrypts; only when open().
  void send(std::string_view plain);
  // Tells the other end that no more comes; no effect unless open().
  void close();
  // Bytes for the network: handshake, alerts, ciphertext.
  std::string take_output();

  // The handshake is done: the other end has the key, or its certificate is good. At a dialler with
  // a certificate: it may not have judged ours yet.
  bool open() const;
  // Once open(): the key that both ends have; null if they have certificates.
  const Key* key() const;
  // Once open(): the other end's certificate; null if they have a key.
  const CertificateId* certificate() const;
  // Once open(): whether the other end's certificate has expired. Never with a key.
  bool expired(WallTime now) const;
  // At a listener, once open(): what is wrong with the other end's certificate by that reading of
  // the files. Nothing with a key.
  std::optional<NotGood> wrong_by(const Certificate& own) const;
  const std::optional<TlsProblem>& problem() const;

  struct Impl;

 private:
  explicit Tls(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

// What a listener with keys may see first of a connection.
enum class Opening {
  more,   // not enough bytes yet to say
  hello,  // a first record of TLS, whole: worth a Tls
  other,  // something else, or a record that is longer than any of ours
};
// A stranger makes us hold no more than this before there is a Tls.
inline constexpr std::size_t kMaxOpeningBytes = 1024;
Opening judge_opening(std::string_view bytes);

}  // namespace oche::wire

#endif  // OCHE_WIRE_TLS_H_

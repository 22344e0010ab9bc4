// TLS 1.3 between two ends that share a key (an external pre-shared key with an ephemeral
// Diffie-Hellman exchange, RFC 8446, section 2.2): no certificates, no tickets, no early data.
//
// Pure: bytes of the network go in and come out, plaintext comes out and goes in. Each end proves
// that it knows the secret; neither says it. A dialler whose key the listener doesn't know can't be
// told from one whose secret is wrong, so that nobody can ask which keys there are.
#ifndef OCHE_WIRE_TLS_H_
#define OCHE_WIRE_TLS_H_

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "wire/key.h"

namespace oche::wire {

enum class TlsFault {
  wrong_key,  // the proof failed, at this end or the other, or there was none
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
  static Tls accept(KeyFinder find);
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

  // The handshake is done: the other end has the secret.
  bool open() const;
  // Once open(): the key that both ends have.
  const Key& key() const;
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

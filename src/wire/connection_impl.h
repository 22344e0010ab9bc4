// Inside of a Connection, for those that make one (dial.cc, listener.cc).
#ifndef OCHE_WIRE_CONNECTION_IMPL_H_
#define OCHE_WIRE_CONNECTION_IMPL_H_

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "wire/asio.h"
#include "wire/connection.h"
#include "wire/key_file.h"
#include "wire/loop_impl.h"
#include "wire/tls.h"

namespace oche::wire {

// What its maker wants to know. Each is called at most once.
struct ConnectionHooks {
  // At a listener with keys: the peer has said what a handshake begins with, which is judged next.
  // Optional.
  std::function<void()> on_begun;
  std::function<void(const std::shared_ptr<Connection>&)> on_open;  // the handshake is done
  std::function<void(const Closed&)> on_failed;                     // it never will be
  // The socket is closed, whatever came before, and why.
  std::function<void(const Connection*, const Closed&)> on_gone;
};

// How a connection is secured: by what the dialler shows, by what the listener knows, or (neither)
// not.
struct ConnectionKeys {
  Credential credential;
  std::string host;  // as it was dialled
  Admission admission;
};

struct Connection::Impl {
  Impl(Loop& loop, asio::ip::tcp::socket connected, Session first_state);

  // Makes a connection of a socket that is connected to remote, and lets it run.
  static std::shared_ptr<Connection> start(Loop& loop, asio::ip::tcp::socket connected,
                                           const asio::ip::tcp::endpoint& remote, Session session,
                                           const ConnectionKeys& keys, ConnectionHooks hooks);

  // The connection that this is the inside of. Each pending operation holds it.
  std::shared_ptr<Connection> self() { return owner->shared_from_this(); }

  template <class F>
  void if_memory_lasts(F handle);
  void read();
  void on_readable(std::error_code error);
  void take(std::string_view bytes, Instant now);
  bool begin_tls(std::string_view bytes);
  void dial_tls(const ConnectionKeys& keys);
  void decrypt(std::string_view bytes, Instant now);
  void fill_writing();
  void read_on_to_the_end(std::error_code error);
  void write_later();
  void write();
  void wait_to_write();
  void on_written(std::error_code error, std::size_t n);
  void tick();
  // After every event: reports an accepted handshake, messages and the end, and sends what waits.
  void pump();
  // Pumps soon, from the loop: for verbs, which call nobody back.
  void pump_later();
  // Ends it, without last words, and without waiting for those that are on their way; its hooks are
  // called soon.
  void abandon(CloseReason reason, std::string text);
  // Sends the rest, waits for the peer to read it, and closes the socket.
  void linger();
  void wait_for_peer();
  void close_socket();

  Loop::Impl& loop;
  Connection* owner = nullptr;
  ConnectionHooks hooks;
  std::string remote;
  std::string source;  // of remote, the address alone

  // Reset when gone: the connection's holders may outlive the loop, these may not.
  std::optional<asio::ip::tcp::socket> socket;
  std::optional<asio::steady_timer> linger_timer;
  Session session;

  // ---- Encryption; all empty where there is none ----
  std::shared_ptr<KeyTable> key_table;       // at a listener
  std::shared_ptr<Certificate> certificate;  // at a listener; only with key_table
  bool from_this_computer = false;
  std::string opening;  // at a listener, of the first record, before there is a Tls
  std::optional<Tls> tls;
  bool authenticated = false;   // the session knows whose key or certificate it is
  bool said_close = false;      // tls said that no more comes
  std::size_t plain_bytes = 0;  // of the session, in `writing`

  std::string writing;        // the bytes that the system has now; empty: none
  std::size_t written = 0;    // of them, gone already
  bool write_failed = false;  // the read side says why
  bool write_is_posted = false;
  bool waits_to_write = false;  // until the system takes more
  bool pumping = false;
  bool opened = false;                               // reported
  bool lingering = false;                            // the session is closed, the socket not yet
  bool peer_done = false;                            // while lingering: the peer has closed its end
  std::chrono::steady_clock::time_point linger_end;  // whatever progress there is
  bool gone = false;                                 // the socket is closed
};

}  // namespace oche::wire

#endif  // OCHE_WIRE_CONNECTION_IMPL_H_

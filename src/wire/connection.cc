#include "wire/connection.h"

#include <netinet/tcp.h>

#include <algorithm>
#include <new>
#include <utility>

#include "oche/error.h"
#include "wire/connection_impl.h"

namespace oche::wire {

using asio::ip::tcp;

namespace {

// The first bytes of a Hello without encryption: a frame of that type with the magic in front.
bool is_plain_hello(std::string_view bytes) {
  constexpr std::size_t kMagicAt = kFrameHeaderBytes + 2;
  return bytes.size() > 4 && bytes[4] == static_cast<char>(FrameType::hello) &&
         bytes.substr(0, kMagicAt + kMagic.size()).ends_with(kMagic);
}

WallTime wall_now() {
  return std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
}

}  // namespace

Connection::Connection(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) { impl_->owner = this; }
Connection::~Connection() = default;

SendResult Connection::send(const Message& message) {
  const SendResult result = impl_->session.send(message, monotonic_now());
  if (result == SendResult::queued && !impl_->pumping) impl_->write_later();
  if (result == SendResult::queue_full) impl_->pump_later();
  return result;
}

void Connection::close(GoodbyeReason reason, std::string_view text) {
  if (impl_->gone) return;
  impl_->session.close(reason, text, monotonic_now());
  impl_->pump_later();
}

void Connection::drop() {
  on_message = nullptr;
  on_closed = nullptr;
  impl_->hooks.on_failed = nullptr;
  impl_->session.fail(CloseReason::closed_here, "dropped");
  impl_->close_socket();
}

bool Connection::open() const { return impl_->session.open() && !impl_->gone; }
const Peer& Connection::peer() const { return *impl_->session.peer(); }
const Key* Connection::key() const {
  return impl_->tls && impl_->tls->open() ? impl_->tls->key() : nullptr;
}
std::optional<NotGood> Connection::wrong_by(const Certificate& own) const {
  return impl_->tls && impl_->tls->open() ? impl_->tls->wrong_by(own) : std::nullopt;
}
const std::string& Connection::remote() const { return impl_->remote; }
std::size_t Connection::queued_bytes() const { return impl_->session.queued_bytes(); }

// ---- Inside ----

Connection::Impl::Impl(Loop& in, tcp::socket connected, Session first_state)
    : loop(in.impl()),
      socket(std::move(connected)),
      linger_timer(loop.io),
      session(std::move(first_state)) {}

std::shared_ptr<Connection> Connection::Impl::start(Loop& loop, tcp::socket connected,
                                                    const tcp::endpoint& remote, Session session,
                                                    const ConnectionKeys& keys,
                                                    ConnectionHooks hooks) {
  auto connection = std::make_shared<Connection>(
      std::make_unique<Impl>(loop, std::move(connected), std::move(session)));
  Impl& impl = connection->impl();
  impl.hooks = std::move(hooks);
  impl.loop.connections.emplace(connection.get(), connection);
  // None of these can fail in a way that the first read doesn't report.
  std::error_code ignored;
  impl.socket->non_blocking(true, ignored);
  impl.socket->set_option(tcp::no_delay(true), ignored);
  // Bytes that a host which is gone never acknowledges end the connection here, not in a quarter of
  // an hour.
  impl.socket->set_option(asio::detail::socket_option::integer<IPPROTO_TCP, TCP_USER_TIMEOUT>(
                              static_cast<int>(std::chrono::milliseconds(kWriteDeadline).count())),
                          ignored);
  impl.remote = to_string(Address{unmapped(remote.address()).to_string(), remote.port()});
  impl.source = unmapped(remote.address()).to_string();
  impl.session.set_caller({impl.source, std::nullopt, std::nullopt});
  impl.session.count_in(impl.loop.traffic);
  impl.key_table = keys.admission.keys;
  impl.certificate = keys.admission.certificate;
  impl.from_this_computer = is_this_computer(remote.address());
  impl.dial_tls(keys);
  impl.read();
  loop.impl().tick_later(connection);
  impl.write();
  return connection;
}

// Whoever sends what there is no memory for loses its session; the others, and the run, go on.
template <class F>
void Connection::Impl::if_memory_lasts(F handle) {
  try {
    handle();
  } catch (const std::bad_alloc&) {
    session.fail(CloseReason::no_memory, "there is no memory for its message");
  }
}

void Connection::Impl::read() {
  socket->async_wait(tcp::socket::wait_read,
                     [held = self()](std::error_code error) { held->impl().on_readable(error); });
}

void Connection::Impl::on_readable(std::error_code error) {
  if (gone) return;
  std::size_t n = 0;
  if (!error) n = socket->read_some(asio::buffer(loop.scratch), error);
  loop.traffic.bytes_received += n;
  const Instant now = monotonic_now();
  if (error == asio::error::would_block || error == asio::error::try_again ||
      error == asio::error::interrupted) {
    return read();
  }
  if (lingering) return read_on_to_the_end(error);
  if (!error) {
    if_memory_lasts([&] { take({loop.scratch.data(), n}, now); });
  } else if (error == asio::error::eof) {
    if (tls && !tls->open()) {
      session.fail(CloseReason::peer_gone,
                   "the peer ended the connection before the keys were compared (it may run with "
                   "--insecure, or not be oche); check the address and the port");
    }
    session.end_of_stream(now);
  } else if (error == asio::error::connection_reset || error == asio::error::broken_pipe) {
    session.fail(CloseReason::peer_gone, "the connection broke (" + error.message() + ")");
  } else {
    session.fail(CloseReason::connection_error, "the connection failed (" + error.message() + ")");
  }
  pump();
  if (!gone && !error) read();
}

// ---- Encryption ----

void Connection::Impl::take(std::string_view bytes, Instant now) {
  if (session.closed()) return;
  if (!tls && !key_table) return session.receive(bytes, now);
  if (tls) return decrypt(bytes, now);
  opening += bytes;
  try {
    if (begin_tls(opening)) decrypt(std::exchange(opening, {}), now);
  } catch (const Error& error) {
    // Of libssl's, which is no reason to end the other sessions.
    session.fail(CloseReason::closed_here, error.what());
  }
}

// At a dialler with a key or a certificate.
void Connection::Impl::dial_tls(const ConnectionKeys& keys) {
  std::string trouble;
  if (keys.credential.key) tls = Tls::dial(*keys.credential.key);
  if (const auto& own = keys.credential.certificate) {
    own->refresh(trouble);  // the files as they were before may do
    tls = Tls::dial(*own, keys.host);
  }
  if (!tls || !tls->problem()) return;
  session.fail(CloseReason::wrong_key,
               tls->problem()->text + (trouble.empty() ? "" : " (read anew: " + trouble + ")"));
  pump_later();
}

// At a listener: whether the first record is there, and worth the memory of a Tls.
bool Connection::Impl::begin_tls(std::string_view bytes) {
  switch (judge_opening(bytes)) {
    case Opening::more:
      return false;
    case Opening::hello:
      if (hooks.on_begun) hooks.on_begun();
      tls = Tls::accept(
          [this](std::string_view identity) {
            return key_table->find(identity, from_this_computer);
          },
          certificate.get());
      return true;
    case Opening::other:
      break;
  }
  if (is_plain_hello(bytes)) {
    session.close(GoodbyeReason::turned_away,
                  "this host wants a key (the dialling end has --insecure); leave that out",
                  monotonic_now());
    return false;
  }
  const std::optional<std::string_view> language = guess_stranger(bytes);
  session.fail(CloseReason::stranger,
               language ? "the peer speaks " + std::string(*language) + ", not oche's protocol"
                        : std::string("the peer doesn't speak oche's protocol"));
  return false;
}

void Connection::Impl::decrypt(std::string_view bytes, Instant now) {
  tls->receive(bytes, [&](std::string_view plain) {
    if (key_table && !std::exchange(authenticated, true)) {
      Caller caller{source, std::nullopt, std::nullopt};
      if (const Key* const key = tls->key()) caller.key = key->id;
      if (const CertificateId* const id = tls->certificate()) caller.certificate = *id;
      session.set_caller(std::move(caller));
    }
    session.receive(plain, now);
  });
  if (const std::optional<TlsProblem>& problem = tls->problem()) {
    const bool key = problem->fault == TlsFault::wrong_key;
    const CloseReason other =
        session.peer() ? CloseReason::connection_error : CloseReason::stranger;
    session.fail(key ? CloseReason::wrong_key : other, problem->text);
  }
}

// The next bytes for the system: what the session has to say, encrypted where there are keys.
void Connection::Impl::fill_writing() {
  written = 0;
  if (!tls) {
    writing = session.take_output(kWriteBytes);
    plain_bytes = writing.size();
    return;
  }
  plain_bytes = 0;
  if (tls->open()) {
    const std::string plain = session.take_output(kWriteBytes);
    plain_bytes = plain.size();
    tls->send(plain);
    if (session.closed() && !session.has_output() && !std::exchange(said_close, true)) tls->close();
  }
  writing = tls->take_output();
}

// What still comes is of no interest, only that the peer closes its end.
void Connection::Impl::read_on_to_the_end(std::error_code error) {
  if (!error) return read();
  const bool has_words = session.has_output() || !writing.empty();
  if (error != asio::error::eof || !has_words) return close_socket();
  peer_done = true;  // of writing; it may still read
}

// What one turn of the loop has for a peer (the answers to its results and the next leases, say)
// goes in one record and one call of the system.
void Connection::Impl::write_later() {
  if (write_is_posted || waits_to_write || gone) return;
  write_is_posted = true;
  asio::post(loop.io, [held = self()] {
    Impl& impl = held->impl();
    impl.write_is_posted = false;
    impl.write();
  });
}

// As much as the system takes at once, up to a limit, so that nobody else has to wait for long.
void Connection::Impl::write() {
  if (gone || write_failed || waits_to_write) return;
  if (writing.empty()) fill_writing();
  if (writing.empty()) return;
  std::error_code error;
  const std::size_t n =
      socket->write_some(asio::buffer(writing.data() + written, writing.size() - written), error);
  if (error == asio::error::would_block || error == asio::error::try_again) return wait_to_write();
  on_written(error, n);
}

void Connection::Impl::wait_to_write() {
  waits_to_write = true;
  socket->async_wait(tcp::socket::wait_write, [held = self()](std::error_code) {
    held->impl().waits_to_write = false;
    held->impl().write();  // which meets the error, if there is one
  });
}

void Connection::Impl::on_written(std::error_code error, std::size_t n) {
  if (error) {
    // The peer's last words (why it refused) may wait to be read: that side ends the connection.
    write_failed = true;
    if (lingering) close_socket();
    return;
  }
  written += n;
  loop.traffic.bytes_sent += n;
  const bool all = written == writing.size();
  // Of an encrypted piece only the end says how much of the session's has gone.
  session.written(!tls ? n : all ? plain_bytes : 0, monotonic_now());
  // clear() would keep the memory, for each of a thousand idle sessions.
  if (all) std::string().swap(writing);
  if (!all) {
    wait_to_write();  // the system is full
  } else if (session.has_output() || session.closed()) {
    write_later();
  }
  if (lingering) wait_for_peer();
  if (lingering && writing.empty() && !session.has_output()) {
    if (peer_done) return close_socket();
    std::error_code ignored;
    socket->shutdown(tcp::socket::shutdown_send, ignored);
  }
}

// Ticks from now on, at the period that its session has now.
void Loop::Impl::tick_later(const std::shared_ptr<Connection>& connection) {
  const Duration period = connection->impl().session.tick_period();
  const auto tick = [this, period](const std::shared_ptr<Connection>& due) {
    Connection::Impl& impl = due->impl();
    impl.tick();
    if (impl.gone || impl.lingering) return false;
    if (impl.session.tick_period() == period) return true;
    tick_later(due);
    return false;
  };
  tickers.try_emplace(period, io, period, tick).first->second.add(connection);
}

void Connection::Impl::tick() {
  if (gone || lingering) return;
  const Instant now = monotonic_now();
  session.tick(now);
  if (session.open() && tls && tls->expired(wall_now())) {
    // It may have a new one already: a worker dials again.
    session.close(GoodbyeReason::stopping, "its certificate has expired; renew it", now);
  }
  // Mostly there is nothing, and thousands of sessions are idle.
  if (session.closed() || session.has_output()) pump();
}

void Connection::Impl::pump_later() {
  asio::post(loop.io, [held = self()] { held->impl().pump(); });
}

void Connection::Impl::abandon(CloseReason reason, std::string text) {
  if (gone) return;
  session.fail(reason, std::move(text));
  // What it costs ends now, so that others may have it; the rest is told in a turn of its own.
  std::error_code ignored;
  socket->close(ignored);
  tls.reset();
  asio::post(loop.io, [held = self()] {
    Impl& impl = held->impl();
    if (impl.lingering) return impl.close_socket();
    impl.pump();
  });
}

void Connection::Impl::pump() {
  if (pumping || gone) return;
  struct Guard {
    bool& flag;
    ~Guard() { flag = false; }
  };
  pumping = true;
  const Guard guard{pumping};
  const std::shared_ptr<Connection> held = self();
  if (session.peer() && !opened) {
    opened = true;
    if (hooks.on_open) std::exchange(hooks.on_open, nullptr)(held);
  }
  // A copy, so that a callback may replace itself or drop the connection.
  while (!gone) {
    std::optional<Message> message = session.next_message();
    if (!message) break;
    if (const auto callback = owner->on_message) {
      if_memory_lasts([&] { callback(*std::move(message)); });
    }
  }
  if (gone) return;
  if (session.closed() && !lingering) return linger();
  write_later();
}

void Connection::Impl::linger() {
  lingering = true;
  if (writing.empty()) fill_writing();
  const bool has_alert = tls && !tls->open() && !writing.empty();
  if (write_failed || !(session.has_last_words() || has_alert)) return close_socket();
  linger_end = std::chrono::steady_clock::now() + kWriteDeadline;
  wait_for_peer();
  if (!writing.empty()) return write();
  std::error_code ignored;
  socket->shutdown(tcp::socket::shutdown_send, ignored);
}

void Connection::Impl::wait_for_peer() {
  // Waiting anew ends the wait before.
  linger_timer->expires_at(
      std::min(std::chrono::steady_clock::now() + kLingerDeadline, linger_end));
  linger_timer->async_wait([held = self()](std::error_code error) {
    if (!error) held->impl().close_socket();
  });
}

void Connection::Impl::close_socket() {
  if (gone) return;
  gone = true;
  const std::shared_ptr<Connection> held = self();
  std::error_code ignored;
  socket->close(ignored);
  socket.reset();
  linger_timer.reset();
  loop.connections.erase(owner);
  ConnectionHooks last = std::exchange(hooks, {});
  const auto tell_end = std::exchange(owner->on_closed, nullptr);
  owner->on_message = nullptr;
  const Closed closed = *session.closed();
  if (last.on_gone) last.on_gone(owner, closed);
  if (opened) {
    if (tell_end) tell_end(closed);
  } else if (last.on_failed) {
    last.on_failed(closed);
  }
}

}  // namespace oche::wire

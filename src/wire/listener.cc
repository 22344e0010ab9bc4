#include "wire/listener.h"

#include <sys/resource.h>

#include <algorithm>
#include <limits>
#include <map>
#include <unordered_map>
#include <utility>
#include <vector>

#include "oche/error.h"
#include "wire/asio.h"
#include "wire/connection_impl.h"
#include "wire/key_file.h"
#include "wire/listen_at.h"
#include "wire/loop_impl.h"
#include "wire/tls.h"

namespace oche::wire {

using asio::ip::tcp;

namespace {

// In one turn of the loop, which is long where a thousand sessions are busy.
constexpr std::size_t kAcceptsAtOnce = 16;

// A session needs a descriptor, and a process has others to open: a loop's, files, handshakes.
std::size_t descriptors_for_connections() {
  rlimit descriptors{};
  if (::getrlimit(RLIMIT_NOFILE, &descriptors) != 0 || descriptors.rlim_cur == RLIM_INFINITY) {
    return std::numeric_limits<std::size_t>::max() / 2;
  }
  return std::max<rlim_t>(descriptors.rlim_cur, kReservedDescriptors + 1) - kReservedDescriptors;
}

bool is_shortage_of_descriptors(std::error_code error) {
  return error == asio::error::no_descriptors ||
         error == std::error_code(ENFILE, std::system_category());
}

// Failures of accept() that time may mend: descriptors, or memory of the system.
bool is_shortage(std::error_code error) {
  return is_shortage_of_descriptors(error) || error == asio::error::no_buffer_space ||
         error == asio::error::no_memory;
}

// For the gate: an IPv4 address, or an IPv6 network; empty for this computer.
std::string source_of(const asio::ip::address& from) {
  const asio::ip::address address = unmapped(from);
  if (address.is_loopback()) return {};
  if (address.is_v4()) return address.to_string();
  asio::ip::address_v6::bytes_type bytes = address.to_v6().to_bytes();
  std::fill(bytes.begin() + 8, bytes.end(), std::uint8_t{0});
  return asio::ip::address_v6(bytes).to_string() + "/64";
}

// Of a handshake that came to nothing: not by our own doing, or that of others.
bool is_its_fault(CloseReason reason) {
  return reason != CloseReason::closed_here && reason != CloseReason::probed &&
         reason != CloseReason::crowded_out && reason != CloseReason::no_memory;
}

}  // namespace

struct Listener::Impl : std::enable_shared_from_this<Listener::Impl> {
  // By their order of arrival.
  using Waiting = std::map<std::uint64_t, std::shared_ptr<Connection>>;

  Impl(Loop& in, ListenCallbacks calls, ListenLimits bounds)
      : loop(in),
        acceptor(in.impl().io),
        pause(in.impl().io),
        key_check(in.impl().io),
        callbacks(std::move(calls)),
        limits(bounds),
        gate(bounds.source) {
    const std::size_t descriptors = descriptors_for_connections();
    limits.sessions = std::min(limits.sessions, descriptors);
    // A few more, so that who dials when all have sessions hears why there is none.
    most_connections = descriptors + std::min(descriptors, kReservedDescriptors / 2);
  }

  void listen(const Address& address);
  void set_terms(ListenTerms wanted);
  void accept();
  void on_accepted(std::error_code error, tcp::socket socket);
  void add(tcp::socket socket);
  void on_begun(std::uint64_t arrival);
  void make_room_in(Waiting& waiting, std::size_t most, const char* what);
  void push_out(Waiting& waiting, const std::string& why);
  void push_out_for_want();
  void take_backlog(std::size_t most);
  void watch_keys();
  void turn_away_by_keys(Connection& connection) const;
  void turn_away_by_certificates(Connection& connection) const;
  void tell(const std::string& trouble) const;
  std::vector<std::shared_ptr<Connection>> all_waiting() const;
  void on_gone(std::uint64_t arrival, const Connection* connection);
  void drop_all();
  void finish_if_empty();

  Loop& loop;
  tcp::acceptor acceptor;
  asio::steady_timer pause;
  asio::steady_timer key_check;
  ListenCallbacks callbacks;
  ListenLimits limits;
  std::size_t most_connections = 0;  // sessions and others
  Gate gate;
  std::shared_ptr<const ListenTerms> terms;
  std::string endpoint;
  std::uint16_t port = 0;
  tcp::endpoint remote;     // of the connection being accepted
  bool in_trouble = false;  // reported, and no accept has succeeded since

  std::uint64_t arrivals = 0;
  Waiting silent;   // what a handshake begins with hasn't come, not all of it
  Waiting pending;  // it has, and the handshake isn't done; or it was refused
  std::unordered_map<const Connection*, std::shared_ptr<Connection>> sessions;
  std::function<void()> when_empty;  // close_all()'s
};

void Listener::Impl::listen(const Address& address) {
  const Address bound = listen_at(acceptor, address, "--listen");
  port = bound.port;
  endpoint = to_string(bound);
}

void Listener::Impl::set_terms(ListenTerms wanted) {
  auto admit = [self = weak_from_this(),
                inner = std::move(wanted.admit)](Peer& peer) -> std::optional<Refused> {
    const auto held = self.lock();
    if (held && held->sessions.size() >= held->limits.sessions) {
      return Refused{RefusalReason::full, "there are " + std::to_string(held->sessions.size()) +
                                              " sessions already (that is the limit); try later"};
    }
    return inner ? inner(peer) : std::nullopt;
  };
  wanted.admit = std::move(admit);
  if (!wanted.clock) {
    wanted.clock = [] {
      const auto now = std::chrono::system_clock::now().time_since_epoch();
      return std::int64_t{std::chrono::duration_cast<std::chrono::milliseconds>(now).count()};
    };
  }
  terms = std::make_shared<const ListenTerms>(std::move(wanted));
}

void Listener::Impl::accept() {
  acceptor.async_accept(remote,
                        [held = shared_from_this()](std::error_code error, tcp::socket socket) {
                          held->on_accepted(error, std::move(socket));
                        });
}

void Listener::Impl::on_accepted(std::error_code error, tcp::socket socket) {
  if (!acceptor.is_open()) return;
  if (!error) {
    in_trouble = false;
    add(std::move(socket));
    take_backlog(kAcceptsAtOnce);
    // A callback may have stopped us.
    if (acceptor.is_open()) accept();
    return;
  }
  if (is_shortage_of_descriptors(error) && !(silent.empty() && pending.empty())) {
    push_out_for_want();
    return accept();
  }
  // Anything else is the matter of one connection, which is gone (its peer reset it, say); the
  // pause is for what is not, so that the loop doesn't spin.
  if (is_shortage(error) && !in_trouble) {
    in_trouble = true;
    if (const auto callback = callbacks.on_trouble) {
      callback("no connection can be accepted at " + endpoint + " for now (" + error.message() +
               "); trying again until one can");
    }
    if (!acceptor.is_open()) return;
  }
  pause.expires_after(kAcceptPause);
  pause.async_wait([held = shared_from_this()](std::error_code cancelled) {
    if (!cancelled && held->acceptor.is_open()) held->accept();
  });
}

void Listener::Impl::add(tcp::socket socket) {
  const std::string source = source_of(remote.address());
  if (!source.empty()) {
    if (const auto why = gate.knock(source, monotonic_now())) {
      if (const auto callback = callbacks.on_failed) {
        callback(to_string(Address{unmapped(remote.address()).to_string(), remote.port()}),
                 Closed{CloseReason::too_many, *why, {}, {}});
      }
      return;  // the socket closes
    }
  }
  make_room_in(silent, limits.silent_connections, "connections that say nothing");
  if (silent.size() + pending.size() + sessions.size() >= most_connections) push_out_for_want();
  const std::uint64_t arrival = ++arrivals;
  ConnectionHooks hooks;
  const std::weak_ptr<Impl> weak = weak_from_this();
  hooks.on_begun = [weak, arrival] {
    if (const auto held = weak.lock()) held->on_begun(arrival);
  };
  hooks.on_open = [weak, source, arrival](const std::shared_ptr<Connection>& connection) {
    const auto held = weak.lock();
    if (!held) return;
    if (!source.empty()) held->gate.opened(source);
    held->silent.erase(arrival);
    held->pending.erase(arrival);
    held->sessions.emplace(connection.get(), connection);
    // A copy, here and below: a callback may destroy the listener.
    if (const auto callback = held->callbacks.on_open) callback(connection);
    // What it showed may have been taken back since.
    held->turn_away_by_keys(*connection);
    held->turn_away_by_certificates(*connection);
  };
  hooks.on_failed = [weak, source,
                     from = to_string(Address{unmapped(remote.address()).to_string(),
                                              remote.port()})](const Closed& closed) {
    const auto held = weak.lock();
    if (!held) return;
    if (!source.empty()) held->gate.failed(source, is_its_fault(closed.reason), monotonic_now());
    if (const auto callback = held->callbacks.on_failed) callback(from, closed);
  };
  hooks.on_gone = [weak, source, arrival](const Connection* connection, const Closed& closed) {
    const auto held = weak.lock();
    if (!held) return;
    if (held->sessions.contains(connection)) {
      if (!source.empty()) held->gate.closed(source);
      if (const auto callback = held->callbacks.on_closed) callback(*connection, closed);
    }
    held->on_gone(arrival, connection);
  };
  silent.emplace(arrival, Connection::Impl::start(loop, std::move(socket), remote,
                                                  Session::accept(terms, monotonic_now()),
                                                  {{}, {}, terms->admission}, std::move(hooks)));
}

// From here on it costs more: the state of a handshake, in place of a socket.
void Listener::Impl::on_begun(std::uint64_t arrival) {
  auto node = silent.extract(arrival);
  if (node.empty()) return;
  make_room_in(pending, limits.pending_handshakes, "handshakes at once");
  pending.insert(std::move(node));
}

void Listener::Impl::make_room_in(Waiting& waiting, std::size_t most, const char* what) {
  if (waiting.empty() || waiting.size() < most) return;
  push_out(waiting, "more than " + std::to_string(most) + " " + what);
}

// A peer that means well speaks at once and is done in milliseconds: so the oldest goes, the
// likeliest to be idle; before it those that were refused, and only read why.
void Listener::Impl::push_out(Waiting& waiting, const std::string& why) {
  auto place =
      std::ranges::find_if(pending, [](const auto& one) { return one.second->impl().lingering; });
  if (&waiting == &silent || place == pending.end()) place = waiting.begin();
  const std::shared_ptr<Connection> oldest = place->second;
  waiting.erase(place);
  oldest->impl().abandon(CloseReason::crowded_out, why + " (this was the oldest)");
}

void Listener::Impl::push_out_for_want() {
  if (silent.empty() && pending.empty()) return;
  push_out(silent.empty() ? pending : silent,
           "there are no descriptors left for another connection");
}

// Whoever has connected already, but nobody who would push out another.
void Listener::Impl::take_backlog(std::size_t most) {
  std::error_code error;
  acceptor.non_blocking(true, error);
  for (; most > 0 && !error && acceptor.is_open() && silent.size() < limits.silent_connections;
       --most) {
    tcp::socket socket(loop.impl().io);
    acceptor.accept(socket, remote, error);
    if (!error) add(std::move(socket));
  }
}

// Whose key is taken back, or whose certificate is revoked, loses its session within a second.
void Listener::Impl::watch_keys() {
  key_check.expires_after(kKeyCheckPeriod);
  key_check.async_wait([weak = weak_from_this()](std::error_code cancelled) {
    const auto held = weak.lock();
    if (cancelled || !held) return;
    const Admission& admission = held->terms->admission;
    std::string key_trouble;
    std::string certificate_trouble;
    const bool other_keys = admission.keys->refresh(key_trouble);
    const bool others =
        admission.certificate && admission.certificate->refresh(certificate_trouble);
    // A copy: a callback may end sessions, or the listener.
    std::vector<std::shared_ptr<Connection>> all;
    if (other_keys || others) {
      for (const auto& [key, connection] : held->sessions) all.push_back(connection);
    }
    for (const auto& connection : all) {
      if (other_keys) held->turn_away_by_keys(*connection);
      if (others) held->turn_away_by_certificates(*connection);
    }
    held->tell(key_trouble);
    held->tell(certificate_trouble);
    held->watch_keys();
  });
}

void Listener::Impl::turn_away_by_keys(Connection& connection) const {
  const Key* const key = connection.open() ? connection.key() : nullptr;
  if (key == nullptr || !terms->admission.keys || terms->admission.keys->knows(*key)) return;
  if (const auto callback = callbacks.on_revoked) callback(connection);
  connection.close(GoodbyeReason::turned_away, "its key was taken back by the host's owner");
}

void Listener::Impl::turn_away_by_certificates(Connection& connection) const {
  if (!terms->admission.certificate || !connection.open()) return;
  const std::optional<NotGood> wrong = connection.wrong_by(*terms->admission.certificate);
  if (!wrong) return;
  if (wrong->for_ever) {
    if (const auto callback = callbacks.on_revoked) callback(connection);
  }
  connection.close(wrong->for_ever ? GoodbyeReason::turned_away : GoodbyeReason::stopping,
                   wrong->text);
}

void Listener::Impl::tell(const std::string& trouble) const {
  if (const auto callback = callbacks.on_trouble; callback && !trouble.empty()) callback(trouble);
}

// Those whose handshake isn't done, and those that were refused.
std::vector<std::shared_ptr<Connection>> Listener::Impl::all_waiting() const {
  std::vector<std::shared_ptr<Connection>> all;
  for (const auto& [arrival, connection] : silent) all.push_back(connection);
  for (const auto& [arrival, connection] : pending) all.push_back(connection);
  return all;
}

void Listener::Impl::on_gone(std::uint64_t arrival, const Connection* connection) {
  silent.erase(arrival);
  pending.erase(arrival);
  sessions.erase(connection);
  finish_if_empty();
}

void Listener::Impl::finish_if_empty() {
  if (!sessions.empty() || !silent.empty() || !pending.empty() || !when_empty) return;
  // Later, so that the last session's on_closed comes first.
  loop.post(std::exchange(when_empty, nullptr));
}

void Listener::Impl::drop_all() {
  std::vector<std::shared_ptr<Connection>> all = all_waiting();
  for (const auto& [key, connection] : sessions) all.push_back(connection);
  silent.clear();
  pending.clear();
  sessions.clear();
  for (const auto& connection : all) connection->drop();
}

// ---- Outside ----

Listener::Listener(Loop& loop, const Address& address, ListenTerms terms, ListenCallbacks callbacks,
                   ListenLimits limits)
    : impl_(std::make_shared<Impl>(loop, std::move(callbacks), limits)) {
  // While there are descriptors for it.
  if (terms.admission.keys) Tls::load();
  impl_->listen(address);
  impl_->set_terms(std::move(terms));
  impl_->accept();
  if (impl_->terms->admission.keys) impl_->watch_keys();
}

Listener::~Listener() {
  stop_accepting();
  impl_->key_check.cancel();
  impl_->callbacks = {};
  impl_->when_empty = nullptr;
  impl_->drop_all();
}

const std::string& Listener::endpoint() const { return impl_->endpoint; }
std::uint16_t Listener::port() const { return impl_->port; }
std::size_t Listener::sessions() const { return impl_->sessions.size(); }
std::size_t Listener::pending_handshakes() const {
  return impl_->silent.size() + impl_->pending.size();
}

void Listener::stop_accepting() {
  std::error_code ignored;
  impl_->acceptor.close(ignored);
  impl_->pause.cancel();
}

void Listener::close_all(GoodbyeReason reason, std::string_view text, std::function<void()> done) {
  // To be told what the others are told.
  impl_->take_backlog(impl_->limits.silent_connections);
  stop_accepting();
  for (const auto& connection : impl_->all_waiting()) connection->close(reason, text);
  for (const auto& [key, connection] : impl_->sessions) connection->close(reason, text);
  impl_->when_empty = std::move(done);
  impl_->finish_if_empty();
}

}  // namespace oche::wire

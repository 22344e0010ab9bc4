#include "wire/dial.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "wire/asio.h"
#include "wire/connection_impl.h"
#include "wire/loop_impl.h"

namespace oche::wire {
namespace {

using asio::ip::tcp;

// One dial(), until there is a connected socket or there will be none. The pending operations hold
// it.
class Dialler : public std::enable_shared_from_this<Dialler> {
 public:
  Dialler(Loop& loop, Address address, DialTerms terms, DialCallbacks callbacks)
      : loop_(loop),
        address_(std::move(address)),
        terms_(std::move(terms)),
        callbacks_(std::move(callbacks)),
        resolver_(loop.impl().io),
        socket_(loop.impl().io),
        whole_(loop.impl().io),
        attempt_(loop.impl().io) {}

  void start(Duration deadline);

 private:
  void on_resolved(std::error_code error, const tcp::resolver::results_type& results);
  void connect_next();
  void on_connected(std::error_code error);
  void fail(CloseReason reason, const std::string& text);
  std::string name() const { return to_string(address_); }

  Loop& loop_;
  const Address address_;
  DialTerms terms_;
  DialCallbacks callbacks_;

  tcp::resolver resolver_;
  tcp::socket socket_;
  asio::steady_timer whole_;    // the caller's deadline
  asio::steady_timer attempt_;  // one address's part of it
  std::vector<tcp::endpoint> endpoints_;
  std::size_t next_ = 0;  // of endpoints_
  std::string last_error_;
  bool done_ = false;
};

void Dialler::start(Duration deadline) {
  whole_.expires_after(deadline);
  whole_.async_wait([held = shared_from_this()](std::error_code error) {
    if (error) return;
    held->fail(CloseReason::connect_timeout,
               "can't connect to " + held->name() +
                   " (no answer in time); check the address, and that the host runs");
  });
  std::error_code not_numeric;
  const asio::ip::address numeric = asio::ip::make_address(address_.host, not_numeric);
  if (!not_numeric) {
    const auto results =
        tcp::resolver::results_type::create(tcp::endpoint(numeric, address_.port), "", "");
    asio::post(loop_.impl().io, [held = shared_from_this(), results] {
      held->on_resolved(std::error_code(), results);
    });
    return;
  }
  resolver_.async_resolve(
      address_.host, std::to_string(address_.port), tcp::resolver::numeric_service,
      [held = shared_from_this()](std::error_code error, const tcp::resolver::results_type& found) {
        held->on_resolved(error, found);
      });
}

void Dialler::on_resolved(std::error_code error, const tcp::resolver::results_type& results) {
  if (done_) return;
  if (error) {
    return fail(CloseReason::host_not_found, "the host '" + address_.host + "' can't be found (" +
                                                 error.message() +
                                                 "); check its name, or write its address");
  }
  for (const auto& result : results) endpoints_.push_back(result.endpoint());
  connect_next();
}

void Dialler::connect_next() {
  if (next_ == endpoints_.size()) {
    return fail(CloseReason::cannot_connect,
                "can't connect to " + name() + " (" + last_error_ +
                    "); start the program that listens there, or check the address and the port");
  }
  // An address that swallows packets must leave time for those after it.
  const auto left = static_cast<Duration::rep>(endpoints_.size() - next_);
  const Duration share = (whole_.expiry() - std::chrono::steady_clock::now()) / left;
  attempt_.expires_after(std::min<Duration>(share, kConnectDeadline));
  attempt_.async_wait([held = shared_from_this(), attempt = next_](std::error_code error) {
    if (error || held->done_ || held->next_ != attempt + 1) return;
    std::error_code ignored;
    held->socket_.close(ignored);  // on_connected() goes on
  });
  const tcp::endpoint endpoint = endpoints_[next_++];
  std::error_code ignored;
  socket_.close(ignored);
  socket_.async_connect(
      endpoint, [held = shared_from_this()](std::error_code error) { held->on_connected(error); });
}

void Dialler::on_connected(std::error_code error) {
  if (done_) return;
  attempt_.cancel();
  if (error) {
    const bool aborted = error == asio::error::operation_aborted;
    last_error_ = aborted ? "no answer in time" : error.message();
    return connect_next();
  }
  // A connect to a free port of this computer from that same port succeeds with itself (TCP's
  // simultaneous open); nobody listens there.
  std::error_code ignored;
  if (socket_.local_endpoint(ignored) == socket_.remote_endpoint(ignored)) {
    last_error_ = "Connection refused";
    return connect_next();
  }
  done_ = true;
  whole_.cancel();
  ConnectionHooks hooks;
  hooks.on_open = callbacks_.on_open;
  hooks.on_failed = [on_failed = callbacks_.on_failed, name = name()](const Closed& closed) {
    if (!on_failed) return;
    Closed named = closed;
    named.text = name + ": " + closed.text;
    on_failed(named);
  };
  callbacks_ = {};
  Connection::Impl::start(loop_, std::move(socket_), endpoints_[next_ - 1],
                          Session::dial(terms_, monotonic_now()),
                          {terms_.credential, address_.host, {}}, std::move(hooks));
}

void Dialler::fail(CloseReason reason, const std::string& text) {
  if (done_) return;
  done_ = true;
  resolver_.cancel();
  std::error_code ignored;
  socket_.close(ignored);
  whole_.cancel();
  attempt_.cancel();
  const DialCallbacks callbacks = std::exchange(callbacks_, {});
  if (callbacks.on_failed) callbacks.on_failed({reason, text, {}, {}});
}

}  // namespace

bool is_this_computer(const Address& address) {
  std::error_code not_numeric;
  const asio::ip::address numeric = asio::ip::make_address(address.host, not_numeric);
  return not_numeric ? address.host == "localhost" : is_this_computer(numeric);
}

void dial(Loop& loop, const Address& address, DialTerms terms, Duration deadline,
          DialCallbacks callbacks) {
  std::make_shared<Dialler>(loop, address, std::move(terms), std::move(callbacks))->start(deadline);
}

}  // namespace oche::wire

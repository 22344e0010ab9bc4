#include "wire/http_server.h"

#include <deque>
#include <utility>

#include "wire/asio.h"
#include "wire/limits.h"
#include "wire/listen_at.h"
#include "wire/loop_impl.h"

namespace oche::wire {

using asio::ip::tcp;

struct HttpServer::Impl : std::enable_shared_from_this<HttpServer::Impl> {
  struct Caller;

  Impl(Loop& in, HttpTerms wanted)
      : loop(in.impl()), acceptor(loop.io), pause(loop.io), terms(std::move(wanted)) {}

  void accept();
  void add(tcp::socket socket);
  void forget(const Caller* caller);

  Loop::Impl& loop;
  tcp::acceptor acceptor;
  asio::steady_timer pause;
  HttpTerms terms;
  std::string endpoint;
  tcp::endpoint remote;                         // of the connection being accepted
  std::deque<std::shared_ptr<Caller>> callers;  // oldest first
};

// One connection. It lives as long as an operation of it is pending.
struct HttpServer::Impl::Caller : std::enable_shared_from_this<Caller> {
  Caller(const std::shared_ptr<Impl>& of, tcp::socket connected)
      : server(of), socket(std::move(connected)), timer(of->loop.io), exchange(of->terms.pages) {}

  void start() {
    std::error_code ignored;
    socket.non_blocking(true, ignored);
    timer.expires_after(kHttpDeadline);
    timer.async_wait([held = shared_from_this()](std::error_code error) {
      if (!error) held->close();
    });
    read();
  }

  void read() {
    socket.async_wait(tcp::socket::wait_read, [held = shared_from_this()](std::error_code error) {
      held->on_readable(error);
    });
  }

  void on_readable(std::error_code error) {
    const auto of = server.lock();
    if (!of || !socket.is_open()) return;
    std::size_t n = 0;
    if (!error) n = socket.read_some(asio::buffer(of->loop.scratch), error);
    if (error == asio::error::would_block || error == asio::error::try_again) return read();
    if (error == asio::error::eof && answered && !written) {
      peer_done = true;  // of writing; it may still read
      return;
    }
    if (error) return close();
    if (answered) return read();  // what still comes is of no interest, only that it ends
    std::optional<HttpAnswer> answer = exchange.receive({of->loop.scratch.data(), n});
    if (answer) {
      answered = true;
      writing = std::move(answer->bytes);
      if (of->terms.on_answer) of->terms.on_answer(answer->status);
      write();
    }
    read();
  }

  void write() {
    asio::async_write(socket, asio::buffer(writing),
                      [held = shared_from_this()](std::error_code error, std::size_t) {
                        held->written = true;
                        if (error || held->peer_done) return held->close();
                        // Closing at once, with bytes of it unread, could take the answer back.
                        std::error_code ignored;
                        held->socket.shutdown(tcp::socket::shutdown_send, ignored);
                      });
  }

  void close() {
    std::error_code ignored;
    socket.close(ignored);
    timer.cancel();
    if (const auto of = server.lock()) of->forget(this);
  }

  std::weak_ptr<Impl> server;
  tcp::socket socket;
  asio::steady_timer timer;
  HttpExchange exchange;
  std::string writing;
  bool answered = false;
  bool written = false;    // the answer
  bool peer_done = false;  // it has closed its end
};

void HttpServer::Impl::accept() {
  acceptor.async_accept(remote,
                        [weak = weak_from_this()](std::error_code error, tcp::socket socket) {
                          const auto held = weak.lock();
                          if (!held || !held->acceptor.is_open()) return;
                          if (!error) {
                            held->add(std::move(socket));
                            return held->accept();
                          }
                          // The pause is for want of descriptors or memory, so that the loop
                          // doesn't spin.
                          held->pause.expires_after(kAcceptPause);
                          held->pause.async_wait([weak](std::error_code cancelled) {
                            const auto again = weak.lock();
                            if (!cancelled && again && again->acceptor.is_open()) again->accept();
                          });
                        });
}

void HttpServer::Impl::add(tcp::socket socket) {
  const std::string address = unmapped(remote.address()).to_string();
  if (!terms.permits(address)) {
    if (terms.on_refused) terms.on_refused(to_string(Address{address, remote.port()}));
    return;  // the socket closes
  }
  if (callers.size() >= kMaxHttpConnections) std::shared_ptr<Caller>(callers.front())->close();
  callers.push_back(std::make_shared<Caller>(shared_from_this(), std::move(socket)));
  std::shared_ptr<Caller>(callers.back())->start();
}

void HttpServer::Impl::forget(const Caller* caller) {
  std::erase_if(callers, [&](const auto& held) { return held.get() == caller; });
}

HttpServer::HttpServer(Loop& loop, const Address& address, const std::string& option,
                       HttpTerms terms)
    : impl_(std::make_shared<Impl>(loop, std::move(terms))) {
  impl_->endpoint = to_string(listen_at(impl_->acceptor, address, option));
  impl_->accept();
}

HttpServer::~HttpServer() {
  std::error_code ignored;
  impl_->acceptor.close(ignored);
  impl_->pause.cancel();
  const auto all = std::exchange(impl_->callers, {});
  for (const auto& caller : all) caller->close();
}

const std::string& HttpServer::endpoint() const { return impl_->endpoint; }

}  // namespace oche::wire

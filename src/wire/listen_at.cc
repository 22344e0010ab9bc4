#include "wire/listen_at.h"

#include "oche/error.h"
#include "wire/handshake.h"

namespace oche::wire {

using asio::ip::tcp;

namespace {

tcp::endpoint listening_endpoint(const Address& address) {
  std::error_code error;
  const std::string host = address.host == "localhost" ? "127.0.0.1" : address.host;
  const asio::ip::address numeric = asio::ip::make_address(host, error);
  if (error) {
    throw Error(ErrorKind::usage, "can't listen at '" + printable(host, kMaxTextBytes) +
                                      "' (it isn't a numeric address); use 127.0.0.1 for this "
                                      "computer alone, or 0.0.0.0 for all that can reach it");
  }
  return {numeric, address.port};
}

[[noreturn]] void cannot_listen(std::error_code error, const Address& address,
                                const std::string& option) {
  const std::string place = "port " + std::to_string(address.port) + " on " + address.host;
  if (error == asio::error::address_in_use) {
    throw Error(ErrorKind::network, place +
                                        " is in use (another program listens there); choose "
                                        "another with " +
                                        option + " ADDR:PORT");
  }
  if (error == asio::error::access_denied) {
    throw Error(ErrorKind::network, place + " can't be had (" + error.message() +
                                        "); choose a port above 1023 with " + option +
                                        " ADDR:PORT");
  }
  throw Error(ErrorKind::network, place + " can't be had (" + error.message() +
                                      "); choose another with " + option + " ADDR:PORT");
}

}  // namespace

Address listen_at(tcp::acceptor& acceptor, const Address& address, const std::string& option) {
  const tcp::endpoint wanted = listening_endpoint(address);
  std::error_code error;
  const auto check = [&] {
    if (error) cannot_listen(error, {wanted.address().to_string(), address.port}, option);
  };
  acceptor.open(wanted.protocol(), error);
  check();
  // A restart must not wait for the old connections' TIME_WAIT. On Linux this lets no two listen.
  acceptor.set_option(tcp::acceptor::reuse_address(true), error);
  check();
  acceptor.bind(wanted, error);
  check();
  acceptor.listen(asio::socket_base::max_listen_connections, error);
  check();
  const tcp::endpoint bound = acceptor.local_endpoint(error);
  check();
  return {bound.address().to_string(), bound.port()};
}

}  // namespace oche::wire

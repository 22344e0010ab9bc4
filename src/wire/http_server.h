// A few pages over plain HTTP: the shell around HttpExchange. One request a connection; requests,
// time and connections are bounded (limits.h). Loop's thread only.
#ifndef OCHE_WIRE_HTTP_SERVER_H_
#define OCHE_WIRE_HTTP_SERVER_H_

#include <functional>
#include <memory>
#include <string>

#include "wire/address.h"
#include "wire/http_exchange.h"
#include "wire/loop.h"

namespace oche::wire {

struct HttpTerms {
  HttpPages pages;
  // Whether who calls from this address (in digits) is answered.
  std::function<bool(const std::string& address)> permits;
  // An answer was made, with this status. Optional.
  std::function<void(int status)> on_answer;
  // Somebody who isn't permitted was hung up on: from where. Optional.
  std::function<void(const std::string& remote)> on_refused;
};

class HttpServer {
 public:
  // Throws Error as a Listener does; `option` is where another address is given. loop outlives it.
  HttpServer(Loop& loop, const Address& address, const std::string& option, HttpTerms terms);
  // Hangs up.
  ~HttpServer();
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  // With the real port.
  const std::string& endpoint() const;

  struct Impl;

 private:
  std::shared_ptr<Impl> impl_;
};

}  // namespace oche::wire

#endif  // OCHE_WIRE_HTTP_SERVER_H_

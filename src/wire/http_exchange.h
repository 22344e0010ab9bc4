// One HTTP/1 request and its answer, for who serves a page or two to a program (a Prometheus
// server).
//
// Pure: bytes in, one answer out, after which the connection is to be closed. Only GET is answered,
// and nothing of a request but its method and path is looked at; a body is never read. A head above
// kMaxHttpHead is refused.
#ifndef OCHE_WIRE_HTTP_EXCHANGE_H_
#define OCHE_WIRE_HTTP_EXCHANGE_H_

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace oche::wire {

struct HttpPage {
  std::string type;  // "text/plain; charset=utf-8"
  std::string body;
};
// The page at that path ("/metrics", without a query); nothing: there is none.
using HttpPages = std::function<std::optional<HttpPage>(std::string_view path)>;

struct HttpAnswer {
  int status = 0;
  std::string bytes;  // all of it
};

class HttpExchange {
 public:
  explicit HttpExchange(const HttpPages& pages);
  ~HttpExchange();
  HttpExchange(const HttpExchange&) = delete;
  HttpExchange& operator=(const HttpExchange&) = delete;

  // The answer, once the request's head is there, or can't be one; nothing more is read then.
  std::optional<HttpAnswer> receive(std::string_view bytes);
  // Of the request, so far.
  std::size_t held() const;

 private:
  struct Parser;
  HttpAnswer answer() const;

  const HttpPages& pages_;
  std::unique_ptr<Parser> parser_;
};

// The statuses that an answer may have.
inline constexpr int kHttpStatuses[] = {200, 400, 404, 405, 431};

}  // namespace oche::wire

#endif  // OCHE_WIRE_HTTP_EXCHANGE_H_

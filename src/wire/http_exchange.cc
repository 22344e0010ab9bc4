#include "wire/http_exchange.h"

#include <http_parser.h>

#include <algorithm>

#include "wire/limits.h"

namespace oche::wire {
namespace {

constexpr char kText[] = "text/plain; charset=utf-8";

const char* phrase(int status) {
  switch (status) {
    case 200:
      return "OK";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 431:
      return "Request Header Fields Too Large";
    default:
      return "Bad Request";
  }
}

enum class Body { sent, left_out };

HttpAnswer make_answer(int status, const HttpPage& page, Body body = Body::sent) {
  std::string bytes = "HTTP/1.1 " + std::to_string(status) + " " + phrase(status) + "\r\n";
  if (status == 405) bytes += "Allow: GET\r\n";
  bytes += "Content-Type: " + page.type + "\r\n";
  bytes += "Content-Length: " + std::to_string(page.body.size()) + "\r\n";
  bytes += "Connection: close\r\n\r\n";
  if (body == Body::sent) bytes += page.body;
  return {status, std::move(bytes)};
}

}  // namespace

struct HttpExchange::Parser {
  Parser() {
    http_parser_init(&parser, HTTP_REQUEST);
    parser.data = this;
    http_parser_settings_init(&settings);
    settings.on_url = [](http_parser* p, const char* at, std::size_t n) {
      static_cast<Parser*>(p->data)->url.append(at, n);
      return 0;
    };
    // The rest of the bytes is of no interest.
    settings.on_headers_complete = [](http_parser* p) {
      static_cast<Parser*>(p->data)->complete = true;
      http_parser_pause(p, 1);
      return 0;
    };
  }

  http_parser parser{};
  http_parser_settings settings{};
  std::string url;  // at most kMaxHttpHead
  bool complete = false;
  std::size_t taken = 0;  // bytes of the head
};

HttpExchange::HttpExchange(const HttpPages& pages)
    : pages_(pages), parser_(std::make_unique<Parser>()) {}
HttpExchange::~HttpExchange() = default;

std::size_t HttpExchange::held() const { return parser_->url.size(); }

std::optional<HttpAnswer> HttpExchange::receive(std::string_view bytes) {
  Parser& p = *parser_;
  const std::string_view fit = bytes.substr(0, kMaxHttpHead - p.taken);
  const std::size_t parsed = http_parser_execute(&p.parser, &p.settings, fit.data(), fit.size());
  p.taken += parsed;
  if (p.complete) return answer();
  if (parsed != fit.size() || HTTP_PARSER_ERRNO(&p.parser) != HPE_OK) {
    return make_answer(400, {kText, "this is no HTTP request\n"});
  }
  if (fit.size() < bytes.size() || p.taken == kMaxHttpHead) {
    return make_answer(431, {kText, "the head of the request has more than " +
                                        std::to_string(kMaxHttpHead) + " bytes (the limit)\n"});
  }
  return std::nullopt;
}

HttpAnswer HttpExchange::answer() const {
  const auto method = static_cast<http_method>(parser_->parser.method);
  const std::string_view url = parser_->url;
  const std::optional<HttpPage> page = pages_(url.substr(0, url.find('?')));
  const Body body = method == HTTP_HEAD ? Body::left_out : Body::sent;
  if (!page) return make_answer(404, {kText, "there is no such page here\n"}, body);
  if (method == HTTP_GET) return make_answer(200, *page);
  return make_answer(405, {kText, "only GET is answered here\n"}, body);
}

}  // namespace oche::wire

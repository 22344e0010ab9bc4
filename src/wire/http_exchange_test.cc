#include "wire/http_exchange.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "wire/limits.h"

namespace oche::wire {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::StartsWith;

const HttpPages kPages = [](std::string_view path) -> std::optional<HttpPage> {
  if (path != "/metrics") return std::nullopt;
  return HttpPage{"text/plain; version=0.0.4", "one 1\n"};
};

std::optional<HttpAnswer> ask(std::string_view request) {
  return HttpExchange(kPages).receive(request);
}

TEST(HttpExchange, answers_a_get) {
  EXPECT_EQ(ask("GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n")->bytes,
            "HTTP/1.1 200 OK\r\nContent-Type: text/plain; version=0.0.4\r\nContent-Length: 6\r\n"
            "Connection: close\r\n\r\none 1\n");
  EXPECT_EQ(ask("GET /metrics?x=1 HTTP/1.0\r\n\r\n")->status, 200);
}

TEST(HttpExchange, waits_for_the_whole_head) {
  HttpExchange exchange(kPages);
  const std::string request = "GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n";
  for (std::size_t i = 0; i + 1 < request.size(); ++i) {
    ASSERT_FALSE(exchange.receive(request.substr(i, 1))) << i;
  }
  EXPECT_EQ(exchange.receive("\n")->status, 200);
}

TEST(HttpExchange, says_what_it_does_not_have) {
  EXPECT_EQ(ask("GET / HTTP/1.1\r\n\r\n")->status, 404);
  EXPECT_EQ(ask("POST /other HTTP/1.1\r\n\r\n")->status, 404);
  EXPECT_THAT(ask("GET /metrics/ HTTP/1.1\r\n\r\n")->bytes,
              EndsWith("\r\n\r\nthere is no such page here\n"));
}

TEST(HttpExchange, answers_no_method_but_get) {
  for (const std::string method : {"POST", "PUT", "DELETE", "OPTIONS"}) {
    const auto answer = ask(method + " /metrics HTTP/1.1\r\nContent-Length: 5\r\n\r\nhello");
    EXPECT_THAT(answer->bytes, StartsWith("HTTP/1.1 405 Method Not Allowed\r\nAllow: GET\r\n"));
  }
  // The answer to HEAD has no body.
  EXPECT_THAT(ask("HEAD /metrics HTTP/1.1\r\n\r\n")->bytes, EndsWith("\r\n\r\n"));
}

TEST(HttpExchange, refuses_what_is_no_request) {
  for (const std::string_view bytes :
       {std::string_view("hello\r\n\r\n"), std::string_view("\x16\x03\x01"),
        std::string_view("GET /metrics HTTP/9.x\r\n\r\n"),
        std::string_view("GET /\nmetrics HTTP/1.1\r\n\r\n"),
        std::string_view("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")}) {
    const auto answer = ask(bytes);
    ASSERT_TRUE(answer) << bytes;
    EXPECT_EQ(answer->status, 400) << bytes;
  }
}

TEST(HttpExchange, refuses_a_head_that_is_too_long) {
  const std::string line = "GET /metrics HTTP/1.1\r\nX: ";
  const std::string end = "\r\n\r\n";
  const std::string longest =
      line + std::string(kMaxHttpHead - line.size() - end.size(), 'x') + end;
  EXPECT_EQ(ask(longest)->status, 200);
  std::string longer = longest;
  longer.insert(line.size(), "x");
  EXPECT_EQ(ask(longer)->status, 431);
  // However it comes, and whatever part of it is long.
  HttpExchange exchange(kPages);
  std::optional<HttpAnswer> answer = exchange.receive("GET /");
  std::size_t sent = 5;
  for (; !answer; ++sent) answer = exchange.receive("x");
  EXPECT_EQ(answer->status, 431);
  EXPECT_EQ(sent, kMaxHttpHead);
  EXPECT_LE(exchange.held(), kMaxHttpHead);
}

}  // namespace
}  // namespace oche::wire

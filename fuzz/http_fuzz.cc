// The HTTP side of the metrics, on hostile bytes.
//
// The first byte says how the rest is cut into pieces. Checked: an exchange gives the same answer
// for the bytes cut and at once, with a status of its list, and holds no more than the limit.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>

#include "wire/http_exchange.h"
#include "wire/limits.h"

namespace {

using oche::wire::HttpAnswer;
using oche::wire::HttpExchange;
using oche::wire::HttpPage;

void check(bool condition) {
  if (!condition) std::abort();
}

const oche::wire::HttpPages kPages = [](std::string_view path) -> std::optional<HttpPage> {
  check(path.size() <= oche::wire::kMaxHttpHead);
  if (path != "/metrics") return std::nullopt;
  return HttpPage{"text/plain", "one 1\n"};
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  if (size == 0) return 0;
  const std::size_t piece = 1 + bytes[0];
  const std::string_view stream(reinterpret_cast<const char*>(bytes) + 1, size - 1);

  HttpExchange cut(kPages);
  std::optional<HttpAnswer> answer;
  for (std::string_view rest = stream; !rest.empty() && !answer;) {
    const std::string_view next = rest.substr(0, piece);
    rest.remove_prefix(next.size());
    answer = cut.receive(next);
    check(cut.held() <= oche::wire::kMaxHttpHead);
  }
  HttpExchange whole(kPages);
  std::optional<HttpAnswer> same;
  if (!stream.empty()) same = whole.receive(stream);

  check(answer.has_value() == same.has_value());
  if (!answer) {
    check(stream.size() < oche::wire::kMaxHttpHead);
    return 0;
  }
  check(answer->status == same->status && answer->bytes == same->bytes);
  check(std::ranges::find(oche::wire::kHttpStatuses, answer->status) !=
        std::end(oche::wire::kHttpStatuses));
  check(answer->bytes.starts_with("HTTP/1.1 " + std::to_string(answer->status) + " "));
  check(answer->bytes.find("\r\nConnection: close\r\n\r\n") != std::string::npos);
  return 0;
}

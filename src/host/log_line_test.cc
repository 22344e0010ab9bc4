#include "host/log_line.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <set>
#include <sstream>

#include "wire/session.h"

namespace oche::host {
namespace {

using namespace std::chrono_literals;

// 2026-11-27 17:20:00.123 UTC
const std::chrono::system_clock::time_point kTime{1795800000s + 123ms};

std::string line(LogForm form, std::string value) {
  return log_line(form, LogEntry(Event::left).with("text", std::move(value)), kTime);
}
// What stands before the value.
constexpr std::string_view kBefore = "2026-11-27T17:20:00.123Z info left text=";
std::string text_of(std::string value) {
  return line(LogForm::text, std::move(value)).substr(kBefore.size());
}

TEST(LogLine, is_one_line_of_time_level_event_and_fields) {
  const LogEntry entry =
      LogEntry(Event::connected).with("peer", "[2001:db8::1]:4000").with("cores", std::uint64_t{8});
  EXPECT_EQ(log_line(LogForm::text, entry, kTime),
            "2026-11-27T17:20:00.123Z info connected peer=[2001:db8::1]:4000 cores=8");
  EXPECT_EQ(log_line(LogForm::json, entry, kTime),
            R"({"time":"2026-11-27T17:20:00.123Z","level":"info","event":"connected",)"
            R"("peer":"[2001:db8::1]:4000","cores":8})");
}

TEST(LogLine, tells_times_before_1970_too) {
  EXPECT_EQ(log_line(LogForm::text, LogEntry(Event::stopped),
                     std::chrono::system_clock::time_point{-1ms}),
            "1969-12-31T23:59:59.999Z info stopped");
}

TEST(LogLine, quotes_what_is_not_plain) {
  EXPECT_EQ(text_of("plain"), "plain");
  EXPECT_EQ(text_of(""), R"("")");
  EXPECT_EQ(text_of("two words"), R"("two words")");
  EXPECT_EQ(text_of("a=b"), R"("a=b")");
  EXPECT_EQ(text_of(R"(a "b" \c)"), R"("a \"b\" \\c")");
}

TEST(LogLine, of_a_peer_can_not_be_forged) {
  const std::string forged = "x\n2026-11-27T17:20:00.123Z info revoked name=ann\r\x1b[2J";
  const std::string escaped = R"("x\n2026-11-27T17:20:00.123Z info revoked name=ann\r\u001b[2J")";
  EXPECT_EQ(text_of(forged), escaped);
  EXPECT_TRUE(line(LogForm::json, forged).ends_with(R"("text":)" + escaped + "}"));
}

TEST(LogLine, is_printable_ascii_whatever_comes) {
  std::string bytes;
  for (int c = 0; c < 256; ++c) bytes.push_back(static_cast<char>(c));
  bytes += "\xc2\x9b \xe2\x80\xae \xf0\x9f\x8e\xaf \x7f";  // CSI, a bidirectional control, a dart
  for (const LogForm form : {LogForm::text, LogForm::json}) {
    const std::string one = line(form, bytes);
    EXPECT_TRUE(std::ranges::all_of(one, [](char c) { return c >= ' ' && c <= '~'; })) << one;
    EXPECT_NE(one.find(R"(\u202e)"), one.npos);
  }
}

// The names in the first column of the table whose head begins so, of docs/host.md.
std::set<std::string> documented(const std::string& head) {
  std::ifstream file(OCHE_SOURCE_DIR "/docs/host.md");
  std::set<std::string> names;
  bool inside = false;
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with(head)) inside = true;
    if (line.empty()) inside = false;
    if (inside && line.starts_with("| `")) names.insert(line.substr(3, line.find('`', 3) - 3));
  }
  return names;
}

TEST(LogEvents, are_those_of_the_page) {
  std::set<std::string> names;
  for (const Event event : all_events()) names.emplace(to_string(event));
  EXPECT_EQ(names, documented("| event |"));
}

TEST(LogReasons, are_those_of_the_page) {
  std::set<std::string> names;
  for (std::size_t i = 0; i < wire::kCloseReasons; ++i) {
    names.emplace(to_string(static_cast<wire::CloseReason>(i)));
  }
  // Those of who dials.
  for (const char* const name : {"host_not_found", "cannot_connect", "connect_timeout"}) {
    EXPECT_EQ(names.erase(name), 1U);
  }
  EXPECT_EQ(names, documented("| reason |"));
}

TEST(LogEvents, have_names_of_their_own) {
  std::set<std::string_view> names;
  for (const Event event : all_events()) {
    EXPECT_TRUE(names.insert(to_string(event)).second);
  }
  EXPECT_EQ(names.size(), static_cast<std::size_t>(Event::stopped) + 1);
}

}  // namespace
}  // namespace oche::host

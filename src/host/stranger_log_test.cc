#include "host/stranger_log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace oche::host {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;

LogEntry failure(std::uint64_t number) {
  return LogEntry(Event::handshake_failed).with("peer", "192.0.2.7:" + std::to_string(number));
}

LogEntry summary(const std::string& source, std::uint64_t count) {
  return LogEntry(Event::more_failed)
      .with("source", source)
      .with("count", count)
      .with("text",
            "and " + std::to_string(count) + " more from " + source + " in the last minute");
}

std::vector<LogEntry> take(StrangerLog& log, const std::string& source, int times, Instant now) {
  std::vector<LogEntry> lines;
  for (int i = 0; i < times; ++i) {
    for (LogEntry& line : log.take(source, failure(1), now)) lines.push_back(std::move(line));
  }
  return lines;
}

const Instant kStart{1h};

TEST(StrangerLog, tells_the_first_few) {
  StrangerLog log;
  for (std::size_t i = 0; i < kShownFailures; ++i) {
    EXPECT_THAT(log.take("192.0.2.7", failure(i), kStart), ElementsAre(failure(i)));
  }
  EXPECT_THAT(log.take("192.0.2.7", failure(9), kStart), IsEmpty());
  EXPECT_THAT(log.take("192.0.2.8", failure(10), kStart), ElementsAre(failure(10)));
}

TEST(StrangerLog, counts_the_rest_in_one_line_when_the_minute_is_over) {
  StrangerLog log;
  EXPECT_EQ(take(log, "192.0.2.7", 417, kStart).size(), kShownFailures);
  EXPECT_THAT(log.tick(kStart + 59s), IsEmpty());
  EXPECT_THAT(log.tick(kStart + 60s), ElementsAre(summary("192.0.2.7", 412)));
  EXPECT_THAT(log.tick(kStart + 10min), IsEmpty());
}

TEST(StrangerLog, begins_anew_after_a_minute) {
  StrangerLog log;
  take(log, "192.0.2.7", 10, kStart);
  EXPECT_THAT(log.take("192.0.2.7", failure(1), kStart + 60s),
              ElementsAre(summary("192.0.2.7", 5), failure(1)));
}

TEST(StrangerLog, says_nothing_more_of_few) {
  StrangerLog log;
  take(log, "192.0.2.7", kShownFailures, kStart);
  EXPECT_THAT(log.tick(kStart + 60s), IsEmpty());
  EXPECT_THAT(log.end(), IsEmpty());
}

TEST(StrangerLog, tells_at_the_end_what_was_counted) {
  StrangerLog log;
  take(log, "192.0.2.7", 7, kStart);
  EXPECT_THAT(log.end(), ElementsAre(summary("192.0.2.7", 2)));
  EXPECT_THAT(log.end(), IsEmpty());
}

TEST(StrangerLog, counts_too_many_sources_together) {
  StrangerLog log;
  std::size_t lines = 0;
  for (int second = 0; second < 60; ++second) {
    for (int source = 0; source < 1000; ++source) {
      lines += take(log, "192.0.2." + std::to_string(source), 2, kStart + second * 1s).size();
    }
  }
  lines += log.tick(kStart + 2min).size();
  EXPECT_EQ(lines, (kLoggedSources + 1) * (kShownFailures + 1));
}

TEST(StrangerLog, says_of_others_that_they_are_others) {
  StrangerLog log;
  for (std::size_t i = 0; i < kLoggedSources; ++i) take(log, std::to_string(i), 1, kStart);
  take(log, "a", 5, kStart);
  take(log, "b", 3, kStart);
  EXPECT_THAT(log.end(), ElementsAre(summary("others", 3)));
}

}  // namespace
}  // namespace oche::host

#include "wire/gate.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace oche::wire {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;
using ::testing::Optional;

const Instant kStart{};

TEST(Gate, bounds_the_handshakes_of_one_source) {
  Gate gate({.pending = 2, .sessions = 10, .failures = 10});
  EXPECT_EQ(gate.knock("10.0.0.1", kStart), std::nullopt);
  EXPECT_EQ(gate.knock("10.0.0.1", kStart), std::nullopt);
  EXPECT_THAT(gate.knock("10.0.0.1", kStart), Optional(HasSubstr("2 handshakes at once")));
  EXPECT_EQ(gate.knock("10.0.0.2", kStart), std::nullopt);
  gate.opened("10.0.0.1");
  EXPECT_EQ(gate.knock("10.0.0.1", kStart), std::nullopt);
}

TEST(Gate, bounds_the_sessions_of_one_source) {
  Gate gate({.pending = 10, .sessions = 1, .failures = 10});
  EXPECT_EQ(gate.knock("10.0.0.1", kStart), std::nullopt);
  gate.opened("10.0.0.1");
  EXPECT_THAT(gate.knock("10.0.0.1", kStart), Optional(HasSubstr("1 sessions")));
  gate.closed("10.0.0.1");
  EXPECT_EQ(gate.knock("10.0.0.1", kStart), std::nullopt);
}

TEST(Gate, keeps_out_who_fails_too_often_until_the_minute_is_over) {
  Gate gate({.pending = 10, .sessions = 10, .failures = 3});
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(gate.knock("10.0.0.1", kStart + i * 1s), std::nullopt);
    gate.failed("10.0.0.1", true, kStart + i * 1s);
  }
  EXPECT_THAT(gate.knock("10.0.0.1", kStart + 50s), Optional(HasSubstr("3 failed handshakes")));
  EXPECT_EQ(gate.knock("10.0.0.1", kStart + 60s), std::nullopt);
}

TEST(Gate, does_not_count_what_was_not_its_fault) {
  Gate gate({.pending = 10, .sessions = 10, .failures = 1});
  for (int i = 0; i < 5; ++i) {
    EXPECT_EQ(gate.knock("10.0.0.1", kStart), std::nullopt);
    gate.failed("10.0.0.1", false, kStart);
  }
  EXPECT_EQ(gate.sources(), 0u);
}

TEST(Gate, remembers_no_more_sources_than_it_may) {
  Gate gate(GateLimits{});
  for (std::size_t i = 0; i < 3 * kMaxSources; ++i) {
    const std::string source = std::to_string(i);
    EXPECT_EQ(gate.knock(source, kStart), std::nullopt);
    gate.failed(source, true, kStart + i * 1ms);
    EXPECT_LE(gate.sources(), kMaxSources);
  }
}

TEST(Gate, forgets_nobody_who_is_there) {
  Gate gate({.pending = 1, .sessions = 1, .failures = 10});
  EXPECT_EQ(gate.knock("here", kStart), std::nullopt);
  gate.opened("here");
  for (std::size_t i = 0; i < 2 * kMaxSources; ++i) {
    gate.knock(std::to_string(i), kStart);
    gate.failed(std::to_string(i), true, kStart);
  }
  EXPECT_THAT(gate.knock("here", kStart), Optional(HasSubstr("sessions")));
}

}  // namespace
}  // namespace oche::wire

#include "talk/awake_clock.h"

#include <gtest/gtest.h>

namespace oche::talk {
namespace {

using namespace std::chrono_literals;

TEST(AwakeClock, goes_with_the_time_while_it_is_asked) {
  AwakeClock clock(Instant{});
  EXPECT_EQ(clock.at(Instant{100ms}), Instant{100ms});
  EXPECT_EQ(clock.at(Instant{100ms}), Instant{100ms});
  EXPECT_EQ(clock.at(Instant{1100ms}), Instant{1100ms});  // four ticks late
}

TEST(AwakeClock, stands_still_while_the_process_does) {
  AwakeClock clock(Instant{});
  EXPECT_EQ(clock.at(Instant{1h}), Instant{kServiceTick});
  EXPECT_EQ(clock.at(Instant{1h + 1s}), Instant{kServiceTick + 1s});
}

// All pass through one call, but none may turn the clock back.
TEST(AwakeClock, never_goes_back) {
  AwakeClock clock(Instant{1s});
  EXPECT_EQ(clock.at(Instant{500ms}), Instant{1s});
  EXPECT_EQ(clock.at(Instant{1500ms}), Instant{1500ms});
}

}  // namespace
}  // namespace oche::talk

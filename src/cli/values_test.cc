#include "cli/values.h"

#include <gtest/gtest.h>

#include <ctime>

#include "oche/error.h"

namespace oche::cli {
namespace {

using std::chrono::system_clock;

system_clock::time_point local(int hour, int minute, int second) {
  std::tm day{};
  day.tm_year = 126;
  day.tm_mon = 10;
  day.tm_mday = 27;
  day.tm_hour = hour;
  day.tm_min = minute;
  day.tm_sec = second;
  day.tm_isdst = -1;
  return system_clock::from_time_t(std::mktime(&day));
}

std::string refusal(const std::string& text) {
  try {
    parse_time_of_day("--until", text, local(9, 0, 0));
  } catch (const Error& error) {
    return error.what();
  }
  return "none";
}

TEST(TimeOfDay, is_the_next_one) {
  using std::chrono::hours;
  using std::chrono::minutes;
  EXPECT_EQ(parse_time_of_day("--until", "18:00", local(9, 0, 0)), local(18, 0, 0));
  EXPECT_EQ(parse_time_of_day("--until", "9:05", local(9, 4, 59)), local(9, 5, 0));
  EXPECT_EQ(parse_time_of_day("--until", "9:04:59", local(9, 4, 58)), local(9, 4, 59));
  EXPECT_EQ(parse_time_of_day("--until", "09:00", local(9, 0, 0)), local(9, 0, 0) + hours(24));
  EXPECT_EQ(parse_time_of_day("--until", "0:00", local(23, 59, 59)), local(24, 0, 0));
}

TEST(TimeOfDay, refuses_what_is_none) {
  for (const char* text : {"",       ":",     "18",     "18:",      ":30",
                           "24:00",  "18:60", "18:5",   "18:005",   "-1:00",
                           "18:-1",  "+6:00", "6pm",    "18:00:60", "18:00:00:00",
                           "18:00:", "::",    " 18:00", "18:00 ",   "018:00"}) {
    EXPECT_NE(refusal(text).find("is not a time of day"), std::string::npos) << text;
  }
}

}  // namespace
}  // namespace oche::cli

#include "host/exposition.h"

#include <gtest/gtest.h>

#include <array>
#include <limits>

namespace oche::host {
namespace {

TEST(Exposition, is_help_type_and_samples) {
  Exposition page;
  page.counter("oche_chunks_total", "Chunks.", 7);
  page.family("oche_sessions", MetricType::gauge, "Sessions.");
  page.sample(std::uint64_t{2}, {{"service", "work"}, {"more", "x"}});
  page.sample(0.25, {{"service", "talk"}});
  EXPECT_EQ(page.text(),
            "# HELP oche_chunks_total Chunks.\n# TYPE oche_chunks_total counter\n"
            "oche_chunks_total 7\n"
            "# HELP oche_sessions Sessions.\n# TYPE oche_sessions gauge\n"
            "oche_sessions{service=\"work\",more=\"x\"} 2\n"
            "oche_sessions{service=\"talk\"} 0.25\n");
}

TEST(Exposition, escapes_the_values_of_labels) {
  Exposition page;
  page.family("a", MetricType::gauge, "A.");
  page.sample(std::uint64_t{1}, {{"version", "a\"b\\c\nd"}});
  EXPECT_TRUE(page.text().ends_with("a{version=\"a\\\"b\\\\c\\nd\"} 1\n")) << page.text();
}

TEST(Exposition, of_a_histogram_is_cumulative) {
  constexpr std::array kBounds{0.001, 0.5};
  constexpr std::array<std::uint64_t, 3> kCounts{3, 0, 2};
  Exposition page;
  page.family("lag_seconds", MetricType::histogram, "Lag.");
  page.sample(HistogramCounts{kBounds, kCounts, 1.5});
  EXPECT_TRUE(
      page.text().ends_with("lag_seconds_bucket{le=\"0.001\"} 3\n"
                            "lag_seconds_bucket{le=\"0.5\"} 3\n"
                            "lag_seconds_bucket{le=\"+Inf\"} 5\n"
                            "lag_seconds_sum 1.5\nlag_seconds_count 5\n"));
}

TEST(Exposition, writes_what_is_not_finite_as_the_format_does) {
  Exposition page;
  page.family("a", MetricType::gauge, "A.");
  page.sample(std::numeric_limits<double>::infinity());
  page.sample(-std::numeric_limits<double>::infinity());
  page.sample(std::numeric_limits<double>::quiet_NaN());
  EXPECT_TRUE(page.text().ends_with("a +Inf\na -Inf\na NaN\n"));
}

}  // namespace
}  // namespace oche::host

#include "host/metrics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace oche::host {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

TEST(LagHistogram, counts_by_upper_bounds) {
  LagHistogram lag;
  lag.add(-1ms);  // a clock that was corrected
  lag.add(0ms);
  lag.add(1ms);
  lag.add(2ms);
  lag.add(5s);
  lag.add(6s);
  EXPECT_THAT(lag.counts(), ElementsAre(3, 1, 0, 0, 0, 0, 0, 1, 1));
  EXPECT_DOUBLE_EQ(lag.sum(), 11.003);
}

TEST(MetricsPage, tells_what_it_is_given) {
  MetricsView view;
  view.version = "1.2.3";
  view.numerics = 7;
  view.connections.sessions[index_of(wire::Service::talk)] = 3;
  view.connections.failed[static_cast<std::size_t>(wire::CloseReason::wrong_key)] = 4;
  view.connections.ended[static_cast<std::size_t>(wire::CloseReason::lost)] = 5;
  view.queue.samples = std::uint64_t{1} << 60;
  view.jobs[static_cast<std::size_t>(JobState::queued)] = 6;
  view.declined[static_cast<std::size_t>(DeclineReason::limit)] = 8;
  const std::string page = metrics_page(view);
  for (const char* const line : {
           "oche_build_info{version=\"1.2.3\",numerics=\"7\"} 1\n",
           "oche_sessions{service=\"talk\"} 3\n",
           "oche_sessions{service=\"work\"} 0\n",
           "oche_handshakes_failed_total{reason=\"wrong_key\"} 4\n",
           "oche_disconnects_total{reason=\"lost\"} 5\n",
           "oche_samples_total 1152921504606846976\n",
           "oche_jobs{state=\"queued\"} 6\n",
           "oche_jobs_declined_total{reason=\"limit\"} 8\n",
       }) {
    EXPECT_THAT(page, HasSubstr(line));
  }
  EXPECT_THAT(page, Not(HasSubstr("host_not_found")));
}

TEST(ProcessCounts, are_of_this_process) {
  const ProcessCounts counts = process_counts();
  EXPECT_GE(counts.open_descriptors, 3U);
  EXPECT_LT(counts.open_descriptors, counts.most_descriptors);
  EXPECT_GT(counts.resident_bytes, 100'000U);
}

}  // namespace
}  // namespace oche::host

// The metrics of a host: which there are (docs/host.md), and the page of them. Pure.
#ifndef OCHE_HOST_METRICS_H_
#define OCHE_HOST_METRICS_H_

#include <array>
#include <cstdint>
#include <map>
#include <string>

#include "base/clock.h"
#include "host/job_queue.h"
#include "wire/session.h"
#include "wire/traffic.h"

namespace oche::host {

// How late the loop's timer was.
class LagHistogram {
 public:
  static constexpr std::array kBounds{0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1.0, 5.0};  // seconds

  void add(Duration lag);
  const std::array<std::uint64_t, kBounds.size() + 1>& counts() const { return counts_; }
  double sum() const { return sum_; }

 private:
  std::array<std::uint64_t, kBounds.size() + 1> counts_{};
  double sum_ = 0.0;
};

inline constexpr std::size_t kServices = 4;
constexpr std::size_t index_of(wire::Service service) {
  return static_cast<std::size_t>(service) - 1;
}

// What is counted on the loop's thread as it happens.
struct ConnectionCounts {
  std::array<std::uint64_t, kServices> sessions{};  // now
  std::array<std::uint64_t, kServices> accepted{};
  std::array<std::uint64_t, wire::kCloseReasons> failed{};  // handshakes
  std::array<std::uint64_t, wire::kCloseReasons> ended{};   // sessions
  std::map<int, std::uint64_t> http_answers;                // by status
};

// What the system says of this process.
struct ProcessCounts {
  std::uint64_t open_descriptors = 0;
  std::uint64_t most_descriptors = 0;
  std::uint64_t resident_bytes = 0;
};
// 0 where it doesn't say.
ProcessCounts process_counts();

// All that the page is made of, at one moment.
struct MetricsView {
  std::string version;
  std::uint64_t numerics = 0;
  double start_time = 0.0;  // Unix time
  ConnectionCounts connections;
  std::uint64_t pending_handshakes = 0;
  wire::Traffic traffic;
  std::uint64_t workers = 0;
  std::uint64_t worker_cores = 0;
  std::array<std::uint64_t, kJobStates> jobs{};
  std::array<std::uint64_t, kDeclineReasons> declined{};
  QueueCounts queue;
  std::uint64_t leases = 0;
  std::array<std::uint64_t, 3> results{};
  std::uint64_t job_bytes = 0;
  std::uint64_t answers = 0;
  std::uint64_t answer_bytes = 0;
  std::uint64_t rings = 0;
  LagHistogram lag;
  std::uint64_t lines_lost = 0;
  ProcessCounts process;
};

// In Prometheus' text format.
std::string metrics_page(const MetricsView& view);

}  // namespace oche::host

#endif  // OCHE_HOST_METRICS_H_

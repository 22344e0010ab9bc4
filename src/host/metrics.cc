#include "host/metrics.h"

#include <dirent.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>

#include "host/exposition.h"

namespace oche::host {
namespace {

using Labels = Exposition::Labels;

// Those of a listener: the others are of who dials.
bool is_of_a_listener(wire::CloseReason reason) {
  return reason != wire::CloseReason::host_not_found &&
         reason != wire::CloseReason::cannot_connect &&
         reason != wire::CloseReason::connect_timeout;
}

void put_services(Exposition& page, const std::array<std::uint64_t, kServices>& values) {
  for (const wire::Service service :
       {wire::Service::work, wire::Service::estimate, wire::Service::talk, wire::Service::send}) {
    page.sample(values[index_of(service)], {{"service", to_string(service)}});
  }
}

void put_reasons(Exposition& page, const std::array<std::uint64_t, wire::kCloseReasons>& values) {
  for (std::size_t i = 0; i < values.size(); ++i) {
    const auto reason = static_cast<wire::CloseReason>(i);
    if (is_of_a_listener(reason)) page.sample(values[i], {{"reason", to_string(reason)}});
  }
}

void put_connections(Exposition& page, const MetricsView& view) {
  const ConnectionCounts& counts = view.connections;
  page.family("oche_sessions", MetricType::gauge, "Sessions that are open.");
  put_services(page, counts.sessions);
  page.gauge("oche_handshakes_pending", "Connections that have not said yet who they are.",
             view.pending_handshakes);
  page.family("oche_handshakes_accepted_total", MetricType::counter, "Sessions that were opened.");
  put_services(page, counts.accepted);
  page.family("oche_handshakes_failed_total", MetricType::counter,
              "Connections that became no session.");
  put_reasons(page, counts.failed);
  page.family("oche_disconnects_total", MetricType::counter, "Sessions that have ended.");
  put_reasons(page, counts.ended);
  page.counter("oche_received_bytes_total", "Bytes from peers, encryption included.",
               view.traffic.bytes_received);
  page.counter("oche_sent_bytes_total", "Bytes to peers, encryption included.",
               view.traffic.bytes_sent);
  page.counter("oche_received_frames_total", "Frames from peers.", view.traffic.frames_received);
  page.counter("oche_sent_frames_total", "Frames to peers.", view.traffic.frames_sent);
}

void put_jobs(Exposition& page, const MetricsView& view) {
  page.family("oche_jobs", MetricType::gauge, "Jobs that the host knows, by state.");
  for (std::size_t i = 0; i < kJobStates; ++i) {
    page.sample(view.jobs[i], {{"state", to_string(static_cast<JobState>(i))}});
  }
  page.counter("oche_jobs_submitted_total", "Jobs that were taken.", view.queue.submitted);
  page.family("oche_jobs_declined_total", MetricType::counter, "Jobs that were not taken.");
  for (const DeclineReason reason :
       {DeclineReason::wrong_job, DeclineReason::limit, DeclineReason::stopping}) {
    page.sample(view.declined[static_cast<std::size_t>(reason)], {{"reason", to_string(reason)}});
  }
  page.family("oche_jobs_ended_total", MetricType::counter, "Jobs that are over.");
  for (const JobState state : {JobState::done, JobState::failed, JobState::cancelled}) {
    page.sample(view.queue.ended[static_cast<std::size_t>(state)], {{"state", to_string(state)}});
  }
  page.gauge("oche_job_bytes", "Memory of the jobs that wait or run.", view.job_bytes);
  page.gauge("oche_answers", "Jobs that are over and kept.", view.answers);
  page.gauge("oche_answer_bytes", "Memory of the jobs that are over and kept.", view.answer_bytes);
}

void put_work(Exposition& page, const MetricsView& view) {
  page.gauge("oche_workers", "Workers that are connected.", view.workers);
  page.gauge("oche_worker_cores", "Cores that they lend.", view.worker_cores);
  page.gauge("oche_leases", "Leases whose results are awaited.", view.leases);
  page.counter("oche_leases_granted_total", "Leases that were given out.",
               view.queue.leases_granted);
  page.counter("oche_leases_expired_total", "Leases that ran past their deadline.",
               view.queue.leases_expired);
  page.family("oche_results_total", MetricType::counter, "Results of workers, by what they were.");
  constexpr std::string_view kVerdicts[] = {"accepted", "repeated", "rejected"};
  for (std::size_t i = 0; i < view.results.size(); ++i) {
    page.sample(view.results[i], {{"verdict", kVerdicts[i]}});
  }
  page.counter("oche_chunks_total", "Chunks of accepted results.", view.queue.chunks);
  page.counter("oche_samples_total", "Samples of accepted results.", view.queue.samples);
}

void put_the_rest(Exposition& page, const MetricsView& view) {
  page.gauge("oche_rings", "Rings of talkers.", view.rings);
  page.family("oche_loop_lag_seconds", MetricType::histogram,
              "How late the timer of the host's loop was.");
  page.sample(HistogramCounts{LagHistogram::kBounds, view.lag.counts(), view.lag.sum()});
  page.counter("oche_log_lines_lost_total", "Lines of the log that nobody read.", view.lines_lost);
  page.family("oche_metrics_requests_total", MetricType::counter,
              "Requests for this page and others, by the status of the answer.");
  for (const auto& [status, count] : view.connections.http_answers) {
    page.sample(count, {{"status", std::to_string(status)}});
  }
  page.gauge("process_open_fds", "Open descriptors.", view.process.open_descriptors);
  page.gauge("process_max_fds", "The most descriptors that may be open.",
             view.process.most_descriptors);
  page.gauge("process_resident_memory_bytes", "Memory of the process.",
             view.process.resident_bytes);
  page.family("process_start_time_seconds", MetricType::gauge,
              "When the host began, in Unix time.");
  page.sample(view.start_time);
}

}  // namespace

void LagHistogram::add(Duration lag) {
  const double late = std::max(seconds(lag), 0.0);
  const auto bound = std::ranges::lower_bound(kBounds, late);
  ++counts_[static_cast<std::size_t>(bound - kBounds.begin())];
  sum_ += late;
}

std::string metrics_page(const MetricsView& view) {
  Exposition page;
  page.family("oche_build_info", MetricType::gauge, "The program; always 1.");
  page.sample(std::uint64_t{1},
              {{"version", view.version}, {"numerics", std::to_string(view.numerics)}});
  put_connections(page, view);
  put_work(page, view);
  put_jobs(page, view);
  put_the_rest(page, view);
  return page.text();
}

ProcessCounts process_counts() {
  ProcessCounts counts;
  if (DIR* const list = ::opendir("/proc/self/fd")) {
    while (const dirent* const entry = ::readdir(list)) {
      if (entry->d_name[0] != '.') ++counts.open_descriptors;
    }
    ::closedir(list);
    --counts.open_descriptors;  // that of the list itself
  }
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) == 0) counts.most_descriptors = limit.rlim_cur;
  std::ifstream file("/proc/self/statm");
  std::uint64_t all = 0;
  std::uint64_t resident = 0;
  if (file >> all >> resident) {
    counts.resident_bytes = resident * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
  }
  return counts;
}

}  // namespace oche::host

// oche::run(): the whole of a run on one page.
#include "oche/run.h"

#include <sched.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <mutex>

#include "crew/manager.h"
#include "crew/progress.h"
#include "crew/remote_crew.h"
#include "crew/run_to_end.h"
#include "crew/thread_crew.h"
#include "job/result.h"
#include "math/float_environment.h"
#include "wire/address_range.h"
#include "wire/admission.h"
#include "wire/limits.h"

namespace oche {
namespace {

constexpr Duration kProgressPeriod = std::chrono::milliseconds(100);

// How much work is at risk, at most, where a run is kept in a file.
constexpr Duration kSavePeriod = std::chrono::seconds(1);

void wait_for_end(crew::Manager& manager, const job::StopRule& rule, const RunOptions& options,
                  job::CheckpointFile* file) {
  Instant next_save = monotonic_now() + kSavePeriod;
  while (!manager.wait_until(monotonic_now() + kProgressPeriod)) {
    if (file != nullptr && monotonic_now() >= next_save) {
      file->save(manager.take_changes(), std::nullopt);
      next_save = monotonic_now() + kSavePeriod;
    }
    if (options.interrupt && *options.interrupt) manager.interrupt();
    if (!options.on_progress) continue;
    options.on_progress(manager.inspect(
        [&](const job::Dispatcher& d) { return crew::progress_of(d, rule, monotonic_now()); }));
  }
}

// The first number of a cgroup file; nothing for "max" or no file.
std::optional<double> cgroup_quota_cores() {
  std::ifstream file("/sys/fs/cgroup/cpu.max");
  double quota = 0.0;
  double period = 0.0;
  if (file >> quota >> period && quota > 0 && period > 0) return quota / period;
  return std::nullopt;
}

// How many threads the options mean. Throws Error (usage) for options that make no sense.
unsigned checked_threads(const RunOptions& options, bool kept) {
  const bool listening = !options.listen.empty();
  const unsigned threads = options.threads.value_or(listening ? 0 : available_cores());
  if (listening && kept) {
    throw Error(ErrorKind::usage,
                "--listen with --checkpoint (what other computers computed must be on the disk "
                "before they may forget it, which isn't built yet); leave one of them out");
  }
  if (threads == 0 && !listening) {
    throw Error(ErrorKind::usage,
                "there is nobody to compute (--workers 0 without --listen); give "
                "--workers 1 or more, or --listen");
  }
  if (threads > kMaxThreads) {
    throw Error(ErrorKind::usage, "--workers " + std::to_string(threads) +
                                      " is too many (the limit is " + std::to_string(kMaxThreads) +
                                      "); give fewer");
  }
  if (!(options.lease_seconds > 0 && options.lease_seconds <= 1e6)) {
    throw Error(ErrorKind::usage,
                "--lease is out of range (0 to 1e6 seconds); give for example 10s");
  }
  if (options.wait_for_workers > 0 && !listening) {
    throw Error(ErrorKind::usage,
                "--wait without --listen (nobody could join); give --listen ADDR:PORT");
  }
  if (options.wait_for_workers > wire::kMaxSessions) {
    throw Error(ErrorKind::usage, "--wait " + std::to_string(options.wait_for_workers) +
                                      " is too many (a manager takes " +
                                      std::to_string(wire::kMaxSessions) +
                                      " workers at a time); give fewer");
  }
  return threads;
}

// Who may come in.
wire::Admission admission_of(const RunOptions& options) {
  auto allow = std::make_shared<wire::AllowList>();
  for (const std::string& range : options.allow) allow->add(range);
  const CertificateOptions& files = options.certificate;
  return wire::admission_of(std::move(allow), options.insecure,
                            {files.authority, files.certificate, files.private_key, files.revoked});
}

}  // namespace

unsigned available_cores() {
  cpu_set_t set;
  unsigned cores = 1;
  if (sched_getaffinity(0, sizeof set, &set) == 0) cores = static_cast<unsigned>(CPU_COUNT(&set));
  if (const auto quota = cgroup_quota_cores()) {
    cores = std::min(cores, static_cast<unsigned>(std::max(1.0, std::ceil(*quota))));
  }
  return std::max(cores, 1u);
}

Result run(const Job& job, const RunOptions& options) {
  const Instant start = monotonic_now();
  // Constants are folded and tallies merged on this thread, and those that it starts inherit.
  const math::StandardFloatEnvironment environment;
  const job::Order order = job::make_order(job);
  std::optional<job::CheckpointFile> file;
  if (!options.checkpoint.empty()) {
    // Before there is a file of a run that can't be.
    static_cast<void>(checked_threads(options, true));
    static_cast<void>(job::Dispatcher(order.job, order.rule, {}));
    file.emplace(
        job::CheckpointFile::create(options.checkpoint, *order.job, order.rule, std::nullopt));
  }
  Result result = job::make_result(
      crew::run_to_end({order.job, order.rule, {}, {}, {}}, options, file ? &*file : nullptr),
      order.rule, order.show);
  result.seconds = seconds(monotonic_now() - start);
  return result;
}

namespace crew {

job::Answer run_to_end(job::RunRecord run, const RunOptions& options, job::CheckpointFile* file) {
  const bool listening = !options.listen.empty();
  const unsigned threads = checked_threads(options, file != nullptr);
  job::DispatcherOptions dispatching;
  dispatching.lease_duration =
      std::chrono::duration_cast<Duration>(std::chrono::duration<double>(options.lease_seconds));
  dispatching.wait_for_workers =
      options.wait_for_workers > 0 ? options.wait_for_workers + threads : 0;
  std::mutex one_event_at_a_time;
  crew::Manager::OnEvent on_event;
  if (options.on_event) {
    on_event = [&](const std::string& line) {
      const std::scoped_lock lock(one_event_at_a_time);
      options.on_event(line);
    };
  }
  dispatching.keep_nodes = file != nullptr;
  dispatching.range = run.range;
  crew::Manager manager(run.job, run.rule, dispatching, on_event, std::move(run.standing));
  {
    std::optional<crew::RemoteCrew> remote;
    if (listening) {
      remote.emplace(manager, options.listen, admission_of(options), on_event);
      if (options.on_listen) options.on_listen(remote->endpoint());
    }
    const crew::ThreadCrew local(manager, threads);
    wait_for_end(manager, run.rule, options, file);
  }
  job::Answer answer = manager.inspect(job::answer_of);
  if (file != nullptr) file->save(manager.take_changes(), answer.reason);
  return answer;
}

}  // namespace crew

}  // namespace oche

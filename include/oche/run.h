// Runs a job on this computer's cores and, if asked to listen, on workers that connect.
#ifndef OCHE_RUN_H_
#define OCHE_RUN_H_

#include <atomic>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "oche/error.h"
#include "oche/job.h"
#include "oche/result.h"

namespace oche {

// How a run stands, for people. Never part of a result.
struct Progress {
  double seconds = 0.0;       // since the run began; 0 while it waits for workers
  std::uint64_t samples = 0;  // that count
  std::optional<double> estimate;
  double half_width = 0.0;             // of the interval
  std::optional<double> seconds_left;  // a guess; nothing when there is no ground for one
  unsigned workers = 0;                // present
};

// The most threads of a run.
inline constexpr unsigned kMaxThreads = 4096;

// Files, in PEM, of an organization's own authority: the certificates of those whose certificates
// are taken, the own one, its private key, and a revocation list where there is one.
struct CertificateOptions {
  std::string authority, certificate, private_key, revoked;
};

struct RunOptions {
  // Threads here. Nothing: as many as cgroup and affinity allow, or none if listening.
  std::optional<unsigned> threads;
  // "ADDR:PORT" to be the manager of workers that connect; port 0 is any free one.
  std::string listen;
  // Of listen: no keys and no encryption, so that whoever reaches the port may work. Else workers
  // need a key of this user's host.keys ("oche invite work"), on this computer the user's own.
  bool insecure = false;
  // Of listen: take workers with a certificate of an own authority too; empty: not.
  CertificateOptions certificate;
  // Of listen: ranges of addresses, "ADDR/LEN", that workers may come from; none: everywhere. A
  // filter, not authentication.
  std::vector<std::string> allow;
  // A file, of which there is none yet, that keeps the run, so that it can be gone on with (oche
  // resume, oche extend); "": none. At most a second of work is lost with this process. Not with
  // listen.
  std::string checkpoint;
  // Begin when this many workers, threads not counted, have joined.
  unsigned wait_for_workers = 0;
  // How long a worker may keep a range of chunks before another gets it too.
  double lease_seconds = 10.0;

  // Called on threads of the run, each of them once at a time; must not block and not throw.
  std::function<void(const Progress&)> on_progress;   // every tenth of a second
  std::function<void(const std::string&)> on_listen;  // once, with the real "ADDR:PORT"
  std::function<void(const std::string&)> on_event;   // a line for each event of the crew
  // Set it from anywhere, a signal handler too, to end the run with what it has.
  const std::atomic<bool>* interrupt = nullptr;
};

// Runs to the end. Throws Error: usage for a wrong job or options, network when it can't listen,
// file when the user's keys or certificates can't be used. The same job gives the same digest
// whatever the options. Thread-safe: runs don't share anything.
Result run(const Job& job, const RunOptions& options = {});

// The cores that this process may use: affinity and cgroup quota, at least 1.
unsigned available_cores();

}  // namespace oche

#endif  // OCHE_RUN_H_

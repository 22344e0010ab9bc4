// What a host takes, each limit with its default: the configuration file may set them
// (docs/host.md).
#ifndef OCHE_HOST_LIMITS_H_
#define OCHE_HOST_LIMITS_H_

#include <chrono>
#include <cstddef>
#include <cstdint>

#include "base/clock.h"
#include "sampling/plan.h"
#include "talk/limits.h"
#include "wire/gate.h"
#include "wire/limits.h"

namespace oche::host {

struct QueueLimits {
  // Of the jobs that wait or run.
  std::size_t jobs = 1000;
  std::size_t jobs_per_client = 100;
  // Of one job: its canonical text and its data.
  std::size_t text_bytes = std::size_t{64} * 1024;
  std::size_t data_bytes = std::size_t{9} * 1024 * 1024;
  // Of all jobs that wait or run: what they occupy, tables of distributions included.
  std::size_t job_bytes = std::size_t{512} * 1024 * 1024;
  // A job ends there at the latest.
  std::uint64_t samples = sampling::kMaxSamples;
  // Jobs that are over and whose answers are kept; the oldest go first.
  std::size_t answers = 1000;
  std::size_t answer_bytes = std::size_t{256} * 1024 * 1024;
};

struct HostLimits {
  QueueLimits queue;
  // How long a worker may keep a range of chunks before another gets it too.
  Duration lease = std::chrono::seconds(10);
  std::size_t sessions = wire::kMaxSessions;
  std::size_t silent_connections = wire::kMaxSilentConnections;
  std::size_t pending_handshakes = wire::kMaxPendingHandshakes;
  wire::GateLimits source;  // of one other computer
  talk::TalkLimits talk;
  talk::SendLimits send;
};

// Text and data of jobs that are on their way to the host or not parsed yet, of all clients
// together.
inline constexpr std::size_t kMostArrivingBytes = std::size_t{64} * 1024 * 1024;
// Jobs of one client that aren't parsed yet.
inline constexpr std::size_t kMostUnparsed = 100;
// Of one client, declined ones that wait for the answers before theirs included.
inline constexpr std::size_t kMostUnanswered = 2000;
// Jobs whose progress one client is told.
inline constexpr std::size_t kMostWatched = 100;
// The longest answer that is sent, and taken.
inline constexpr std::size_t kMostAnswerBytes = std::size_t{32} * 1024 * 1024;
// Passes of an answer.
inline constexpr std::size_t kMostPasses = 64;
// Between two words on how a job stands.
inline constexpr Duration kProgressPeriod = std::chrono::milliseconds(500);
// Lines of one list of jobs or workers; more come in several.
inline constexpr int kLinesPerList = 500;
// Of an expression, where jobs are listed.
inline constexpr std::size_t kShownBytes = 200;

}  // namespace oche::host

#endif  // OCHE_HOST_LIMITS_H_

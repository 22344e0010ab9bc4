// A client of a host's service estimate: sends jobs, fetches answers, looks around.
#ifndef OCHE_HOST_CLIENT_H_
#define OCHE_HOST_CLIENT_H_

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "host/job_queue.h"
#include "oche/error.h"
#include "oche/run.h"
#include "report/lists.h"
#include "wire/handshake.h"

namespace oche::host {

struct ClientOptions {
  std::string address;          // "HOST[:PORT]"
  std::string name;             // whose jobs they are, unless key or certificate says it
  wire::Credential credential;  // none: no key and no encryption
  // Set it from anywhere to end what waits.
  const std::atomic<bool>* interrupt = nullptr;
};

// How a job stands.
struct JobProgress {
  JobState state = JobState::queued;
  std::uint64_t ahead = 0;  // jobs that come before it
  Progress progress;
};

// The user wants no more of it.
class Interrupted : public Error {
 public:
  explicit Interrupted(const std::string& message) : Error(ErrorKind::network, message) {}
};

// One session. Each call waits for the host's answer, and throws Error: usage where the host says
// that the job is wrong or there is no such job or worker; network where it declines for another
// reason, or the line is lost; Interrupted, but for wait(), where it is interrupted. Not
// thread-safe.
class Client {
 public:
  // Throws Error (usage or network) when there is no session to be had.
  explicit Client(const ClientOptions& options);
  ~Client();
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  // Returns the job's number.
  std::uint64_t submit(const job::Job& job, const job::StopRule& rule, int priority);
  // Waits for the job's end; on_progress is called now and then. `own` is the job, if it is there.
  // Nothing if interrupted: the job goes on.
  std::optional<EndedJob> wait(std::uint64_t number, const std::shared_ptr<const job::Job>& own,
                               const std::function<void(const JobProgress&)>& on_progress);
  void cancel(std::uint64_t number);
  std::vector<report::JobLine> jobs();
  std::vector<report::WorkerLine> workers();
  void drain(const std::string& worker);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace oche::host

#endif  // OCHE_HOST_CLIENT_H_

// The service estimate of a host: clients that send jobs, ask for answers, and look around.
// docs/PROTOCOL.md, "Estimate".
#ifndef OCHE_HOST_ESTIMATE_SERVICE_H_
#define OCHE_HOST_ESTIMATE_SERVICE_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>

#include "crew/job_parser.h"
#include "host/job_queue.h"
#include "host/work_service.h"
#include "wire/connection.h"

namespace oche::host {

// On the loop's thread only.
class EstimateService {
 public:
  // `deliver` takes the queue's actions, and brings back to ended() the jobs that are over.
  EstimateService(wire::Loop& loop, JobQueue& queue, const WorkService& work,
                  std::function<void(const Actions&)> deliver);

  void open(const std::shared_ptr<wire::Connection>& connection);
  // To all who wait for it.
  void ended(JobNumber job);
  // Jobs that were declined so far, by reason.
  const std::array<std::uint64_t, kDeclineReasons>& declined() const { return declined_; }
  // How the jobs stand, to all who wait for one.
  void tell_progress(Instant now);

 private:
  // A job with its data, or why it isn't taken: answers come in the order of the jobs.
  struct Arrival {
    wire::Submit submit;
    std::string data;
    std::optional<Declined> declined;
    std::size_t bytes() const { return submit.canonical().size() + submit.data_bytes(); }
  };
  struct Client {
    std::shared_ptr<wire::Connection> connection;
    std::optional<Arrival> arriving;  // its data are on their way
    // To be parsed, the first of them perhaps just now; that one isn't declined.
    std::deque<Arrival> waiting;
    std::set<JobNumber> watched;
  };

  void receive(Client& client, const wire::Message& message);
  void take(Client& client, const wire::Submit& submit);
  void take(Client& client, const wire::SubmitData& data);
  void take(Client& client, const wire::Fetch& fetch);
  void take(Client& client, const wire::Cancel& cancel);
  void take(Client& client, const wire::ListJobs& list);
  void take(Client& client, const wire::ListWorkers& list);
  void take(Client& client, const wire::Drain& drain);

  // Counts it; for the log.
  Note note_of(const Client& client, const Declined& declined);
  std::optional<Declined> judge(const Client& client, const wire::Submit& submit) const;
  void decline(Client& client, Declined declined);
  void wait_for_parser(Client& client, Arrival arrival);
  void parse_next();
  void take(const std::weak_ptr<wire::Connection>& from, crew::ParsedJob job);
  void submit(Client& client, const Arrival& arrival, crew::ParsedJob job);
  void send_answer(Client& client, JobNumber job, const EndedJob& ended);
  void tell(Client& client, JobNumber job, const JobQueue::Entry& entry);
  void done_or_declined(Client& client, const std::optional<Declined>& declined, JobNumber job);

  JobQueue& queue_;
  const WorkService& work_;
  std::function<void(const Actions&)> deliver_;
  std::map<const wire::Connection*, Client> clients_;
  std::array<std::uint64_t, kDeclineReasons> declined_{};
  std::size_t arriving_bytes_ = 0;  // announced and not parsed yet, of all clients
  // One job at a time is parsed, of each client in turn, so that nobody's keep all others waiting.
  std::deque<std::weak_ptr<wire::Connection>> turns_;
  bool parsing_ = false;
  crew::JobParser parser_;
};

}  // namespace oche::host

#endif  // OCHE_HOST_ESTIMATE_SERVICE_H_

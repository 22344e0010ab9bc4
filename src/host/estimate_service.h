// The service estimate of a host: clients that send jobs, ask for answers, and look around.
// docs/PROTOCOL.md, "Estimate".
#ifndef OCHE_HOST_ESTIMATE_SERVICE_H_
#define OCHE_HOST_ESTIMATE_SERVICE_H_

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>

#include "host/job_queue.h"
#include "host/work_service.h"
#include "wire/connection.h"

namespace oche::host {

// On the loop's thread only.
class EstimateService {
 public:
  // `deliver` takes the queue's actions, and brings back to ended() the jobs that are over.
  EstimateService(JobQueue& queue, const WorkService& work,
                  std::function<void(const Actions&)> deliver);

  void open(const std::shared_ptr<wire::Connection>& connection);
  // To all who wait for it.
  void ended(JobNumber job);
  // How the jobs stand, to all who wait for one.
  void tell_progress(Instant now);

 private:
  // A job whose data are on their way.
  struct Arriving {
    wire::Submit submit;
    std::string data;
  };
  struct Client {
    std::shared_ptr<wire::Connection> connection;
    std::optional<Arriving> arriving;
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

  void submit(Client& client, const wire::Submit& message, const std::string& data);
  void send_answer(Client& client, JobNumber job, const EndedJob& ended);
  void tell(Client& client, JobNumber job, const JobQueue::Entry& entry);
  void done_or_declined(Client& client, const std::optional<Declined>& declined, JobNumber job);
  void forget_arriving(Client& client);

  JobQueue& queue_;
  const WorkService& work_;
  std::function<void(const Actions&)> deliver_;
  std::map<const wire::Connection*, Client> clients_;
  std::size_t arriving_bytes_ = 0;  // announced and not submitted yet, of all clients
};

}  // namespace oche::host

#endif  // OCHE_HOST_ESTIMATE_SERVICE_H_

#include "host/estimate_service.h"

#include <utility>

#include "crew/progress.h"
#include "host/messages.h"

namespace oche::host {
namespace {

// More waits for a client: it isn't told how jobs stand until it has read that.
constexpr std::size_t kSlowReader = std::size_t{64} * 1024;

std::uint64_t number_of(JobNumber job) { return static_cast<std::uint64_t>(job); }

Declined no_such_job(JobNumber job) {
  return {DeclineReason::no_such_job,
          "there is no job " + std::to_string(number_of(job)) +
              " here (it never was, or its answer is no longer kept); see oche jobs"};
}

// Messages of at most so many lines each; the last says so.
template <class List, class Lines, class Add>
void send_list(wire::Connection& connection, const Lines& lines, Add add) {
  List list;
  int n = 0;
  for (const auto& line : lines) {
    if (n++ == kLinesPerList) {
      connection.send(std::exchange(list, {}));
      n = 1;
    }
    add(line, list);
  }
  list.set_last(true);
  connection.send(list);
}

}  // namespace

EstimateService::EstimateService(wire::Loop& loop, JobQueue& queue, const WorkService& work,
                                 std::function<void(const Actions&)> deliver)
    : queue_(queue), work_(work), deliver_(std::move(deliver)), parser_(loop) {}

void EstimateService::open(const std::shared_ptr<wire::Connection>& connection) {
  const wire::Connection* const key = connection.get();
  clients_[key].connection = connection;
  connection->on_message = [this, key](wire::Message&& message) {
    const auto client = clients_.find(key);
    if (client != clients_.end()) receive(client->second, message);
  };
  connection->on_closed = [this, key](const wire::Closed&) {
    const auto client = clients_.find(key);
    if (client == clients_.end()) return;
    if (client->second.arriving) arriving_bytes_ -= client->second.arriving->bytes();
    for (const Arrival& arrival : client->second.waiting) arriving_bytes_ -= arrival.bytes();
    clients_.erase(client);
  };
}

void EstimateService::receive(Client& client, const wire::Message& message) {
  if (!client.connection->open()) return;
  if (const auto* submit = std::get_if<wire::Submit>(&message)) return take(client, *submit);
  if (const auto* data = std::get_if<wire::SubmitData>(&message)) return take(client, *data);
  if (const auto* fetch = std::get_if<wire::Fetch>(&message)) return take(client, *fetch);
  if (const auto* cancel = std::get_if<wire::Cancel>(&message)) return take(client, *cancel);
  if (const auto* list = std::get_if<wire::ListJobs>(&message)) return take(client, *list);
  if (const auto* list = std::get_if<wire::ListWorkers>(&message)) return take(client, *list);
  if (const auto* drain = std::get_if<wire::Drain>(&message)) return take(client, *drain);
}

Note EstimateService::note_of(const Client& client, const Declined& declined) {
  ++declined_[static_cast<std::size_t>(declined.reason)];
  const bool limit = declined.reason == DeclineReason::limit;
  return {LogEntry(limit ? Event::limit_met : Event::job_declined)
              .with("peer", client.connection->remote())
              .with("client", client.connection->peer().name)
              .with("reason", to_string(declined.reason))
              .with("text", declined.text)};
}

// ---- Jobs that come ----

std::optional<Declined> EstimateService::judge(const Client& client,
                                               const wire::Submit& submit) const {
  auto declined = queue_.judge_size(submit.canonical().size(), submit.data_bytes());
  if (declined) return declined;
  if (client.waiting.size() >= kMostUnparsed) {
    return Declined{DeclineReason::limit,
                    "there are " + std::to_string(kMostUnparsed) +
                        " jobs of this client that the host hasn't looked at yet (the limit); wait "
                        "for their numbers"};
  }
  if (arriving_bytes_ + submit.canonical().size() + submit.data_bytes() > kMostArrivingBytes) {
    return Declined{DeclineReason::limit,
                    "other jobs are on their way to the host (of all clients together at most " +
                        std::to_string(kMostArrivingBytes) + " bytes may be); try again"};
  }
  return std::nullopt;
}

void EstimateService::take(Client& client, const wire::Submit& submit) {
  if (client.arriving) {
    return client.connection->close(wire::GoodbyeReason::protocol_error,
                                    "a job came in the middle of another's data");
  }
  if (auto declined = judge(client, submit)) return decline(client, *std::move(declined));
  Arrival arrival{submit, {}, {}};
  arriving_bytes_ += arrival.bytes();
  if (submit.data_bytes() == 0) return wait_for_parser(client, std::move(arrival));
  client.arriving = std::move(arrival);
}

void EstimateService::decline(Client& client, Declined declined) {
  deliver_({note_of(client, declined)});
  if (client.waiting.empty()) {
    client.connection->send(to_message(declined, JobNumber{}));
  } else if (client.waiting.size() < kMostUnanswered) {
    client.waiting.push_back({{}, {}, std::move(declined)});
  } else {
    client.connection->close(wire::GoodbyeReason::overloaded,
                             "more than " + std::to_string(kMostUnanswered) +
                                 " jobs of this client wait for an answer (the limit)");
  }
}

void EstimateService::take(Client& client, const wire::SubmitData& data) {
  if (!client.arriving) return;  // of a job that was declined before its data came
  std::string& held = client.arriving->data;
  const std::uint64_t wanted = client.arriving->submit.data_bytes();
  if (data.data().size() > wanted - held.size()) {
    return client.connection->close(wire::GoodbyeReason::protocol_error,
                                    "more data came than the job was to have");
  }
  held += data.data();
  if (held.size() < wanted) return;
  wait_for_parser(client, *std::exchange(client.arriving, std::nullopt));
}

void EstimateService::wait_for_parser(Client& client, Arrival arrival) {
  client.waiting.push_back(std::move(arrival));
  if (client.waiting.size() == 1) turns_.push_back(client.connection);
  parse_next();
}

void EstimateService::parse_next() {
  while (!parsing_ && !turns_.empty()) {
    const std::weak_ptr<wire::Connection> turn = std::move(turns_.front());
    turns_.pop_front();
    const auto connection = turn.lock();
    const auto client = clients_.find(connection.get());
    if (!connection || client == clients_.end()) continue;
    parsing_ = true;
    const Arrival& next = client->second.waiting.front();
    parser_.parse(next.submit.canonical(), next.data,
                  [this, turn](crew::ParsedJob job) { take(turn, std::move(job)); });
  }
}

void EstimateService::take(const std::weak_ptr<wire::Connection>& from, crew::ParsedJob job) {
  parsing_ = false;
  const auto connection = from.lock();
  const auto place = clients_.find(connection.get());
  if (connection && place != clients_.end()) {
    Client& client = place->second;
    const Arrival arrival = std::move(client.waiting.front());
    client.waiting.pop_front();
    arriving_bytes_ -= arrival.bytes();
    submit(client, arrival, std::move(job));
    while (!client.waiting.empty() && client.waiting.front().declined) {
      connection->send(to_message(*client.waiting.front().declined, JobNumber{}));
      client.waiting.pop_front();
    }
    if (!client.waiting.empty()) turns_.push_back(from);
  }
  parse_next();
}

void EstimateService::submit(Client& client, const Arrival& arrival, crew::ParsedJob job) {
  Actions actions;
  std::variant<JobNumber, Declined> answer;
  const std::optional<job::StopRule> rule = rule_from(arrival.submit.rule());
  if (const auto* why = std::get_if<std::string>(&job)) {
    answer = Declined{DeclineReason::wrong_job, *why};
  } else if (!rule) {
    answer = Declined{DeclineReason::wrong_job,
                      "the job's stop rule can't be one (a number is out of its range, or nothing "
                      "would end it); give --samples, --time or an error"};
  } else {
    answer = queue_.submit(
        {client.connection->peer().name, std::get<std::shared_ptr<const job::Job>>(std::move(job)),
         *rule, arrival.submit.priority()},
        monotonic_now(), actions);
  }
  if (const auto* number = std::get_if<JobNumber>(&answer)) {
    wire::Submitted submitted;
    submitted.set_job(number_of(*number));
    client.connection->send(submitted);
  } else {
    actions.emplace_back(note_of(client, std::get<Declined>(answer)));
    client.connection->send(to_message(std::get<Declined>(answer), JobNumber{}));
  }
  deliver_(actions);
}

// ---- Answers ----

void EstimateService::take(Client& client, const wire::Fetch& fetch) {
  const JobNumber job{fetch.job()};
  const JobQueue::Entry* const entry = queue_.find(job);
  if (entry == nullptr) {
    client.connection->send(to_message(no_such_job(job), job));
  } else if (!entry->dispatcher) {
    tell(client, job, *entry);
  } else if (client.watched.size() >= kMostWatched) {
    client.connection->send(to_message(
        {DeclineReason::limit, "one client waits for at most " + std::to_string(kMostWatched) +
                                   " jobs; fetch this one later"},
        job));
  } else {
    client.watched.insert(job);
    tell(client, job, *entry);
  }
}

// How the job stands, or its answer.
void EstimateService::tell(Client& client, JobNumber job, const JobQueue::Entry& entry) {
  if (entry.dispatcher) {
    const Progress progress = crew::progress_of(*entry.dispatcher, entry.rule, monotonic_now());
    client.connection->send(to_message(job, progress, entry.state, queue_.ahead_of(job)));
  } else if (entry.ended) {
    send_answer(client, job, *entry.ended);
  } else {
    client.connection->send(to_message(
        {DeclineReason::has_failed, "job " + std::to_string(number_of(job)) + " has failed (" +
                                        entry.failure + "); there is no answer"},
        job));
  }
}

void EstimateService::send_answer(Client& client, JobNumber job, const EndedJob& ended) {
  const std::string bytes = answer_bytes(ended);
  if (bytes.size() > kMostAnswerBytes) {
    client.connection->send(to_message(
        {DeclineReason::limit, "the answer has " + std::to_string(bytes.size()) +
                                   " bytes (the values fall into very many bins, and at most " +
                                   std::to_string(kMostAnswerBytes) +
                                   " are sent); run the job where you are"},
        job));
    return;
  }
  for (std::size_t at = 0; at < bytes.size(); at += wire::kMaxPartBytes) {
    wire::AnswerPart part;
    part.set_job(number_of(job));
    part.set_part(bytes.substr(at, wire::kMaxPartBytes));
    part.set_last(at + wire::kMaxPartBytes >= bytes.size());
    client.connection->send(part);
  }
}

void EstimateService::ended(JobNumber job) {
  for (auto& [key, client] : clients_) {
    if (client.watched.erase(job) == 0) continue;
    if (const JobQueue::Entry* const entry = queue_.find(job)) {
      tell(client, job, *entry);
    } else {
      client.connection->send(to_message(no_such_job(job), job));
    }
  }
}

void EstimateService::tell_progress(Instant now) {
  std::map<JobNumber, wire::Progress> known;
  for (auto& [key, client] : clients_) {
    if (client.connection->queued_bytes() > kSlowReader) continue;
    for (const JobNumber job : client.watched) {
      const JobQueue::Entry* const entry = queue_.find(job);
      if (entry == nullptr || !entry->dispatcher) continue;
      auto place = known.find(job);
      if (place == known.end()) {
        const Progress progress = crew::progress_of(*entry->dispatcher, entry->rule, now);
        place =
            known.emplace(job, to_message(job, progress, entry->state, queue_.ahead_of(job))).first;
      }
      client.connection->send(place->second);
    }
  }
}

// ---- The rest ----

void EstimateService::done_or_declined(Client& client, const std::optional<Declined>& declined,
                                       JobNumber job) {
  if (declined) {
    client.connection->send(to_message(*declined, job));
  } else {
    client.connection->send(wire::Done{});
  }
}

void EstimateService::take(Client& client, const wire::Cancel& cancel) {
  Actions actions;
  const JobNumber job{cancel.job()};
  const auto declined =
      queue_.cancel(job, client.connection->peer().name, monotonic_now(), actions);
  done_or_declined(client, declined, job);
  deliver_(actions);
}

void EstimateService::take(Client& client, const wire::Drain& drain) {
  Actions actions;
  done_or_declined(client, queue_.drain(drain.worker(), monotonic_now(), actions), JobNumber{});
  deliver_(actions);
}

void EstimateService::take(Client& client, const wire::ListJobs&) {
  const Instant now = monotonic_now();
  send_list<wire::JobList>(*client.connection, queue_.jobs(),
                           [&](const auto& job, wire::JobList& list) {
                             const auto& [number, entry] = job;
                             wire::JobList::Line& line = *list.add_jobs();
                             line.set_job(number_of(number));
                             line.set_state(to_message(entry.state));
                             line.set_priority(entry.priority);
                             line.set_client(entry.client);
                             line.set_text(wire::printable(entry.text, kShownBytes));
                             line.set_workers(static_cast<std::uint32_t>(entry.members.size()));
                             if (entry.dispatcher) {
                               line.set_samples(entry.dispatcher->samples_done());
                               const auto begun = entry.dispatcher->begun();
                               line.set_seconds(begun ? seconds(now - *begun) : 0);
                             } else if (entry.ended) {
                               std::uint64_t samples = 0;
                               for (const auto& pass : entry.ended->answer.passes)
                                 samples += pass.samples;
                               line.set_samples(samples);
                               line.set_seconds(entry.ended->seconds);
                             }
                           });
}

void EstimateService::take(Client& client, const wire::ListWorkers&) {
  const Instant now = monotonic_now();
  send_list<wire::WorkerList>(*client.connection, work_.workers(),
                              [&](const auto& worker, wire::WorkerList& list) {
                                const auto& [id, connected] = worker;
                                const JobQueue::Member& member = queue_.members().at(id);
                                wire::WorkerList::Line& line = *list.add_workers();
                                line.set_name(member.name);
                                line.set_address(connected.address);
                                line.set_cores(connected.cores);
                                line.set_job(member.job ? number_of(*member.job) : 0);
                                line.set_chunks(member.chunks);
                                line.set_seconds(seconds(now - member.came));
                                line.set_draining(member.draining);
                              });
}

}  // namespace oche::host

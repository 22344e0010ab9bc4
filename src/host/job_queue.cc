#include "host/job_queue.h"

#include <algorithm>

#include "oche/error.h"

namespace oche::host {
namespace {

Declined limit(const std::string& what, const std::string& name, const std::string& advice) {
  return {DeclineReason::limit, what + " (that is this host's limit, " + name + "); " + advice};
}

// What a job that is over occupies, roughly.
std::size_t bytes_of(const job::Answer& answer) {
  std::size_t bytes = 0;
  for (const sampling::PassResult& pass : answer.passes) {
    const tally::Tally& t = pass.tally;
    bytes += 16 * pass.plan.allocation.size() + 64 * (t.strata.size() + t.others.size()) +
             24 * t.co_moments.size();
    for (const tally::Shape& shape : t.shapes) bytes += sizeof(tally::Bin) * shape.bins.size();
  }
  return bytes + 100 * answer.crew.size();
}

}  // namespace

std::string job_text(JobNumber number) {
  return "job " + std::to_string(static_cast<std::uint64_t>(number));
}

const char* to_string(JobState state) {
  switch (state) {
    case JobState::queued:
      return "queued";
    case JobState::running:
      return "running";
    case JobState::done:
      return "done";
    case JobState::failed:
      return "failed";
    case JobState::cancelled:
      return "cancelled";
  }
  return "";
}

const char* to_string(DeclineReason reason) {
  switch (reason) {
    case DeclineReason::wrong_job:
      return "wrong_job";
    case DeclineReason::no_such_job:
      return "no_such_job";
    case DeclineReason::no_such_worker:
      return "no_such_worker";
    case DeclineReason::limit:
      return "limit";
    case DeclineReason::stopping:
      return "stopping";
    case DeclineReason::not_yours:
      return "not_yours";
    case DeclineReason::has_failed:
      return "has_failed";
  }
  return "";
}

JobQueue::JobQueue(const QueueLimits& limits, Duration lease_duration)
    : limits_(limits), lease_duration_(lease_duration) {}

// ---- What there is ----

const JobQueue::Entry* JobQueue::find(JobNumber job) const {
  const auto place = jobs_.find(job);
  return place == jobs_.end() ? nullptr : &place->second;
}

std::size_t JobQueue::ahead_of(JobNumber job) const {
  const auto entry = jobs_.find(job);
  if (entry == jobs_.end()) return 0;
  const auto place = open_.find({entry->second.priority, job});
  return static_cast<std::size_t>(place == open_.end() ? 0 : std::distance(open_.begin(), place));
}

const job::Job* JobQueue::job_of(MemberId id, job::LeaseId lease) const {
  const auto member = members_.find(id);
  if (member == members_.end() || !member->second.leases.contains(lease)) return nullptr;
  return jobs_.at(*member->second.job).job.get();
}

std::optional<Instant> JobQueue::next_tick() const {
  std::optional<Instant> next;
  for (const Place& place : crewed_) {
    const std::optional<Instant> tick = jobs_.at(place.job).dispatcher->next_tick();
    if (tick) next = next ? std::min(*next, *tick) : *tick;
  }
  return next;
}

// ---- Jobs ----

std::optional<Declined> JobQueue::judge_size(std::size_t text_bytes, std::size_t data_bytes) const {
  if (text_bytes > limits_.text_bytes) {
    return limit("the text of the job has " + std::to_string(text_bytes) + " bytes",
                 "text_bytes = " + std::to_string(limits_.text_bytes), "run it elsewhere");
  }
  if (data_bytes > limits_.data_bytes) {
    return limit("the data of the job have " + std::to_string(data_bytes) + " bytes",
                 "data_bytes = " + std::to_string(limits_.data_bytes), "run it elsewhere");
  }
  return std::nullopt;
}

std::optional<Declined> JobQueue::judge(const Submission& s, std::size_t data_bytes) const {
  if (stopping_) {
    return Declined{DeclineReason::stopping,
                    "the host takes no more jobs (it is being stopped); try another, or later"};
  }
  if (auto declined = judge_size(s.job->canonical().size(), data_bytes)) return declined;
  if (s.rule.samples && *s.rule.samples > limits_.samples) {
    return limit("--samples " + std::to_string(*s.rule.samples) + " is too many",
                 "samples = " + std::to_string(limits_.samples), "ask for fewer");
  }
  if (open_.size() >= limits_.jobs) {
    return limit("there are " + std::to_string(open_.size()) + " jobs already",
                 "jobs = " + std::to_string(limits_.jobs), "try again when some are done");
  }
  const auto own = open_by_client_.find(s.client);
  if (own != open_by_client_.end() && own->second >= limits_.jobs_per_client) {
    return limit(s.client + " has " + std::to_string(own->second) + " jobs already",
                 "jobs_per_client = " + std::to_string(limits_.jobs_per_client),
                 "try again when some are done");
  }
  if (open_bytes_ + s.job->memory() > limits_.job_bytes) {
    return limit("the job takes " + std::to_string(s.job->memory()) +
                     " bytes, and those that wait or run have " + std::to_string(open_bytes_),
                 "job_bytes = " + std::to_string(limits_.job_bytes),
                 "try again when some are done");
  }
  return std::nullopt;
}

std::variant<JobNumber, Declined> JobQueue::submit(Submission submission, Instant now,
                                                   Actions& out) {
  const std::size_t data_bytes = submission.job->data().size();
  if (auto declined = judge(submission, data_bytes)) return *std::move(declined);
  Entry entry;
  entry.client = std::move(submission.client);
  entry.job = std::move(submission.job);
  entry.rule = submission.rule;
  if (!entry.rule.samples && limits_.samples < sampling::kMaxSamples) {
    entry.rule.samples = limits_.samples;
  }
  entry.priority = submission.priority;
  entry.bytes = entry.job->memory();
  const std::string& canonical = entry.job->canonical();
  entry.text = canonical.substr(canonical.find("estimate ") + 9, kShownBytes);
  try {
    job::DispatcherOptions dispatching;
    dispatching.lease_duration = lease_duration_;
    dispatching.crew_line = job::CrewLine::name;
    entry.dispatcher = std::make_unique<job::Dispatcher>(entry.job, entry.rule, dispatching);
  } catch (const Error& error) {
    return Declined{DeclineReason::wrong_job, error.what()};
  }
  const JobNumber number{++last_job_};
  open_.insert({entry.priority, number});
  open_bytes_ += entry.bytes;
  ++open_by_client_[entry.client];
  ++counts_.submitted;
  out.emplace_back(
      Note{LogEntry(Event::job_submitted)
               .with("job", last_job_)
               .with("client", entry.client)
               .with("text", entry.text.substr(0, entry.text.find_last_not_of('\n') + 1))});
  jobs_.emplace(number, std::move(entry));
  settle(now, out);
  return number;
}

std::optional<Declined> JobQueue::cancel(JobNumber job, const std::string& client, Instant now,
                                         Actions& out) {
  const Entry* const entry = find(job);
  if (entry == nullptr) {
    return Declined{DeclineReason::no_such_job,
                    "there is no " + job_text(job) +
                        " here (it never was, or its answer is no longer kept); see oche jobs"};
  }
  if (entry->client != client) {
    return Declined{DeclineReason::not_yours, job_text(job) + " is not yours (it is of " +
                                                  entry->client +
                                                  ", who alone may cancel it); ask them"};
  }
  if (!entry->dispatcher) {
    const bool has_answer = entry->ended != nullptr;
    return Declined{DeclineReason::no_such_job,
                    job_text(job) + " is " + to_string(entry->state) +
                        " already (there is nothing to cancel); " +
                        (has_answer ? "fetch it with oche result" : "see oche jobs")};
  }
  cancel(job, now, out);
  settle(now, out);
  return std::nullopt;
}

void JobQueue::cancel(JobNumber number, Instant now, Actions& out) {
  job::Actions inner;
  jobs_.at(number).dispatcher->interrupt(now, inner);
  deliver(number, inner, out);
  close(number, JobState::cancelled, now, out);
}

void JobQueue::stop(Instant now, Actions& out) {
  stopping_ = true;
  for (const Place& place : std::set<Place>(open_)) {
    if (!jobs_.at(place.job).dispatcher->begun()) cancel(place.job, now, out);
  }
}

void JobQueue::interrupt(Instant now, Actions& out) {
  for (const Place& place : std::set<Place>(open_)) {
    job::Actions inner;
    jobs_.at(place.job).dispatcher->interrupt(now, inner);
    deliver(place.job, inner, out);
    close(place.job, JobState::done, now, out);
  }
}

void JobQueue::fail(JobNumber job, const std::string& why, Instant now, Actions& out) {
  const auto entry = jobs_.find(job);
  if (entry == jobs_.end() || !entry->second.dispatcher) return;
  entry->second.failure = why;
  close(job, JobState::failed, now, out);
  settle(now, out);
}

// The dispatcher is asked for the answer, but isn't told: those that were with the job are free.
void JobQueue::close(JobNumber number, JobState state, Instant now, Actions& out) {
  Entry& entry = jobs_.at(number);
  LogEntry told = LogEntry(Event::job_ended)
                      .with("job", static_cast<std::uint64_t>(number))
                      .with("state", to_string(state));
  std::size_t bytes = entry.client.size() + entry.text.size();
  if (state != JobState::failed) {
    const std::optional<Instant> begun = entry.dispatcher->begun();
    EndedJob ended{entry.job->canonical(), entry.job->data(), job::answer_of(*entry.dispatcher),
                   entry.rule, begun ? seconds(now - *begun) : 0};
    ended.answer.job.reset();
    told.fields.emplace_back("reason", job::to_string(ended.answer.reason));
    bytes += ended.canonical.size() + ended.data.size() + bytes_of(ended.answer);
    entry.ended = std::make_shared<const EndedJob>(std::move(ended));
  } else {
    told.fields.emplace_back("text", entry.failure);
  }
  for (const auto& [worker, id] : std::exchange(entry.members, {})) {
    set_free(id, members_.at(id), out);
    dismiss_if_empty(id, now, out);
  }
  entry.refused.clear();
  entry.dispatcher.reset();
  entry.job.reset();
  entry.state = state;
  ++counts_.ended[static_cast<std::size_t>(state)];
  open_.erase(place_of(number));
  crewed_.erase(place_of(number));
  open_bytes_ -= entry.bytes;
  const auto own = open_by_client_.find(entry.client);
  if (--own->second == 0) open_by_client_.erase(own);
  out.emplace_back(Note{std::move(told)});
  out.emplace_back(Ended{number});
  keep(number, bytes);
}

// The newest is kept, whatever its size.
void JobQueue::keep(JobNumber number, std::size_t bytes) {
  jobs_.at(number).bytes = bytes;
  kept_.push_back(number);
  kept_bytes_ += bytes;
  while (kept_.size() > 1 &&
         (kept_.size() > limits_.answers || kept_bytes_ > limits_.answer_bytes)) {
    kept_bytes_ -= jobs_.at(kept_.front()).bytes;
    jobs_.erase(kept_.front());
    kept_.pop_front();
  }
}

void JobQueue::tick(Instant now, Actions& out) {
  for (const Place& place : std::set<Place>(open_)) {
    job::Dispatcher& dispatcher = *jobs_.at(place.job).dispatcher;
    job::Actions inner;
    dispatcher.tick(now, inner);
    deliver(place.job, inner, out);
    if (dispatcher.finished()) close(place.job, JobState::done, now, out);
  }
  // Whoever is to be drained and let its last lease run out is not waited for.
  for (const auto& [id, member] : members_) {
    if (member.draining) dismiss_if_empty(id, now, out);
  }
  settle(now, out);
}

// ---- Workers ----

MemberId JobQueue::join(const std::string& name, unsigned depth, Duration lease_target, Instant now,
                        Actions& out, job::ProcessId process) {
  for (const Place& open : open_) jobs_.at(open.job).dispatcher->acquit(process);
  const MemberId id{++last_member_};
  Member& member = members_[id];
  member.name = name;
  member.depth = depth;
  member.lease_target = lease_target;
  member.came = now;
  member.process = process;
  free_.insert(id);
  settle(now, out);
  return id;
}

void JobQueue::leave(MemberId id, Instant now, Actions& out, job::Departure how) {
  const auto place = members_.find(id);
  if (place == members_.end()) return;
  Actions of_the_leaver;  // who is told nothing any more
  const bool is_back = std::ranges::any_of(members_, [&](const auto& other) {
    return other.first != id && other.second.process == place->second.process;
  });
  if (is_back) how = job::Departure::left;  // by another line
  const std::optional<JobNumber> number = place->second.job;
  if (number) detach(id, now, of_the_leaver, how);
  for (Action& action : of_the_leaver) {
    const auto* const withdraw = std::get_if<Withdraw>(&action);
    if (withdraw == nullptr || withdraw->member != id) out.push_back(std::move(action));
  }
  free_.erase(id);
  for (const Place& open : open_) jobs_.at(open.job).refused.erase(id);
  members_.erase(place);
  if (number && jobs_.at(*number).dispatcher->finished()) close(*number, JobState::done, now, out);
  settle(now, out);
}

job::Verdict JobQueue::complete(MemberId id, job::LeaseId lease, std::uint32_t pass,
                                tally::Node node, tally::Tally tally, Duration computing,
                                Instant now, Actions& out) {
  const auto place = members_.find(id);
  if (place == members_.end()) return job::Verdict::rejected;
  Member& member = place->second;
  const auto owed = member.leases.find(lease);
  if (owed == member.leases.end()) {
    return lease <= member.newest ? job::Verdict::repeat : job::Verdict::rejected;
  }
  const JobNumber number = *member.job;
  job::Dispatcher& dispatcher = *jobs_.at(number).dispatcher;
  job::Actions inner;
  const std::uint64_t samples = tally.samples();
  const job::Verdict verdict = dispatcher.complete(member.worker, owed->second, pass, node,
                                                   std::move(tally), computing, now, inner);
  if (verdict != job::Verdict::rejected) {
    member.numbers.erase(owed->second);
    member.leases.erase(owed);
    if (verdict == job::Verdict::accepted) {
      member.chunks += node.chunks();
      counts_.chunks += node.chunks();
      counts_.samples += samples;
    }
  }
  deliver(number, inner, out);
  if (dispatcher.finished()) {
    close(number, JobState::done, now, out);
    settle(now, out);
  } else {
    dismiss_if_empty(id, now, out);
    if (!is_settled(id)) settle(now, out);
  }
  return verdict;
}

void JobQueue::offer(MemberId id, const Hash256& fingerprint, std::uint32_t pass, tally::Node node,
                     Actions& out) {
  const auto place = members_.find(id);
  if (place == members_.end() || !place->second.job) return;
  const Entry& entry = jobs_.at(*place->second.job);
  if (entry.job->fingerprint() != fingerprint) return;
  job::Actions inner;
  entry.dispatcher->offer(place->second.worker, pass, node, inner);
  deliver(*place->second.job, inner, out);
}

void JobQueue::refuse(MemberId id, const Hash256& fingerprint, const std::string& why, Instant now,
                      Actions& out) {
  const auto place = members_.find(id);
  if (place == members_.end() || !place->second.job) return;
  const JobNumber number = *place->second.job;
  Entry& entry = jobs_.at(number);
  if (entry.job->fingerprint() != fingerprint) return;
  entry.refused.insert(id);
  out.emplace_back(Note{LogEntry(Event::job_refused)
                            .with("name", place->second.name)
                            .with("job", static_cast<std::uint64_t>(number))
                            .with("text", why)});
  detach(id, now, out);
  const bool nobody = std::ranges::all_of(members_, [&](const auto& member) {
    return member.second.draining || entry.refused.contains(member.first);
  });
  if (nobody) return fail(number, "no worker can compute it: " + why, now, out);
  settle(now, out);
}

std::optional<Declined> JobQueue::drain(const std::string& worker, Instant now, Actions& out) {
  const auto place =
      std::ranges::find_if(members_, [&](const auto& m) { return m.second.name == worker; });
  if (place == members_.end()) {
    return Declined{DeclineReason::no_such_worker, "there is no worker of that name here (" +
                                                       std::to_string(members_.size()) +
                                                       " workers are); see oche workers"};
  }
  auto& [id, member] = *place;
  member.draining = true;
  out.emplace_back(Note{LogEntry(Event::worker_draining).with("name", member.name)});
  free_.erase(id);
  if (member.job) jobs_.at(*member.job).dispatcher->retire(member.worker);
  dismiss_if_empty(id, now, out);
  return std::nullopt;
}

void JobQueue::dismiss_if_empty(MemberId id, Instant now, Actions& out) {
  Member& member = members_.at(id);
  if (!member.draining || member.dismissed) return;
  if (member.job) {
    const job::Dispatcher* const dispatcher = jobs_.at(*member.job).dispatcher.get();
    if (dispatcher->leases_of(member.worker) > 0) return;
    detach(id, now, out);
  }
  member.dismissed = true;
  out.emplace_back(Dismiss{id});
}

}  // namespace oche::host

// A queue of jobs on a stage, for tests: with workers that compute what they are told to, and a
// clock that stands still unless it is moved. Keeps books of its own, and checks each action by
// them.
#ifndef OCHE_HOST_JOB_QUEUE_SCENE_TEST_H_
#define OCHE_HOST_JOB_QUEUE_SCENE_TEST_H_

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "host/job_queue.h"
#include "job/digest.h"
#include "job/whole_run_test.h"

namespace oche::host {

using std::chrono::milliseconds;
using std::chrono::seconds;

inline std::shared_ptr<const job::Job> quarter_disk(
    std::uint64_t seed = 1, sampling::Method method = sampling::Method::plain) {
  return job::Job::from_arguments({"4*(x^2+y^2<=1)", "x=0..1", "y=0..1"}, method, seed);
}

class Scene {
 public:
  explicit Scene(const QueueLimits& limits = {}) : queue(limits, seconds(10)) {}

  // What a worker knows.
  struct Shadow {
    std::shared_ptr<const job::Job> job;
    std::shared_ptr<const sampling::PassContext> pass;
    std::map<job::LeaseId, std::pair<job::Lease, std::shared_ptr<const sampling::PassContext>>>
        leases;
    job::LeaseId newest{};
    bool dismissed = false;
  };

  std::variant<JobNumber, Declined> try_submit(std::shared_ptr<const job::Job> job,
                                               const job::StopRule& rule, int priority = 0,
                                               const std::string& client = "ada") {
    jobs_.push_back(job);
    Actions actions;
    auto answer = queue.submit({client, std::move(job), rule, priority}, now, actions);
    take(actions);
    return answer;
  }
  JobNumber submit(std::shared_ptr<const job::Job> job, const job::StopRule& rule,
                   int priority = 0) {
    const auto answer = try_submit(std::move(job), rule, priority);
    EXPECT_TRUE(std::holds_alternative<JobNumber>(answer)) << std::get<Declined>(answer).text;
    return std::get<JobNumber>(answer);
  }
  std::optional<Declined> cancel(JobNumber job, const std::string& client = "ada") {
    Actions actions;
    auto answer = queue.cancel(job, client, now, actions);
    take(actions);
    return answer;
  }
  MemberId join(const std::string& name, unsigned depth = 1) {
    Actions actions;
    const MemberId id = queue.join(name, depth, milliseconds(10), now, actions);
    workers.emplace(id, Shadow{});
    take(actions);
    return id;
  }
  void leave(MemberId id) {
    Actions actions;
    queue.leave(id, now, actions);
    workers.erase(id);
    take(actions);
  }
  std::optional<Declined> drain(const std::string& worker) {
    Actions actions;
    auto answer = queue.drain(worker, now, actions);
    take(actions);
    return answer;
  }
  void refuse(MemberId id) {
    const Hash256 fingerprint = workers.at(id).job->fingerprint();
    refused_.emplace(id, workers.at(id).job);
    Actions actions;
    queue.refuse(id, fingerprint, "no", now, actions);
    take(actions);
  }
  void offer(MemberId id, const Hash256& fingerprint, std::uint32_t pass, tally::Node node) {
    Actions actions;
    queue.offer(id, fingerprint, pass, node, actions);
    take(actions);
  }
  void tick() {
    Actions actions;
    queue.tick(now, actions);
    take(actions);
  }
  void stop() {
    Actions actions;
    queue.stop(now, actions);
    take(actions);
  }
  void interrupt() {
    Actions actions;
    queue.interrupt(now, actions);
    take(actions);
  }

  job::Verdict complete(MemberId id, job::LeaseId lease) {
    Shadow& worker = workers.at(id);
    const auto [what, pass] = worker.leases.at(lease);
    worker.leases.erase(lease);
    return deliver(id, what, *pass);
  }
  job::Verdict deliver(MemberId id, const job::Lease& lease, const sampling::PassContext& pass) {
    Actions actions;
    const job::Verdict verdict =
        queue.complete(id, lease.id, lease.pass, lease.node, job::computed(pass, lease),
                       milliseconds(1), now, actions);
    take(actions);
    return verdict;
  }
  // The lease that it has had for longest.
  job::LeaseId first_lease(MemberId id) const { return workers.at(id).leases.begin()->first; }
  job::Verdict complete_one(MemberId id) { return complete(id, first_lease(id)); }
  bool has_leases(MemberId id) const { return !workers.at(id).leases.empty(); }
  std::optional<JobNumber> job_of(MemberId id) const { return queue.members().at(id).job; }

  // Everybody computes until nobody has a lease.
  void run() {
    for (bool busy = true; busy;) {
      busy = false;
      std::vector<MemberId> ids;
      for (const auto& [id, worker] : workers) ids.push_back(id);
      for (const MemberId id : ids) {
        if (!has_leases(id)) continue;
        complete_one(id);
        busy = true;
      }
    }
  }

  std::string digest_of(JobNumber job) const {
    const JobQueue::Entry* const entry = queue.find(job);
    if (entry == nullptr || !entry->ended) return "none";
    const EndedJob& over = *entry->ended;
    return job::digest(*job::Job::from_canonical(over.canonical, over.data), over.answer.passes);
  }

  // Of the books: a worker is with one job, and each knows the other.
  void check() const {
    for (const auto& [id, member] : queue.members()) {
      EXPECT_EQ(member.numbers.size(), member.leases.size());
      if (!member.job) {
        EXPECT_TRUE(member.leases.empty());
        continue;
      }
      const JobQueue::Entry* const entry = queue.find(*member.job);
      ASSERT_TRUE(entry != nullptr && entry->dispatcher);
      EXPECT_EQ(entry->members.at(member.worker), id);
      EXPECT_EQ(entry->job, workers.at(id).job) << "told of another job";
    }
    std::size_t with_jobs = 0;
    for (const auto& [number, entry] : queue.jobs()) {
      with_jobs += entry.members.size();
      EXPECT_EQ(entry.dispatcher != nullptr,
                entry.state == JobState::queued || entry.state == JobState::running);
    }
    EXPECT_EQ(with_jobs,
              static_cast<std::size_t>(std::ranges::count_if(
                  queue.members(), [](const auto& m) { return m.second.job.has_value(); })));
  }

  JobQueue queue;
  Instant now{};
  std::map<MemberId, Shadow> workers;
  std::vector<JobNumber> ended;  // in the order of their ends
  struct Withdrawn {
    MemberId member{};
    job::Lease lease;
    std::shared_ptr<const sampling::PassContext> pass;
  };
  std::vector<Withdrawn> withdrawn;  // in the order of their withdrawals

 private:
  // Passes refer to their jobs, and workers may compute what the queue has forgotten.
  std::vector<std::shared_ptr<const job::Job>> jobs_;
  std::set<std::pair<MemberId, std::shared_ptr<const job::Job>>> refused_;

  void take(const Actions& actions) {
    for (const Action& action : actions) {
      if (const auto* begin = std::get_if<BeginJob>(&action)) {
        EXPECT_FALSE(refused_.contains({begin->member, begin->job})) << "it refused that job";
        workers.at(begin->member).job = begin->job;
        workers.at(begin->member).pass.reset();
      } else if (const auto* pass = std::get_if<BeginPass>(&action)) {
        Shadow& worker = workers.at(pass->member);
        ASSERT_TRUE(worker.job) << "a plan before its job";
        EXPECT_EQ(pass->pass->integrand, &worker.job->integrand());
        worker.pass = pass->pass;
      } else if (const auto* grant = std::get_if<Grant>(&action)) {
        Shadow& worker = workers.at(grant->member);
        ASSERT_TRUE(worker.pass) << "a lease before its plan";
        EXPECT_EQ(worker.pass->plan.pass, grant->lease.pass);
        EXPECT_GT(grant->lease.id, worker.newest) << "a number again";
        worker.newest = grant->lease.id;
        worker.leases.emplace(grant->lease.id, std::pair(grant->lease, worker.pass));
      } else if (const auto* withdraw = std::get_if<Withdraw>(&action)) {
        auto& leases = workers.at(withdraw->member).leases;
        const auto place = leases.find(withdraw->lease);
        ASSERT_NE(place, leases.end()) << "withdrawn from who doesn't have it";
        withdrawn.push_back({withdraw->member, place->second.first, place->second.second});
        leases.erase(place);
      } else if (const auto* dismiss = std::get_if<Dismiss>(&action)) {
        Shadow& worker = workers.at(dismiss->member);
        EXPECT_FALSE(worker.dismissed) << "twice";
        EXPECT_TRUE(worker.leases.empty());
        worker.dismissed = true;
      } else if (const auto* over = std::get_if<Ended>(&action)) {
        ended.push_back(over->job);
      }
    }
    check();
  }
};

}  // namespace oche::host

#endif  // OCHE_HOST_JOB_QUEUE_SCENE_TEST_H_

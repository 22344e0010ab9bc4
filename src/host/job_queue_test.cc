#include "host/job_queue.h"

#include <gtest/gtest.h>

#include "host/job_queue_scene_test.h"

namespace oche::host {
namespace {

using job::rel_error_rule;
using job::samples_rule;

constexpr std::uint64_t kSamples = 1 << 20;  // 64 chunks

std::string digest_alone(const std::shared_ptr<const job::Job>& job, const job::StopRule& rule) {
  return job::alone(job, rule).digest;
}

TEST(JobQueue, runs_jobs_in_the_order_of_their_arrival) {
  Scene scene;
  const MemberId a = scene.join("a");
  EXPECT_FALSE(scene.has_leases(a)) << "there is nothing to do";
  std::vector<JobNumber> jobs;
  for (std::uint64_t seed = 1; seed <= 3; ++seed) {
    jobs.push_back(scene.submit(quarter_disk(seed), samples_rule(kSamples)));
  }
  EXPECT_EQ(scene.job_of(a), jobs[0]);
  EXPECT_EQ(scene.queue.ahead_of(jobs[2]), 2u);
  scene.run();
  EXPECT_EQ(scene.ended, jobs);
  for (std::uint64_t seed = 1; seed <= 3; ++seed) {
    EXPECT_EQ(scene.digest_of(jobs[seed - 1]),
              digest_alone(quarter_disk(seed), samples_rule(kSamples)));
  }
  EXPECT_FALSE(scene.job_of(a)) << "it stays, without a job";
}

TEST(JobQueue, lends_once_more_what_a_worker_has_of_the_job_that_it_is_with) {
  Scene scene;
  const MemberId before = scene.join("a", 2);
  const JobNumber job = scene.submit(quarter_disk(1), samples_rule(kSamples));
  const auto held = scene.workers.at(before).leases;
  ASSERT_EQ(held.size(), 2u);
  scene.leave(before);
  const MemberId after = scene.join("a");
  const auto own = scene.workers.at(after).leases;
  ASSERT_EQ(own.size(), 1u);
  const job::Lease second = std::next(held.begin())->second.first;
  scene.offer(after, quarter_disk(2)->fingerprint(), 0, second.node);
  EXPECT_EQ(scene.workers.at(after).leases.size(), 1u) << "that is another job";
  scene.offer(MemberId{99}, quarter_disk(1)->fingerprint(), 0, second.node);
  scene.offer(after, quarter_disk(1)->fingerprint(), 0, second.node);
  ASSERT_EQ(scene.workers.at(after).leases.size(), 2u);
  EXPECT_EQ(scene.workers.at(after).leases.rbegin()->second.first.node, second.node);
  scene.run();
  EXPECT_EQ(scene.digest_of(job), digest_alone(quarter_disk(1), samples_rule(kSamples)));
  // With no job.
  scene.offer(after, quarter_disk(1)->fingerprint(), 0, second.node);
  EXPECT_FALSE(scene.has_leases(after));
}

TEST(JobQueue, prefers_the_higher_priority_then_the_earlier) {
  Scene scene;
  const JobNumber low = scene.submit(quarter_disk(1), samples_rule(kSamples), -1);
  const JobNumber first = scene.submit(quarter_disk(2), samples_rule(kSamples));
  const JobNumber second = scene.submit(quarter_disk(3), samples_rule(kSamples));
  const JobNumber high = scene.submit(quarter_disk(4), samples_rule(kSamples), 7);
  scene.join("a");
  scene.run();
  EXPECT_EQ(scene.ended, (std::vector{high, first, second, low}));
}

TEST(JobQueue, takes_workers_for_a_more_urgent_job_at_once_and_gives_them_back) {
  Scene scene;
  const MemberId a = scene.join("a", 4);
  const MemberId b = scene.join("b", 4);
  const JobNumber slow = scene.submit(quarter_disk(1), samples_rule(kSamples));
  scene.complete_one(a);
  const JobNumber urgent = scene.submit(quarter_disk(2), samples_rule(kSamples), 1);
  EXPECT_EQ(scene.job_of(a), urgent);
  EXPECT_EQ(scene.job_of(b), urgent);
  EXPECT_EQ(scene.withdrawn.size(), 8u) << "four of each, of the job before";
  EXPECT_EQ(scene.queue.find(slow)->state, JobState::running);
  scene.run();
  EXPECT_EQ(scene.ended, (std::vector{urgent, slow}));
  EXPECT_EQ(scene.digest_of(slow), digest_alone(quarter_disk(1), samples_rule(kSamples)));
  // One line a worker, though each was with it twice.
  const auto crew = scene.queue.find(slow)->ended->answer.crew;
  ASSERT_EQ(crew.size(), 2u);
  EXPECT_EQ(crew[0].chunks_accepted + crew[1].chunks_accepted, 64u);
}

TEST(JobQueue, gives_the_idle_the_next_job_while_the_last_leases_are_out) {
  Scene scene;
  const MemberId a = scene.join("a");
  const MemberId b = scene.join("b");
  const JobNumber first = scene.submit(quarter_disk(1), samples_rule(2 * 16384));
  const JobNumber second = scene.submit(quarter_disk(2), samples_rule(kSamples));
  ASSERT_EQ(scene.job_of(a), first);
  ASSERT_EQ(scene.job_of(b), first);
  scene.complete_one(a);
  EXPECT_EQ(scene.job_of(a), second);
  EXPECT_EQ(scene.job_of(b), first);
  // What b held must be done by somebody, though both jobs have the same priority.
  scene.leave(b);
  EXPECT_EQ(scene.job_of(a), first);
  scene.run();
  EXPECT_EQ(scene.ended, (std::vector{first, second}));
  EXPECT_EQ(scene.digest_of(first), digest_alone(quarter_disk(1), samples_rule(2 * 16384)));
  EXPECT_EQ(scene.digest_of(second), digest_alone(quarter_disk(2), samples_rule(kSamples)));
}

TEST(JobQueue, does_not_give_a_job_to_whom_refused_it) {
  Scene scene;
  const JobNumber first = scene.submit(quarter_disk(1), samples_rule(kSamples));
  const JobNumber second = scene.submit(quarter_disk(2), samples_rule(kSamples));
  const MemberId a = scene.join("a");
  const MemberId b = scene.join("b");
  scene.refuse(a);
  EXPECT_EQ(scene.job_of(a), second);
  EXPECT_EQ(scene.job_of(b), first);
  scene.run();
  EXPECT_EQ(scene.queue.find(first)->state, JobState::done);
  EXPECT_EQ(scene.queue.find(second)->state, JobState::done);
  EXPECT_EQ(scene.queue.find(first)->ended->answer.crew.size(), 2u);
  EXPECT_EQ(scene.digest_of(first), digest_alone(quarter_disk(1), samples_rule(kSamples)));
}

TEST(JobQueue, fails_a_job_that_nobody_who_is_here_can_compute) {
  Scene scene;
  const JobNumber job = scene.submit(quarter_disk(1), samples_rule(kSamples));
  const MemberId a = scene.join("a");
  const MemberId b = scene.join("b");
  scene.refuse(a);
  EXPECT_EQ(scene.queue.find(job)->state, JobState::running);
  scene.refuse(b);
  EXPECT_EQ(scene.queue.find(job)->state, JobState::failed);
  EXPECT_EQ(scene.queue.find(job)->failure, "no worker can compute it: no");
  EXPECT_EQ(scene.ended, std::vector{job});
}

TEST(JobQueue, cancels_with_what_there_is) {
  Scene scene;
  const MemberId a = scene.join("a");
  const JobNumber endless = scene.submit(quarter_disk(1), samples_rule(sampling::kMaxSamples));
  const JobNumber next = scene.submit(quarter_disk(2), samples_rule(kSamples));
  const JobNumber never = scene.submit(quarter_disk(3), samples_rule(kSamples));
  for (int i = 0; i < 8; ++i) scene.complete_one(a);
  EXPECT_EQ(scene.cancel(endless, "bob")->reason, DeclineReason::not_yours);
  EXPECT_FALSE(scene.cancel(endless));
  EXPECT_FALSE(scene.cancel(never));
  EXPECT_EQ(scene.job_of(a), next);
  const JobQueue::Entry* const entry = scene.queue.find(endless);
  ASSERT_EQ(entry->state, JobState::cancelled);
  EXPECT_EQ(entry->ended->answer.reason, job::StopReason::interrupted);
  const std::uint64_t samples = entry->ended->answer.passes.front().samples;
  EXPECT_GT(samples, 0u);
  EXPECT_EQ(scene.digest_of(endless), digest_alone(quarter_disk(1), samples_rule(samples)));
  EXPECT_TRUE(scene.queue.find(never)->ended->answer.passes.empty());
  EXPECT_EQ(scene.cancel(endless)->reason, DeclineReason::no_such_job) << "it is over";
  EXPECT_EQ(scene.cancel(JobNumber{77})->reason, DeclineReason::no_such_job);
}

TEST(JobQueue, takes_a_result_of_a_job_that_is_over_for_a_repeat) {
  Scene scene;
  const MemberId a = scene.join("a");
  const JobNumber job = scene.submit(quarter_disk(1), samples_rule(kSamples));
  const auto [lease, pass] = scene.workers.at(a).leases.begin()->second;
  scene.cancel(job);
  EXPECT_EQ(scene.deliver(a, lease, *pass), job::Verdict::repeat);
  const JobNumber other = scene.submit(quarter_disk(2), samples_rule(kSamples));
  EXPECT_EQ(scene.deliver(a, lease, *pass), job::Verdict::repeat);
  job::Lease never = lease;
  never.id = job::LeaseId{3};
  EXPECT_EQ(scene.deliver(a, never, *pass), job::Verdict::rejected);
  EXPECT_EQ(scene.deliver(MemberId{99}, lease, *pass), job::Verdict::rejected);
  scene.run();
  EXPECT_EQ(scene.digest_of(other), digest_alone(quarter_disk(2), samples_rule(kSamples)));
}

TEST(JobQueue, drains_a_worker_when_its_last_result_is_in) {
  Scene scene;
  const MemberId a = scene.join("a", 2);
  const MemberId b = scene.join("b", 2);
  const JobNumber job = scene.submit(quarter_disk(1), samples_rule(kSamples));
  EXPECT_EQ(scene.drain("c")->reason, DeclineReason::no_such_worker);
  EXPECT_FALSE(scene.drain("a"));
  scene.complete_one(a);
  EXPECT_FALSE(scene.workers.at(a).dismissed);
  EXPECT_EQ(scene.complete_one(a), job::Verdict::accepted);
  EXPECT_TRUE(scene.workers.at(a).dismissed);
  EXPECT_FALSE(scene.has_leases(a));
  scene.run();
  EXPECT_EQ(scene.ended, std::vector{job});
  EXPECT_FALSE(scene.drain("b"));
  EXPECT_TRUE(scene.workers.at(b).dismissed) << "it had nothing";
  scene.submit(quarter_disk(2), samples_rule(kSamples));
  EXPECT_FALSE(scene.has_leases(a) || scene.has_leases(b));
}

TEST(JobQueue, does_not_wait_for_what_a_drained_worker_lost) {
  Scene scene;
  const MemberId a = scene.join("a");
  scene.submit(quarter_disk(1), samples_rule(kSamples));
  scene.drain("a");
  scene.now += seconds(10);
  scene.tick();
  EXPECT_TRUE(scene.workers.at(a).dismissed == false || scene.has_leases(a) == false);
}

TEST(JobQueue, lends_again_what_a_lost_worker_held) {
  Scene scene;
  const MemberId a = scene.join("a", 8);
  const JobNumber job = scene.submit(quarter_disk(1), samples_rule(kSamples));
  scene.complete_one(a);
  scene.leave(a);
  EXPECT_EQ(scene.queue.find(job)->state, JobState::running) << "it waits for the next worker";
  scene.join("b");
  scene.run();
  EXPECT_EQ(scene.digest_of(job), digest_alone(quarter_disk(1), samples_rule(kSamples)));
}

TEST(JobQueue, stops_with_what_runs_and_cancels_what_waits) {
  Scene scene;
  const MemberId a = scene.join("a");
  const JobNumber running = scene.submit(quarter_disk(1), samples_rule(sampling::kMaxSamples));
  const JobNumber waiting = scene.submit(quarter_disk(2), samples_rule(kSamples));
  scene.stop();
  EXPECT_EQ(scene.queue.find(waiting)->state, JobState::cancelled);
  EXPECT_EQ(scene.queue.find(running)->state, JobState::running);
  const auto late = scene.try_submit(quarter_disk(3), samples_rule(kSamples));
  EXPECT_EQ(std::get<Declined>(late).reason, DeclineReason::stopping);
  for (int i = 0; i < 3; ++i) scene.complete_one(a);
  scene.interrupt();
  EXPECT_EQ(scene.queue.open_jobs(), 0u);
  EXPECT_EQ(scene.queue.find(running)->ended->answer.reason, job::StopReason::interrupted);
  EXPECT_GT(scene.queue.find(running)->ended->answer.passes.front().samples, 0u);
}

TEST(JobQueue, ends_a_job_when_its_time_is_over) {
  Scene scene;
  const MemberId a = scene.join("a");
  job::StopRule rule;
  rule.time = seconds(3);
  const JobNumber job = scene.submit(quarter_disk(1), rule);
  for (int i = 0; i < 3; ++i) scene.complete_one(a);
  EXPECT_EQ(scene.queue.next_tick(), Instant{} + seconds(3));
  scene.now += seconds(3);
  scene.tick();
  EXPECT_EQ(scene.ended, std::vector{job});
  EXPECT_EQ(scene.queue.find(job)->ended->seconds, 3.0);
}

// ---- Limits ----

std::string declined(const std::variant<JobNumber, Declined>& answer) {
  const auto* const declined = std::get_if<Declined>(&answer);
  if (declined == nullptr) return "taken";
  EXPECT_EQ(declined->reason, DeclineReason::limit);
  return declined->text;
}

TEST(JobQueue, names_the_limit_that_a_job_exceeds) {
  const auto has = [](const std::string& text, const std::string& part) {
    EXPECT_NE(text.find(part), std::string::npos) << text;
  };
  const auto job = quarter_disk();
  const auto try_with = [&](auto set) {
    QueueLimits limits;
    set(limits);
    Scene scene(limits);
    scene.submit(job, samples_rule(1000));
    return declined(scene.try_submit(job, samples_rule(2000)));
  };
  has(try_with([](QueueLimits& l) { l.jobs = 1; }), "jobs = 1");
  has(try_with([](QueueLimits& l) { l.jobs_per_client = 1; }), "ada has 1 jobs already");
  has(try_with([](QueueLimits& l) { l.samples = 1999; }), "samples = 1999");
  has(try_with([&](QueueLimits& l) { l.job_bytes = 2 * job->memory() - 1; }), "job_bytes = ");
  EXPECT_EQ(try_with([](QueueLimits&) {}), "taken");
  const JobQueue queue({}, seconds(10));
  has(queue.judge_size(1 << 20, 0)->text, "text_bytes = 65536");
  has(queue.judge_size(10, 1 << 30)->text, "data_bytes = ");
  EXPECT_FALSE(queue.judge_size(10, 10));
}

TEST(JobQueue, counts_only_jobs_that_are_not_over) {
  QueueLimits limits;
  limits.jobs_per_client = 1;
  Scene scene(limits);
  scene.join("a");
  for (int i = 0; i < 3; ++i) {
    scene.submit(quarter_disk(), samples_rule(kSamples));
    EXPECT_EQ(declined(scene.try_submit(quarter_disk(), samples_rule(1000))).substr(0, 3), "ada");
    EXPECT_EQ(declined(scene.try_submit(quarter_disk(), samples_rule(1000), 0,
                                        "bob" + std::to_string(i))),
              "taken");
    scene.run();
  }
}

TEST(JobQueue, ends_a_job_without_a_number_of_samples_at_the_limit) {
  QueueLimits limits;
  limits.samples = kSamples;
  Scene scene(limits);
  scene.join("a");
  const JobNumber job = scene.submit(quarter_disk(), rel_error_rule(1e-9));
  scene.run();
  EXPECT_EQ(scene.queue.find(job)->ended->answer.reason, job::StopReason::samples);
  EXPECT_EQ(scene.digest_of(job), digest_alone(quarter_disk(), samples_rule(kSamples)));
}

TEST(JobQueue, keeps_the_newest_answers) {
  for (const bool by_number : {true, false}) {
    QueueLimits limits;
    (by_number ? limits.answers : limits.answer_bytes) = by_number ? 2 : 500;
    Scene scene(limits);
    scene.join("a");
    std::vector<JobNumber> jobs;
    for (std::uint64_t seed = 1; seed <= 5; ++seed) {
      jobs.push_back(scene.submit(quarter_disk(seed), samples_rule(16384)));
      scene.run();
    }
    EXPECT_EQ(scene.queue.find(jobs[0]), nullptr);
    EXPECT_EQ(scene.queue.find(jobs[2]), nullptr);
    EXPECT_NE(scene.queue.find(jobs[4]), nullptr);
    EXPECT_EQ(scene.cancel(jobs[0])->reason, DeclineReason::no_such_job);
    EXPECT_GT(scene.submit(quarter_disk(), samples_rule(1000)), jobs[4]) << "no number again";
  }
}

TEST(JobQueue, declines_a_job_that_its_method_cannot_run) {
  Scene scene;
  const auto answer =
      scene.try_submit(quarter_disk(1, sampling::Method::stratified), samples_rule(10));
  EXPECT_EQ(std::get<Declined>(answer).reason, DeclineReason::wrong_job);
  EXPECT_TRUE(scene.queue.jobs().empty());
}

}  // namespace
}  // namespace oche::host

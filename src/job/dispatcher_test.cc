#include "job/dispatcher.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "job/dispatcher_scene_test.h"
#include "job/result.h"
#include "oche/error.h"

namespace oche::job {
namespace {

TEST(Dispatcher, tells_the_pass_once_and_lends_up_to_the_depth) {
  Scene scene(samples_rule(1 << 20));
  const WorkerId a = scene.join("a", 3);
  ASSERT_EQ(scene.actions.size(), 4u);
  EXPECT_EQ(std::get<BeginPass>(scene.actions[0]).worker, a);
  const std::vector<Grant> grants = scene.grants();
  ASSERT_EQ(grants.size(), 3u);
  for (std::uint64_t i = 0; i < 3; ++i) {
    EXPECT_EQ(grants[i].worker, a);
    EXPECT_EQ(grants[i].lease.node, (tally::Node{0, i}));
    EXPECT_EQ(grants[i].lease.end_sample, 1u << 20);
  }
  EXPECT_EQ(scene.dispatcher.leases_out(), 3u);
  EXPECT_EQ(scene.complete(a, grants[1].lease), Verdict::accepted);
  EXPECT_EQ(scene.grants().size(), 1u);
  EXPECT_TRUE(all_of<BeginPass>(scene.actions).empty());
  EXPECT_EQ(member(scene, "a").chunks_accepted, 1u);
}

TEST(Dispatcher, waits_for_workers) {
  DispatcherOptions options;
  options.wait_for_workers = 2;
  Scene scene(samples_rule(1 << 20), Method::plain, options);
  const WorkerId a = scene.join("a");
  EXPECT_TRUE(scene.actions.empty());
  EXPECT_FALSE(scene.dispatcher.begun());
  scene.leave(a);
  scene.join("b");
  EXPECT_TRUE(scene.actions.empty()) << "one that has left doesn't count";
  scene.now += seconds(3);
  scene.join("c");
  EXPECT_EQ(scene.grants().size(), 2u);
  EXPECT_EQ(scene.dispatcher.begun(), scene.now);
}

TEST(Dispatcher, lends_again_what_a_worker_had_when_it_left) {
  Scene scene(samples_rule(1 << 20));
  const WorkerId a = scene.join("a", 2);
  const std::vector<Grant> had = scene.grants();
  const WorkerId b = scene.join("b");
  const Lease bs = scene.only_lease();
  scene.leave(a);
  EXPECT_TRUE(scene.grants().empty());  // b has its hands full
  EXPECT_EQ(scene.complete(a, had[0].lease), Verdict::rejected) << "a result of one who has left";
  EXPECT_EQ(scene.complete(b, bs), Verdict::accepted);
  EXPECT_EQ(scene.only_lease().node, had[0].lease.node);
  EXPECT_EQ(scene.complete(b, scene.only_lease()), Verdict::accepted);
  EXPECT_EQ(scene.only_lease().node, had[1].lease.node);
  scene.finish_with(b);
  EXPECT_EQ(outcome_of(scene.dispatcher).digest, alone(pi(), samples_rule(1 << 20)).digest);
  EXPECT_EQ(member(scene, "a").leases_lost, 2u);
  EXPECT_EQ(member(scene, "b").chunks_accepted, 64u);
}

TEST(Dispatcher, lends_again_what_is_late_and_still_takes_it) {
  Scene scene(samples_rule(1 << 20));
  const WorkerId slow = scene.join("slow");
  EXPECT_EQ(scene.complete(slow, scene.only_lease()), Verdict::accepted);
  const Lease late = scene.only_lease();
  const WorkerId quick = scene.join("quick");
  Lease lease = scene.only_lease();
  scene.now += seconds(5);
  EXPECT_EQ(scene.complete(quick, lease), Verdict::accepted);
  lease = scene.only_lease();
  scene.now += seconds(5);
  EXPECT_EQ(scene.dispatcher.next_tick(), scene.now);
  scene.tick();
  const auto expired = all_of<Expired>(scene.actions);
  ASSERT_EQ(expired.size(), 1u);
  EXPECT_EQ(expired[0].worker, slow);
  EXPECT_TRUE(scene.grants().empty()) << "a worker that is late gets nothing before it answers";
  EXPECT_EQ(scene.complete(quick, lease), Verdict::accepted);
  const Lease again = scene.only_lease();
  EXPECT_EQ(again.node, late.node);
  EXPECT_NE(again.id, late.id);
  // The late result is as good as the other; then the other is the repeat.
  EXPECT_EQ(scene.complete(slow, late), Verdict::accepted);
  ASSERT_EQ(scene.grants().size(), 1u);
  EXPECT_EQ(scene.grants()[0].worker, slow) << "it works again";
  EXPECT_EQ(scene.complete(quick, again), Verdict::repeat);
  EXPECT_EQ(member(scene, "slow").leases_lost, 1u);
  EXPECT_EQ(member(scene, "slow").chunks_accepted, 1 + late.node.chunks());
  EXPECT_EQ(member(scene, "quick").repeats, again.node.chunks());
}

// A worker that was late in one pass and answers in the next must get work again, or a run with no
// other worker would never end.
TEST(Dispatcher, takes_back_a_worker_that_answers_too_late_for_its_pass) {
  StopRule rule = samples_rule(16384 + 131072);
  Scene scene(rule, Method::stratified);
  const WorkerId slow = scene.join("slow");
  const Lease late = scene.only_lease();
  const tally::Tally result = scene.right(late);
  const WorkerId quick = scene.join("quick");
  scene.now += seconds(11);
  scene.tick();
  // The pilot is one chunk: quick has it now, and ends the pass.
  const Lease again = scene.only_lease();
  ASSERT_EQ(again.node, late.node);
  EXPECT_EQ(scene.complete(quick, again), Verdict::accepted);
  const std::vector<Grant> second_pass = scene.grants();
  ASSERT_EQ(second_pass.size(), 1u);
  EXPECT_EQ(second_pass[0].lease.pass, 1u);
  EXPECT_EQ(scene.complete(slow, late, result), Verdict::repeat);
  ASSERT_EQ(scene.grants().size(), 1u);
  EXPECT_EQ(scene.grants()[0].worker, slow);
  EXPECT_EQ(scene.grants()[0].lease.pass, 1u);
}

TEST(Dispatcher, counts_a_result_that_comes_twice_once) {
  Scene scene(samples_rule(1 << 20));
  const WorkerId a = scene.join("a");
  const Lease lease = scene.only_lease();
  const tally::Tally tally = scene.right(lease);
  EXPECT_EQ(scene.complete(a, lease, tally), Verdict::accepted);
  const std::vector<Grant> next = scene.grants();
  EXPECT_NE(scene.complete(a, lease, tally), Verdict::accepted);
  EXPECT_EQ(member(scene, "a").chunks_accepted, 1u);
  scene.actions.clear();
  scene.actions.push_back(next[0]);
  scene.finish_with(a);
  EXPECT_EQ(outcome_of(scene.dispatcher).digest, alone(pi(), samples_rule(1 << 20)).digest);
}

TEST(Dispatcher, ends_with_the_samples) {
  Scene scene(samples_rule(100000));
  const WorkerId a = scene.join("a");
  scene.finish_with(a);
  EXPECT_EQ(scene.dispatcher.reason(), StopReason::samples);
  EXPECT_EQ(outcome_of(scene.dispatcher).estimate.samples, 100000u);
  EXPECT_EQ(scene.dispatcher.samples_done(), 100000u);
  EXPECT_EQ(scene.dispatcher.leases_out(), 0u);
  EXPECT_FALSE(scene.dispatcher.next_tick());
}

TEST(Dispatcher, ends_at_the_first_stop_point_that_meets_the_target) {
  const StopRule rule = rel_error_rule(1e-3);
  const Outcome run = alone(pi(), rule);
  EXPECT_EQ(run.reason, StopReason::target);
  const std::uint64_t chunk = pi()->chunk_samples();
  ASSERT_EQ(run.estimate.samples % chunk, 0u);
  const std::uint64_t chunks = run.estimate.samples / chunk;
  EXPECT_TRUE(is_stop_point(chunks));
  EXPECT_TRUE(target_met(rule, run.estimate));
  // At every earlier stop point, by a run of so many samples, it is not met.
  for (std::uint64_t stop = kLeastChunksForTarget; stop < chunks; stop = next_stop_point(stop)) {
    EXPECT_FALSE(target_met(rule, alone(pi(), samples_rule(stop * chunk)).estimate)) << stop;
  }
  EXPECT_EQ(run.digest, alone(pi(), samples_rule(run.estimate.samples)).digest);
}

// An error of a half is reached within the first of 16384 samples; eight chunks are the least.
TEST(Dispatcher, looks_at_a_target_from_the_eighth_chunk_on) {
  const Outcome run = alone(pi(), rel_error_rule(0.5));
  EXPECT_EQ(run.reason, StopReason::target);
  EXPECT_EQ(run.estimate.samples, 8 * pi()->chunk_samples());
}

// A target of which so few samples can say nothing isn't met because the time is over.
TEST(Dispatcher, does_not_call_a_target_met_on_fewer_chunks) {
  StopRule rule;
  rule.rel_error = 0.9;
  rule.time = seconds(1);
  Scene scene(rule);
  const WorkerId a = scene.join("a");
  const Lease first = scene.only_lease();
  scene.now += seconds(1);
  scene.tick();
  scene.complete(a, first);
  EXPECT_EQ(scene.dispatcher.reason(), StopReason::time);
  const oche::Result result = make_result(answer_of(scene.dispatcher), rule, {});
  EXPECT_EQ(result.samples, pi()->chunk_samples());
  EXPECT_FALSE(result.met);
}

TEST(Dispatcher, ends_a_stratified_run_after_a_whole_pass) {
  const Outcome run = alone(pi(Method::stratified), rel_error_rule(2e-4));
  EXPECT_EQ(run.reason, StopReason::target);
  EXPECT_GT(run.answer.size(), 2u);
  for (const sampling::PassResult& pass : run.answer) EXPECT_EQ(pass.samples, pass.plan.samples());
  EXPECT_EQ(run.digest, alone(pi(Method::stratified), samples_rule(run.estimate.samples)).digest);
}

TEST(Dispatcher, ends_with_the_time_at_the_last_stop_point) {
  StopRule rule;
  rule.time = seconds(2);
  Scene scene(rule);
  const WorkerId a = scene.join("a");
  EXPECT_EQ(scene.dispatcher.next_tick(), scene.now + seconds(2));
  scene.complete(a, scene.only_lease());
  scene.complete(a, scene.only_lease());
  scene.now += seconds(2) - milliseconds(1);
  scene.tick();
  EXPECT_FALSE(scene.dispatcher.finished());
  scene.now += milliseconds(1);
  scene.tick();
  EXPECT_EQ(scene.dispatcher.reason(), StopReason::time);
  EXPECT_EQ(all_of<Withdraw>(scene.actions).size(), 1u);
  EXPECT_EQ(all_of<Finished>(scene.actions).size(), 1u);
  const Outcome run = outcome_of(scene.dispatcher);
  EXPECT_TRUE(is_stop_point(run.estimate.samples / pi()->chunk_samples()));
  EXPECT_EQ(run.digest, alone(pi(), samples_rule(run.estimate.samples)).digest);
}

TEST(Dispatcher, goes_on_to_the_first_stop_point_when_the_time_is_over_before_it) {
  StopRule rule;
  rule.time = seconds(1);
  Scene scene(rule);
  const WorkerId a = scene.join("a");
  const Lease first = scene.only_lease();
  scene.now += seconds(1);
  scene.tick();
  EXPECT_FALSE(scene.dispatcher.finished());
  EXPECT_NE(scene.dispatcher.next_tick(), scene.now) << "the time is over only once";
  scene.complete(a, first);
  EXPECT_EQ(scene.dispatcher.reason(), StopReason::time);
  EXPECT_EQ(outcome_of(scene.dispatcher).estimate.samples, pi()->chunk_samples());
}

TEST(Dispatcher, has_no_answer_when_interrupted_before_a_stop_point) {
  Scene scene(rel_error_rule(1e-3));
  scene.join("a");
  scene.dispatcher.interrupt(scene.now, scene.actions);
  EXPECT_EQ(scene.dispatcher.reason(), StopReason::interrupted);
  EXPECT_TRUE(scene.dispatcher.answer().empty());
  EXPECT_EQ(scene.dispatcher.samples_done(), 0u);
}

TEST(Dispatcher, has_the_last_stop_point_when_interrupted) {
  Scene scene(rel_error_rule(1e-6));
  const WorkerId a = scene.join("a", 4);
  const std::vector<Grant> grants = scene.grants();
  for (const std::size_t i : {0u, 1u, 3u}) scene.complete(a, grants[i].lease);
  scene.dispatcher.interrupt(scene.now, scene.actions);
  EXPECT_EQ(outcome_of(scene.dispatcher).estimate.samples, 2 * pi()->chunk_samples());
  EXPECT_EQ(outcome_of(scene.dispatcher).digest,
            alone(pi(), samples_rule(2 * pi()->chunk_samples())).digest);
}

TEST(Dispatcher, answers_nothing_new_after_the_end) {
  Scene scene(rel_error_rule(1e-6));
  const WorkerId a = scene.join("a");
  const Lease lease = scene.only_lease();
  const tally::Tally tally = scene.right(lease);
  scene.dispatcher.interrupt(scene.now, scene.actions);
  EXPECT_EQ(scene.complete(a, lease, tally), Verdict::repeat);
  scene.tick();
  scene.leave(a);
  scene.join("b");
  EXPECT_TRUE(scene.actions.empty());
  EXPECT_EQ(scene.dispatcher.reason(), StopReason::interrupted);
}

TEST(Dispatcher, stops_at_a_value_that_is_not_finite) {
  const auto job = Job::from_arguments({"1/(x<0.9999)", "x=0..1"}, Method::plain, 1);
  const Outcome run = alone(job, samples_rule(1 << 20));
  EXPECT_EQ(run.reason, StopReason::non_finite);
  EXPECT_GT(run.estimate.non_finite, 0u);
  EXPECT_LT(run.estimate.samples, 1u << 20);
}

TEST(Dispatcher, needs_one_sample_of_a_constant) {
  const auto job = Job::from_arguments({"2", "x=0..3"}, Method::plain, 1);
  const Outcome run = alone(job, rel_error_rule(1e-9));
  EXPECT_EQ(run.reason, StopReason::target);
  EXPECT_EQ(run.estimate.value, 6);
  EXPECT_EQ(run.estimate.standard_error, 0);
}

TEST(Dispatcher, refuses_too_few_samples) {
  const auto refused = [](std::uint64_t samples, Method method) {
    try {
      const Dispatcher dispatcher(pi(method), samples_rule(samples), {});
      return std::string();
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::usage);
      return std::string(error.what());
    }
  };
  EXPECT_NE(refused(20479, Method::stratified).find("needs at least 20480"), std::string::npos);
  EXPECT_EQ(refused(20480, Method::stratified), "");
  EXPECT_NE(refused(0, Method::plain), "");
  EXPECT_EQ(refused(1, Method::plain), "");
}

// A lease aims at kLeaseTarget of the speed that a worker showed, and shrinks towards a known end.
TEST(Dispatcher, lends_by_the_speed_of_the_worker) {
  Scene scene(rel_error_rule(1e-9));
  const WorkerId a = scene.join("a");
  std::uint64_t largest = 0;
  for (int i = 0; i < 200 && !scene.dispatcher.finished(); ++i) {
    const Lease lease = scene.only_lease();
    largest = std::max(largest, lease.node.chunks());
    EXPECT_LE(lease.node.end(), next_stop_point(lease.node.first()));
    const tally::Tally tally = scene.right(lease);
    scene.actions.clear();
    scene.dispatcher.complete(a, lease.id, 0, lease.node, tally,
                              milliseconds(1) * lease.node.chunks(), scene.now, scene.actions);
  }
  EXPECT_EQ(largest, 8u);  // 10 ms at 1 ms a chunk
}

}  // namespace
}  // namespace oche::job

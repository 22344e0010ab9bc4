#include "job/dispatcher.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "job/whole_run_test.h"
#include "oche/error.h"

namespace oche::job {
namespace {

using sampling::Method;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr Duration kLeaseTarget = milliseconds(10);

std::shared_ptr<const Job> pi(Method method = Method::plain) {
  return Job::from_arguments({"4*(x^2+y^2<=1)", "x=0..1", "y=0..1"}, method, 1);
}

template <class T>
std::vector<T> all_of(const Actions& actions) {
  std::vector<T> list;
  for (const Action& action : actions) {
    if (const auto* one = std::get_if<T>(&action)) list.push_back(*one);
  }
  return list;
}

// A dispatcher with a clock, that computes what it is told to.
class Scene {
 public:
  explicit Scene(const StopRule& rule, Method method = Method::plain,
                 DispatcherOptions options = {})
      : dispatcher(pi(method), rule, options) {}

  WorkerId join(const std::string& name, unsigned depth = 1) {
    return dispatcher.join(name, depth, kLeaseTarget, now, take());
  }
  void leave(WorkerId worker) { dispatcher.leave(worker, now, take()); }
  void tick() { dispatcher.tick(now, take()); }

  Verdict complete(WorkerId worker, const Lease& lease, tally::Tally tally) {
    return dispatcher.complete(worker, lease.id, lease.pass, lease.node, std::move(tally),
                               milliseconds(1), now, take());
  }
  Verdict complete(WorkerId worker, const Lease& lease) {
    return complete(worker, lease, right(lease));
  }

  tally::Tally right(const Lease& lease) { return computed(*pass_of(lease.pass), lease); }

  std::vector<Grant> grants() const { return all_of<Grant>(actions); }
  Lease only_lease() const {
    EXPECT_EQ(grants().size(), 1u);
    return grants().empty() ? Lease{} : grants().front().lease;
  }

  // Everything else is done by this worker, which has what `actions` holds.
  void finish_with(WorkerId worker) {
    while (!dispatcher.finished()) {
      const std::vector<Grant> mine = grants();
      ASSERT_FALSE(mine.empty());
      Actions later;
      for (const Grant& grant : mine) {
        ASSERT_EQ(grant.worker, worker);
        complete(worker, grant.lease);
        later.insert(later.end(), actions.begin(), actions.end());
      }
      actions = later;
    }
  }

  Dispatcher dispatcher;
  Instant now{};
  Actions actions;  // of the last event

 private:
  Actions& take() {
    remember_passes();
    actions.clear();
    return actions;
  }
  void remember_passes() {
    for (const BeginPass& begin : all_of<BeginPass>(actions)) passes_.push_back(begin.pass);
  }
  std::shared_ptr<const sampling::PassContext> pass_of(std::uint32_t pass) {
    remember_passes();
    for (const auto& context : passes_) {
      if (context->plan.pass == pass) return context;
    }
    ADD_FAILURE() << "no plan of pass " << pass << " was told";
    return nullptr;
  }
  std::vector<std::shared_ptr<const sampling::PassContext>> passes_;
};

CrewMember member(const Scene& scene, const std::string& name) {
  for (const CrewMember& m : scene.dispatcher.crew()) {
    if (m.name == name) return m;
  }
  ADD_FAILURE() << "no " << name;
  return {};
}

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
  EXPECT_EQ(member(scene, "slow").chunks_accepted, late.node.chunks());
  EXPECT_EQ(member(scene, "quick").repeats, again.node.chunks());
}

// Else a worker on a slow line, each of whose results is late, would owe ever more.
TEST(Dispatcher, counts_what_a_worker_owes_against_its_depth) {
  Scene scene(samples_rule(1 << 20));
  const WorkerId slow = scene.join("slow", 3);
  const std::vector<Grant> first = scene.grants();
  ASSERT_EQ(first.size(), 3u);
  scene.now += seconds(10);
  scene.tick();
  ASSERT_EQ(all_of<Expired>(scene.actions).size(), 3u);
  EXPECT_EQ(scene.complete(slow, first[0].lease), Verdict::accepted);
  // It owes two still: there is room for one. And not for what it owes, which it is computing.
  ASSERT_EQ(scene.grants().size(), 1u);
  EXPECT_GE(scene.grants()[0].lease.node.first(), first[2].lease.node.end());
}

// Results come in the order of the leases, so one that was passed over won't come any more.
TEST(Dispatcher, lends_a_worker_again_what_it_passed_over) {
  Scene scene(samples_rule(1 << 20));
  const WorkerId slow = scene.join("slow", 2);
  const std::vector<Grant> first = scene.grants();
  ASSERT_EQ(first.size(), 2u);
  scene.now += seconds(10);
  scene.tick();
  EXPECT_EQ(scene.complete(slow, first[1].lease), Verdict::accepted);
  ASSERT_EQ(scene.grants().size(), 1u);
  EXPECT_EQ(scene.grants()[0].lease.node, first[0].lease.node);
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

TEST(Dispatcher, rejects_what_was_never_lent) {
  Scene scene(samples_rule(1 << 20));
  const WorkerId a = scene.join("a");
  const Lease lease = scene.only_lease();
  const WorkerId b = scene.join("b");
  EXPECT_EQ(scene.complete(b, lease), Verdict::rejected) << "a's lease";
  const tally::Tally tally = scene.right(lease);
  Lease wrong = lease;
  wrong.id = LeaseId{77};
  EXPECT_EQ(scene.complete(a, wrong, tally), Verdict::rejected);
  wrong = lease;
  wrong.node = {0, 5};
  EXPECT_EQ(scene.complete(a, wrong, tally), Verdict::rejected);
  wrong = lease;
  wrong.node = {1, 0};
  EXPECT_EQ(scene.complete(a, wrong, tally), Verdict::rejected);
  wrong = lease;
  wrong.pass = 1;
  EXPECT_EQ(scene.complete(a, wrong, tally), Verdict::rejected);
  EXPECT_EQ(scene.complete(WorkerId{99}, lease, tally), Verdict::rejected);
  EXPECT_EQ(scene.dispatcher.samples_done(), 0u);
  EXPECT_EQ(scene.complete(a, lease, tally), Verdict::accepted) << "the lease is still a's";
}

TEST(Dispatcher, rejects_a_tally_that_cannot_be) {
  Scene scene(samples_rule(1 << 20));
  const WorkerId a = scene.join("a");
  const Lease lease = scene.only_lease();
  tally::Tally tally = scene.right(lease);
  tally.strata[0].moments.mean = std::nan("");
  EXPECT_EQ(scene.complete(a, lease, tally), Verdict::rejected);
  EXPECT_EQ(scene.complete(a, lease, tally::Tally{}), Verdict::rejected);
  EXPECT_EQ(scene.dispatcher.complete(a, lease.id, 0, lease.node, scene.right(lease),
                                      milliseconds(-1), scene.now, scene.actions),
            Verdict::rejected);
  EXPECT_EQ(scene.dispatcher.samples_done(), 0u);
  EXPECT_EQ(member(scene, "a").chunks_accepted, 0u);
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

// As long as the node has not been merged with its neighbour.
TEST(Dispatcher, ends_when_two_computers_disagree) {
  Scene scene(samples_rule(1 << 20));
  const WorkerId slow = scene.join("slow");
  const Lease late = scene.only_lease();
  scene.now += seconds(10);
  scene.tick();
  const WorkerId liar = scene.join("liar");
  const Lease again = scene.only_lease();
  ASSERT_EQ(again.node, late.node);
  tally::Tally wrong = scene.right(again);
  wrong.strata[0].moments.mean *= 1.0 + 1e-9;
  EXPECT_EQ(scene.complete(liar, again, wrong), Verdict::accepted);
  scene.complete(slow, late);
  EXPECT_EQ(scene.dispatcher.reason(), StopReason::mismatch);
  EXPECT_EQ(scene.dispatcher.mismatch(), "slow");
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

// Workers that are slow, broken or lie.
#include <gtest/gtest.h>

#include <vector>

#include "job/dispatcher_scene_test.h"
#include "job/result.h"

namespace oche::job {
namespace {

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

// Near the end nothing else is left for the idle; what they do twice costs nobody anything.
TEST(Dispatcher, gives_an_idle_worker_what_a_straggler_holds) {
  const std::uint64_t samples = 4 * pi()->chunk_samples();
  Scene scene(samples_rule(samples));
  const WorkerId slow = scene.join("slow", 2);
  std::vector<Grant> held = scene.grants();
  ASSERT_EQ(held.size(), 2u);
  EXPECT_EQ(scene.complete(slow, held[0].lease), Verdict::accepted);
  held = {held[1], scene.grants().at(0)};
  scene.now += seconds(1);
  const WorkerId fast = scene.join("fast");
  const Lease last = scene.only_lease();
  EXPECT_EQ(scene.dispatcher.next_tick(), Instant{} + milliseconds(3500))
      << "nobody is idle, and fast has answered nothing yet";
  EXPECT_EQ(scene.complete(fast, last), Verdict::accepted);
  EXPECT_EQ(scene.dispatcher.next_tick(), Instant{} + milliseconds(2500));
  scene.now = Instant{} + milliseconds(2499);
  scene.tick();
  EXPECT_TRUE(scene.actions.empty());
  scene.now += milliseconds(1);
  scene.tick();
  // One, for there is room for one.
  ASSERT_EQ(all_of<Expired>(scene.actions).size(), 1u);
  const Lease again = scene.only_lease();
  EXPECT_EQ(again.node, held[0].lease.node);
  EXPECT_EQ(scene.complete(slow, held[0].lease), Verdict::accepted) << "it is welcome still";
  EXPECT_EQ(scene.complete(fast, again), Verdict::repeat);
  scene.tick();
  EXPECT_EQ(scene.only_lease().node, held[1].lease.node);
  EXPECT_EQ(scene.complete(fast, scene.only_lease()), Verdict::accepted);
  EXPECT_EQ(scene.dispatcher.reason(), StopReason::samples);
  EXPECT_EQ(outcome_of(scene.dispatcher).digest, alone(pi(), samples_rule(samples)).digest);
  EXPECT_EQ(scene.complete(slow, held[1].lease), Verdict::repeat);
}

// A lease that is long because its worker is slow isn't overdue before the work can be done.
TEST(Dispatcher, gives_a_slow_worker_the_time_that_it_needs) {
  const std::uint64_t samples = 3 * pi()->chunk_samples();
  Scene scene(samples_rule(samples));
  const WorkerId slow = scene.join("slow");
  scene.now += seconds(9);
  const Lease first = scene.only_lease();
  const tally::Tally tally = scene.right(first);
  scene.actions.clear();
  scene.dispatcher.complete(slow, first.id, 0, first.node, tally, seconds(9), scene.now,
                            scene.actions);
  ASSERT_EQ(scene.grants().size(), 1u);
  const WorkerId fast = scene.join("fast");
  EXPECT_EQ(scene.complete(fast, scene.only_lease()), Verdict::accepted);
  EXPECT_EQ(scene.dispatcher.next_tick(), scene.now + seconds(9));
}

TEST(Dispatcher, retires_a_worker_that_keeps_what_it_has) {
  Scene scene(samples_rule(1 << 20));
  const WorkerId a = scene.join("a", 2);
  const std::vector<Grant> held = scene.grants();
  scene.dispatcher.retire(a);
  EXPECT_EQ(scene.complete(a, held[0].lease), Verdict::accepted);
  EXPECT_TRUE(scene.grants().empty());
  EXPECT_EQ(scene.dispatcher.leases_of(a), 1u);
  EXPECT_EQ(scene.complete(a, held[1].lease), Verdict::accepted);
  EXPECT_EQ(scene.dispatcher.leases_of(a), 0u);
  EXPECT_TRUE(scene.dispatcher.has_work());
}

TEST(Dispatcher, has_work_while_somebody_who_joins_would_get_a_lease) {
  Scene scene(samples_rule(2 * pi()->chunk_samples()));
  EXPECT_TRUE(scene.dispatcher.has_work());
  const WorkerId a = scene.join("a", 2);
  EXPECT_FALSE(scene.dispatcher.has_work()) << "all is lent";
  scene.leave(a);
  EXPECT_TRUE(scene.dispatcher.has_work());
  const WorkerId b = scene.join("b", 1);
  EXPECT_TRUE(scene.dispatcher.has_work());
  scene.finish_with(b);
  EXPECT_FALSE(scene.dispatcher.has_work());
}

TEST(Dispatcher, keeps_one_line_of_the_crew_for_a_name_where_that_is_wanted) {
  DispatcherOptions options;
  options.crew_line = CrewLine::name;
  Scene scene(samples_rule(1 << 20), Method::plain, options);
  for (int stay = 1; stay <= 3; ++stay) {
    const WorkerId a = scene.join("a");
    EXPECT_EQ(scene.complete(a, scene.only_lease()), Verdict::accepted);
    ASSERT_EQ(scene.dispatcher.crew().size(), 1u) << "while it is here, too";
    scene.leave(a);
    EXPECT_EQ(member(scene, "a").chunks_accepted, static_cast<std::uint64_t>(stay));
    EXPECT_EQ(member(scene, "a").leases_lost, static_cast<std::uint64_t>(stay));
  }
  scene.join("b");
  EXPECT_EQ(scene.dispatcher.crew().size(), 2u);
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
  EXPECT_EQ(scene.complete(slow, late), Verdict::rejected);
  EXPECT_EQ(scene.dispatcher.reason(), StopReason::mismatch);
  EXPECT_EQ(scene.dispatcher.mismatch(), "slow");
}

// Whoever claims many cores gets few leases before it has shown that it computes.
TEST(Dispatcher, lends_little_to_a_worker_that_has_answered_nothing) {
  Scene scene(samples_rule(1 << 30));
  const WorkerId a = scene.join("a", 8192);
  const std::vector<Grant> first = scene.grants();
  ASSERT_EQ(first.size(), kFirstLeases);
  for (const Grant& grant : first) {
    EXPECT_EQ(scene.complete(a, grant.lease), Verdict::accepted);
    EXPECT_EQ(scene.grants().size(), 2u) << "the next, and one more";
  }
  EXPECT_EQ(scene.dispatcher.leases_out(), 2 * kFirstLeases);
}

// One that lends itself out and answers nothing holds up those that do by a fourth of a lease.
TEST(Dispatcher, waits_less_for_a_worker_that_has_answered_nothing_beside_others_that_have) {
  Scene scene(samples_rule(1 << 30));
  const WorkerId silent = scene.join("silent", 8192);
  const std::vector<Grant> held = scene.grants();
  ASSERT_EQ(held.size(), kFirstLeases);
  EXPECT_EQ(scene.dispatcher.next_tick(), Instant{} + seconds(10)) << "nobody is there who has";
  const WorkerId good = scene.join("good", 2);
  const std::vector<Grant> own = scene.grants();
  ASSERT_EQ(own.size(), 2u);
  EXPECT_EQ(scene.complete(good, own[0].lease), Verdict::accepted);
  EXPECT_EQ(scene.dispatcher.next_tick(), Instant{} + milliseconds(2500));
  // What runs out is lent to who has answered, and not to another that hasn't.
  scene.now = Instant{} + milliseconds(2500);
  scene.tick();
  EXPECT_EQ(all_of<Expired>(scene.actions).size(), kFirstLeases);
  EXPECT_TRUE(scene.grants().empty()) << "good has no room";
  scene.join("silent too", 8192);
  ASSERT_EQ(scene.grants().size(), kFirstLeases);
  for (const Grant& grant : scene.grants()) {
    EXPECT_GE(grant.lease.node.first(), own[1].lease.node.end()) << "never lent before";
  }
  EXPECT_EQ(scene.complete(good, own[1].lease), Verdict::accepted);
  ASSERT_FALSE(scene.grants().empty());
  EXPECT_EQ(scene.grants()[0].worker, good);
  EXPECT_EQ(scene.grants()[0].lease.node, held[0].lease.node);
  EXPECT_EQ(scene.complete(silent, held[1].lease), Verdict::accepted) << "it is welcome still";
}

// Slow chunks aren't lent twice only because somebody was done a moment before.
TEST(Dispatcher, gives_a_new_worker_the_time_that_the_slowest_of_the_others_needs) {
  Scene scene(samples_rule(1 << 30));
  const WorkerId a = scene.join("a");
  const Lease first = scene.only_lease();
  scene.join("b");
  const tally::Tally tally = scene.right(first);
  scene.now += seconds(2);
  scene.actions.clear();
  EXPECT_EQ(scene.dispatcher.complete(a, first.id, 0, first.node, tally, seconds(2), scene.now,
                                      scene.actions),
            Verdict::accepted);
  EXPECT_EQ(scene.dispatcher.next_tick(), Instant{} + seconds(8)) << "four times two seconds";
}

// ---- Results of an earlier stay ----

TEST(Dispatcher, lends_once_more_what_a_worker_has_from_an_earlier_stay) {
  const std::uint64_t samples = 8 * pi()->chunk_samples();
  Scene scene(samples_rule(samples));
  const WorkerId before = scene.join("a", 2);
  const std::vector<Grant> held = scene.grants();
  ASSERT_EQ(held.size(), 2u);
  scene.leave(before);
  const WorkerId other = scene.join("other");
  const Lease again = scene.only_lease();
  ASSERT_EQ(again.node, held[0].lease.node);

  const WorkerId after = scene.join("a");
  const Lease own = scene.only_lease();
  ASSERT_EQ(own.node, held[1].lease.node);
  EXPECT_EQ(scene.complete(after, own), Verdict::accepted);
  // Its depth is used up, and the chunk is lent to another: it has the result all the same.
  scene.offer(after, 0, held[0].lease.node);
  const Lease third = scene.only_lease();
  EXPECT_EQ(third.node, held[0].lease.node);
  EXPECT_EQ(scene.complete(after, third), Verdict::accepted);
  EXPECT_EQ(scene.complete(other, again), Verdict::repeat);
  EXPECT_EQ(member(scene, "other").repeats, 1u);

  scene.offer(after, 0, held[0].lease.node);
  EXPECT_TRUE(scene.actions.empty()) << "it is there";
}

TEST(Dispatcher, wants_nothing_that_was_never_lent_or_cannot_be) {
  Scene scene(samples_rule(1 << 30));
  const WorkerId a = scene.join("a", 8);
  const std::vector<Grant> held = scene.grants();
  ASSERT_EQ(held.size(), 8u);
  const WorkerId b = scene.join("b", 2);
  const std::uint64_t beyond = scene.grants().back().lease.node.end();
  const auto is_wanted = [&](WorkerId worker, std::uint32_t pass, tally::Node node) {
    scene.offer(worker, pass, node);
    return !scene.grants().empty();
  };
  EXPECT_FALSE(is_wanted(b, 0, {0, beyond})) << "never lent";
  EXPECT_FALSE(is_wanted(b, 0, {4, 0})) << "some of it never lent";
  EXPECT_FALSE(is_wanted(b, 0, {41, 0}));
  EXPECT_FALSE(is_wanted(b, 0, {40, ~std::uint64_t{0}}));
  EXPECT_FALSE(is_wanted(b, 1, {0, 0})) << "another pass";
  EXPECT_FALSE(is_wanted(WorkerId{99}, 0, {0, 0}));
  EXPECT_FALSE(is_wanted(b, 0, {3, 0})) << "it straddles stop points that may still decide";
  EXPECT_TRUE(is_wanted(b, 0, {0, 1}));
  EXPECT_FALSE(is_wanted(b, 0, {0, 1})) << "it has that lease already";
  EXPECT_TRUE(is_wanted(b, 0, {0, 2}));
  EXPECT_FALSE(is_wanted(b, 0, {0, 3})) << "as many as its depth";
  EXPECT_FALSE(is_wanted(a, 0, {0, 3})) << "it has that lease, and may answer it";
  scene.dispatcher.retire(a);
  EXPECT_FALSE(is_wanted(a, 0, {0, 9}));
  EXPECT_EQ(scene.dispatcher.leases_out(), 10u) << "what is offered is late from the start";
}

// Else one result with a long time in it would let its sender keep chunks from all others.
TEST(Dispatcher, believes_no_computing_time_longer_than_the_lease_was_out) {
  Scene scene(samples_rule(1 << 30));
  const WorkerId liar = scene.join("liar");
  const Lease lease = scene.only_lease();
  const tally::Tally tally = scene.right(lease);
  scene.actions.clear();
  for (int i = 0; i < 20; ++i) {
    const Lease next = i == 0 ? lease : scene.only_lease();
    const tally::Tally right = i == 0 ? tally : scene.right(next);
    scene.actions.clear();
    scene.dispatcher.complete(liar, next.id, 0, next.node, right, Duration{std::int64_t{1} << 60},
                              scene.now, scene.actions);
  }
  EXPECT_EQ(scene.dispatcher.next_tick(), scene.now + seconds(10)) << "the default lease";
  EXPECT_EQ(member(scene, "liar").computing, 20 * seconds(1)) << "a tenth of a lease each";
}

TEST(Dispatcher, does_not_wait_for_ever_for_a_first_estimate) {
  StopRule rule;
  rule.time = seconds(1);
  Scene scene(rule);
  scene.join("silent");
  scene.now += seconds(1);
  scene.tick();
  EXPECT_FALSE(scene.dispatcher.finished());
  scene.now += seconds(29);
  scene.tick();
  EXPECT_FALSE(scene.dispatcher.finished());
  scene.now += seconds(1);
  EXPECT_EQ(scene.dispatcher.next_tick(), scene.now);
  scene.tick();
  EXPECT_EQ(scene.dispatcher.reason(), StopReason::time);
  EXPECT_TRUE(scene.dispatcher.answer().empty());
  const oche::Result result = make_result(answer_of(scene.dispatcher), rule, {});
  EXPECT_FALSE(result.estimate || result.met);
  ASSERT_EQ(result.warnings.size(), 1u);
}

}  // namespace
}  // namespace oche::job

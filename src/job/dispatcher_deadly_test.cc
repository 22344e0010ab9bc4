// Chunks that end the workers that compute them.
#include <gtest/gtest.h>

#include <map>

#include "job/dispatcher_scene_test.h"
#include "job/result.h"

namespace oche::job {
namespace {

constexpr std::uint64_t kDeadly = 100;

// Workers of so many leases at a time; one that has the deadly chunk among what it is to compute is
// lost when it comes to it.
class Farm {
 public:
  Farm(Scene& scene, unsigned depth) : scene_(scene), depth_(depth) {}

  void join() {
    const std::string name = "w" + std::to_string(++joined_);
    Actions out;
    const WorkerId id = scene_.dispatcher.join(name, depth_, kLeaseTarget, scene_.now, out,
                                               ProcessId{1000 + joined_});
    leases_[id];
    take(out);
  }

  // One lease of each in turn, until the run ends.
  void run(unsigned most_losses) {
    for (int turn = 0; turn < 100'000 && !scene_.dispatcher.finished() && lost < most_losses;
         ++turn) {
      const auto tick = scene_.dispatcher.next_tick();
      if (tick && *tick <= scene_.now) {
        Actions out;
        scene_.dispatcher.tick(scene_.now, out);
        take(out);
      }
      scene_.now += milliseconds(1);
      for (const auto& [id, all] : std::map(leases_)) {
        if (scene_.dispatcher.finished()) return;
        if (!leases_.contains(id) || leases_.at(id).empty()) continue;
        const Lease lease = leases_.at(id).front();
        leases_.at(id).erase(leases_.at(id).begin());
        scene_.now += milliseconds(1);
        if (lease.node.first() <= kDeadly && kDeadly < lease.node.end()) {
          ++lost;
          leases_.erase(id);
          Actions out;
          scene_.dispatcher.leave(id, scene_.now, out, Departure::lost);
          take(out);
          join();
        } else {
          Actions out;
          EXPECT_EQ(
              scene_.dispatcher.complete(id, lease.id, lease.pass, lease.node,
                                         computed(*pass_, lease), milliseconds(1), scene_.now, out),
              Verdict::accepted);
          take(out);
        }
      }
    }
  }

  unsigned lost = 0;

 private:
  void take(const Actions& actions) {
    for (const BeginPass& begin : all_of<BeginPass>(actions)) pass_ = begin.pass;
    for (const Grant& grant : all_of<Grant>(actions)) {
      leases_[grant.worker].push_back(grant.lease);
    }
  }

  Scene& scene_;
  const unsigned depth_;
  unsigned joined_ = 0;
  std::map<WorkerId, std::vector<Lease>> leases_;
  std::shared_ptr<const sampling::PassContext> pass_;
};

TEST(Dispatcher, ends_before_a_chunk_that_ends_its_workers) {
  for (const unsigned workers : {1U, 2U, 5U}) {
    for (const unsigned depth : {1U, 2U, 16U}) {
      SCOPED_TRACE(std::to_string(workers) + " workers, depth " + std::to_string(depth));
      Scene scene(samples_rule(1 << 24));
      Farm farm(scene, depth);
      for (unsigned i = 0; i < workers; ++i) farm.join();
      farm.run(20);
      ASSERT_EQ(scene.dispatcher.reason(), StopReason::deadly_chunk);
      EXPECT_LE(farm.lost, 8u) << "not many more than three";
      const auto& deadly = scene.dispatcher.deadly_chunk();
      ASSERT_TRUE(deadly);
      EXPECT_EQ(deadly->pass, 0u);
      EXPECT_EQ(deadly->chunk, kDeadly);
      EXPECT_GE(deadly->workers.size(), 3u);
      // The last stop point before it: 96 chunks.
      const std::uint64_t samples = 96 * pi()->chunk_samples();
      const oche::Result result =
          make_result(answer_of(scene.dispatcher), samples_rule(1 << 24), {});
      EXPECT_EQ(result.samples, samples);
      EXPECT_EQ(outcome_of(scene.dispatcher).digest, alone(pi(), samples_rule(samples)).digest);
      EXPECT_FALSE(result.met);
      ASSERT_FALSE(result.warnings.empty());
      EXPECT_NE(result.warnings[0].find("chunk 100 (samples 1638400 to before 1654784)"),
                std::string::npos)
          << result.warnings[0];
      EXPECT_NE(result.warnings[0].find("--samples 1654784 --workers 1"), std::string::npos);
      EXPECT_TRUE(scene.dispatcher.crew().size() >= workers);
    }
  }
}

// Workers that are killed, cut off or switched off are lost with whatever they have just then.
TEST(Dispatcher, takes_no_chunk_for_deadly_that_was_lost_among_others) {
  Scene scene(samples_rule(1 << 24));
  for (std::uint64_t i = 1; i <= 50; ++i) {
    const WorkerId id =
        scene.dispatcher.join("w", 8, kLeaseTarget, scene.now, scene.actions, ProcessId{i});
    ASSERT_GE(scene.dispatcher.leases_of(id), 1u);
    if (scene.dispatcher.leases_of(id) == 1) return;  // that is the first that it is lent alone
    scene.dispatcher.leave(id, scene.now, scene.actions, Departure::lost);
    ASSERT_FALSE(scene.dispatcher.finished());
  }
  FAIL() << "what is suspect is never lent alone";
}

TEST(Dispatcher, acquits_a_chunk_whose_worker_comes_back) {
  Scene scene(samples_rule(1 << 24));
  for (std::uint64_t i = 0; i < 20; ++i) {
    Actions out;
    const WorkerId id =
        scene.dispatcher.join("flaky", 1, kLeaseTarget, scene.now, out, ProcessId{7});
    EXPECT_FALSE(scene.dispatcher.has_suspects());
    ASSERT_EQ(scene.dispatcher.leases_of(id), 1u);
    scene.dispatcher.leave(id, scene.now, out, Departure::lost);
    EXPECT_TRUE(scene.dispatcher.has_suspects());
    ASSERT_FALSE(scene.dispatcher.finished());
  }
  scene.dispatcher.acquit(ProcessId{7});
  EXPECT_FALSE(scene.dispatcher.has_suspects());
}

// All lines may be lost at once, and their ends be noticed one after the other.
TEST(Dispatcher, waits_for_those_that_were_lost_with_a_chunk_to_come_back) {
  Scene scene(samples_rule(1 << 24));
  Actions out;
  const auto join = [&](std::uint64_t process) {
    return scene.dispatcher.join("w", 1, kLeaseTarget, scene.now, out, ProcessId{process});
  };
  for (std::uint64_t process = 1; process <= 3; ++process) {
    scene.dispatcher.leave(join(process), scene.now, out, Departure::lost);
  }
  EXPECT_FALSE(scene.dispatcher.finished());
  EXPECT_EQ(scene.dispatcher.next_tick(), scene.now + seconds(10));
  out.clear();
  const WorkerId other = join(4);
  ASSERT_EQ(all_of<Grant>(out).size(), 1u);
  EXPECT_GT(all_of<Grant>(out)[0].lease.node.first(), 0u) << "the first chunk isn't lent";
  scene.dispatcher.leave(other, scene.now, out);
  out.clear();
  join(2);
  ASSERT_EQ(all_of<Grant>(out).size(), 1u);
  EXPECT_EQ(all_of<Grant>(out)[0].lease.node, (tally::Node{0, 0})) << "one of them is back";
  scene.now += seconds(10);
  scene.dispatcher.tick(scene.now, out);
  EXPECT_FALSE(scene.dispatcher.finished());
}

TEST(Dispatcher, ends_when_none_of_those_that_were_lost_with_a_chunk_comes_back) {
  Scene scene(samples_rule(1 << 24));
  Actions out;
  for (std::uint64_t process = 1; process <= 3; ++process) {
    const WorkerId id =
        scene.dispatcher.join("w", 1, kLeaseTarget, scene.now, out, ProcessId{process});
    scene.dispatcher.leave(id, scene.now, out, Departure::lost);
  }
  scene.now += seconds(10);
  scene.dispatcher.tick(scene.now, out);
  EXPECT_EQ(scene.dispatcher.reason(), StopReason::deadly_chunk);
}

// Somebody else had it all the time, and was only slow.
TEST(Dispatcher, goes_on_when_the_result_of_a_chunk_comes_that_was_taken_for_deadly) {
  Scene scene(samples_rule(1 << 24));
  const WorkerId slow = scene.join("slow");
  const Lease lease = scene.only_lease();
  const tally::Tally tally = scene.right(lease);
  scene.now += seconds(10);
  scene.tick();
  Actions out;
  for (std::uint64_t process = 1; process <= 3; ++process) {
    const WorkerId id =
        scene.dispatcher.join("w", 1, kLeaseTarget, scene.now, out, ProcessId{process});
    scene.dispatcher.leave(id, scene.now, out, Departure::lost);
  }
  EXPECT_EQ(scene.dispatcher.next_tick(), scene.now + seconds(10)) << "it is taken for deadly";
  EXPECT_EQ(scene.complete(slow, lease, tally), Verdict::accepted);
  EXPECT_FALSE(scene.dispatcher.has_suspects());
  scene.now += seconds(10);
  scene.tick();
  EXPECT_FALSE(scene.dispatcher.finished());
}

// Its new line may be there before the end of the old one is noticed.
TEST(Dispatcher, blames_nobody_who_is_there_by_another_line) {
  Scene scene(samples_rule(1 << 24));
  Actions out;
  const WorkerId before = scene.dispatcher.join("w", 1, kLeaseTarget, scene.now, out, ProcessId{7});
  scene.dispatcher.join("w", 1, kLeaseTarget, scene.now, out, ProcessId{7});
  scene.dispatcher.leave(before, scene.now, out, Departure::lost);
  EXPECT_FALSE(scene.dispatcher.has_suspects());
}

TEST(Dispatcher, blames_nobody_for_a_goodbye) {
  Scene scene(samples_rule(1 << 24));
  for (std::uint64_t i = 1; i < 10; ++i) {
    Actions out;
    const WorkerId id = scene.dispatcher.join("w", 1, kLeaseTarget, scene.now, out, ProcessId{i});
    scene.dispatcher.leave(id, scene.now, out, Departure::left);
    EXPECT_FALSE(scene.dispatcher.has_suspects());
  }
  EXPECT_FALSE(scene.dispatcher.finished());
}

}  // namespace
}  // namespace oche::job
